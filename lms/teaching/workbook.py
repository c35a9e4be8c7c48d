"""Rotations by workbook: each row one that an office plans (`commands.plan_rotation`), all of them or none.

Days are judged against the rotations on record and against the other rows: both rows of an overlap are named. People
are held alone, by the same lock that planning one takes, before what they have is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms.kernel import audit, bulk, clock
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import N_, Message, msg
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people import queries as people
from lms.people import rules as people_rules
from lms.people.batches.kinds import Done, Plan, Step, Tick
from lms.people.queries import PersonCard
from lms.people.rosters import whose
from lms.people.rosters.columns import WHOSE
from lms.people.rosters.entries import Entry, flag
from lms.people.rosters.looking import CHUNK, People, look
from lms.sheets.columns import Column, Line, day, number_text, text
from lms.teaching import rules
from lms.teaching.access import PLANNERS, SITES, areas
from lms.teaching.events import ManyRotationsMoved
from lms.teaching.models import PracticeEntry, Rotation, RotationStep
from lms.teaching.parts import ModuleChoice, modules_offered
from lms.teaching.steps import PLANNER

TICK = 500
NEEDED = msg("请填写这一项。")
OWN = msg("您自己的轮转要请别人来安排。")
MEETS = N_("和已经安排的轮转（{first} 到 {last}）有几天重叠。一个人一天只能在一处轮转。")
OVERLAP = N_("第 {lines} 行的日期有重叠。一个人一天只能在一处轮转。")
CHANGED = msg("后来又有人改过，或者已经签字。")
USED = msg("已经记了临床实践。")
ELSEWHERE = msg("已经不在您管的范围里。")

COLUMNS = (
    *WHOSE,
    Column(
        "programme", N_("培训项目"), text(60),
        N_("项目代码，在它的网址里：/pathways/ 后面那一段。"), "gp-transfer-2010", needed=True, width=24,
    ),
    Column("module", N_("模块"), text(60), N_("模块代码，例如 T。"), "T", needed=True, width=10),
    Column(
        "site", N_("轮转单位"), text(80),
        N_("机构代码或全称：本县的医院、卫生院、培训中心，或者本人的单位。"), "LB-YL-YY", needed=True, width=24,
    ),
    Column(
        "supervisor", N_("带教老师"), number_text,
        N_("带教老师的身份证号或手机号。"), "000000197001010019", needed=True, width=22,
    ),
    Column("starts_on", N_("开始日期"), day, N_("第一天。"), "2026-12-01", needed=True, width=14),
    Column("ends_on", N_("结束日期"), day, N_("最后一天。"), "2026-12-31", needed=True, width=14),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planning:
    """A rotation that is to be planned."""

    person_id: UUID
    module: ModuleChoice
    site_id: UUID
    supervisor_id: UUID
    span: rules.Span

    @property
    def what(self) -> tuple[Any, ...]:
        """What is compared with a rotation on record."""
        codes = self.module.programme, self.module.module
        return (*codes, self.site_id, self.supervisor_id, self.span.first, self.span.last)


@dataclass(frozen=True, slots=True)
class RotationSheet:
    """A kind of batch whose rows are rotations."""

    name: str = "rotations"
    title: str = N_("安排轮转")
    purpose: str = N_("谁、哪个模块、在哪里、跟谁、从哪天到哪天，每行一次轮转。")
    way_back: str = N_("安排的轮转会取消；已经签字、改过或者记了临床实践的留下。")
    roles: Sequence[Role] = PLANNERS
    by_house: bool = False
    columns: Sequence[Column] = COLUMNS

    @property
    def deeds(self) -> Mapping[str, str]:
        """One deed."""
        return {"planned": N_("安排轮转")}

    def plan(self, actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
        """Which rotations are new; those that are planned just so already change nothing."""
        with unit_of_work(write=False):
            paths = areas(actor)
        found = whose.find(actor, lines, lambda card: _within(card, paths), hold=hold)
        scene = _Scene([card for _, card in found if card is not None], [entry for entry, _ in found], actor)
        rows = []
        for number, (entry, card) in enumerate(found):
            planned = _read(scene, entry, card) if card is not None else None
            if planned is not None:
                rows.append((entry, planned))
            if number % TICK == 0:
                tick(number)
        same = _against_record(rows)
        _against_each_other(rows)
        planned_by = {entry.line: one for entry, one in rows}
        plan = Plan()
        for entry, card in found:
            if entry.faults:
                plan.faults += entry.faults
            elif entry.line in same or card is None:
                plan.same += 1
            else:
                one = planned_by[entry.line]
                mark = sha256(repr((one.person_id, one.what)).encode()).hexdigest()
                plan.steps.append(Step(entry.line, "planned", card.name, (), mark, one))
        return plan

    def apply(self, actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
        """Plan them all."""
        done = list[Done]()
        for start in range(0, len(steps), CHUNK):
            done += _write(actor, batch_id, steps[start : start + CHUNK])
        return done

    def held(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> Mapping[int, Message]:
        """Which lines stay, and why."""
        paths, found = areas(actor), dict[int, Message]()
        for some in _chunks(done):
            states = select(Rotation.id, Rotation.version).where(Rotation.id.in_(list(some)))
            versions = {row.id: row.version for row in session().execute(states)}
            used = set(
                session().scalars(
                    select(PracticeEntry.rotation_id).where(
                        PracticeEntry.rotation_id.in_(list(some)), PracticeEntry.state != rules.WITHDRAWN
                    )
                )
            )
            cards = people.cards(one.person_id for one in some.values())
            for rotation_id, one in some.items():
                if versions.get(rotation_id) != 1:
                    found[one.line] = CHANGED
                elif rotation_id in used:
                    found[one.line] = USED
                elif one.person_id not in cards or not _within(cards[one.person_id], paths):
                    found[one.line] = ELSEWHERE
        return found

    def take_back(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
        """Cancel what was planned."""
        for some in _chunks(done):
            session().execute(
                update(Rotation)
                .where(Rotation.id.in_(list(some)), Rotation.version == 1)
                .values(state=rules.CANCELLED, version=2, changed_at=clock.now())
                .execution_options(synchronize_session=False)
            )
            _tell(actor, batch_id, "cancelled", {rotation_id: {} for rotation_id in some})
            announce(ManyRotationsMoved(tuple(dict.fromkeys(one.person_id for one in some.values()))))


ROTATIONS = RotationSheet()


def _within(card: PersonCard, paths: Collection[str]) -> bool:
    return bool(card.authority_path) and any(card.authority_path.startswith(path) for path in paths)


class _Scene:
    """What the lines name, read a thousand to a statement, or once for an area."""

    def __init__(self, cards: Sequence[PersonCard], entries: Sequence[Entry], actor: Actor) -> None:
        self.actor = actor
        self.offered = dict[UUID, Sequence[ModuleChoice]]()
        self.sites = dict[str, list[OrganisationCard]]()
        self.teachers = dict[str, Collection[UUID]]()
        own = list({card.workplace_id for card in cards if card.workplace_id is not None})
        self.own = dict[UUID, OrganisationCard]()
        with unit_of_work(write=False):
            for start in range(0, len(own), CHUNK):
                self.own |= organisations.cards(own[start : start + CHUNK])
            for start in range(0, len(cards), CHUNK):
                self.offered |= modules_offered(cards[start : start + CHUNK]) or {}
            for path in {card.authority_path for card in cards}:
                self.sites[path] = organisations.in_scope([path], SITES)
                self.teachers[path] = people.holders(Role.TEACHER, path)
        self.supervisors = _supervisors(actor, entries)

    def modules(self, card: PersonCard, programme: str) -> dict[str, ModuleChoice]:
        """The modules of a programme that count for her, by code; none where it is not open to her."""
        return {one.module: one for one in self.offered.get(card.id, ()) if one.programme == programme}

    def site(self, card: PersonCard, called: str) -> OrganisationCard | Message:
        """Where she is to practise, by code or whole name."""
        own = self.own.get(card.workplace_id) if card.workplace_id else None
        offered = {one.id: one for one in [*([own] if own else []), *self.sites[card.authority_path]]}
        found = [one for one in offered.values() if not one.closed_on and called.upper() == one.code]
        found = found or [one for one in offered.values() if not one.closed_on and called == one.name]
        if not found:
            return msg("这位医生不能在这里轮转。请写本县的医院、卫生院、培训中心或者本人单位的代码或全称。")
        if len(found) > 1:
            return msg("有 {count} 个机构叫这个名字，请写机构代码。", count=len(found))
        return found[0]


def _supervisors(actor: Actor, entries: Sequence[Entry]) -> People:
    numbers = defaultdict[str, set[str]](set)
    for entry in entries:
        if entry.values.get("supervisor"):
            name, number = _number(entry.values["supervisor"])
            numbers[name].add(number)
    return look(actor, {name: sorted(some) for name, some in numbers.items()}, hold=False)


def _number(called: str) -> tuple[str, str]:
    """Which kind of number it is, and the number plain."""
    plain = people_rules.plain_id_number(called)
    if people_rules.is_id_number(plain, clock.today()):
        return "id_number", plain
    return "phone", people_rules.plain_phone(called)


def _read(scene: _Scene, entry: Entry, card: PersonCard) -> Planning | None:
    """What a line plans, judged by itself; None with faults."""
    values = entry.values
    if card.id == scene.actor.person_id:
        entry.wrong("name", OWN)
    for name in ("programme", "module", "site", "supervisor"):
        if not values.get(name):
            entry.wrong(name, NEEDED)
    for name, said in rules.span_faults(values.get("starts_on"), values.get("ends_on"), clock.today()).items():
        entry.wrong(name, said)
    module = _module(scene, entry, card) if values.get("programme") and values.get("module") else None
    site = scene.site(card, values["site"]) if values.get("site") else None
    if isinstance(site, Message):
        entry.wrong("site", site)
    supervisor_id = _supervisor(scene, entry, card) if values.get("supervisor") else None
    if entry.faults or module is None or supervisor_id is None or not isinstance(site, OrganisationCard):
        return None
    return Planning(card.id, module, site.id, supervisor_id, rules.Span(values["starts_on"], values["ends_on"]))


def _module(scene: _Scene, entry: Entry, card: PersonCard) -> ModuleChoice | None:
    programme, module = entry.values["programme"], entry.values["module"]
    known = scene.modules(card, programme)
    if not known:
        entry.wrong(
            "programme",
            msg("没有“{name}”这个培训项目，或者它不对这位医生开放，签了字也不算。请写项目代码。", name=programme),
        )
        return None
    if module not in known:
        said = msg("这个项目没有模块“{name}”。可以写：{known}", name=module, known=tuple(known))
        entry.wrong("module", said)
    return known.get(module)


def _supervisor(scene: _Scene, entry: Entry, card: PersonCard) -> UUID | None:
    """The supervisor's id. Whoever is none of this county, registered or not, is refused by the same words."""
    known = scene.supervisors.by(*_number(entry.values["supervisor"]))
    if known is not None and known.id == card.id:
        entry.wrong("supervisor", msg("带教老师不能是本人。"))
    elif known is None or known.id not in scene.teachers[card.authority_path]:
        entry.wrong("supervisor", msg("请选一位本县的带教老师。"))
    else:
        return known.id
    return None


