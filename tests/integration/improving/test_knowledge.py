"""Knowledge tests: offered when it is their time, taken once, told to her as results and to the centre as sums."""

import io
import re
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from cast import Cast
from course_packages import course_toml, item, knowledge_toml
from flask import Flask
from flask.testing import FlaskClient
from improving_stage import begin, more_people, read
from pages import forms_of, post_form
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from lms.courses import editions
from lms.courses.editions import ONE_ORDER
from lms.courses.models import Course, Enrolment
from lms.courses.moving.models import ClinicalNotice, RolledBack
from lms.improving import counting, knowledge, numbers, personal
from lms.improving.models import KnowledgeTaken, Tally
from lms.improving.rules import FOLLOW_UP_DAYS
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

TEST = {"items/knowledge.toml": knowledge_toml()}
CODES = [f"TST-K{number:02d}" for number in range(1, 5)]
PAGE = "/studio/courses/sample/results"


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


@pytest.fixture
def doctor(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.learner)


def chosen(app: Flask, edition_id: UUID, *wrong: str) -> dict[str, str]:
    """What she sends: all right but those that are named."""
    with app.app_context(), unit_of_work(write=False):
        package = editions.edition(edition_id).package
        found = {}
        for one in package.knowledge:
            order = one.shuffled(ONE_ORDER)
            right = one.fill(order, one.right())["choice"][0]
            found[one.code] = right if one.code not in wrong else str(int(right) % 3 + 1)
        return found


def begun(
    app: Flask, cast: Cast, edition_id: UUID, *, days: int | None = None, lessons: int = 0, nth: int = 1
) -> str:
    """The learner's enrolment, finished `days` ago (None: not), with so many lessons read."""
    now = clock.now()
    with app.app_context(), unit_of_work():
        done = None if days is None else now - timedelta(days=days)
        made = begin(cast.learner.person_id, edition_id, now - timedelta(days=400), finished_at=done, nth=nth)
        for position in range(1, lessons + 1):
            read(made, edition_id, position, now)
    return f"/knowledge/{made}"


def rows(app: Flask) -> list[tuple[object, ...]]:
    table = KnowledgeTaken.__table__.c
    with app.app_context(), unit_of_work(write=False):
        columns = (table.occasion, table.declined, table.asked, table.right, table.answers)
        return [tuple(row) for row in session().execute(select(*columns).order_by(table.at))]


def test_before_after_and_three_months_later(app: Flask, cast: Cast, doctor: FlaskClient, publish, sign_in) -> None:
    edition_id = publish(more=TEST, assessment=False)
    lesson = str(post_form(doctor, "/courses/sample", action="/enrol").location)
    (before,) = set(re.findall(r"/knowledge/[0-9a-f-]{36}/before", doctor.get(lesson).text))
    assert before in doctor.get("/courses/sample").text
    told = post_form(doctor, before, chosen(app, edition_id, "TST-K01"))
    assert (told.status_code, told.location) == (303, before)
    page = doctor.get(before).text
    assert "4 题里答对 3 题" in page
    assert "因为乙。" not in page
    assert f"{lesson}\"" in page
    for place in (lesson, "/courses/sample"):
        assert "做小测" not in doctor.get(place).text
    for _ in (1, 2):
        lesson = str(post_form(doctor, lesson, action="/finish").location)
    (after,) = set(re.findall(r"/knowledge/[0-9a-f-]{36}/after", doctor.get("/courses/sample").text))
    post_form(doctor, after, chosen(app, edition_id))
    page = doctor.get(after).text
    assert "4 题里答对 4 题" in page
    assert page.count("因为乙。") == 4
    assert "再看看这几课" not in page
    assert "/knowledge/" not in doctor.get("/today").text
    with clock.held_at(clock.now() + timedelta(days=FOLLOW_UP_DAYS + 1)):
        doctor = sign_in(app.test_client(), cast.learner)  # the old session is over
        kept = after.replace("after", "kept")
        assert kept in doctor.get("/today").text
        assert "做小测" in doctor.get("/courses/sample").text
        post_form(doctor, kept, chosen(app, edition_id, "TST-K02", "TST-K03"))
        assert "/knowledge/" not in doctor.get("/today").text
        page = doctor.get(kept).text
    assert "再看看这几课" in page
    assert re.findall(r"<b>(\d / 4)</b>", page) == ["3 / 4", "4 / 4", "2 / 4"]
    assert re.findall(r">(\d / 4)</td>", page) == ["3 / 4", "4 / 4", "2 / 4"]
    assert [row[:4] for row in rows(app)] == [("before", False, 4, 3), ("after", False, 4, 4), ("kept", False, 4, 2)]


