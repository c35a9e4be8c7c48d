"""Editions in use, through the doors of those who use them: an author compares, moves, takes back, pauses, retires and
tells; a learner goes on where she was."""

import hashlib
import json
import re
import sys
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import films
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "torture"))

from cast import Cast
from counting import counted
from course_packages import good_files, zipped
from edition_campaign import hasty, make_people, run_change
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select

from lms.courses import commands, editions
from lms.courses.models import Course, Edition, Enrolment, LessonProgress
from lms.courses.moving import moving, notices, standing
from lms.courses.moving.models import Move, Moved
from lms.courses.writing import starting
from lms.courses.writing.models import DraftFile
from lms.kernel import clock, jobs
from lms.kernel.actor import SYSTEM
from lms.kernel.db import Model, session
from lms.kernel.errors import Conflict, Gone
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

EDITIONS = "/studio/courses/sample/editions"


def next_edition(**changed: str) -> dict[str, str]:
    """The sample with its first lesson changed, in both languages, and its hours."""
    files = good_files()
    for language in ("zh", "en"):
        path = f"lessons/01-part-1.{language}.md"
        files[path] = files[path].replace("量两次", "量三次，取后两次的平均")
    files["course.toml"] = files["course.toml"].replace('hours = "1"', 'hours = "0.5"')
    return files | changed


def begin(app: Flask, cast: Cast, read: int) -> UUID:
    """The learner in the sample, with so many lessons read."""
    with app.app_context(), unit_of_work():
        one = commands.enrol(cast.learner.actor, "sample")
    with app.app_context(), unit_of_work():
        edition_id = session().scalar(select(Enrolment.edition_id).where(Enrolment.id == one))
        for lesson in editions.edition(edition_id).lessons[:read]:
            commands.finish_lesson(cast.learner.actor, one, lesson.id)
    return one


def number_of(app: Flask, enrolment_id: UUID) -> int:
    with app.app_context(), unit_of_work(write=False):
        edition_id = session().scalar(select(Enrolment.edition_id).where(Enrolment.id == enrolment_id))
        return editions.edition(edition_id).number


def work(app: Flask) -> None:
    with app.app_context():
        jobs.pulse("courses.move")


