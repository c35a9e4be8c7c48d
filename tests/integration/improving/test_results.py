"""How a course goes: starts, stops, times and self-checks, counted in the database and shown to the centre only."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from improving_stage import answer, begin, more_people, read, read_all
from pages import post_form
from python_calamine import CalamineWorkbook

from lms.assessments.bank import bank
from lms.assessments.models import Attempt
from lms.improving import counting, tasks
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

PAGE = "/studio/courses/sample/results"


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


def studied(app: Flask, cast: Cast, edition_id: UUID) -> None:
    """Eight people: two finished, three stopped in the first lesson, one in the second, one idle, one goes on."""
    people = more_people(app, cast, 8)
    now = clock.now()
    old = now - timedelta(days=60)
    with app.app_context(), unit_of_work():
        for number, person in enumerate(people[:2]):
            one = begin(person, edition_id, old, finished_at=old + timedelta(hours=2))
            answer(one, "TST-C01", number == 0, old + timedelta(minutes=1))
            answer(one, "TST-C01", True, old + timedelta(minutes=2))
            read_all(one, edition_id, [old + timedelta(minutes=20), old + timedelta(hours=2)])
        for person in people[2:5]:
            one = begin(person, edition_id, old)
            answer(one, "TST-C01", False, old + timedelta(minutes=5))
        one = begin(people[5], edition_id, old)
        read(one, edition_id, 1, old + timedelta(minutes=5))
        answer(one, "TST-C02", True, old + timedelta(days=2))
        begin(people[6], edition_id, old)
        read(begin(people[7], edition_id, now - timedelta(days=1)), edition_id, 1, now)


def counted(app: Flask, author: FlaskClient, work_off) -> str:
    answered = post_form(author, PAGE, action="/count")
    assert answered.status_code == 303
    assert "正在数" in author.get(PAGE).text
    work_off(app)
    page = author.get(PAGE).text
    assert "正在数：" not in page
    return page


def cells(page: str, heading: str) -> list[list[str]]:
    """The rows of a table of the page by its heading."""
    part = page.split(f">{heading}</summary>", 1)[1].split("</table>", 1)[0].split("<tbody>", 1)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", part, re.S)
    return [[re.sub(r"<.*?>", "", one).strip() for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows]


def drawn(page: str, place: str) -> list[str]:
    """The words of a picture, by the id of its heading."""
    part = page.split(f'id="{place}"', 1)[1].split("</svg>", 1)[0].split("<svg", 1)[1]
    return re.findall(r"<text[^>]*>(.*?)</text>", part)


def test_who_starts_and_where_they_stop(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    studied(app, cast, publish())
    assert "还没有数过" in author.get(PAGE).text
    page = counted(app, author, work_off)
    assert cells(page, "谁学，谁停") == [
        ["开始学", "8", "—"], ["学完", "2", "25.0"], ["还在学", "1", "12.5"], ["停下了", "5", "62.5"],
        ["其中没有动过手", "1", "12.5"], ["其中停在测验", "0", "0.0"],
    ]  # fmt: skip
    assert cells(page, "每一课") == [["1 第 1 课", "7", "4", "50.0", "3"], ["2 第 2 课", "3", "2", "25.0", "1"]]
    assert cells(page, "从第一次到最后一次动手")[0] == ["整门课", "7", "0", "3", "0", "2", "2", "0"]
    assert drawn(page, "times") == ["1 第 1 课", "2 人，太少，不细说"]


def test_of_few_answers_only_the_number_is_said(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    studied(app, cast, publish())
    page = counted(app, author, work_off)
    assert cells(page, "自测") == [
        ["TST-C01 问什么？", "TST-C01", "5", "20.0"],
        ["TST-C02 问什么？", "TST-C02", "1", "—"],
    ]
    assert drawn(page, "hard") == ["TST-C01 问什么？", "20.0%（5 人）", "TST-C02 问什么？", "1 人，太少，不细说"]


def test_editions_by_themselves_and_together(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    """Three answers in a new edition: the whole leaves them out, or whoever subtracts would know what they said."""
    studied(app, cast, publish())
    second = publish(lambda text: text.replace("先歇 5 分钟", "先歇 10 分钟"))
    with app.app_context(), unit_of_work():
        for member in (cast.learner, cast.colleague, cast.admin):
            answer(begin(member.person_id, second, clock.now()), "TST-C01", True, clock.now())
    page = counted(app, author, work_off)
    assert cells(page, "谁学，谁停")[0] == ["开始学", "11", "—"]
    assert cells(page, "自测")[0][2:] == ["5", "20.0"]
    assert cells(author.get(f"{PAGE}?edition=2").text, "自测")[0][2:] == ["3", "—"]
    assert cells(author.get(f"{PAGE}?edition=1").text, "自测")[0][2:] == ["5", "20.0"]
    for wrong in ("9", "x", "-1", "9" * 40):
        assert author.get(f"{PAGE}?edition={wrong}").status_code == 404


def test_questions_of_the_exam(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    """First attempts that were handed in; an attempt is a touch of the place behind the last lesson."""
    edition_id = publish()
    people = more_people(app, cast, 6)
    now = clock.now()
    with app.app_context(), unit_of_work():
        paper_id = bank(edition_id).paper_id
        for number, person in enumerate(people):
            one = begin(person, edition_id, now - timedelta(days=40))
            grades = [[1, "TST-001", True, "1" if number < 3 else "1/2"], [2, "TST-002", False, "0"]]
            session().execute(Attempt.__table__.insert(), [{
                "id": person, "enrolment_id": one, "paper_id": paper_id, "edition_id": edition_id,
                "person_id": person, "number": 1, "seed": 1, "form": [], "state": "submitted",
                "started_at": now - timedelta(days=39), "deadline": now, "submitted_at": now - timedelta(days=39),
                "submitted_why": "learner", "score_milli": 1, "percent": 1, "passed": False, "grades": grades,
            }])  # fmt: skip
    page = counted(app, author, work_off)
    rows = cells(page, "结业测验的题")
    assert [row[1:] for row in rows] == [["TST-001", "6", "50.0"], ["TST-002", "6", "0.0"]]
    assert cells(page, "谁学，谁停")[-1] == ["其中停在测验", "6", "100.0"]
    assert drawn(page, "exam")[1::2] == ["0.0%（6 人）", "50.0%（6 人）"], "the hardest first"


def test_how_long_a_lesson_takes(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    edition_id = publish()
    old = clock.now() - timedelta(days=60)
    spans = (30, 540, 1200, 7200, 86_400 * 3)
    for person, seconds in zip(more_people(app, cast, 5), spans, strict=True):
        with app.app_context(), unit_of_work():
            one = begin(person, edition_id, old)
            answer(one, "TST-C01", True, old)
            read(one, edition_id, 1, old + timedelta(seconds=seconds))
    page = counted(app, author, work_off)
    assert drawn(page, "times") == ["1 第 1 课", "10 分钟内 2，1 小时内 1，更久 2"]


def test_the_file_says_what_the_page_says(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    studied(app, cast, publish(lambda text: text.replace("TST-C01 问什么？", "=1+1 问什么？")))
    page = counted(app, author, work_off)
    book = CalamineWorkbook.from_filelike(io.BytesIO(author.get(f"{PAGE}.xlsx").data))
    titles = re.findall(r'<summary id="t\d+">(.*?)</summary>', page)
    assert book.sheet_names == titles
    for title in titles:
        sheet = [[_shown(one) for one in row] for row in book.get_sheet_by_name(title).to_python()]
        for row in cells(page, title):
            wanted = [row[0], *map(_shown, row[1:])]
            assert wanted in [one[: len(row)] for one in sheet], (title, row)
    assert "=1+1 问什么？" in {row[0] for row in book.get_sheet_by_name("自测").to_python()}


def _shown(cell: object) -> str:
    """As the page and the file both mean it: 25.0 and 25 are the same number."""
    text = str(cell)
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", text) else text


def test_nobody_else_reads_it(app: Flask, cast: Cast, client: FlaskClient, publish, sign_in) -> None:
    publish()
    assert client.get(PAGE).status_code == 303
    assert sign_in(app.test_client(), cast.learner).get(PAGE).status_code == 403
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(PAGE).status_code == 404
    assert stranger.get(f"{PAGE}.xlsx").status_code == 404


@pytest.mark.parametrize("learners", [2, 40])
def test_counting_and_reading_keep_their_statements(
    app: Flask, cast: Cast, author: FlaskClient, publish, work_off, count_sql, learners: int
) -> None:
    edition_id = publish()
    people = more_people(app, cast, learners)
    with app.app_context(), unit_of_work():
        for person in people:
            answer(begin(person, edition_id, clock.now()), "TST-C01", True, clock.now())
    with app.app_context(), unit_of_work():
        counting.count(edition_id)
    with app.app_context(), unit_of_work(), count_sql() as statements:
        counting.count(edition_id)
    assert len(statements) == 6, statements
    author.get(PAGE)
    with count_sql() as statements:
        assert author.get(PAGE).status_code == 200
    assert len(statements) <= 6, statements


def test_by_night_every_course_is_counted(app: Flask, cast: Cast, author: FlaskClient, publish, work_off) -> None:
    studied(app, cast, publish())
    # Last night: what is sent by a night to come would wait for it.
    night = (clock.local(clock.now()) - timedelta(days=1)).replace(hour=tasks.HOUR, minute=1)
    with app.app_context(), clock.held_at(night), unit_of_work():
        tasks.nightly()
    work_off(app)
    assert "开始 8 人，学完 2 人" in author.get(PAGE).text


def test_the_shell_prints_the_same(app: Flask, cast: Cast, publish) -> None:
    studied(app, cast, publish())
    done = app.test_cli_runner().invoke(args=["content", "results", "sample"])
    assert done.exit_code == 0, done.output
    assert '"开始学"' in done.stdout
    gone = app.test_cli_runner().invoke(args=["content", "results", "no-such-course"])
    assert gone.exit_code == 1
    assert "没有这门课" in gone.stderr
