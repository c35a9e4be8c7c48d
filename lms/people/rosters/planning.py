"""What the lines of a roster, or of a table of moves, come to: who is new, who changes how, and everything wrong.

Faults are collected, all of them; a line with a fault comes to nothing. Nothing is written here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.text import Message, folded, msg, nfc
from lms.organisations.queries import OrganisationCard
from lms.people import identity, rules
from lms.people.batches.kinds import Plan, Step, Tick
from lms.people.rosters.entries import Entry, same_person, shared_number
from lms.people.rosters.looking import FIELDS, Known, People, Places, look
from lms.people.rosters.namesakes import Named, flag_namesakes
from lms.sheets.columns import Line

TICK = 500
PLACES = ("workplace", "employer")
LICENCE = ("licence_from", "licence_until")


@dataclass(frozen=True, slots=True)
class NewPosting:
    """Where somebody is to work, from a day on."""

    employer_id: UUID
    workplace_id: UUID
    authority_id: UUID
    since: date


@dataclass(frozen=True, slots=True)
class New:
    """Somebody to be registered: what is known of her, by column, plain."""

    values: Mapping[str, Any]
    post: NewPosting


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody who is registered: her new values by column, plain, and her new posting if she moves."""

    known: Known
    values: Mapping[str, Any]
    post: NewPosting | None


class _Refused(Exception):
    def __init__(self, column: str, message: Message) -> None:
        self.column, self.message = column, message
        super().__init__(str(message))


TESTS: dict[str, tuple[Callable[[str], str], Callable[[str], bool], Message]] = {
    "id_number": (
        rules.plain_id_number,
        lambda number: rules.is_id_number(number, clock.today()),
        msg("身份证号有一位不对。请照证件再核对 18 位。"),
    ),
    "phone": (rules.plain_phone, rules.is_phone, msg("手机号是 11 位数字。")),
    "email": (rules.plain_email, rules.is_email, msg("电子邮箱的样子是 name@example.org。")),
}
OTHER_ID = msg("这个号码登记的人，身份证号和这一行的不一样。")
OTHER_NAME = msg("姓名和登记的不一样。")


