"""Time, repeats and races: nothing acknowledged is lost, nothing is counted twice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from assessment_stage import SLUG, TOTAL, Stage
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import insert, text

from lms.assessments import commands, queries
from lms.assessments.answers import MOST_CHANGES
from lms.assessments.events import AttemptPassed
from lms.assessments.models import Answer
from lms.assessments.rules.timing import GRACE
from lms.courses import commands as courses
from lms.courses import parts
from lms.kernel import clock, jobs
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Gone, NotFound, TooMany
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

MINUTES = timedelta(minutes=30)


def token_of(client: FlaskClient, address: str) -> str:
    (form,) = [
        one for one in forms_of(client.get(address).text) if one["action"].endswith(("/answers", "/submit"))
    ]
    return dict(form["fields"])["csrf_token"]


def script_post(client: FlaskClient, attempt_id: UUID, token: str, **fields: object) -> object:
    """What the page's script sends."""
    return client.post(
        f"/attempts/{attempt_id}/answers",
        data=fields,
        headers={"Accept": "application/json", "X-CSRF-Token": token},
    )


def first_number(values: list[dict[str, list[str]]]) -> int:
    return next(n for n, one in enumerate(values, 1) if "number" in one)


def test_the_script_gets_a_receipt_and_repeating_changes_nothing(learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    n = first_number(stage.right_values(attempt_id))
    sent = {"position": n, "answer_id": str(new_id()), "base": 0, "number": "12"}
    first = script_post(learner, attempt_id, token, **sent)
    again = script_post(learner, attempt_id, token, **sent)
    assert first.status_code == again.status_code == 200  # type: ignore[attr-defined]
    one, two = first.get_json(), again.get_json()  # type: ignore[attr-defined]
    assert one["position"] == n
    assert one["answered"] is True
    assert 0 < one["left"] <= MINUTES.total_seconds()
    assert {**two, "left": one["left"]} == one
    assert stage.responses(attempt_id) == {n: "12"}


def test_a_late_older_answer_does_not_cover_a_newer_one(learner: FlaskClient, stage: Stage) -> None:
    """Two answers sent on the same known state, the older delayed by the network."""
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    n = first_number(stage.right_values(attempt_id))
    older = {"position": n, "answer_id": str(new_id()), "base": 0, "mine": "", "number": "1"}
    newer = {"position": n, "answer_id": str(new_id()), "base": 0, "mine": older["answer_id"], "number": "2"}
    assert script_post(learner, attempt_id, token, **newer).status_code == 200  # type: ignore[attr-defined]
    refused = script_post(learner, attempt_id, token, **older)
    assert refused.status_code == 409  # type: ignore[attr-defined]
    assert "别处改过" in refused.get_json()["title"]  # type: ignore[attr-defined]
    assert stage.responses(attempt_id) == {n: "2"}


def test_an_answer_whose_receipt_was_lost_can_be_changed(learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    n = first_number(stage.right_values(attempt_id))
    first = {"position": n, "answer_id": str(new_id()), "base": 0, "mine": "", "number": "1"}
    then = {"position": n, "answer_id": str(new_id()), "base": 0, "mine": first["answer_id"], "number": "2"}
    for sent in (first, then):
        answer = script_post(learner, attempt_id, token, **sent)
        assert answer.status_code == 200  # type: ignore[attr-defined]
    assert stage.responses(attempt_id) == {n: "2"}


def test_the_back_button_and_another_answer_is_a_new_answer(learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    n = first_number(stage.right_values(attempt_id))
    same_page = {"csrf_token": token, "position": n, "answer_id": str(new_id()), "go": "next"}
    for typed in ("1", "2", "2"):
        answer = learner.post(f"/attempts/{attempt_id}/answers", data={**same_page, "number": typed})
        assert answer.status_code == 303
    assert stage.responses(attempt_id) == {n: "2"}


def test_broken_forms_are_refused_and_change_nothing(learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    good = {"csrf_token": token, "position": "1", "answer_id": str(new_id())}
    bad: list[tuple[dict[str, str], int]] = [
        ({"position": ""}, 422),
        ({"position": "99"}, 404),
        ({"position": "0"}, 404),
        ({"answer_id": "nonsense"}, 422),
        ({"csrf_token": "forged"}, 400),
    ]
    for change, status in bad:
        answer = learner.post(f"/attempts/{attempt_id}/answers", data={**good, **change})
        assert answer.status_code == status, (change, answer.text)
    assert stage.responses(attempt_id) == {}


def test_autosaved_answers_count_when_time_runs_out(app: Flask, stage: Stage) -> None:
    began = clock.now() - MINUTES - timedelta(minutes=5)
    attempt_id = stage.start(now=began)
    stage.answer_all(attempt_id, TOTAL, now=began + timedelta(minutes=1))
    with app.app_context(), unit_of_work():
        assert commands.close_overdue() == 1
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    card = stage.card(attempt_id)
    assert (card.open, card.submitted_why, card.percent) == (False, "time", 100)
    assert card.submitted_at == card.deadline
    assert stage.gates() == ("assessment",)


def test_the_scheduler_closes_it_by_the_minute(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start(now=clock.now() - MINUTES - timedelta(minutes=1))
    assert "assessments.close_overdue" in jobs.JOBS
    with app.app_context():
        jobs.tick()
        app.extensions["xinglin.runner"].drain()
        app.extensions["xinglin.runner"].drain()
    assert not stage.card(attempt_id).open


def test_it_is_shown_closed_even_before_the_job_ran(learner: FlaskClient, stage: Stage) -> None:
    began = clock.now() - MINUTES - timedelta(minutes=1)
    attempt_id = stage.start(now=began)
    stage.answer_all(attempt_id, 3, now=began)
    for path in ("", "?q=1", "/result", "/questions"):
        page = learner.get(f"/attempts/{attempt_id}{path}")
        assert page.status_code == 200
        assert "时间到了，已经收卷" in page.text
        assert "存好的 3 题都算" in page.text
    assert stage.card(attempt_id).open, "a GET changes nothing"
    answer = post_form(learner, f"/attempts/{attempt_id}", action="/submit", follow=True)
    assert "到时间自动交卷" in answer.text
    assert stage.card(attempt_id).submitted_why == "time"


def test_a_form_posted_after_time_ran_out_says_so(learner: FlaskClient, stage: Stage) -> None:
    running = stage.start()
    token = token_of(learner, f"/attempts/{running}?q=1")
    stage.submit(running)
    late = {"csrf_token": token, "position": "1", "answer_id": str(uuid4()), "choice": "1"}
    answer = learner.post(f"/attempts/{running}/answers", data=late)
    assert answer.status_code == 410
    assert "已经交卷" in answer.text
    assert stage.responses(running) == {}


def test_answers_are_taken_within_the_grace_and_not_after(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    end = stage.card(attempt_id).deadline
    n = first_number(stage.right_values(attempt_id))

    def save(at: timedelta, text: str, answer_id: UUID) -> None:
        with app.app_context(), unit_of_work():
            given = commands.Given(answer_id, n, {"number": [text]})
            commands.save_answer(stage.member.actor, attempt_id, given, now=end + at)

    first = new_id()
    save(GRACE, "1", first)
    with pytest.raises(Gone) as refused:
        save(GRACE + timedelta(seconds=1), "2", new_id())
    assert "时间已到" in str(refused.value.message)
    save(GRACE + timedelta(hours=1), "1", first)  # its receipt got lost, so it came again
    assert stage.responses(attempt_id) == {n: "1"}


def test_a_new_try_waits_and_draws_other_questions(app: Flask, stage: Stage) -> None:
    began = clock.now() - timedelta(hours=5)
    first = stage.start(now=began)
    stage.submit(first, now=began + timedelta(minutes=10))
    with pytest.raises(Conflict):
        stage.start(now=began + timedelta(minutes=69))
    second = stage.start(now=began + timedelta(minutes=70))
    with app.app_context(), unit_of_work(write=False):
        one = {asked.code for asked in queries.asked(first)}
        two = {asked.code for asked in queries.asked(second)}
    assert not one & two
    assert stage.card(second).number == 2


def test_tries_are_limited(stage: Stage) -> None:
    began = clock.now().replace(month=3, day=1)
    for number in range(3):
        at = began + timedelta(hours=3 * number)
        stage.submit(stage.start(now=at), now=at)
    with pytest.raises(Conflict) as refused:
        stage.start(now=began + timedelta(days=30))
    assert "机会已经用完" in str(refused.value.message)
    again = began.replace(year=began.year + 1)
    assert stage.card(stage.start(now=again)).number == 4


def test_an_overdue_attempt_does_not_block_the_next(stage: Stage) -> None:
    began = clock.now() - timedelta(hours=4)
    first = stage.start(now=began)
    second = stage.start(now=began + timedelta(hours=3))
    assert second != first
    assert not stage.card(first).open


def test_one_question_cannot_be_changed_for_ever(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    with app.app_context(), unit_of_work():
        session().execute(
            insert(Answer).values(
                id=new_id(),
                attempt_id=attempt_id,
                position=1,
                seq=MOST_CHANGES,
                response=None,
                flagged=False,
                at=clock.now(),
            )
        )
    given = commands.Given(new_id(), 1, {})
    with app.app_context(), unit_of_work(), pytest.raises(TooMany):
        commands.save_answer(stage.member.actor, attempt_id, given)


def test_saves_at_the_same_instant_are_all_kept(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    n = first_number(stage.right_values(attempt_id))
    seqs: list[int] = []
    twin = new_id()

    def save(number: int) -> None:
        with app.app_context(), unit_of_work():
            same = number < 3  # three of them are one answer, sent three times
            given = commands.Given(twin if same else new_id(), n, {"number": ["1" if same else str(number)]})
            seqs.append(commands.save_answer(stage.member.actor, attempt_id, given).seq)

    assert not at_once(10, save)
    assert len(set(seqs)) == 8
    assert sorted(set(seqs)) == list(range(1, 9))


def test_an_answer_id_of_somebody_else_tells_and_takes_nothing(app: Flask, stage: Stage, cast: Cast) -> None:
    attempt_id = stage.start()
    n = first_number(stage.right_values(attempt_id))
    hers = commands.Given(new_id(), n, {"number": ["1"]})
    with app.app_context(), unit_of_work():
        commands.save_answer(stage.member.actor, attempt_id, hers)
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        commands.save_answer(cast.colleague.actor, attempt_id, hers)
    with app.app_context(), unit_of_work():
        enrolment_id = courses.enrol(cast.colleague.actor, SLUG)
    other = Stage(app, cast.colleague, stage.edition_id, enrolment_id)
    other.read_lessons()
    second = other.start()
    m = first_number(other.right_values(second))
    with app.app_context(), unit_of_work():
        same_id = commands.Given(hers.id, m, {"number": ["2"]})
        commands.save_answer(cast.colleague.actor, second, same_id)
    assert stage.responses(attempt_id) == {n: "1"}
    assert other.responses(second) == {m: "2"}


def at_once(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run the work in so many threads that start together; what they raised."""
    barrier, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as fault:
            raised.append(fault)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_submits_at_once_give_one_result(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    stage.answer_all(attempt_id, TOTAL)
    told: list[AttemptPassed] = []
    reactions = app.extensions["xinglin.bus"].reactions[AttemptPassed]
    reactions.append(told.append)
    try:
        raised = at_once(12, lambda _n: stage.submit(attempt_id))
    finally:
        reactions.remove(told.append)
    assert not raised
    assert len(told) == 1
    assert (told[0].attempt_id, told[0].percent) == (attempt_id, 100)
    assert stage.gates() == ("assessment",)


def test_many_starts_at_once_give_one_attempt(stage: Stage) -> None:
    started: list[UUID] = []
    raised = at_once(8, lambda _n: started.append(stage.start()))
    assert not raised
    assert len(set(started)) == 1


def test_no_acknowledged_answer_is_missing_from_the_grade(app: Flask, stage: Stage) -> None:
    """Saves and the submit run against each other: what was acknowledged was graded."""
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    acknowledged: set[int] = set()

    def work(number: int) -> None:
        if number == TOTAL:
            stage.submit(attempt_id)
            return
        with app.app_context(), unit_of_work():
            given = commands.Given(new_id(), number + 1, values[number])
            try:
                commands.save_answer(stage.member.actor, attempt_id, given)
            except Gone:
                return
        acknowledged.add(number + 1)

    assert not at_once(TOTAL + 1, work)
    card = stage.card(attempt_id)
    graded = {position for position, _code, answered, _score in card.grades if answered}
    assert graded == acknowledged
    assert set(stage.responses(attempt_id)) == acknowledged


# The database takes an answer and refuses the commit.
REFUSING = {
    "sqlite": [
        "CREATE TABLE mother (id integer PRIMARY KEY)",
        "CREATE TABLE child (mother integer REFERENCES mother (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER refuse AFTER INSERT ON answer BEGIN INSERT INTO child VALUES (1); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON answer DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}


def test_an_answer_that_was_not_committed_gets_no_receipt(app: Flask, learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    n = first_number(stage.right_values(attempt_id))
    with app.app_context(), unit_of_work():
        for statement in REFUSING[session().get_bind().dialect.name]:
            session().execute(text(statement))
    app.testing = False
    try:
        sent = {"position": n, "answer_id": str(new_id()), "base": 0, "number": "12"}
        answer = script_post(learner, attempt_id, token, **sent)
    finally:
        app.testing = True
    assert answer.status_code == 500  # type: ignore[attr-defined]
    assert stage.responses(attempt_id) == {}


def test_the_budgets_hold(learner: FlaskClient, stage: Stage, count_sql: Callable[[], object]) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    page = f"/attempts/{attempt_id}?q=1"
    with count_sql() as statements:  # type: ignore[attr-defined]
        got = learner.get(page)
    assert len(statements) <= 5, statements
    assert len(got.data) < 12_000
    token = token_of(learner, page)
    with count_sql() as statements:  # type: ignore[attr-defined]
        sent = {"position": 1, "answer_id": str(new_id()), "base": 0, **values[0]}
        assert script_post(learner, attempt_id, token, **sent).status_code == 200  # type: ignore[attr-defined]
    assert len(statements) <= 4, statements
    with count_sql() as statements:  # type: ignore[attr-defined]
        sent = {"csrf_token": token, "position": 2, "answer_id": str(new_id()), **values[1]}
        assert learner.post(f"/attempts/{attempt_id}/answers", data=sent).status_code == 303
    assert len(statements) <= 4, statements
    stage.answer_all(attempt_id, 10)
    with count_sql() as statements:  # type: ignore[attr-defined]
        learner.post(f"/attempts/{attempt_id}/submit", data={"csrf_token": token})
    assert len(statements) <= 12, statements
    assert stage.card(attempt_id).percent == 55


def test_a_submit_that_awards_keeps_its_budget(
    learner: FlaskClient, stage: Stage, count_sql: Callable[[], object]
) -> None:
    attempt_id = stage.start()
    stage.answer_all(attempt_id, TOTAL)
    token = token_of(learner, f"/attempts/{attempt_id}?q=1")
    with count_sql() as statements:  # type: ignore[attr-defined]
        learner.post(f"/attempts/{attempt_id}/submit", data={"csrf_token": token})
    assert len(statements) <= 22, statements
    assert stage.card(attempt_id).passed


def test_the_course_page_shows_where_she_stands(app: Flask, stage: Stage) -> None:
    def panel() -> parts.AssessmentPanel:
        with app.app_context(), unit_of_work(write=False):
            card = queries.own_enrolment(stage.member.actor, stage.enrolment_id)
            found = parts.course_assessment(card)
            assert found is not None
            return found

    assert (panel().state, panel().tries_left, panel().item_count) == ("ready", 3, TOTAL)
    attempt_id = stage.start()
    assert (panel().state, panel().attempt_id, panel().tries_left) == ("open", attempt_id, 2)
    stage.submit(attempt_id)
    assert panel().state == "cooling"
    assert panel().next_at is not None
    assert panel().best_percent == 0


def test_the_evidence_holds_every_attempt_with_its_answers(app: Flask, stage: Stage) -> None:
    attempt_id = stage.start()
    stage.answer_all(attempt_id, 15)
    stage.answer_all(attempt_id, 1)
    stage.submit(attempt_id)
    with app.app_context(), unit_of_work(write=False):
        (evidence,) = queries.attempt_evidence(stage.enrolment_id)
    assert (evidence.number, evidence.percent, evidence.pass_mark) == (1, 83, 80)
    assert (evidence.passed, evidence.submitted_why) == (True, "learner")
    assert evidence.edition_id == stage.edition_id
    assert len(evidence.answers) == TOTAL
    first, last = evidence.answers[0], evidence.answers[-1]
    assert (first.changes, first.right, first.explained.correct) == (2, True, True)
    assert (last.changes, last.right, last.at) == (0, False, None)
