"""A finished course becomes credit where an approval says so, once a year, whatever comes twice."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import (
    CODE,
    FACE,
    LECTURE,
    SELF_STUDY,
    approve,
    award_of,
    awards,
    ledger,
    ledger_sum,
    pass_course,
    publish_course,
    reading,
    record,
    refusals,
    writing,
)
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.courses import commands as course_commands
from lms.courses import queries as courses
from lms.credits import commands, policies, queries
from lms.credits.ledger.awarding import fact_of
from lms.credits.ledger.decisions import stored
from lms.credits.models import APPEND_ONLY, Activity
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import judge
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work

THIS_YEAR = clock.today().year


def test_it_works(app: Flask, cast: Cast, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    enrolment_id = pass_course(app, cast.learner, edition_id)
    (award,) = awards(app, cast.learner)
    assert (award.activity_code, award.credit_year, award.state) == (CODE, THIS_YEAR, "granted")
    assert (award.computed_milli, award.awarded_milli, award.hours_milli) == (2000, 2000, 6000)
    assert ledger(app, cast.learner) == [(1, 2000)]
    with reading(app):
        card = queries.award_card(award.id)
    assert card is not None
    assert (card.enrolment_id, card.project_number) == (enrolment_id, "2026-01-01-001")
    assert card.granting_unit == "云岭县卫生健康局"
    assert card.holding_unit == "云岭县基层卫生培训中心"
    assert card.issuing_unit == "云岭县"
    assert (card.credits, card.hours, card.policy_title) == (2, 6, "国家 2025 规则集")


def test_a_course_without_approval_brings_no_credit(app: Flask, cast: Cast, tmp_path: Path) -> None:
    pass_course(app, cast.learner, publish_course(app, tmp_path))
    assert awards(app, cast.learner) == refusals(app, cast.learner) == []


@pytest.mark.parametrize("days", [(-20, -10), (10, 20)])
def test_an_approval_of_other_days_brings_no_credit(
    app: Flask, cast: Cast, tmp_path: Path, days: tuple[int, int]
) -> None:
    edition_id = publish_course(app, tmp_path)
    first, last = (clock.today() + timedelta(days=n) for n in days)
    approve(app, cast, valid_from=first, valid_until=last)
    pass_course(app, cast.learner, edition_id)
    assert awards(app, cast.learner) == []


def test_an_ended_approval_brings_no_credit(app: Flask, cast: Cast, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approval_id = approve(app, cast)
    with writing(app):
        commands.end_approval(cast.admin.actor, approval_id)
    pass_course(app, cast.learner, edition_id)
    assert awards(app, cast.learner) == []


def test_a_course_finished_after_midnight_is_of_the_new_year(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """Half past midnight on 1 January in China is still the afternoon of the old year in Greenwich."""
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    with clock.held_at(datetime(THIS_YEAR - 1, 12, 31, 16, 30, tzinfo=UTC)):
        pass_course(app, cast.learner, edition_id)
    given = [(one.credit_year, one.on_date) for one in awards(app, cast.learner)]
    assert given == [(THIS_YEAR, date(THIS_YEAR, 1, 1))]


def test_it_is_idempotent(app: Flask, cast: Cast, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    enrolment_id = pass_course(app, cast.learner, edition_id)
    for _ in range(2):
        with writing(app):
            commands.award_course(enrolment_id, cast.learner.person_id, CODE, clock.today())
    assert len(awards(app, cast.learner)) == 1
    assert ledger(app, cast.learner) == [(1, 2000)]
    assert refusals(app, cast.learner) == []


def test_the_same_project_again_in_a_year_is_refused_and_says_why(app: Flask, cast: Cast) -> None:
    award_of(app, cast, cast.learner, **FACE)
    again = record(app, cast, cast.learner, **(FACE | {"on_date": date(2026, 8, 3)}))
    assert again.award_id is None
    assert again.reasons[-1].code == "already_awarded"
    (refusal,) = refusals(app, cast.learner)
    assert refusal.computed_milli == 11000
    last_year = record(app, cast, cast.learner, **(FACE | {"on_date": date(2025, 8, 3)}))
    assert last_year.award_id is not None


def test_the_cap_of_a_project_holds(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **FACE)
    (award,) = awards(app, cast.learner)
    assert (award.id, award.computed_milli, award.awarded_milli) == (award_id, 11000, 10000)


def test_what_was_reversed_leaves_its_room_under_the_cap(app: Flask, cast: Cast) -> None:
    whole = award_of(app, cast, cast.learner, **FACE)
    with writing(app):
        said = {"reason_code": "absent", "text": "核实没有参加。"}
        commands.reverse_award(cast.county_auditor.actor, whole, version=1, **said)
    record(app, cast, cast.learner, **(FACE | {"activity_code": "second-session"}))
    assert [(one.state, one.awarded_milli) for one in sorted(awards(app, cast.learner), key=lambda one: one.id)] == [
        ("reversed", 10000), ("granted", 10000),
    ]  # fmt: skip


def test_a_form_sent_twice_is_one_activity(app: Flask, cast: Cast) -> None:
    first = record(app, cast, cast.learner, **LECTURE)
    with writing(app):
        again = commands.record_activity(
            cast.admin.actor,
            person_id=cast.learner.person_id,
            activity_id=first.activity_id,
            **LECTURE,
        )
    assert again is None
    assert ledger(app, cast.learner) == [(1, 500)]


def test_it_refuses_a_stranger(app: Flask, cast: Cast) -> None:
    for actor in (cast.stranger.actor, cast.county_auditor.actor, cast.learner.actor):
        with pytest.raises(NotFound), writing(app):
            commands.record_activity(actor, person_id=cast.colleague.person_id, **LECTURE)


def test_nobody_enters_her_own(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotAllowed), writing(app):
        commands.record_activity(cast.admin.actor, person_id=cast.admin.person_id, **LECTURE)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "ward_round"}, "kind"),
        ({"role": "lecturer"}, "role"),
        ({"hours": Decimal(0)}, "hours"),
        ({"hours": Decimal("1.0001")}, "hours"),
        ({"hours": Decimal("NaN")}, "hours"),
        ({"on_date": date(2024, 5, 1)}, "on_date"),
        ({"on_date": clock.today() + timedelta(days=2)}, "on_date"),
        ({"started_on": date(2026, 12, 31)}, "on_date"),
        ({"title": {"zh": " "}}, "title"),
        ({"unit": "weeks"}, "unit"),
        ({"kind": "promotion_project", "unit": "hours", "assessed": True}, "project_number"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(app: Flask, cast: Cast, change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught, writing(app):
        commands.record_activity(cast.admin.actor, person_id=cast.learner.person_id, **(LECTURE | change))
    assert field in caught.value.fields
    assert awards(app, cast.learner) == []


def test_the_ledger_and_the_facts_cannot_be_changed(app: Flask, cast: Cast) -> None:
    award_of(app, cast, cast.learner)
    for model in APPEND_ONLY:
        for verb in (f"UPDATE {model.__tablename__} SET", f"DELETE FROM {model.__tablename__}"):
            column = next(iter(model.__table__.columns)).name
            statement = f"{verb} {column} = {column}" if verb.startswith("UPDATE") else verb
            with writing(app):
                has_rows = session().execute(text(f"SELECT 1 FROM {model.__tablename__}")).first()
            if has_rows is None:
                continue
            with pytest.raises(DBAPIError, match="append-only"), writing(app):
                session().execute(text(statement))
    assert ledger(app, cast.learner) == [(1, 500)]


def test_replaying_the_facts_gives_the_awards_byte_for_byte(app: Flask, cast: Cast) -> None:
    for activity in (FACE, SELF_STUDY, LECTURE):
        award_of(app, cast, cast.learner, **activity)
    made = awards(app, cast.learner)
    with reading(app):
        for award in made:
            activity = session().get_one(Activity, award.activity_id)
            policy = policies.by_version(award.policy_version_id)
            assert policy is not None
            person = Person(**award.decision["person"])
            again = judge(policy, person, fact_of(activity), award.credit_year, ())
            assert stored(person, again) == award.decision


def test_the_ledger_is_what_the_transcript_says(app: Flask, cast: Cast) -> None:
    for activity in (FACE, SELF_STUDY, LECTURE):
        award_of(app, cast, cast.learner, **activity)
    with reading(app):
        cards = queries.awards_of(cast.learner.person_id)
    assert ledger_sum(app, cast.learner) == sum(card.credits for card in cards) * 1000 == 24500


def at_once(app: Flask, count: int, deed: Callable[[int], object]) -> list[BaseException]:
    """Do something from many threads at the same moment; the errors that came of it."""
    gate = threading.Barrier(count)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            with writing(app):
                deed(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_many_passes_of_one_course_at_once_give_one_award(app: Flask, cast: Cast, tmp_path: Path) -> None:
    publish_course(app, tmp_path)
    approve(app, cast)
    enrolment_id = enrolled(app, cast)
    today = clock.today()
    errors = at_once(
        app,
        24,
        lambda _: commands.award_course(enrolment_id, cast.learner.person_id, CODE, today),
    )
    assert errors == []
    assert len(awards(app, cast.learner)) == 1
    assert ledger(app, cast.learner) == [(1, 2000)]


def enrolled(app: Flask, cast: Cast) -> UUID:
    with writing(app):
        return course_commands.enrol(cast.learner.actor, "stage")


def test_many_entries_of_one_project_at_once_give_one_award(app: Flask, cast: Cast) -> None:
    errors = at_once(
        app,
        24,
        lambda _: commands.record_activity(cast.admin.actor, person_id=cast.learner.person_id, **FACE),
    )
    assert errors == []
    assert len(awards(app, cast.learner)) == 1
    assert len(refusals(app, cast.learner)) == 23
    assert ledger(app, cast.learner) == [(1, 10000)]


def test_different_activities_at_once_are_numbered_without_gaps(app: Flask, cast: Cast) -> None:
    errors = at_once(
        app,
        20,
        lambda _: commands.record_activity(cast.admin.actor, person_id=cast.learner.person_id, **LECTURE),
    )
    assert errors == []
    assert [number for number, _ in ledger(app, cast.learner)] == list(range(1, 21))


def test_sessions_of_one_project_at_once_share_its_cap(app: Flask, cast: Cast) -> None:
    errors = at_once(
        app,
        8,
        lambda number: commands.record_activity(
            cast.admin.actor,
            person_id=cast.learner.person_id,
            **(FACE | {"hours": Decimal(12), "activity_code": f"session-{number}"}),
        ),
    )
    assert errors == []
    assert sum(award.awarded_milli for award in awards(app, cast.learner)) == 10000
    assert ledger_sum(app, cast.learner) == 10000
    assert len(awards(app, cast.learner)) + len(refusals(app, cast.learner)) == 8


def test_it_takes_few_statements(app: Flask, cast: Cast, tmp_path: Path, count_sql: Callable[[], object]) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    pass_course(app, cast.colleague, edition_id)
    enrolment_id = enrolled(app, cast)
    with reading(app):
        courses.edition_package(edition_id)
    with app.app_context(), count_sql() as statements, unit_of_work():  # type: ignore[attr-defined]
        commands.award_course(enrolment_id, cast.learner.person_id, CODE, clock.today())
        made = len(statements)
    # two of them for her first line ever, and for the row that waits for the log
    assert made <= 10, statements
