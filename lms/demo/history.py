"""Two years of a county, lived through the same commands a person's clicks would run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from lms.assessments import commands as assessments
from lms.assessments import queries as assessment_queries
from lms.assessments.bank import bank
from lms.courses import commands as courses
from lms.courses import editions
from lms.courses import queries as course_queries
from lms.courses.editions import ONE_ORDER, EditionData
from lms.credits import commands as credits
from lms.demo.county import Somebody
from lms.improving import knowledge
from lms.items.base import Item
from lms.items.choices import FIELD
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

COURSES = ("hypertension", "diabetes", "maternal-care")
PASSES = 0.95  # share of right answers of somebody who has studied
FAILS = 0.55
TESTED = 0.7  # how many take the knowledge test before a course
BEFORE, AFTER, KEPT = 0.5, 0.9, 0.8  # how often a question of it is right on each occasion
CHECKS = 0.8  # how often a self-check is right at once
HOURS_A_DAY = 8  # of an activity outside: longer ones take several days


@dataclass(frozen=True)
class Outside:
    """An activity outside the platform, as an administrator enters it."""

    kind: str
    title_zh: str
    title_en: str
    on: date
    hours: int
    number: str | None = None
    unit: str = "hours"
    quantity: int | None = None


def at_noon(day: date, minutes: int = 0) -> datetime:
    """Some time in the day, UTC; minutes tell deeds of one day apart."""
    return datetime.combine(day, time(4, 0), UTC) + timedelta(minutes=minutes)


def days(start: date, end: date, chance: Random) -> date:
    """A day between the two, by chance."""
    return start + timedelta(days=chance.randrange((end - start).days))


def study(
    actor: Actor, slug: str, day: date, chance: Random, *, upto: int | None = None, fail_first: bool = False
) -> UUID:
    """Take a course in the evening of a day: all lessons and the assessment, or only `upto` lessons. The enrolment."""
    start = datetime.combine(day, time(12, 30), UTC)
    with unit_of_work():
        with clock.held_at(start):
            enrolment = courses.enrol(actor, slug)
        card = course_queries.enrolment(enrolment)
        assert card is not None
        if knowledge.of_enrolment(actor, enrolment).offered == "before" and chance.random() < TESTED:
            with clock.held_at(start):
                take_test(actor, enrolment, "before", BEFORE, chance)
        moment, edition = start, editions.edition(card.edition_id)
        for lesson in edition.lessons[:upto]:
            moment += timedelta(minutes=lesson.minutes)
            with clock.held_at(moment - timedelta(minutes=chance.randrange(1, 4))):
                for code in lesson.checks:
                    _check(actor, enrolment, edition, lesson.slug, code, chance)
            with clock.held_at(moment):
                courses.finish_lesson(actor, enrolment, lesson.id)
    if upto is not None:
        return enrolment
    if fail_first:
        _sit(actor, enrolment, moment + timedelta(minutes=5), FAILS, chance)
        moment += timedelta(hours=26)
    _sit(actor, enrolment, moment + timedelta(minutes=10), PASSES, chance)
    return enrolment


def take_test(actor: Actor, enrolment: UUID, occasion: str, share: float, chance: Random) -> None:
    """She takes the knowledge test of a course; `share`: how often she is right."""
    one = knowledge.of_enrolment(actor, enrolment)
    values = {
        item.code: chosen(item, item.shuffled(ONE_ORDER), chance.random() < share)[FIELD]
        for item in one.edition.package.knowledge
    }
    knowledge.take(actor, enrolment, occasion, str(one.edition.id), values)


def _check(actor: Actor, enrolment: UUID, edition: EditionData, slug: str, code: str, chance: Random) -> None:
    """She tries a self-check of a lesson, and is right more often than not."""
    item = edition.package.item(code)
    assert item is not None
    values = chosen(item, item.shuffled(ONE_ORDER), chance.random() < CHECKS)
    courses.answer_check(actor, enrolment, slug, code, new_id(), values)


def _sit(actor: Actor, enrolment: UUID, start: datetime, share: float, chance: Random) -> None:
    with unit_of_work():
        with clock.held_at(start):
            attempt = assessments.start_attempt(actor, enrolment)
        card = assessment_queries.own_attempt(actor, attempt)
        items = bank(card.edition_id).items
        moment = start
        asked = assessment_queries.asked(attempt)
        wrong = set(chance.sample(range(len(asked)), round(len(asked) * (1 - share))))
        for place, one in enumerate(asked):
            moment += timedelta(seconds=chance.randrange(35, 80))
            values = chosen(items[one.code], one.order, place not in wrong)
            with clock.held_at(moment):
                assessments.save_answer(actor, attempt, assessments.Given(new_id(), place + 1, values))
    # Reactions run at the end of the unit: the clock is held around it.
    with clock.held_at(moment + timedelta(seconds=30)), unit_of_work():
        assessments.submit_attempt(actor, attempt)


def chosen(item: Item, order: tuple[str, ...], right: bool) -> dict[str, tuple[str, ...]]:
    """What the form holds of somebody who knows the answer, or does not."""
    values = item.fill(order, item.right())
    if right:
        return values
    if item.TYPE == "numeric":
        return dict.fromkeys(values, ("1",))
    if item.TYPE in {"matching", "ordering"}:
        names = sorted(values)
        return {name: values[other] for name, other in zip(names, names[1:] + names[:1], strict=True)}
    return {name: (("2",) if given != ("2",) else ("1",)) for name, given in values.items()}


def enter(admin: Actor, person_id: UUID, what: Outside) -> UUID | None:
    """The administrator enters an outside activity a few days later; the award's id."""
    with clock.held_at(at_noon(what.on + timedelta(days=2))), unit_of_work():
        recorded = credits.record_activity(
            admin,
            person_id=person_id,
            kind=what.kind,
            title={"zh": what.title_zh, "en": what.title_en},
            started_on=what.on - timedelta(days=(what.hours - 1) // HOURS_A_DAY),
            on_date=what.on,
            hours=Decimal(what.hours),
            quantity=Decimal(what.quantity) if what.quantity is not None else None,
            unit=what.unit,
            project_number=what.number,
            assessed=what.kind == "promotion_project",
        )
    return recorded.award_id if recorded else None


def outside_of(year: int, diligence: float, chance: Random, until: date) -> Iterator[Outside]:
    """What somebody does in a year outside the platform; `diligence` from 0 to 1.2."""
    last = min(date(year, 12, 20), until)
    if chance.random() < 0.4 + diligence / 2:
        yield Outside(
            "promotion_project", "基层慢病综合管理面授班", "Classroom course: chronic disease in primary care",
            min(date(year, 5, 18), last), 33, f"{year}-LB-{30 + chance.randrange(3)}",
        )  # fmt: skip
    if chance.random() < diligence * 0.6:
        yield Outside(
            "promotion_project", "乡村急救与转诊实训班", "Hands-on course: emergencies and referral in villages",
            min(date(year, 9, 14), last), 24, f"{year}-LB-{40 + chance.randrange(2)}",
        )  # fmt: skip
    for number in range(round(diligence * 4)):
        yield Outside(
            "unit_lecture", f"卫生院专题讲座（第 {number + 1} 讲）", f"Township lecture {number + 1}",
            days(date(year, 1, 15), last, chance), 2, unit="items", quantity=1,
        )  # fmt: skip
    for number in range(round(diligence * 3)):
        yield Outside(
            "case_discussion", f"病例讨论（第 {number + 1} 次）", f"Case discussion {number + 1}",
            days(date(year, 1, 15), last, chance), 1, unit="items", quantity=1,
        )  # fmt: skip
    hours = round(diligence * 34)
    if hours >= 6:
        yield Outside(
            "self_study", "有计划的自学（学习笔记）", "Planned self-study with notes",
            days(date(year, 9, 1), last, chance), hours,
        )  # fmt: skip


def diligence_of(somebody: Somebody, chance: Random) -> float:
    """Some pass, some lack a little, some much."""
    return chance.choice((1.15, 1.1, 1.0, 0.95, 0.85, 0.7, 0.4, 0.1)) if somebody.account == "" else 0.9


def send_back(auditor: Actor, award_id: UUID, reason: str, text: str, day: date) -> None:
    """The auditor returns an award that nobody has decided yet."""
    with clock.held_at(at_noon(day)), unit_of_work():
        credits.return_award(auditor, award_id, version=1, reason_code=reason, text=text)