Rows = Sequence[tuple[Entry, Planning]]


def _against_record(rows: Rows) -> set[int]:
    """Flag days that meet a rotation on record; the lines that are planned just so already."""
    there, same = defaultdict[UUID, list[Any]](list), set[int]()
    wanted = list({planned.person_id for _, planned in rows})
    for start in range(0, len(wanted), CHUNK):
        query = select(
            Rotation.person_id, Rotation.programme, Rotation.module, Rotation.site_id, Rotation.supervisor_id,
            Rotation.starts_on, Rotation.ends_on, Rotation.state,
        ).where(
            Rotation.person_id.in_(wanted[start : start + CHUNK]), Rotation.state != rules.CANCELLED
        )  # fmt: skip
        with unit_of_work(write=False):
            for row in session().execute(query):
                there[row.person_id].append(row)
    for entry, planned in rows:
        met = [one for one in there[planned.person_id] if planned.span.meets(rules.Span(one.starts_on, one.ends_on))]
        if any(tuple(one[1:7]) == planned.what and one.state != rules.RETURNED for one in met):
            same.add(entry.line)
        elif met:
            first, last = met[0].starts_on, met[0].ends_on
            entry.wrong("starts_on", Message(MEETS, {"first": first, "last": last}))
    return same


def _against_each_other(rows: Rows) -> None:
    """Flag every pair of lines of one person that have a day in common."""
    hers = defaultdict[UUID, list[tuple[Entry, Planning]]](list)
    for entry, planned in rows:
        hers[planned.person_id].append((entry, planned))
    for group in hers.values():
        group.sort(key=lambda row: (row[1].span.first, row[0].line))
        meeting, last = group[:1], group[0][1].span.last
        for row in group[1:]:
            if row[1].span.first <= last:
                meeting.append(row)
                last = max(last, row[1].span.last)
            else:
                flag([entry for entry, _ in meeting], "starts_on", OVERLAP)
                meeting, last = [row], row[1].span.last
        flag([entry for entry, _ in meeting], "starts_on", OVERLAP)


