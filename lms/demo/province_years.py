"""What a doctor of the invented province did in five years outside the platform. Pure.

Fifteen awards a year at the usual diligence (domain.md, section 4.2): projects of the county's own programme,
lectures, case discussions, planned self-study. Under the old rules projects have levels and self-study no rate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from lms.demo.province import County, Doctor, Ids, Province

AWARDS = 15
NEW_RULES = 2025  # first year of the rule set in force
PROJECTS = 14  # in a county's programme of a year
REPEATED = 0.15  # of the years hold a project entered twice, which earns nothing the second time
KEPT = timedelta(days=2)  # from the deed to its entry
TOPICS: tuple[tuple[str, str], ...] = (
    ("基层慢病综合管理面授班", "Classroom course: chronic disease in primary care"),
    ("乡村急救与转诊实训班", "Hands-on course: emergencies and referral in villages"),
    ("孕产妇与儿童保健班", "Course: maternal and child care"),
    ("合理用药与抗菌药物班", "Course: rational use of medicines"),
    ("中医适宜技术班", "Course: appropriate techniques of Chinese medicine"),
    ("传染病识别与报告班", "Course: recognising and reporting infectious disease"),
    ("老年健康与失能照护班", "Course: health in old age"),
    ("基本公共卫生服务规范班", "Course: basic public health services"),
    ("精神卫生与自杀预防班", "Course: mental health in the village"),
    ("感染防控与消毒班", "Course: infection control"),
)
HOURS = (6, 6, 8, 10, 12, 12, 16, 18)


# Every column of a fact, in one order.
BLANK: dict[str, Any] = dict.fromkeys(
    ("id", "person_id", "kind", "activity_code", "project_number", "title", "subject", "started_on", "on_date",
     "quantity_milli", "unit", "hours_milli", "role", "choice", "assessed", "enrolment_id", "approval_id")
) | {"holder": "", "note": "", "recorded_by": None, "recorded_at": None}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Project:
    """One of a county's programme."""

    number: str
    kind: str
    title: Mapping[str, str]
    on: date
    hours: int


def at_work(day: date, minutes: int) -> datetime:
    """Some time after noon on a day."""
    return datetime.combine(day, time(4, 0), UTC) + timedelta(minutes=minutes)


def programme(made: Province, county: County, year: int) -> tuple[Project, ...]:
    """The projects of a county in a year, as far as they have been held."""
    chance = Random(f"{made.seed}/programme/{county.number}/{year}")  # noqa: S311 - invented
    kinds = ("recommended_project", "promotion_project")
    if year < NEW_RULES:
        kinds = ("provincial_project", "municipal_project")
    found = []
    for number in range(1, PROJECTS + 1):
        zh, en = chance.choice(TOPICS)
        hours = chance.choice(HOURS)
        kind = kinds[chance.random() < 0.7]
        day = _day(year, last_day(made, year), chance)
        found.append(Project(f"{year}-HE{county.number:03d}-{number:02d}", kind, {"zh": zh, "en": en}, day, hours))
    return tuple(found)


def last_day(made: Province, year: int) -> date:
    """The last day of a year of which something can be entered by now."""
    return min(date(year, 12, 20), made.today - timedelta(days=4))


def _day(year: int, last: date, chance: Random) -> date:
    first = date(year, 1, 4)
    return first + timedelta(days=chance.randrange(max(1, (last - first).days)))


def outside(
    made: Province, doctor: Doctor, year: int, held: tuple[Project, ...], chance: Random, ids: Ids, elsewhere: int
) -> list[dict[str, Any]]:
    """A year's facts as rows in the order in which they were entered; `elsewhere`: courses taken here besides."""
    last = last_day(made, year)
    if last < date(year, 1, 5):
        return []
    passed = ((last - date(year, 1, 1)).days + 12) / 366
    wanted = max(0, round(AWARDS * doctor.diligence * min(1, passed) + chance.uniform(-2, 2)) - elsewhere)
    deeds = list(_deeds(year, last, held, wanted, chance))
    deeds.sort(key=lambda one: one[0])
    return [_row(doctor, ids, minute, *deed) for minute, deed in enumerate(deeds)]


Deed = tuple[date, str, Mapping[str, str], str | None, int, int, str]
"""Day, kind, title, project number, hours, quantity and its unit."""


def _deeds(year: int, last: date, held: tuple[Project, ...], wanted: int, chance: Random) -> Iterator[Deed]:
    projects = min(len(held), round(wanted * 0.5))
    chosen = chance.sample(held, projects)
    for one in chosen + (chosen[:1] if chance.random() < REPEATED else []):
        yield one.on, one.kind, one.title, one.number, one.hours, one.hours, "hours"
    alone = 1 if year >= NEW_RULES and wanted > 3 else 0
    if alone:
        hours = chance.randrange(6, 19)
        yield _day(year, last, chance), "self_study", SELF_STUDY, None, hours, hours, "hours"
    for _ in range(wanted - projects - alone):
        kind, title, hours = LECTURE if chance.random() < 0.65 else DISCUSSION
        yield _day(year, last, chance), kind, title, None, hours, 1, "items"


SELF_STUDY = {"zh": "有计划的自学（学习笔记）", "en": "Planned self-study with notes"}
LECTURE = ("unit_lecture", {"zh": "卫生院专题讲座", "en": "Township lecture"}, 2)
DISCUSSION = ("case_discussion", {"zh": "病例讨论", "en": "Case discussion"}, 1)


def _row(
    doctor: Doctor, ids: Ids, minute: int, on: date, kind: str, title: Mapping[str, str], number: str | None,
    hours: int, quantity: int, unit: str,
) -> dict[str, Any]:  # fmt: skip
    return BLANK | {
        "id": ids(),
        "person_id": doctor.person.id,
        "kind": kind,
        "activity_code": number,
        "project_number": number,
        "title": title,
        "started_on": on - timedelta(days=(hours - 1) // 8),
        "on_date": on,
        "quantity_milli": quantity * 1000,
        "unit": unit,
        "hours_milli": hours * 1000,
        "role": "attendee",
        "assessed": number is not None,
        "recorded_by": doctor.county.administrator,
        "recorded_at": at_work(on + KEPT, minute),
    }
