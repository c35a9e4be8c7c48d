"""Rotations: an office plans them, the supervisor signs them off with the exit assessment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.events import announce
from lms.kernel.text import Message, msg, nfc
from lms.people import access as people_access
from lms.people import notices
from lms.people.queries import PersonCard
from lms.teaching import notes, rules
from lms.teaching.access import (
    person_to_plan,
    places_of,
    require_teacher,
    rotation_to_plan,
    supervised_rotation,
    supervisors_of,
)
from lms.teaching.events import RotationMoved
from lms.teaching.models import PracticeEntry, Rotation
from lms.teaching.steps import PLANNER, SUPERVISOR, add_rotation_step, steps_of_rotation


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned. `programme` and `module` are codes of whoever knows pathways; `titles` is how the module is
    called today, in both languages (without the English one the Chinese one serves)."""

    programme: str
    module: str
    titles: Mapping[str, str]
    site_id: UUID | None
    supervisor_id: UUID | None
    starts_on: date | None
    ends_on: date | None


class PlannedOtherwise(Invalid):
    """Another rotation stands under the id that the form made: the form is to have another, if it is sent as it is."""


def plan_rotation(actor: Actor, rotation_id: UUID, person_id: UUID, planned: Planned) -> bool:
    """Plan a rotation under an id that the form made; False if it is there already (a form sent twice).

    Raises NotFound for a person outside the actor's area and for herself, PlannedOtherwise, Invalid by field: days that
    overlap another rotation of the person name it.
    """
    card = person_to_plan(actor, person_id)
    people_access.hold_alone(person_id)
    people_access.require_open(person_id)
    there = session().get(Rotation, rotation_id)
    if there is not None:
        require_in_place(there.person_id == person_id)
        if there.state == rules.CANCELLED or not _says(there, planned):
            raise PlannedOtherwise(
                msg("这张表原来排的那次轮转已经存过，后来可能又改过或者取消。现在写的还没有存：要另排一次，再按一次。")
            )
        return False
    values, now = _judged(card, planned), clock.now()
    made = {
        **values, "id": rotation_id, "person_id": person_id, "state": rules.PLANNED, "version": 1,
        "made_by": actor.person_id, "made_at": now, "changed_at": now,
    }  # fmt: skip
    if not insert_once(Rotation, made, on=["id"]):
        require_found(None)
    _record(actor, rotation_id, person_id, "planned", PLANNER, rules.PLANNED, values)
    return True


def change_rotation(actor: Actor, rotation_id: UUID, planned: Planned, *, version: int) -> bool:
    """Plan it otherwise, while it is not signed off; one that was returned is planned again. False if that was done
    just now (a form sent twice).

    Raises as `plan_rotation` does, Conflict when it is no longer at `version` or is over, Invalid where entries of the
    practice log would fall out of its days.
    """
    rotation = rotation_to_plan(actor, rotation_id)
    card = person_to_plan(actor, rotation.person_id)
    people_access.hold_alone(rotation.person_id)
    session().refresh(rotation)
    if rotation.version == version + 1 and rotation.state == rules.PLANNED and _says(rotation, planned):
        return False
    _require(rotation, version, rules.OPEN)
    values = _judged(card, planned, rotation)
    _move(rotation, version, rules.OPEN, {**values, "state": rules.PLANNED})
    _record(actor, rotation_id, card.id, "changed", PLANNER, rules.PLANNED, values)
    return True


def _says(rotation: Rotation, planned: Planned) -> bool:
    """Whether a rotation is what was planned."""
    return all(getattr(rotation, name) == value for name, value in _columns(planned).items())


def cancel_rotation(actor: Actor, rotation_id: UUID, *, version: int) -> None:
    """It does not take place; what was signed in the practice log stays, and counts for no module any more.
    Cancelled already is no fault. Raises NotFound, Conflict."""
    rotation = rotation_to_plan(actor, rotation_id)
    if rotation.state == rules.CANCELLED:
        return
    _require(rotation, version, rules.OPEN)
    _move(rotation, version, rules.OPEN, {"state": rules.CANCELLED})
    _record(actor, rotation_id, rotation.person_id, "cancelled", PLANNER, rules.CANCELLED, {})