def _write(actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
    rotations, contents, done = bulk.Rows(Rotation), dict[UUID, dict[str, Any]](), list[Done]()
    now = clock.now()
    for step in steps:
        one: Planning = step.plan
        rotation_id, titles = new_id(), {"zh": one.module.titles["zh"], "en": one.module.titles.get("en", "")}
        values = {
            "programme": one.module.programme, "module": one.module.module,
            "titles": {"zh": titles["zh"], "en": titles["en"] or titles["zh"]}, "site_id": one.site_id,
            "supervisor_id": one.supervisor_id, "starts_on": one.span.first, "ends_on": one.span.last,
        }  # fmt: skip
        rotations.add(
            {
                "id": rotation_id, "person_id": one.person_id, **values, "state": rules.PLANNED, "version": 1,
                "made_by": actor.person_id, "made_at": now, "changed_at": now,
            }
        )  # fmt: skip
        contents[rotation_id] = {
            name: value if isinstance(value, dict) else str(value) for name, value in values.items()
        }
        done.append(Done(step.line, step.did, one.person_id, {"rotation": str(rotation_id)}))
    rotations.write()
    _tell(actor, batch_id, "planned", contents)
    announce(ManyRotationsMoved(tuple(dict.fromkeys(one.person_id for one in done))))
    return done


def _tell(actor: Actor, batch_id: UUID, action: str, contents: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Into the history of each rotation, and the audit trail."""
    history = bulk.Rows(RotationStep)
    for rotation_id, content in contents.items():
        history.add(
            {
                "id": new_id(), "rotation_id": rotation_id, "action": action, "level": PLANNER,
                "by": actor.person_id, "by_name": actor.name, "reason": "", "content": dict(content),
                "at": clock.now(),
            }
        )  # fmt: skip
    history.write()
    deeds: dict[object, Mapping[str, Any]] = {rotation_id: {"batch": str(batch_id)} for rotation_id in contents}
    audit.record_all(actor, f"rotation.{action}", "rotation", deeds)


def _chunks(done: Sequence[Done]) -> Iterator[dict[UUID, Done]]:
    """Lines by the rotation that each has planned, so many that one statement takes them."""
    for start in range(0, len(done), CHUNK):
        yield {UUID(one.kept["rotation"]): one for one in done[start : start + CHUNK]}
