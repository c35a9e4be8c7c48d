"""The budgets that are counts: SQL statements of the hot pages and deeds, lists that cost the same however
long their tables are, and the bytes of a lesson on the wire (architecture §9)."""

import gzip
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID

import pytest

HERE = Path(__file__).parent
for folder in ("assessments", "credits"):
    sys.path.insert(0, str(HERE / folder))

import credit_stage
from assessment_stage import SLUG, Stage, write_package
from cast import Cast, Member, id_number
from cookies import NAME, cookie_of
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from houses import House
from sqlalchemy import select, update
from uploaded import jpeg

from lms.courses import commands as courses
from lms.courses import editions
from lms.courses.models import Enrolment
from lms.courses.packages.weight import SHARED
from lms.credits import commands as credits
from lms.credits.claims import drafting
from lms.credits.claims.deciding import decide
from lms.credits.claims.drafting import Papers, Written
from lms.credits.claims.models import Claim
from lms.credits.filing import making
from lms.credits.flags import detecting
from lms.credits.flags.rules.facts import Finding, Kind
from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations
from lms.people import commands as people
from lms.people.rules import Population
from lms.uploads.receiving import receive

CONTENT = HERE.parent.parent / "content" / "courses"
ITEMS = 20
TOKEN = "the-token-of-the-budgets"
Count = Callable[[], object]


def browser_of(app: Flask, member: Member) -> FlaskClient:
    with app.app_context(), unit_of_work():
        cookie = cookie_of(app, member.person_id, csrf=TOKEN)
    browser = app.test_client()
    browser.set_cookie(NAME, cookie)
    return browser


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Stage:
    """An approved course with a paper of twenty items, read by the learner."""
    root = write_package(tmp_path, "after_pass")
    course = root / "course.toml"
    text = course.read_text("utf-8").replace('hours = "0.5"', 'hours = "6"')
    course.write_text(text.replace("count = 3", "count = 4", 2), "utf-8")
    with app.app_context(), unit_of_work():
        edition_id, _ = courses.publish_folder(root, SYSTEM)
    credit_stage.approve(app, cast)
    with app.app_context(), unit_of_work():
        enrolment_id = courses.enrol(cast.learner.actor, SLUG)
    made = Stage(app, cast.learner, edition_id, enrolment_id)
    made.read_lessons()
    return made


def statements_of(count_sql: Count, deed: Callable[[], object], most: int) -> None:
    with count_sql() as statements:  # type: ignore[attr-defined]
        answer = deed()
    assert answer.status_code in {200, 303}, answer.text  # type: ignore[attr-defined]
    assert 0 < len(statements) <= most, "\n\n".join(statements)


def test_the_pages_asked_for_most_keep_their_statements(app: Flask, stage: Stage, count_sql: Count) -> None:
    browser = browser_of(app, stage.member)
    attempt_id = stage.start()
    lesson = editions_of(app, stage)[0]
    for address, most in (
        (f"/courses/{SLUG}", 5),
        (f"/learn/{stage.enrolment_id}/{lesson}", 5),
        (f"/attempts/{attempt_id}", 5),
        (f"/attempts/{attempt_id}?q=7", 5),
        (f"/attempts/{attempt_id}?q=0", 5),
        (f"/attempts/{attempt_id}/questions", 5),
        ("/today", 8),
        ("/credits/policies", 1),
        ("/credits/policies/CN-2025", 1),
    ):
        browser.get(address)
        statements_of(count_sql, lambda address=address: browser.get(address), most)


def editions_of(app: Flask, stage: Stage) -> list[str]:
    """The slugs of the course's lessons."""
    with app.app_context(), unit_of_work(write=False):
        return [lesson.slug for lesson in editions.edition(stage.edition_id).lessons]


def test_today_keeps_its_statements_with_a_full_year(app: Flask, cast: Cast, stage: Stage, count_sql: Count) -> None:
    """A returned award, courses begun and finished, outside activities, clocks, the ways she goes, notices."""
    finish(app, stage)
    award = credit_stage.award_of(app, cast, cast.learner)
    for number in range(6):
        day = date(2026, 1 + number, 9)
        credit_stage.award_of(app, cast, cast.learner, **(credit_stage.LECTURE | {"on_date": day}))
    with app.app_context(), unit_of_work():
        credits.return_award(cast.county_auditor.actor, award, version=1, **credit_stage.SAID)
    with app.app_context():
        claim_id = handed_in(cast.learner)
        with unit_of_work():
            decide(cast.county_auditor.actor, claim_id, "return", version=2, reason_code="words", text="写清楚。")
    browser = browser_of(app, cast.learner)
    for way in ("rural-gp-assistant", "assistant-physician"):
        assert browser.post(f"/pathways/{way}/follow", data={"csrf_token": TOKEN}).status_code == 303
    browser.get("/today")
    statements_of(count_sql, lambda: browser.get("/today"), 8)
    for words in ("您的时限", "接下来怎么走", "乡村全科执业助理医师"):
        assert words in browser.get("/today").text
    assert credit_stage.SAID["text"] in browser.get("/today").text
    assert "写清楚。" in browser.get("/today").text
    assert "2 条没看的消息" in browser.get("/today").text