def everything(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context(), unit_of_work(write=False):
        return {
            name: session().scalar(select(func.count()).select_from(table)) or 0
            for name, table in Model.metadata.tables.items()
        }


def test_five_changes_with_learners_inside(app: Flask, cast: Cast) -> None:
    """The short form of tests/torture/test_edition_campaign.py."""
    chance = Random(5)
    people = make_people(app, cast, 20)
    with hasty(app):
        for number in range(5):
            run_change(app, cast, chance, number, people)


def test_an_author_compares_previews_moves_and_takes_back(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    one = begin(app, cast, 2)
    publish(next_edition())
    assert number_of(app, one) == 1
    sign_in(client, cast.author)
    difference = client.get("/studio/courses/sample/difference?from=1&to=2").text
    assert "<ins>" in difference
    assert "量三次，取后两次的平均" in difference
    assert "<del>1</del>" in difference
    preview = client.get("/studio/courses/sample/move?from=1&to=2").text
    assert "学完 2 课，算数 1 课" in preview
    assert "要重新学" in preview
    named = client.get("/studio/courses/sample/move?from=1&to=2&group=moves").text
    assert cast.learner.name in named
    answer = post_form(client, "/studio/courses/sample/move?from=1&to=2", action="/move")
    assert answer.status_code == 303, answer.text
    assert "正在换" in client.get(EDITIONS).text
    assert number_of(app, one) == 1
    work(app)
    assert number_of(app, one) == 2
    assert "换了 1，没换 0，换回 0，等着 0" in client.get(EDITIONS).text
    learner = sign_in(app.test_client(), cast.learner)
    assert "已学 1 课，共 2 课" in learner.get("/courses/sample").text
    assert post_form(client, EDITIONS, action="/take-back").status_code == 303
    work(app)
    assert number_of(app, one) == 1
    assert "已学 2 课，共 2 课" in learner.get("/courses/sample").text


def test_a_term_or_captions_alone_are_seen_as_a_difference(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    files: dict[str, Any] = {**good_files()}
    term = '[[terms]]\nid = "cuff"\nword = { zh = "袖带", en = "cuff" }\nmeaning = { zh = "旧意思", en = "old" }\n\n'
    files["course.toml"] = files["course.toml"].replace("[assessment]", f"{term}[assessment]", 1)
    sound = films.opus()
    sha = hashlib.sha256(sound).hexdigest()
    files[f"media/{sha}.ogg"] = sound
    record = f'kind = "audio"\nseconds = 9\n\n[[files]]\nsha = "{sha}"\ntype = "audio/ogg"\nsize = {len(sound)}\n'
    files["media/a.audio.toml"] = record
    files |= {f"media/a.{language}.vtt": films.captions().decode() for language in ("zh", "en")}
    publish(files)
    publish(files | {"course.toml": files["course.toml"].replace("旧意思", "新意思")})
    publish(files | {"media/a.zh.vtt": films.captions("先坐好。").decode()})
    sign_in(client, cast.author)
    page = client.get("/studio/courses/sample/difference?from=1&to=2").text
    assert "没有差别" not in page
    assert "袖带" in page
    assert "<ins>新意思</ins>" in page
    page = client.get("/studio/courses/sample/difference?from=1&to=3").text
    assert "没有差别" not in page
    assert "录像、录音、讲义" in page
    assert "字幕（中文）" in page
    assert "字幕（英文）" not in page
    told = app.test_cli_runner().invoke(args=["content", "editions", "difference", "sample", "1", "3"])
    assert [one["name"] for one in json.loads(told.output)["recordings"]] == ["a.audio"]


def test_a_lesson_marked_as_equal_enough_stays_done(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    one = begin(app, cast, 2)
    publish(next_edition())
    sign_in(client, cast.author)
    address = "/studio/courses/sample/move?from=1&to=2&equal=part-1&equal=unknown"
    assert "学完 2 课，算数 2 课" in client.get(address).text
    data = next(one for one in _forms(client.get(address).text) if "move_id" in one)
    answers = [client.post("/studio/courses/sample/move", data=data) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    work(app)
    work(app)
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Move)) == 1
        assert session().scalar(select(Move.equal)) == ["part-1"]
        assert session().scalar(select(Moved.state)) == "moved"
        assert session().scalar(select(func.count()).select_from(LessonProgress)) == 4
    assert number_of(app, one) == 2
    learner = sign_in(app.test_client(), cast.learner)
    assert "已学 2 课，共 2 课" in learner.get("/courses/sample").text


def _forms(page: str) -> list[dict[str, str]]:
    found = []
    for form in re.findall(r"<form.*?</form>", page, re.S):
        pairs = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
        found.append(dict(pairs))
    return found


def test_nobody_is_moved_in_the_middle_of_a_test(app: Flask, cast: Cast, publish) -> None:
    from lms.assessments import commands as assessments  # noqa: PLC0415 - only this test sits one

    publish()
    one = begin(app, cast, 2)
    with app.app_context(), unit_of_work():
        attempt = assessments.start_attempt(cast.learner.actor, one)
    publish(next_edition())
    with app.app_context(), unit_of_work():
        moving.move(SYSTEM, new_id(), "sample", 1, 2)
    work(app)
    assert number_of(app, one) == 1
    with app.app_context(), unit_of_work():
        assessments.submit_attempt(cast.learner.actor, attempt)
    work(app)
    assert number_of(app, one) == 2
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Move.state)) == "done"


def test_a_try_in_the_former_edition_counts_in_the_new_one(app: Flask, cast: Cast, publish) -> None:
    from lms.assessments import commands as assessments  # noqa: PLC0415
    from lms.assessments import queries  # noqa: PLC0415

    publish()
    one = begin(app, cast, 2)
    with app.app_context(), unit_of_work():
        assessments.submit_attempt(cast.learner.actor, assessments.start_attempt(cast.learner.actor, one))
    publish(next_edition())
    with app.app_context(), unit_of_work():
        moving.move(SYSTEM, new_id(), "sample", 1, 2, ["part-1"])
    work(app)
    with app.app_context(), unit_of_work(write=False):
        page = queries.start_page(cast.learner.actor, one)
        assert (page.stand.state.value, page.stand.tries_left) == ("cooling", 2)


def test_a_page_from_before_the_move_finishes_nothing(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    one = begin(app, cast, 0)
    sign_in(client, cast.learner)
    page = f"/learn/{one}/part-1"
    data = next(form for form in _forms(client.get(page).text) if "read" in form)
    publish(next_edition())
    with app.app_context(), unit_of_work():
        moving.move(SYSTEM, new_id(), "sample", 1, 2)
    work(app)
    assert client.post(f"{page}/finish", data=data).location == page
    assert "请看一遍再点学完" in client.get(page).text
    assert post_form(client, page, action="/finish").location.endswith("/part-2")


def test_an_answer_is_shown_where_the_question_is_the_same(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    one = begin(app, cast, 0)
    sign_in(client, cast.learner)
    for lesson in ("part-1", "part-2"):
        page = f"/learn/{one}/{lesson}"
        assert post_form(client, page, {"choice": "1"}, action="/check").status_code == 303
        assert "因为乙。" in client.get(page).text
    changed = good_files()["items/checks.toml"].replace("TST-C01 问什么？", "TST-C01 到底问什么？")
    publish(next_edition(**{"items/checks.toml": changed}))
    with app.app_context(), unit_of_work():
        move_id = moving.move(SYSTEM, new_id(), "sample", 1, 2)
    work(app)
    assert "因为乙。" not in client.get(f"/learn/{one}/part-1").text
    assert "因为乙。" in client.get(f"/learn/{one}/part-2").text
    with app.app_context(), unit_of_work():
        moving.take_back(SYSTEM, "sample", move_id)
    work(app)
    assert "因为乙。" in client.get(f"/learn/{one}/part-1").text


def test_a_draft_says_what_it_changes_and_is_looked_at_without_a_trace(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    with app.app_context(), unit_of_work():
        draft = commands.upload_package(cast.author.actor, zipped(next_edition(), folder="sample/"))
        commands.submit_for_review(cast.author.actor, draft)
    sign_in(client, cast.reviewer)
    before = everything(app)
    page = client.get(f"/studio/drafts/{draft}").text
    assert "和第 1 版的差别" in page
    assert "学时改了" in page
    difference = client.get(f"/studio/drafts/{draft}/difference").text
    assert "取后两次的平均" in difference
    assert "看看对不对" in client.get(f"/studio/drafts/{draft}/exam").text
    assert "在这里答题不留记录" in client.get(f"/studio/drafts/{draft}/lessons/part-1").text
    assert everything(app) == before
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(f"/studio/drafts/{draft}/difference").status_code == 404


def test_a_draft_with_the_code_of_another_centre_shows_nothing_of_that_course(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    own = good_files(centre="TC-OTHER")
    own["items/bank.toml"] = own["items/bank.toml"].replace("TST-001 问什么", "TST-001 问哪样")
    with app.app_context(), unit_of_work():
        draft = commands.upload_package(cast.stranger.actor, zipped(own, folder="sample/"))
    publish()
    sign_in(client, cast.stranger)
    for page in (f"/studio/drafts/{draft}", f"/studio/drafts/{draft}/difference"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "TST-001 问什么" not in answer.text
        assert "和第 1 版的差别" not in answer.text


@pytest.mark.parametrize("left", ["nothing", "one language"])
def test_a_draft_whose_lessons_are_gone_or_half_there_foresees_nothing(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish, left: str
) -> None:
    publish()
    begin(app, cast, 1)
    with app.app_context(), unit_of_work():
        draft = commands.upload_package(cast.author.actor, zipped(next_edition(), folder="sample/"))
        starting.take_up(cast.author.actor, draft)
        for one in session().scalars(select(DraftFile).where(DraftFile.path.startswith("lessons/"))):
            if left == "nothing":
                session().delete(one)
            elif one.path.endswith(".en.md"):
                one.text = "+++\nno end"
    sign_in(client, cast.author)
    for page in ("", "/difference", "/move"):
        assert client.get(f"/studio/drafts/{draft}{page}", follow_redirects=True).status_code == 200


def handed_out(app: Flask, cast: Cast, files: dict[str, str]) -> UUID:
    """A draft of the sample, approved: its author may publish it."""
    with app.app_context(), unit_of_work():
        draft = commands.upload_package(cast.author.actor, zipped(files, folder="sample/"))
        commands.submit_for_review(cast.author.actor, draft)
    with app.app_context(), unit_of_work():
        commands.approve(cast.reviewer.actor, draft, "可以保留")
    return draft


def section(page: str, name: str) -> str:
    """The text of a section of a page, by the id of its heading, without the links in it."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.S)
    assert found is not None, name
    return re.sub(r"<a .*?</a>|\s+", " ", found[0], flags=re.S)


def test_whoever_publishes_sees_beforehand_what_the_move_shows_afterwards(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    begin(app, cast, 2)
    with app.app_context(), unit_of_work():
        commands.enrol(cast.colleague.actor, "sample")
    draft = handed_out(app, cast, next_edition())
    sign_in(client, cast.author)
    before = everything(app)
    page = client.get(f"/studio/drafts/{draft}").text
    assert "正在学的 2 人照旧学自己那一版，已经学完的 0 人什么都不变" in page
    assert page.index("学完 2 课，算数 1 课") < page.index('/publish"'), "before the press"
    assert page.index("和第 1 版的差别") < page.index('/publish"')
    foreseen = f"/studio/drafts/{draft}/move?from=1"
    asked = {"": ("who", "lessons"), "&equal=part-1": ("who", "lessons"), "&group=moves": ("names",)}
    early = {one: [section(client.get(foreseen + one).text, name) for name in names] for one, names in asked.items()}
    assert everything(app) == before
    assert cast.learner.name in early["&group=moves"][0]
    told = json.loads(app.test_cli_runner().invoke(args=["content", "editions", "outlook", str(draft)]).output)
    assert post_form(client, f"/studio/drafts/{draft}", action="/publish").status_code == 303
    later = "/studio/courses/sample/move?from=1&to=2"
    for one, names in asked.items():
        hidden = '<input type="hidden" name="to" value="2">'
        shown = [section(client.get(later + one).text.replace(hidden, ""), name) for name in names]
        shown = [re.sub(r'action="[^"]*"', "", text) for text in shown]
        assert shown == [re.sub(r'action="[^"]*"', "", text) for text in early[one]], one
    again = app.test_cli_runner().invoke(args=["content", "editions", "preview", "sample", "1", "2"])
    assert told["inside"] == [{"edition": 1, **json.loads(again.output)}]
    assert client.get(foreseen).status_code == 303, "it is published: the moves' own page tells"
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(foreseen).status_code == 404


def test_what_publishing_will_do_costs_the_same_however_many_learn(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish()
    begin(app, cast, 1)
    publish(next_edition())
    draft = handed_out(app, cast, next_edition(**{"lessons/02-part-2.zh.md": _second("系在")}))
    sign_in(client, cast.author)
    address = f"/studio/drafts/{draft}"
    client.get(address)
    with counted() as alone:
        client.get(address)
    people = make_people(app, cast, 30)
    with app.app_context(), unit_of_work():
        for number, one in enumerate(people):
            editions_of = session().scalars(select(Edition.id).order_by(Edition.number)).all()
            values = {"started_at": clock.now(), "person_id": one, "round": 1, "id": new_id()}
            course_id = session().scalar(select(Course.id))
            session().add(Enrolment(**values, course_id=course_id, edition_id=editions_of[number % 2]))
    page = client.get(address).text
    assert "第 1 版的人换过来" in page
    assert "第 2 版的人换过来" in page
    with counted() as crowded:
        client.get(address)
    assert len(crowded) == len(alone), "for many people, and for people in two editions"


def _second(word: str) -> str:
    return good_files()["lessons/02-part-2.zh.md"].replace("绑在", word)


def test_an_edition_is_rolled_back_in_one_step(app: Flask, client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish()
    one = begin(app, cast, 1)
    publish(next_edition())
    with app.app_context(), unit_of_work():
        moving.move(SYSTEM, new_id(), "sample", 1, 2)
    work(app)
    sign_in(client, cast.author)
    assert post_form(client, EDITIONS, action="/roll-back").status_code == 303
    work(app)
    assert number_of(app, one) == 1
    with app.app_context(), unit_of_work():
        assert standing.roll_back(SYSTEM, "sample", 2) == 1
        with pytest.raises(Conflict):
            standing.roll_back(SYSTEM, "sample", 1)
    with app.app_context(), unit_of_work():
        newcomer = commands.enrol(cast.colleague.actor, "sample")
    assert number_of(app, newcomer) == 1
    assert "已退回" in client.get(EDITIONS).text
    # The edition after one that was taken back is followed by the one before both.
    second = "lessons/02-part-2.zh.md"
    publish(next_edition(**{second: good_files()[second].replace("绑在", "系在")}))
    with app.app_context(), unit_of_work():
        assert standing.roll_back(SYSTEM, "sample", 3) == 1


def test_pausing_and_retiring_hurt_nobody_inside(app: Flask, client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish(assessment=False)
    publish(slug="after", code="XL-AFT", prerequisites='["XL-TST"]', assessment=False)
    one = begin(app, cast, 1)
    sign_in(client, cast.author)
    assert post_form(client, EDITIONS, {"deed": "pause"}, action="/standing").status_code == 303
    assert "暂停报名" in client.get("/courses/sample").text
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.enrol(cast.colleague.actor, "sample")
    warning = client.get("/studio/courses/sample/retire").text
    assert "XL-AFT" in warning
    assert "正在学的 1 人可以学完" in warning
    assert "现在没有人在学" in client.get("/studio/courses/after/retire").text
    assert post_form(client, "/studio/courses/sample/retire", action="/standing").status_code == 303
    assert client.get("/courses/sample").status_code == 404
    with app.app_context(), unit_of_work(), pytest.raises(Gone):
        commands.enrol(cast.colleague.actor, "sample")
    with app.app_context(), unit_of_work():
        edition = editions.edition(session().scalar(select(Enrolment.edition_id).where(Enrolment.id == one)))
        commands.finish_lesson(cast.learner.actor, one, edition.lessons[1].id)
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Enrolment.finished_at).where(Enrolment.id == one)) is not None
    assert post_form(client, EDITIONS, {"deed": "reopen"}, action="/standing").status_code == 303
    with app.app_context(), unit_of_work():
        commands.enrol(cast.colleague.actor, "sample")
        assert session().scalar(select(Course.paused_at)) is None
    bad = client.post("/studio/courses/sample/standing", data={"deed": "drop", "csrf_token": _token(client)})
    assert bad.status_code == 422


def test_a_paused_course_says_so_wherever_the_studio_shows_it(
    client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish(assessment=False)
    publish(slug="after", code="XL-AFT", assessment=False)
    sign_in(client, cast.author)
    pages = ("/studio", "/studio/courses", "/studio/courses/sample")
    chips = [client.get(page).text.count("暂停报名") for page in pages]
    assert chips == [0, 0, 0]
    post_form(client, EDITIONS, {"deed": "pause"}, action="/standing")
    client.get(EDITIONS)  # what was done is told once
    assert [client.get(page).text.count("暂停报名") for page in pages] == [1, 1, 1], "one course of the two"
    assert "暂停报名" not in client.get("/studio/courses/after").text
    post_form(client, "/studio/courses/sample/retire", action="/standing")
    client.get(EDITIONS)
    assert "暂停报名" not in client.get("/studio").text, "a retired one is more than paused"


def _token(client: FlaskClient) -> str:
    return next(one["csrf_token"] for one in _forms(client.get(EDITIONS).text) if "csrf_token" in one)


def test_the_certified_hear_of_what_is_clinically_new_until_they_read_it(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, publish
) -> None:
    publish(assessment=False)
    begin(app, cast, 2)
    publish(next_edition() | {"course.toml": good_files(assessment=False, hours="0.5")["course.toml"]})
    sign_in(client, cast.author)
    page = f"{EDITIONS}/2/notice"
    assert post_form(client, page, {"text_zh": "改为量三次。", "text_en": ""}, action="/notice").status_code == 422
    said = {"text_zh": "改为量三次。", "text_en": "Measure three times."}
    assert post_form(client, page, said, action="/notice").status_code == 303
    assert "要看的 1 人，看过的 0 人" in client.get(EDITIONS).text
    learner = sign_in(app.test_client(), cast.learner)
    assert "改为量三次。" in learner.get("/courses/sample").text
    assert "改为量三次。" in learner.get("/today").text
    colleague = sign_in(app.test_client(), cast.colleague)
    assert "改为量三次。" not in colleague.get("/today").text
    assert post_form(learner, "/today", action="/read").location == "/today"
    assert "改为量三次。" not in learner.get("/today").text
    assert "改为量三次。" not in learner.get("/courses/sample").text
    assert "要看的 1 人，看过的 1 人" in client.get(EDITIONS).text
    with app.app_context(), unit_of_work():
        notices.unmark(SYSTEM, "sample", 2)
    assert "要看的" not in client.get(EDITIONS).text


def test_looking_at_an_edition_leaves_no_trace(app: Flask, client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish()
    publish(next_edition())
    sign_in(client, cast.author)
    heard: list[object] = []
    bus = app.extensions["xinglin.bus"]
    kinds = list(bus.reactions)
    for kind in kinds:
        bus.on(kind, heard.append)
    before = everything(app)
    for number in (1, 2):
        home = f"{EDITIONS}/{number}"
        assert "版本预览" in client.get(home).text
        for lesson in ("part-1", "part-2"):
            page = client.get(f"{home}/lessons/{lesson}?code=TST-C01&choice=2")
            assert "在这里答题不留记录" in page.text
            assert "/finish" not in page.text
        assert "看看对不对" in client.get(f"{home}/exam").text
        assert "还没有选" in client.get(f"{home}/exam?answered=y").text
        assert "因为乙。" in client.get(f"{home}/exam?seed=3&q=2&answered=y&choice=1").text
        assert client.get(f"{home}/exam?q=99").status_code == 404
    assert everything(app) == before
    assert not heard
    for kind in kinds:
        bus.reactions[kind].remove(heard.append)


def test_the_shell_does_the_same(app: Flask, cast: Cast, publish) -> None:
    publish()
    one = begin(app, cast, 2)
    publish(next_edition())
    shell = app.test_cli_runner()

    def run(*words: str) -> object:
        answer = shell.invoke(args=["content", "editions", *words])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    assert run("list", "sample")["editions"][1]["inside"] == 1
    assert run("difference", "sample", "1", "2")["lessons"][0]["name"] == "part-1"
    assert run("preview", "sample", "1", "2")["groups"] == [{"state": "moves", "people": 1, "done": 2, "kept": 1}]
    moved = run("move", "sample", "1", "2", "--equal", "part-1")
    assert (moved["state"], moved["moved"]) == ("done", 1)
    assert number_of(app, one) == 2
    assert run("take-back", "sample", moved["id"])["state"] == "taken_back"
    assert number_of(app, one) == 1
    assert run("roll-back", "sample", "2")["current"] == 1
    assert run("pause", "sample")["done"] == "pause"
    assert run("retire", "sample")["asked_by"] == []
    assert shell.invoke(args=["content", "editions", "list", "nothing"]).exit_code == 1
    assert shell.invoke(args=["content", "editions", "move", "sample", "1", "1"]).exit_code == 1