def test_who_is_moved_to_an_edition_without_a_test_keeps_her_results(
    app: Flask, cast: Cast, doctor: FlaskClient, publish
) -> None:
    """While she learns and once she has finished; nothing is offered to her any more."""
    first = publish(more=TEST, assessment=False)
    lesson = str(post_form(doctor, "/courses/sample", action="/enrol").location)
    (before,) = set(re.findall(r"/knowledge/[0-9a-f-]{36}/before", doctor.get(lesson).text))
    post_form(doctor, before, chosen(app, first, "TST-K01"))
    second = publish(more={"items/knowledge.toml": ""}, assessment=False)
    with app.app_context(), unit_of_work():
        assert not editions.edition(second).package.knowledge
        session().execute(update(Enrolment).values(edition_id=second))
    page = doctor.get("/courses/sample").text
    assert before in page
    assert "3 / 4 对" in page
    assert "做小测" not in page
    result = doctor.get(before).text
    assert "4 题里答对 3 题" in result
    for number in (1, 2):
        post_form(doctor, lesson.replace("part-1", f"part-{number}"), action="/finish")
    assert "3 / 4 对" in doctor.get("/courses/sample").text


OUT_OF_TIME = (
    (None, 1, "before", "已经开始学了"),
    (None, 1, "after", "学完这门课再做"),
    (None, 0, "kept", "学完满三个月再做"),
    (FOLLOW_UP_DAYS - 1, 0, "kept", "学完满三个月再做"),
    (FOLLOW_UP_DAYS + 1, 0, "after", "学完这门课再做，三个月以内"),
    (1, 0, "before", "已经开始学了"),
)