def test_a_finished_course_keeps_its_statements(app: Flask, stage: Stage, count_sql: Count) -> None:
    """With what she said of it; surveys, knowledge tests and notices are asked for together with that."""
    finish(app, stage)
    browser = browser_of(app, stage.member)
    said = {"csrf_token": TOKEN, "rating": "4", "text": "有用得很"}
    assert browser.post(f"/courses/{SLUG}/feedback", data=said).status_code == 303
    statements_of(count_sql, lambda: browser.get(f"/courses/{SLUG}"), 5)
    assert "有用得很" in browser.get(f"/courses/{SLUG}").text


def test_a_course_learnt_again_says_what_it_brings(app: Flask, cast: Cast, stage: Stage, count_sql: Count) -> None:
    """Within the same statements: she finished it last year, and begins it again under this year's approval."""
    finish(app, stage)
    browser = browser_of(app, stage.member)
    chip = re.compile(r'<span class="chip">(?:(?!</span>).)*学分')
    assert "明年1月1日起可以再学一遍" in browser.get(f"/courses/{SLUG}").text
    assert not chip.search(browser.get(f"/courses/{SLUG}").text)
    with app.app_context(), unit_of_work():
        lastly = clock.now() - timedelta(days=366)
        session().execute(update(Enrolment).values(finished_at=lastly, started_at=lastly))
    browser.get(f"/courses/{SLUG}")
    statements_of(count_sql, lambda: browser.get(f"/courses/{SLUG}"), 5)
    page = browser.get(f"/courses/{SLUG}").text
    assert "今年再学一遍" in page
    assert chip.search(page)
    assert browser.post(f"/courses/{SLUG}/enrol", data={"csrf_token": TOKEN}).status_code == 303
    statements_of(count_sql, lambda: browser.get(f"/courses/{SLUG}"), 5)


def test_a_claim_keeps_its_statements(app: Flask, cast: Cast, count_sql: Count) -> None:
    with app.app_context():
        claim_id = handed_in(cast.learner)
    doctor, auditor = browser_of(app, cast.learner), browser_of(app, cast.county_auditor)
    for browser, address, most in (
        (doctor, f"/credits/claims/{claim_id}", 6),
        (doctor, "/credits/claims/new", 2),
        (auditor, f"/audit/claims/{claim_id}", 11),
    ):
        browser.get(address)
        statements_of(count_sql, lambda browser=browser, address=address: browser.get(address), most)


def handed_in(member: Member) -> UUID:
    """A lecture claimed with a photo."""
    claim_id = new_id()
    photo = receive(member.actor, EVIDENCE, "a.jpg", io.BytesIO(jpeg((160, 120))))
    written = Written("unit_lecture", title="讲座", place="卫生院", on_date=date(2026, 4, 2), quantity=Decimal(1),
                      hours=Decimal(2))  # fmt: skip
    with unit_of_work():
        drafting.begin(member.actor, claim_id, written, Papers([photo]))
    with unit_of_work():
        drafting.hand_in(member.actor, claim_id, version=1, true=True)
    return claim_id