def plan_people(actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
    """What a roster comes to."""
    return _plan(actor, lines, tick, _person, hold, _namesakes)


def plan_moves(actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
    """What a table of moves comes to."""
    return _plan(actor, lines, tick, _mover, hold)


Judge = Callable[["_Scene", Entry], Step | None]


@dataclass(frozen=True, slots=True)
class _Scene:
    actor: Actor
    people: People
    places: Places


def _plan(
    actor: Actor, lines: Sequence[Line], tick: Tick, judge: Judge, hold: bool,
    together: Callable[[_Scene, Sequence[Entry]], None] | None = None,
) -> Plan:  # fmt: skip
    entries = [entry_of(line) for line in lines]
    shared_number(entries)
    numbers = {name: sorted({e.values[name] for e in entries if e.values.get(name)}) for name in FIELDS}
    scene = _Scene(actor, look(actor, numbers, hold=hold), Places(actor))
    plan, steps = Plan(), list[tuple[Entry, Step | None]]()
    for number, entry in enumerate(entries):
        step = None
        if not entry.faults:
            try:
                step = judge(scene, entry)
            except _Refused as fault:
                entry.wrong(fault.column, fault.message)
        steps.append((entry, step))
        if number % TICK == 0:
            tick(number)
    same_person(entries)
    if together is not None:
        together(scene, entries)
    for entry, step in steps:
        if entry.faults:
            plan.faults += entry.faults
        elif step is None:
            plan.same += 1
        else:
            plan.steps.append(step)
    return plan


def entry_of(line: Line) -> Entry:
    """The numbers plain and judged by their form, the name too."""
    entry = Entry(line.number, line.values, [])
    for name, (plain, right, said) in TESTS.items():
        text = entry.values.get(name)
        if text:
            entry.values[name] = plain(nfc(text))
            if not right(entry.values[name]):
                entry.wrong(name, said)
    name = rules.plain_name(nfc(entry.values["name"] or ""))
    entry.values["name"] = name
    if not rules.is_name(name):
        entry.wrong("name", msg("请照身份证写姓名，不写数字和称呼。"))
    _licence(entry, *(entry.values.get(name) for name in ("population", *LICENCE)))
    return entry


def _licence(entry: Entry, population: str | None, since: date | None, until: date | None) -> None:
    wrong = rules.licence_fault(population, since, until)
    if wrong is not None:
        entry.wrong("licence_until", wrong)


def _namesakes(scene: _Scene, entries: Sequence[Entry]) -> None:
    """Flag lines of one name at one workplace whom no number tells apart."""
    flag_namesakes([_named(scene, entry) for entry in entries])


def _named(scene: _Scene, entry: Entry) -> Named:
    values = entry.values
    known = next((one for name in FIELDS if (one := scene.people.by(name, values.get(name))) is not None), None)
    if values.get("workplace"):
        place = scene.places.named(values["workplace"])
        return Named(entry, known, None if isinstance(place, Message) else place.id)
    return Named(entry, known, known.posting.workplace_id if known is not None and known.posting is not None else None)


def _person(scene: _Scene, entry: Entry) -> Step | None:
    """A line of a roster: somebody new, a change, or nothing new."""
    known = _whose(scene, entry)
    return _new(scene, entry) if known is None else _changed(scene, entry, known)


def _whose(scene: _Scene, entry: Entry) -> Known | None:
    """Who the line is about: by identity number, else by phone, else by mail address; None if she is new.

    Somebody of other places is refused by her number, without a word about who she is.
    """
    values, people = entry.values, scene.people
    known = people.by("id_number", values.get("id_number"))
    if known is not None:
        return _mine(entry, known, "id_number")
    field = next((name for name in ("phone", "email") if values.get(name)), None)
    if field is None:
        return None
    known = people.by(field, values[field])
    if known is None:
        return None
    _mine(entry, known, field)
    if values.get("id_number") and known.has("id_number"):
        raise _Refused(field, OTHER_ID)
    if folded(known.row.name) != folded(values["name"]):
        raise _Refused("name", OTHER_NAME)
    return known


def _mine(entry: Entry, known: Known, field: str) -> Known:
    if not known.mine:
        raise _Refused(field, identity.TAKEN[field])
    entry.person_id = known.id
    return known


def _new(scene: _Scene, entry: Entry) -> Step:
    values = entry.values
    if not values.get("phone") and not values.get("email"):
        entry.wrong("phone", msg("手机号和邮箱至少填一样，用来登录。"))
    for name in ("phone", "email"):
        if scene.people.by(name, values.get(name)) is not None:
            entry.wrong(name, identity.TAKEN[name])
    for name in ("population", "workplace", "since"):
        if not values.get(name):
            entry.wrong(name, msg("新登记的人要写这一项。"))
    post = _post(scene, entry, None) if values.get("workplace") else None
    if entry.faults or post is None:
        return _nothing(entry)
    mark = _mark(sorted((name, str(value)) for name, value in values.items() if value and name not in PLACES), post)
    return Step(entry.line, "added", values["name"], (), mark, New(values, post))


def _mark(*parts: object) -> str:
    """A short text that is the same only for the same parts."""
    return sha256(repr(parts).encode()).hexdigest()


def _nothing(entry: Entry) -> Step:
    """A line that comes to nothing because of its faults."""
    return Step(entry.line, "", "", (), "", None)


def _changed(scene: _Scene, entry: Entry, known: Known) -> Step | None:
    values, row = entry.values, known.row
    if known.above:
        raise _Refused("name", msg("这位同事在更大的范围里任职，请上级管理员来办。"))
    fresh: dict[str, Any] = {}
    for name in FIELDS:
        number = values.get(name)
        if number and scene.people.by(name, number) is not known:
            fresh[name] = number
            if scene.people.by(name, number) is not None:
                entry.wrong(name, identity.TAKEN[name])
    for name in ("name", "population", *LICENCE):
        if values.get(name) and str(values[name]) != str(getattr(row, name)):
            fresh[name] = values[name]
    number = values.get("licence_number")
    if number and number != identity.opened("licence_number", row.licence_number_sealed):
        fresh["licence_number"] = number
    if any(name in fresh for name in ("population", *LICENCE)):
        _licence(entry, *(fresh.get(name, getattr(row, name)) for name in ("population", *LICENCE)))
    post = _move(scene, entry, known) if values.get("workplace") else None
    if entry.faults:
        return _nothing(entry)
    return _change(entry, known, fresh, post, "changed")


def _change(entry: Entry, known: Known, fresh: dict[str, Any], post: NewPosting | None, did: str) -> Step | None:
    what = (*fresh, *(["workplace"] if post else []))
    if not what:
        return None
    mark = _mark(known.id, sorted((name, str(value)) for name, value in fresh.items()), post)
    return Step(entry.line, did, known.row.name, what, mark, Change(known, fresh, post))


def _mover(scene: _Scene, entry: Entry) -> Step | None:
    """A line of a table of moves: somebody who is registered, to work elsewhere."""
    values = entry.values
    known = _whose(scene, entry)
    if known is None:
        field = "id_number" if values.get("id_number") else "phone"
        if not values.get(field):
            raise _Refused(field, msg("身份证号和手机号至少写一样。"))
        raise _Refused(field, msg("您管的范围里没有登记过这个号码。"))
    if folded(known.row.name) != folded(values["name"]):
        raise _Refused("name", OTHER_NAME)
    if known.above:
        raise _Refused("name", msg("这位同事在更大的范围里任职，请上级管理员来办。"))
    for name in ("workplace", "since"):
        if not values.get(name):
            entry.wrong(name, msg("请填写这一项。"))
    post = _move(scene, entry, known) if values.get("workplace") else None
    return _nothing(entry) if entry.faults else _change(entry, known, {}, post, "moved")


def _move(scene: _Scene, entry: Entry, known: Known) -> NewPosting | None:
    """The posting she is to have; None where she has it already."""
    last = known.posting
    post = _post(scene, entry, known)
    if post is None:
        return None
    if last is not None:
        if (last.employer_id, last.workplace_id) == (post.employer_id, post.workplace_id):
            return None
        if scene.places.by_id(last.workplace_id) is None and scene.places.by_id(last.employer_id) is None:
            entry.wrong("workplace", msg("这个人现在的单位不在您管的范围里，请上级管理员办理调动。"))
        elif entry.values.get("since") and entry.values["since"] <= last.starts_on:
            entry.wrong("since", msg("要晚于现在这一段的开始日期 {day}。", day=last.starts_on))
    if not entry.values.get("since"):
        entry.wrong("since", msg("换单位的人要写从哪天起。"))
    return post


def _post(scene: _Scene, entry: Entry, known: Known | None) -> NewPosting | None:
    """The posting of a line; None, with a fault, where its places are not clear."""
    workplace = _place(scene, entry, "workplace")
    if workplace is None:
        return None
    employer: OrganisationCard | None = workplace
    if entry.values.get("employer"):
        employer = _place(scene, entry, "employer")
    elif known is not None and known.posting is not None and known.posting.workplace_id == workplace.id:
        # Nothing is said about who employs her: that stays.
        return NewPosting(known.posting.employer_id, workplace.id, known.posting.authority_id, known.posting.starts_on)
    if employer is None:
        return None
    authority_id = scene.places.authority(workplace, employer)
    if authority_id is None:
        entry.wrong("workplace", msg("这个机构上面没有县、市或省，定不了由谁审核。"))
        return None
    return NewPosting(employer.id, workplace.id, authority_id, entry.values.get("since") or clock.today())


def _place(scene: _Scene, entry: Entry, column: str) -> OrganisationCard | None:
    found = scene.places.named(entry.values[column])
    if isinstance(found, Message):
        entry.wrong(column, found)
        return None
    return found