def test_a_test_out_of_its_time_is_refused(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    edition_id = publish(more=TEST)
    good, sign = chosen(app, edition_id), token(doctor)
    for nth, (days, lessons, wanted, said) in enumerate(OUT_OF_TIME, 1):
        address = f"{begun(app, cast, edition_id, days=days, lessons=lessons, nth=nth)}/{wanted}"
        refused = doctor.get(address)
        assert (refused.status_code, said in refused.text) == (409, True), (days, wanted)
        for sent in ({"edition": str(edition_id), **good}, {"decline": "y"}):
            assert doctor.post(address, data={"csrf_token": sign, **sent}).status_code == 409
    assert rows(app) == []


def token(client: FlaskClient) -> str:
    return next(dict(one["fields"])["csrf_token"] for one in forms_of(client.get("/today").text))


def test_bad_answers_change_nothing(app: Flask, cast: Cast, doctor: FlaskClient, publish, sign_in) -> None:
    edition_id = publish(more=TEST)
    address = f"{begun(app, cast, edition_id)}/before"
    good = chosen(app, edition_id)
    for sent, said in (
        ({}, "一题也没有答"),
        ({**good, "TST-K01": "9"}, "不在题目里"),
        ({**good, "TST-K01": ["1", "2"]}, "只能选一个"),
        ({**good, "TST-K01": "长" * 5000}, "不在题目里"),
    ):
        answer = post_form(doctor, address, sent)
        assert (answer.status_code, said in answer.text) == (422, True), sent
        # What she chose stays chosen.
        assert not sent or f'name="TST-K02" value="{good["TST-K02"]}" checked' in answer.text
    assert post_form(doctor, address, {**good, "edition": "0"}).status_code == 409
    for wrong in (address.replace("before", "during"), f"/knowledge/{UUID(int=7)}/before"):
        assert doctor.get(wrong).status_code == 404
        assert doctor.post(wrong, data={"csrf_token": token(doctor), **good}).status_code == 404
    colleague = sign_in(app.test_client(), cast.colleague)
    assert colleague.get(address).status_code == 404
    assert colleague.post(address, data={"csrf_token": token(colleague), **good}).status_code == 404
    assert rows(app) == []


def test_a_course_without_a_test_has_no_page(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    address = begun(app, cast, publish())
    assert doctor.get(f"{address}/before").status_code == 404
    assert "小测" not in doctor.get("/courses/sample").text


def test_the_first_answer_holds(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    """Two tabs, each with its own answers; not to know is no answer."""
    edition_id = publish(more=TEST)
    address = f"{begun(app, cast, edition_id)}/before"
    form = next(one for one in forms_of(doctor.get(address).text) if dict(one["fields"]).get("edition"))
    fields = dict(form["fields"])
    first = {**fields, "TST-K01": "unknown", "TST-K02": chosen(app, edition_id)["TST-K02"]}
    assert doctor.post(address, data=first).location == address
    again = doctor.post(address, data={**fields, **chosen(app, edition_id)})
    assert "算第一次的" in doctor.get(again.location).text
    assert rows(app) == [("before", False, 4, 1, dict.fromkeys(CODES, False) | {"TST-K02": True})]
    with app.app_context(), unit_of_work():  # past the look at what is there, as in a race
        one = knowledge.of_enrolment(cast.learner.actor, UUID(address.split("/")[2]))
        assert not knowledge._keep(cast.learner.actor, one, "before", dict.fromkeys(CODES, True))
    assert len(rows(app)) == 1


def test_who_declines_is_not_asked_again(
    app: Flask, cast: Cast, doctor: FlaskClient, publish, count_sql
) -> None:
    edition_id = publish(more=TEST)
    address = f"{begun(app, cast, edition_id, days=FOLLOW_UP_DAYS + 1)}/kept"
    with count_sql() as statements:
        assert address in doctor.get("/today").text
    assert len(statements) <= 8, statements
    assert post_form(doctor, address, {"decline": "y"}).status_code == 303
    for place in ("/today", "/courses/sample"):
        assert address not in doctor.get(place).text
    assert "您说不做" in doctor.get(address).text
    assert rows(app) == [("kept", True, 0, 0, {})]


def test_another_round_asks_for_itself(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    """Who learns the course again is not asked what stayed of the last time."""
    edition_id = publish(more=TEST)
    address = begun(app, cast, edition_id, days=FOLLOW_UP_DAYS + 1)
    assert f"{address}/kept" in doctor.get("/today").text
    with app.app_context(), unit_of_work():
        made = begin(cast.learner.person_id, edition_id, clock.now(), nth=2)
    assert "/knowledge/" not in doctor.get("/today").text
    assert f"/knowledge/{made}/before" in doctor.get("/courses/sample").text
    refused = doctor.get(f"{address}/kept")
    assert refused.status_code == 409
    assert "又从头学起了" in refused.text


def test_who_took_it_is_told_that_it_counts(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    """An old tab still shows the button to decline."""
    edition_id = publish(more=TEST)
    address = f"{begun(app, cast, edition_id)}/before"
    post_form(doctor, address, chosen(app, edition_id))
    sent = {"csrf_token": token(doctor), "decline": "y"}
    assert "办过了" in doctor.post(address, data=sent, follow_redirects=True).text
    assert [row[1] for row in rows(app)] == [False]


@pytest.mark.parametrize("why", ["taken back", "clinical change", "retired"])
def test_what_may_be_wrong_is_not_asked_about(
    app: Flask, cast: Cast, doctor: FlaskClient, publish, why: str
) -> None:
    edition_id = publish(more=TEST)
    address = f"{begun(app, cast, edition_id, days=FOLLOW_UP_DAYS + 1)}/kept"
    assert address in doctor.get("/today").text
    newer = None
    if why == "clinical change":
        newer = publish(lambda text: text.replace("C01 问什么？", "C01 再问"), more=TEST)
    with app.app_context(), unit_of_work():
        course_id = editions.edition(edition_id).course_id
        if why == "retired":
            session().execute(update(Course).where(Course.id == course_id).values(closed_at=clock.now()))
        elif newer is None:
            session().add(RolledBack(edition_id=edition_id, to_edition_id=edition_id, made_at=clock.now()))
        else:
            texts = {"zh": "先坐下", "en": "Sit first"}
            session().add(ClinicalNotice(
                edition_id=newer, course_id=course_id, texts=texts, made_by=cast.author.person_id, made_at=clock.now(),
            ))  # fmt: skip
    assert address not in doctor.get("/today").text
    assert doctor.get(address).status_code == 404
    page = doctor.get("/courses/sample")
    assert page.status_code == 200
    assert "做小测" not in page.text


def test_at_the_end_nothing_is_left(app: Flask, cast: Cast, doctor: FlaskClient, publish) -> None:
    edition_id = publish(more=TEST)
    post_form(doctor, f"{begun(app, cast, edition_id)}/before", chosen(app, edition_id))
    assert "knowledge_taken" in personal.TOLD
    with app.app_context(), unit_of_work():
        personal.KEEPER.erase(cast.learner.person_id)
    assert rows(app) == []


def line_of(first: str, *cells: object) -> str:
    """A line of a table on the page of numbers."""
    return f'<th scope="row">{first}</th>' + "".join(f'<td class="r num">{cell}</td>' for cell in cells)


def learned(app: Flask, cast: Cast, edition_id: UUID, people: int, later: int, *, rounds: int = 1) -> None:
    """So many who took both tests, two questions right before and all after; `later` came again and had three."""
    who = more_people(app, cast, people)
    now = clock.now()
    ways = {"before": ("TST-K01", "TST-K02"), "after": (), "kept": ("TST-K04",)}
    sent = {name: chosen(app, edition_id, *wrong) for name, wrong in ways.items()}
    with app.app_context(), unit_of_work():
        for nth, (place, person) in product(range(1, rounds + 1), enumerate(who)):
            made = begin(person, edition_id, now, nth=nth)
            for wanted in ("before", "after", "kept")[: 3 if place < later else 2]:
                one = knowledge.of_enrolment(Actor(person), made)
                values = {code: [value] for code, value in sent[wanted].items()}
                marks = knowledge._marked(one.edition.package.knowledge, values)
                assert knowledge._keep(Actor(person), one, wanted, marks)


@pytest.mark.parametrize(("people", "later", "told"), [(13, 6, True), (4, 0, False)])
def test_the_centre_reads_shares(
    app: Flask, cast: Cast, author: FlaskClient, publish, count_sql, people: int, later: int, told: bool
) -> None:
    edition_id = publish(more=TEST)
    learned(app, cast, edition_id, people, later)
    with app.app_context(), unit_of_work():
        counting.count(edition_id)
    with app.app_context(), unit_of_work(), count_sql() as statements:
        counting.count(edition_id)
    assert len(statements) == 7, statements
    page = re.sub(' data-l="[^"]*"', "", author.get(f"{PAGE}?edition=1").text)
    shares = ("50.0", "100.0") if told else ("—", "—")
    assert f"{line_of('全部目标', people, *shares)}</tr>" in page
    assert (line_of("全部目标", 6, "50.0", "100.0", "75.0") in page) == told
    assert ("学以前、学完、三个月后答对多少" in page) == told
    book = CalamineWorkbook.from_filelike(io.BytesIO(author.get(f"{PAGE}.xlsx").data))
    sheet = next(name for name in book.sheet_names if name.startswith("小测：课前和课后"))
    line = next(row for row in book.get_sheet_by_name(sheet).to_python() if row[0] == "全部目标")
    assert line[1:4] == ([people, 50.0, 100.0] if told else [people, "—", "—"])
    shell = app.test_cli_runner().invoke(args=["content", "results", "sample"])
    assert "小测：课前和课后都做了的" in shell.stdout


def test_nobody_counts_twice(app: Flask, cast: Cast, author: FlaskClient, publish) -> None:
    """Three doctors in three years are three people."""
    edition_id = publish(more=TEST)
    learned(app, cast, edition_id, 3, 0, rounds=3)
    with app.app_context(), unit_of_work():
        counting.count(edition_id)
    page = re.sub(' data-l="[^"]*"', "", author.get(PAGE).text)
    assert line_of("全部目标", 3, "—", "—") in page


def test_what_was_counted_before_is_still_read(app: Flask, cast: Cast, author: FlaskClient, publish) -> None:
    edition_id = publish()
    with app.app_context(), unit_of_work():
        kept = numbers.as_json(counting.count(edition_id))
        row = session().get(Tally, edition_id)
        assert row is not None
        row.numbers = {name: value for name, value in kept.items() if name not in ("twice", "thrice")}
    assert author.get(PAGE).status_code == 200


def test_a_second_goal_has_its_own_row(app: Flask, cast: Cast, author: FlaskClient, publish) -> None:
    goal = '[[objectives]]\nid = "o2"\ntext = { zh = "记好", en = "Write it down" }\n'
    second = item("TST-K05", "knowledge").replace('objective = "o1"', 'objective = "o2"')
    more = {"course.toml": course_toml() + goal, "items/knowledge.toml": knowledge_toml() + second}
    edition_id = publish(more=more)
    learned(app, cast, edition_id, 5, 0)
    with app.app_context(), unit_of_work():
        counting.count(edition_id)
    page = re.sub(' data-l="[^"]*"', "", author.get(PAGE).text)
    for goal, before in (("全部目标", "60.0"), ("按规范量血压", "50.0"), ("记好", "100.0")):
        assert line_of(goal, 5, before, "100.0") in page, goal