def finish(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    stage.answer_all(attempt_id, ITEMS)
    stage.submit(attempt_id)


def test_saving_and_submitting_twenty_items_keep_their_statements(app: Flask, stage: Stage, count_sql: Count) -> None:
    browser = browser_of(app, stage.member)
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    assert len(values) == ITEMS
    address = f"/attempts/{attempt_id}"

    def save(position: int, **headers: str) -> object:
        fields = {"csrf_token": TOKEN, "position": position, "answer_id": str(new_id()), **values[position - 1]}
        return browser.post(f"{address}/answers", data=fields, headers=headers)

    save(1)
    statements_of(count_sql, lambda: save(2), 4)
    statements_of(count_sql, lambda: save(2), 4)
    statements_of(count_sql, lambda: save(3, Accept="application/json"), 4)
    stage.answer_all(attempt_id, ITEMS // 2)
    statements_of(count_sql, lambda: browser.post(f"{address}/submit", data={"csrf_token": TOKEN}), 12)
    assert not stage.card(attempt_id).passed


def test_a_submit_of_twenty_items_that_awards_keeps_its_statements(
    app: Flask, stage: Stage, count_sql: Count
) -> None:
    browser = browser_of(app, stage.member)
    attempt_id = stage.start()
    stage.answer_all(attempt_id, ITEMS)
    submit = f"/attempts/{attempt_id}/submit"
    statements_of(count_sql, lambda: browser.post(submit, data={"csrf_token": TOKEN}), 22)
    assert stage.card(attempt_id).passed
    assert len(credit_stage.awards(app, stage.member)) == 1


# Lists ---------------------------------------------------------------------------------------------

LISTS: dict[str, tuple[str, ...]] = {
    "learner": (
        "/courses",
        "/courses?q=血压",
        "/today",
        "/credits",
        "/credits/claims",
        "/credits/flags",
        "/certificates",
    ),
    "author": ("/studio", "/studio/courses", "/studio/courses/list-0"),
    "county_auditor": (
        "/audit",
        "/audit?q=赵",
        "/audit/flags",
        "/audit?seed=abc&n=10&until=2026-12-31",
        "/audit/claims",
        "/audit/claims?q=赵&mine=y",
        "/reports/compliance/{township}/people?q=赵",
        "/reports/compliance/{township}/people?state=fail",
    ),
    "province_auditor": ("/audit?state=", "/reports/compliance"),
    "admin": (
        "/admin",
        "/admin/people",
        "/admin/people?q=赵",
        "/admin/organisations",
        "/admin/organisations/{township}",
        "/admin/approvals",
        "/admin/activities?q=赵",
        "/admin/activities/list?place=LB-YL-LX",
        "/admin/certificates",
        "/admin/outbox",
        "/reports/filings",
        "/reports/refused",
        "/admin/history",
    ),
}
# Sixty rows are more than the longest page: a list that fits its first page may save the statement that
# counts it.
FEW, MANY, MOST_COURSES = 60, 200, 60
WHOLE = {
    "/credits": "a year's statement is one sheet",
    "/admin/approvals": "its form offers every course",
    "/admin/activities/list?place=LB-YL-LX": "who was there is ticked on one sheet, two hundred people at most",
}


@dataclass
class Growing:
    """A house whose tables grow to a size."""

    app: Flask
    cast: Cast
    size: int = 0

    def grow(self, size: int) -> None:
        with self.app.app_context():
            for number in range(self.size, size):
                with unit_of_work():
                    self._learner(number)
                with unit_of_work():
                    self._own_award(number)
                with unit_of_work():
                    self._claim(number)
                if number < MOST_COURSES:
                    with unit_of_work():
                        self._course(number)
                with unit_of_work():
                    self._place(number)
                with unit_of_work():
                    days = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
                    making.make_filing(self.cast.admin.actor, self.cast.places["LB-YL"], **days)
            with unit_of_work():
                self._enrol_all(size)
        self.size = size

    def _learner(self, number: int) -> None:
        place = self.cast.places["LB-YL-LX-SM"]
        person_id = people.add_person(
            SYSTEM,
            name="赵𠮷",  # no font draws it, so that her certificate waits for the administrator
            workplace_id=place,
            phone=f"000{number + 500:08d}",
            id_number=id_number(number + 300),
            population=Population.VILLAGE_DOCTOR,
            starts_on=date(2024, 1, 1),
        )
        people.grant_role(SYSTEM, person_id, Role.LEARNER, place)
        credits.record_activity(self.cast.admin.actor, person_id=person_id, **credit_stage.LECTURE)
        people.send_code(self.cast.admin.actor, person_id)

    def _own_award(self, number: int) -> None:
        day = date(2026, 1 + number % 10, 1 + number // 10)
        lecture = credit_stage.LECTURE | {"on_date": day, "title": {"zh": f"讲座{number}", "en": f"Lecture {number}"}}
        credits.record_activity(self.cast.admin.actor, person_id=self.cast.learner.person_id, **lecture)
        self._flag(number)

    def _flag(self, number: int) -> None:
        days = [{"day": "2026-12-30", "hours": 12, "courses": []}]
        burst = {"deadline": "2026-12-31", "most_hours": 10, "days": days}
        about = (self.cast.learner.person_id,)
        place = self.cast.county_auditor.grants[0].path
        detecting.note(Finding(Kind.BURST, f"list {number}", about, 12.0, burst), place)

    def _claim(self, number: int) -> None:
        """One that waits, as a row: no list opens its papers."""
        card = session().scalars(select(credit_stage.Award.authority_path).limit(1)).one()
        session().add(
            Claim(
                id=new_id(), person_id=self.cast.learner.person_id, version=2, state="waiting", kind="case_discussion",
                role="attendee", title=f"讨论{number}", place="卫生院", on_date=date(2026, 1 + number % 10, 1),
                quantity_milli=1000, hours_milli=1000, assessed=False, note="", credit_year=2026, unit_path=card,
                authority_path=card, levels=[1, 2], waiting=2, handed_in_at=clock.now(), changed_at=clock.now(),
                search_text="赵桂芳",
            )
        )  # fmt: skip

    def _course(self, number: int) -> None:
        files = good_files(code=f"XL-L{number}", slug=f"list-{number}", lessons=1)
        draft_id = courses.upload_package(self.cast.author.actor, zipped(files))
        courses.submit_for_review(self.cast.author.actor, draft_id)
        courses.approve(self.cast.reviewer.actor, draft_id, "")
        courses.publish_draft(self.cast.author.actor, draft_id)
        courses.upload_package(
            self.cast.author.actor, zipped(good_files(code=f"XL-D{number}", slug=f"draft-{number}", lessons=1))
        )
        credits.approve_course(
            self.cast.admin.actor,
            course_code=f"XL-L{number}",
            authority_id=self.cast.places["LB-YL-WJ"],
            project_number=f"2026-01-01-{number:03d}",
            kind="recommended_project",
            hours=Decimal(1),
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 12, 31),
        )

    def _place(self, number: int) -> None:
        organisations.add_organisation(
            SYSTEM,
            kind="village_clinic",
            code=f"LB-YL-LX-{number}",
            name=f"第{number}村卫生室",
            name_en="",
            parent_id=self.cast.places["LB-YL-LX"],
        )

    def _enrol_all(self, size: int) -> None:
        """Everybody in the first course, and the learner in all of them."""
        grants = (Grant(Role.LEARNER, ""),)
        for slug in range(self.size, min(size, MOST_COURSES)):
            courses.enrol(self.cast.learner.actor, f"list-{slug}")
        begun = set(session().scalars(select(Enrolment.person_id)))
        for person_id in session().scalars(select(credit_stage.Award.person_id).distinct()).all():
            if person_id not in begun:
                courses.enrol(Actor(person_id=person_id, name="", grants=grants), "list-0")


def measure(growing: Growing, count_sql: Count) -> dict[str, tuple[int, int]]:
    """Statements and bytes of every list, warm."""
    found = {}
    for member, addresses in LISTS.items():
        browser = browser_of(growing.app, getattr(growing.cast, member))
        for named in addresses:
            address = named.format(township=growing.cast.places["LB-YL-LX"])
            assert browser.get(address).status_code == 200, address
            with count_sql() as statements:  # type: ignore[attr-defined]
                page = browser.get(address)
            found[address] = (len(statements), len(page.data))
    return found


def test_lists_cost_the_same_however_long_they_are(sqlite_house: House, count_sql: Count) -> None:
    """As many statements over 200 rows as over 60, and no page longer than its own rows make it."""
    sqlite_house.restore()
    growing = Growing(sqlite_house.app, sqlite_house.cast)
    growing.grow(FEW)
    few = measure(growing, count_sql)
    growing.grow(MANY)
    many = measure(growing, count_sql)
    for address in few:
        print(address, "statements", few[address][0], many[address][0], "bytes", few[address][1], many[address][1])
    more = {address: (few[address][0], many[address][0]) for address in few if many[address][0] > few[address][0]}
    assert not more, more
    longer = {
        address: (few[address][1], many[address][1])
        for address in few
        if many[address][1] > 1.2 * few[address][1] and address not in WHOLE
    }
    assert not longer, longer


# Bytes ---------------------------------------------------------------------------------------------


class _Needs(HTMLParser):
    """What a browser fetches for a page: at once, and when it is scrolled to."""

    def __init__(self) -> None:
        super().__init__()
        self.now: list[str] = []
        self.later: list[str] = []
        self.unsized: list[str] = []
        self.media: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "link" and a.get("rel") in {"stylesheet", "icon", "modulepreload"}:
            self.now.append(a["href"])
        elif tag == "script" and a.get("src"):
            self.now.append(a["src"])
        elif tag in {"audio", "video", "iframe", "object", "embed"}:
            self.media.append(tag)
        elif tag == "img":
            (self.later if a.get("loading") == "lazy" else self.now).append(a["src"])
            if not (a.get("width") and a.get("height")):
                self.unsized.append(a["src"])


GZIP = {"Accept-Encoding": "gzip"}


@dataclass
class Fetched:
    """One answer as it came over the wire."""

    address: str
    kind: str
    size: int
    text: str
    cached: bool


def fetch(browser: FlaskClient, address: str) -> Fetched:
    answer = browser.get(address, headers=GZIP)
    assert answer.status_code == 200, (address, answer.status)
    body = answer.data
    plain = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    control = answer.headers.get("Cache-Control", "")
    months = re.search(r"max-age=(\d+)", control)
    kept = bool(months) and int(months[1]) >= 30 * 24 * 3600
    size = len(body) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    answer.close()
    return Fetched(address, answer.mimetype, size, plain.decode("utf-8", "replace"), kept)


def view(browser: FlaskClient, address: str) -> tuple[list[Fetched], list[Fetched], _Needs]:
    """The page and what it needs at once; what it needs later; what it says it needs."""
    page = fetch(browser, address)
    needs = _Needs()
    needs.feed(page.text)
    now = [page] + [fetch(browser, urljoin(address, one)) for one in dict.fromkeys(needs.now)]
    for script in [one for one in now if "javascript" in one.kind]:
        for name in re.findall(r"""(?:from|import)\s*\(?["']([^"']+)["']""", script.text):
            now.append(fetch(browser, urljoin(script.address, name)))
    return now, [fetch(browser, urljoin(address, one)) for one in dict.fromkeys(needs.later)], needs


@pytest.mark.parametrize("slug", sorted(path.name for path in CONTENT.iterdir()))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lesson_is_light(slug: str, language: str, sqlite_house: House) -> None:
    """Every lesson of the real courses, as the server sends it to a phone that takes gzip."""
    sqlite_house.restore()
    app, cast = sqlite_house.app, sqlite_house.cast
    with app.app_context():
        if not _centre_known(slug, cast):
            pytest.fail("the cast has no such training centre")
        with unit_of_work():
            edition_id, _ = courses.publish_folder(CONTENT / slug, SYSTEM, dated=False)
        with unit_of_work():
            enrolment_id = courses.enrol(cast.learner.actor, slug)
            lessons = [one.slug for one in editions.edition(edition_id).lessons]
    browser = browser_of(app, cast.learner)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    heaviest = {"cold": 0, "warm": 0, "whole": 0, "script": 0, "requests": 0}
    course = re.sub(r"<[^>]*>", " ", browser.get(f"/courses/{slug}").text)
    told = [int(one) for one in re.findall(r"(?:约|about) (\d+) kB", course)]
    assert len(told) == len(lessons)
    for lesson, kb in zip(lessons, told, strict=True):
        now, later, needs = view(browser, f"/learn/{enrolment_id}/{lesson}")
        fetched = sum(one.size for one in (*now, *later) if one is now[0] or one in later)
        assert fetched <= kb * 1024 <= fetched * 1.25 + 1024, "what the course page says of it"
        assert sum(one.size for one in (*now, *later) if one.cached and one not in later) <= SHARED
        seen = {
            "cold": sum(one.size for one in now),
            "warm": sum(one.size for one in now if not one.cached),
            "whole": sum(one.size for one in (*now, *later)),
            "script": sum(one.size for one in now if "javascript" in one.kind),
            "requests": len(now),
        }
        heaviest = {name: max(heaviest[name], seen[name]) for name in seen}
        assert [one.address for one in now if not one.cached] == [now[0].address], "a warm page is one request"
        assert all(one.cached for one in later)
        assert not needs.unsized, "a picture says its size"
        assert not needs.media
    print(slug, language, len(lessons), "lessons, heaviest:", heaviest)
    assert heaviest["cold"] <= 60_000
    assert heaviest["requests"] <= 6
    assert heaviest["script"] <= 20_000
    assert heaviest["whole"] <= 300_000
    assert heaviest["warm"] <= 12_000


def _centre_known(slug: str, cast: Cast) -> bool:
    text = (CONTENT / slug / "course.toml").read_text("utf-8")
    found = re.search(r'^centre = "([^"]+)"', text, re.MULTILINE)
    return found is not None and found[1] in cast.places


def test_the_script_of_an_attempt_keeps_its_budget(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    now, _, _ = view(browser_of(app, stage.member), f"/attempts/{attempt_id}?q=1")
    assert sum(one.size for one in now if "javascript" in one.kind) <= 20_000
    assert sum(one.size for one in now) <= 60_000
    assert len(now) <= 6
    assert sum(one.size for one in now if not one.cached) <= 12_000