def finish_rotation(actor: Actor, rotation_id: UUID, exam: str, *, version: int) -> None:
    """Sign a rotation off with the result of the exit assessment (`rules.EXAMS`), from its last day on. The same
    signature twice is no fault.

    Raises NotFound for who is not its supervisor, NotAllowed for who is none any more, Invalid before the last day or
    without a result, Conflict.
    """
    rotation = supervised_rotation(actor, rotation_id)
    require_teacher(actor)
    if rotation.state == rules.FINISHED and rotation.exam == exam:
        return
    if exam not in rules.EXAMS:
        raise Invalid(fields={"exam": msg("请选出科考核的结果。")})
    _require(rotation, version, (rules.PLANNED,))
    if clock.today() < rotation.ends_on:
        raise Invalid(fields={"exam": msg("这次轮转 {day} 才结束，那天起才能签。", day=rotation.ends_on)})
    values = {"state": rules.FINISHED, "exam": exam, "signed_at": clock.now()}
    _move(rotation, version, (rules.PLANNED,), values)
    _record(actor, rotation_id, rotation.person_id, "finished", SUPERVISOR, rules.FINISHED, {"exam": exam})


def return_rotation(actor: Actor, rotation_id: UUID, reason: str, *, version: int) -> None:
    """The supervisor does not sign: it was otherwise than planned, or she is none any more. Who plans changes or
    cancels it.

    Raises NotFound for who is not named as its supervisor, Invalid for a missing reason or one that names a patient,
    Conflict.
    """
    rotation = supervised_rotation(actor, rotation_id)
    reason = nfc(reason)
    why = notes.fault(reason)
    if len(reason) < 2:
        why = msg("请写一句话，说明哪里不对。")
    elif len(reason) > rules.LONGEST_REASON:
        why = msg("最多 {most} 个字。", most=rules.LONGEST_REASON)
    if why:
        raise Invalid(fields={"reason": why})
    sent = rotation.state == rules.RETURNED and rotation.version == version + 1
    if sent and steps_of_rotation(rotation_id)[-1].reason == reason:
        return
    _require(rotation, version, (rules.PLANNED,))
    _move(rotation, version, (rules.PLANNED,), {"state": rules.RETURNED})
    _record(actor, rotation_id, rotation.person_id, "returned", SUPERVISOR, rules.RETURNED, {}, reason)
    sentence = msg("带教老师没有给您的轮转“{title}”签字，请看原因。", title=rotation.titles.get("zh", ""))
    key, link = f"rotation:{rotation_id}:{version + 1}", f"/practice-log/rotations/{rotation_id}"
    notices.post(rotation.person_id, notices.Kind.PRACTICE, key, sentence, link)
    if rotation.made_by not in (None, actor.person_id):
        title = rotation.titles.get("zh", "")
        told = msg("带教老师没有给您安排的轮转“{title}”签字，请看原因，重新安排或者取消。", title=title)
        notices.post(rotation.made_by, notices.Kind.PRACTICE, key, told, link)


def _require(rotation: Rotation, version: int, states: tuple[str, ...]) -> None:
    if rotation.state == rules.FINISHED:
        raise Conflict(msg("这次轮转已经出科签字，不能再改。"))
    if rotation.state == rules.CANCELLED:
        raise Conflict(msg("这次轮转已经取消。"))
    if rotation.version != version or rotation.state not in states:
        raise Conflict(msg("这次轮转刚刚变了，没有存上。请看过现在的内容，再决定。"))
    for one in (rotation.person_id, rotation.made_by):
        if one is not None:
            notices.settle(one, f"rotation:{rotation.id}")


