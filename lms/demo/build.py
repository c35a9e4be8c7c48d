"""Building the demonstration in an empty house."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.courses import commands as courses
from lms.courses import editions as course_editions
from lms.courses.packages.tree import Tree, pack, read_folder
from lms.courses.writing import health
from lms.credits import commands as credits
from lms.credits.compliance import commands as compliance
from lms.credits.log import keys as log_keys
from lms.credits.log import running as log_running
from lms.demo import activities, claims, county, history, opinions, practice, records
from lms.demo.county import COUNTY, Somebody
from lms.demo.history import COURSES, Outside, at_noon, enter, study
from lms.demo.opinions import Studied
from lms.kernel import clock, schema
from lms.kernel.actor import SYSTEM, Actor, Grant
from lms.kernel.cli import fail, say
from lms.kernel.quantities import from_milli
from lms.kernel.settings import Settings
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations
from lms.organisations import queries as organisation_queries
from lms.people import commands as people
from lms.people import passwords
from lms.people.notices.rules import months_before

PASSWORD = "xinglin-demo"
CONTENT = Path(__file__).parent.parent.parent / "content" / "courses"
STOPS = 0.12  # how many of those who begin a course leave it after a few lessons
SIGN_OUT_MISSING = "有签到，没有签退。请补一张签退表的照片，或者说明情况。"
HEARD_TO_THE_END = "签退表在卫生院，已请孙海燕补一张照片，我当天听到最后。"
ACCOUNTS = (
    ("doctor", "00000000001", "乡村医生 rural doctor"),
    ("author", "00000000002", "课程作者 course author"),
    ("reviewer", "00000000003", "课程审核医师、带教老师 reviewer, supervisor"),
    ("auditor", "00000000004", "县级审核员 county auditor"),
    ("province", "00000000005", "省级审核员 province auditor"),
    ("admin", "00000000006", "管理员 administrator"),
    ("unit", "00000000061", "单位审核员 unit auditor"),
)

REAL = "这里有真实的数据，不会清空。 Real data lives here; nothing was removed."
FULL = "这里已经有机构和人，没有改动。要重来请加 --reset。 There is data here already; use --reset to start again."


class NotEmpty(Exception):
    """The house already has people: the demonstration is never mixed with them."""


@dataclass(frozen=True)
class Entered:
    """An outside activity that became an award."""

    doctor: Actor
    what: Outside
    award: UUID


class Builder:
    """Places, people, courses and two years, in this order."""

    def __init__(self) -> None:
        self.chance = Random(20260102)  # noqa: S311 - invented history, no secrets
        self.today = clock.today()
        self.first_year = self.today.year - 1
        self.places: dict[str, UUID] = {}
        self.people: dict[int, Actor] = {}
        self.somebody = county.people()
        self.entered: list[Entered] = []
        self.studied: list[Studied] = []

    def account(self, name: str) -> Actor:
        """One of those who sign in with a word."""
        return self.people[next(s.serial for s in self.somebody if s.account == name)]

    def build(self) -> None:
        """Everything, each step in units of work of its own."""
        with clock.held_at(datetime(self.first_year - 1, 12, 1, 2, tzinfo=UTC)):
            with unit_of_work():
                self._places()
            with unit_of_work():
                self._people()
        self._courses()
        self._approvals()
        for somebody in self.somebody:
            if somebody.population is not county.STAFF and somebody.account != "reviewer":
                self._two_years(somebody)
        self._doctor()
        self._drafts()
        self._audits()
        self._claims()
        practice.build(
            self.account("doctor"), self.account("reviewer"), self.account("auditor"), self.places["LB-YL-YY"],
            self.places["LB-YL-LX-01"], self.today,
        )  # fmt: skip
        self._newest_courses()
        self._records()
        activities.build(self.account("admin"), self.places["LB-YL"], self.today)
        opinions.build(self.account("author"), self.account("doctor"), self.studied, self.chance, self.today)

    def _places(self) -> None:
        for kind, code, name, name_en, parent in county.PLACES:
            contact, phone = county.CONTACTS.get(code, ("", ""))
            self.places[code] = organisations.add_organisation(
                SYSTEM, kind=kind, code=code, name=name, name_en=name_en,
                parent_id=self.places[parent] if parent else None, phone=phone, contact_name=contact,
            )  # fmt: skip

    def _people(self) -> None:
        hashed = passwords.hash_password(PASSWORD)
        paths = organisation_queries.cards(self.places.values())
        for one in self.somebody:
            licensed = one.population is not county.STAFF
            expires = self.today + timedelta(days=150 + 37 * one.serial)
            person_id = people.add_person(
                SYSTEM, name=one.name, workplace_id=self.places[one.workplace], phone=one.phone,
                email=f"{one.account}@demo.example" if one.account else None,
                id_number=one.id_number, population=one.population, password_hash=hashed,
                starts_on=date(self.first_year - 1, 12, 1),
                licence_from=months_before(expires, 60) if licensed else None,
                licence_until=expires if licensed else None,
            )  # fmt: skip
            for role, place in one.roles:
                people.grant_role(SYSTEM, person_id, role, self.places[place])
            people.give_consent(person_id)
            grants = tuple(Grant(role, paths[self.places[place]].path) for role, place in one.roles)
            self.people[one.serial] = Actor(person_id=person_id, name=one.name, grants=grants)

    def _courses(self) -> None:
        for slug, month in zip(COURSES, (1, 2, 6), strict=True):
            with clock.held_at(at_noon(date(self.first_year, month, 6))), unit_of_work():
                courses.publish_folder(CONTENT / slug, SYSTEM, dated=False)

    def _approvals(self) -> None:
        admin = self.account("admin")
        for number, (code, start) in enumerate(
            (
                ("XL-HTN", date(self.first_year, 1, 10)),
                ("XL-T2D", date(self.first_year, 2, 10)),
                ("XL-MCH", date(self.first_year + 1, 1, 5)),
            ),
            start=1,
        ):
            with clock.held_at(at_noon(start)), unit_of_work():
                credits.approve_course(
                    admin, course_code=code, authority_id=self.places[COUNTY],
                    project_number=f"{start.year}-LB-YL-{number:03d}", kind="recommended_project",
                    hours=Decimal(2), valid_from=start, valid_until=date(self.first_year + 2, 12, 31),
                )  # fmt: skip

    def _newest_courses(self) -> None:
        """Courses that nobody of the county has begun yet: published three weeks ago, approved two weeks ago."""
        admin, new = self.account("admin"), sorted({path.parent.name for path in CONTENT.glob("*/course.toml")})
        with clock.held_at(at_noon(self.today - timedelta(days=21))), unit_of_work():
            folders = [CONTENT / slug for slug in new if slug not in COURSES]
            found = [courses.publish_folder(folder, SYSTEM, dated=False)[0] for folder in folders]
        start = self.today - timedelta(days=14)
        with clock.held_at(at_noon(start)), unit_of_work():
            for number, edition_id in enumerate(found, start=11):
                one = course_editions.edition(edition_id)
                credits.approve_course(
                    admin, course_code=one.course_code, authority_id=self.places[COUNTY],
                    project_number=f"{start.year}-LB-YL-{number:03d}", kind="recommended_project",
                    hours=from_milli(one.hours_milli), valid_from=start, valid_until=date(self.today.year + 1, 12, 31),
                )  # fmt: skip

    def _two_years(self, somebody: Somebody) -> None:
        actor = self.people[somebody.serial]
        if somebody.account == "doctor":
            return
        diligence = history.diligence_of(somebody, self.chance)
        for year in (self.first_year, self.first_year + 1):
            end = min(date(year, 12, 10), self.today - timedelta(days=4))
            begin = date(year, 7, 1) if year == self.first_year else date(year, 1, 20)
            for slug in COURSES:
                if self.chance.random() < diligence * 0.4:
                    day = history.days(begin, end, self.chance)
                    if self.chance.random() < STOPS:
                        study(actor, slug, day, self.chance, upto=self.chance.randrange(1, 4))
                    else:
                        self._study(actor, slug, day, fail_first=self.chance.random() < 0.15)
            outside = history.outside_of(year, diligence, self.chance, self.today - timedelta(days=3))
            if not somebody.workplace.startswith("LB-ST"):  # the other county has an administrator of its own
                self._enter_all(actor, list(outside))

    def _study(self, actor: Actor, slug: str, day: date, *, fail_first: bool = False) -> None:
        enrolment = study(actor, slug, day, self.chance, fail_first=fail_first)
        self.studied.append(Studied(actor, enrolment, slug, day))

    def _enter_all(self, actor: Actor, outside: list[Outside]) -> None:
        assert actor.person_id is not None
        for what in sorted(outside, key=lambda one: one.on):
            award = enter(self.account("admin"), actor.person_id, what)
            if award is not None:
                self.entered.append(Entered(actor, what, award))

    def _doctor(self) -> None:
        """The doctor of the six: lacks a little this year, has something returned, is in a course."""
        actor, year = self.account("doctor"), self.first_year + 1
        self._study(actor, "hypertension", date(self.first_year, 10, 14))
        self._enter_all(actor, list(history.outside_of(self.first_year, 1.1, Random(3), date(self.first_year, 12, 20))))  # noqa: S311
        self._study(actor, "hypertension", date(year, 3, 9), fail_first=True)
        study(actor, "diabetes", date(year, 11, 15), self.chance, upto=4)
        number = f"{year}-LB-31"
        outside = [
            Outside("promotion_project", "基层慢病综合管理面授班", "Classroom course: chronic disease in primary care",
                    date(year, 5, 18), 33, number),
            *(Outside("unit_lecture", f"卫生院专题讲座（第 {n} 讲）", f"Township lecture {n}",
                      date(year, n, 18), 2, unit="items", quantity=1) for n in range(1, 9)),
            *(Outside("case_discussion", f"病例讨论（第 {n} 次）", f"Case discussion {n}",
                      date(year, n + 3, 23), 1, unit="items", quantity=1) for n in range(1, 7)),
            Outside("self_study", "有计划的自学（学习笔记）", "Planned self-study with notes", date(year, 10, 8), 15),
        ]  # fmt: skip
        self._enter_all(actor, outside)

    def _drafts(self) -> None:
        """A draft in review and one that came back, so that studio and reviewer have something to do."""
        author, reviewer = self.account("author"), self.account("reviewer")
        corrected = pack(_revised(read_folder(CONTENT / "diabetes")))
        with clock.held_at(at_noon(self.today - timedelta(days=2))), unit_of_work():
            draft = courses.upload_package(author, corrected)
            courses.submit_for_review(author, draft)
            health.count(str(draft))
        returned = pack(_revised(read_folder(CONTENT / "maternal-care")))
        with clock.held_at(at_noon(self.today - timedelta(days=9))), unit_of_work():
            draft = courses.upload_package(author, returned)
            courses.submit_for_review(author, draft)
        with clock.held_at(at_noon(self.today - timedelta(days=7))), unit_of_work():
            courses.ask_changes(reviewer, draft, "第 4 课的来源请写到页码，再送来。")
            health.count(str(draft))

    def _audits(self) -> None:
        """The county approves much, returns a few awards and reverses one; some doctors answer."""
        auditor, doctor = self.account("auditor"), self.account("doctor")
        lectures = [one for one in self.entered if one.doctor == doctor and one.what.kind == "unit_lecture"]
        history.send_back(auditor, lectures[-1].award, "attendance", SIGN_OUT_MISSING, self.today - timedelta(days=6))
        others = [one for one in self.entered if one.doctor != doctor]
        self.chance.shuffle(others)
        with unit_of_work():
            for one in others[: len(others) // 2]:
                with clock.held_at(at_noon(one.what.on + timedelta(days=20))):
                    credits.approve_award(auditor, one.award, version=1)
        # the auditor's words are about lectures, so it is lectures that come back
        fresh = [one for one in others[len(others) // 2 :] if one.what.kind == "unit_lecture"]
        for one in fresh[:4]:
            history.send_back(auditor, one.award, "attendance", SIGN_OUT_MISSING, self.today - timedelta(days=5))
        for one in fresh[:2]:
            with clock.held_at(at_noon(self.today - timedelta(days=3))), unit_of_work():
                credits.reply_to_award(one.doctor, one.award, text=HEARD_TO_THE_END)
        with clock.held_at(at_noon(self.today - timedelta(days=4))), unit_of_work():
            credits.reverse_award(
                auditor, fresh[5].award, version=1, reason_code="duplicate", text="这一讲登记了两次，保留另一条。"
            )

    def _claims(self) -> None:
        """What the doctor and a colleague of the same township told of themselves."""
        colleague = next(s for s in self.somebody if s.workplace == "LB-YL-LX-02")
        claims.build(
            self.account("doctor"), self.people[colleague.serial], self.account("unit"), self.account("auditor"),
            self.today,
        )  # fmt: skip

    def _records(self) -> None:
        """What the doctor and two colleagues of the township have on record."""
        near = [s for s in self.somebody if s.workplace.startswith("LB-YL-LX-0") and s.account != "doctor"]
        first, second, *_ = (self.people[one.serial] for one in near)
        records.build(
            self.account("doctor"), (first, second), self.account("unit"), self.account("auditor"), self.today
        )


def _revised(tree: Tree) -> Tree:
    """The same course with one remark more in its summary: a new edition to review."""
    text = tree["course.toml"].decode()
    before, mark, after = text.partition('summary = { zh = "')
    text = before + mark + "修订：" + after.replace('", en = "', '", en = "Revised: ', 1)
    return {**tree, "course.toml": text.encode()}


def build_demo() -> None:
    """Build the county in an empty, migrated database and mark the data folder as a demonstration.

    The certificates are drawn by the outbox afterwards, as always; the log is signed and published at the end.
    Raises NotEmpty when there is an organisation already.
    """
    with unit_of_work(write=False):
        if organisation_queries.in_scope(("/",)):
            raise NotEmpty
    settings: Settings = current_app.extensions["xinglin.settings"]
    settings.mark_demo()
    log_keys.forget_own()
    Builder().build()
    _make_years(clock.today().year)
    log_running.catch_up()


def _make_years(this_year: int) -> None:
    """Everybody's results of the two years, which in a house that lives are made by night."""
    for year in (this_year - 1, this_year):
        with unit_of_work():
            for start, end in compliance.ranges():
                compliance.recompute(year, start, end)


def emptied(reset: bool) -> None:
    """Bring the database to its newest shape; with `reset` empty it first, unless real people are in it. A
    demonstration is emptied whatever stands in it: also one that was cut off, or that an older version has built."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    if reset and settings.is_demo:
        schema.clear()
    schema.upgrade()
    if reset and not settings.is_demo:
        with unit_of_work(write=False):
            if organisation_queries.in_scope(("/",)):
                fail(REAL)
        schema.downgrade("base")
        schema.upgrade()


@click.command("demo")
@click.option("--reset", is_flag=True, help="First empty a house that is a demonstration.")
@with_appcontext
def demo_command(reset: bool) -> None:
    """Build one invented county with two years of history."""
    emptied(reset)
    started = time.monotonic()
    try:
        build_demo()
    except NotEmpty:
        fail(FULL)
    say(f"{time.monotonic() - started:.1f} s")
    for account, phone, what in ACCOUNTS:
        say(f"  {account:9} {phone}  {what}")
    say(f"  password: {PASSWORD}")


GROUPS = [demo_command]