def _move(rotation: Rotation, version: int, states: tuple[str, ...], values: dict[str, Any]) -> None:
    done = session().execute(
        update(Rotation)
        .where(Rotation.id == rotation.id, Rotation.version == version, Rotation.state.in_(states))
        .values(version=version + 1, changed_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这次轮转刚刚变了，没有存上。请看过现在的内容，再决定。"))


def _judged(card: PersonCard, planned: Planned, rotation: Rotation | None = None) -> dict[str, Any]:
    """The columns of what is planned, judged by field; under the person's lock."""
    titles = {language: nfc(planned.titles.get(language, "")) for language in ("zh", "en")}
    values = _columns(planned)
    codes = {name: values[name] for name in ("programme", "module")}
    faults = {
        **_word_faults(codes, titles),
        **_choice_faults(card, planned, rotation),
        **rules.span_faults(planned.starts_on, planned.ends_on, clock.today()),
    }
    if not faults:
        assert planned.starts_on is not None
        assert planned.ends_on is not None
        faults = _day_faults(card.id, titles, rules.Span(planned.starts_on, planned.ends_on), rotation)
    if faults:
        raise Invalid(fields=faults)
    return values


def _columns(planned: Planned) -> dict[str, Any]:
    """What is planned, by column."""
    titles = {language: nfc(planned.titles.get(language, "")) for language in ("zh", "en")}
    return {
        "programme": nfc(planned.programme), "module": nfc(planned.module),
        "titles": {"zh": titles["zh"], "en": titles["en"] or titles["zh"]}, "site_id": planned.site_id,
        "supervisor_id": planned.supervisor_id, "starts_on": planned.starts_on, "ends_on": planned.ends_on,
    }  # fmt: skip


def _word_faults(codes: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, Message]:
    faults = {}
    for name, code in codes.items():
        if not 0 < len(code) <= 60 or not all(sign.isalnum() or sign in "-_." for sign in code):
            faults[name] = msg("请写代码：字母、数字、连字符，最多 60 个。")
    if not titles["zh"]:
        faults["title_zh"] = msg("请填写这一项。")
    for language, title in titles.items():
        if len(title) > rules.LONGEST_TITLE:
            faults[f"title_{language}"] = msg("最多 {most} 个字。", most=rules.LONGEST_TITLE)
    return faults


def _choice_faults(card: PersonCard, planned: Planned, rotation: Rotation | None) -> dict[str, Message]:
    faults = {}
    kept = rotation is not None and planned.site_id == rotation.site_id
    if planned.site_id is None or not (kept or planned.site_id in places_of(card)):
        faults["site_id"] = msg("请从列出的几项里选一项。")
    if planned.supervisor_id == card.id:
        faults["supervisor_id"] = msg("带教老师不能是本人。")
    elif planned.supervisor_id is None or planned.supervisor_id not in supervisors_of(card):
        faults["supervisor_id"] = msg("请选一位本县的带教老师。")
    return faults


def _day_faults(
    person_id: UUID, titles: Mapping[str, str], span: rules.Span, rotation: Rotation | None
) -> dict[str, Message]:
    query = select(Rotation.titles, Rotation.starts_on, Rotation.ends_on).where(
        Rotation.person_id == person_id,
        Rotation.state != rules.CANCELLED,
        Rotation.starts_on <= span.last,
        Rotation.ends_on >= span.first,
    )
    if rotation is not None:
        query = query.where(Rotation.id != rotation.id)
    other = session().execute(query.order_by(Rotation.starts_on).limit(1)).one_or_none()
    if other is not None:
        return {
            "starts_on": msg(
                "“{this}”（{first} 到 {last}）和“{other}”（{other_first} 到 {other_last}）有几天重叠。"
                "一个人一天只能在一处轮转。",
                this={"zh": titles["zh"], "en": titles["en"] or titles["zh"]}, first=span.first, last=span.last,
                other=other.titles, other_first=other.starts_on, other_last=other.ends_on,
            )
        }  # fmt: skip
    outside = _entries_outside(rotation.id, span) if rotation is not None else 0
    if outside:
        return {"starts_on": msg("有 {number} 条实践记录会落在这段日期以外。", number=outside)}
    return {}


def _entries_outside(rotation_id: UUID, span: rules.Span) -> int:
    """Entries of the practice log that belong to the rotation and lie outside of these days."""
    return (
        session().scalar(
            select(func.count()).where(
                PracticeEntry.rotation_id == rotation_id,
                PracticeEntry.state != rules.WITHDRAWN,
                or_(PracticeEntry.on_date < span.first, PracticeEntry.on_date > span.last),
            )
        )
        or 0
    )


def _record(
    actor: Actor, rotation_id: UUID, person_id: UUID, action: str, level: str, state: str,
    values: Mapping[str, Any], reason: str = "",
) -> None:  # fmt: skip
    content = {
        name: value if isinstance(value, dict) else str(value) for name, value in values.items() if value is not None
    }
    add_rotation_step(actor, rotation_id, action, level, content, reason)
    audit.record(actor, f"rotation.{action}", "rotation", rotation_id)
    announce(RotationMoved(person_id, rotation_id, state))
