"""A person's year as a row: kept in the transaction that changes it, made anew for everybody."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import Cast
from compliance_stage import add_doctor, counted_anew, is_right, run_all, spoil, stored, version
from credit_stage import (
    FACE,
    LECTURE,
    SAID,
    SELF_STUDY,
    approve,
    award_of,
    pass_course,
    publish_course,
    record,
    writing,
)
from flask import Flask

from lms.credits import commands as credits
from lms.credits.compliance import commands, reading
from lms.credits.models import YearResult
from lms.kernel import clock
from lms.kernel.db import session
from lms.people import commands as people

YEAR = clock.today().year


def test_everybody_registered_has_a_row_at_once(app: Flask, cast: Cast) -> None:
    found = {member.key: is_right(app, member)["compliance"] for member in cast.members}
    assert found["learner"] == found["colleague"] == found["stranger"] == "fail"
    assert found["author"] == found["county_auditor"] == "not_required"


def test_a_course_passed_is_in_the_row_of_its_year(app: Flask, cast: Cast, tmp_path: object) -> None:
    edition_id = publish_course(app, tmp_path)  # type: ignore[arg-type]
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    row = is_right(app, cast.learner)
    assert (row["counted_milli"], row["hours_milli"], row["compliance"]) == (2000, 6000, "fail")
    assert row["lacking"] == "credits hours"
    assert row["gap_credits_milli"] == 23_000


def test_a_full_year_passes_and_fails_again_when_an_award_is_taken_back(app: Flask, cast: Cast) -> None:
    auditor = cast.county_auditor.actor
    for number in range(3):
        activity = FACE | {"project_number": f"2026-14-00-{number:03d}", "title": {"zh": f"急诊{number}"}}
        last = award_of(app, cast, cast.learner, **activity)
    row = is_right(app, cast.learner)
    assert (row["compliance"], row["counted_milli"], row["lacking"]) == ("pass", 30_000, "")
    with writing(app):
        credits.return_award(auditor, last, version=1, **SAID)
    assert is_right(app, cast.learner)["compliance"] == "fail"
    with writing(app):
        credits.approve_award(auditor, last, version=2)
    assert is_right(app, cast.learner)["compliance"] == "pass"
    with writing(app):
        credits.reverse_award(cast.province_auditor.actor, last, version=3, reason_code="absent", text="核实没有参加。")
    assert is_right(app, cast.learner)["counted_milli"] == 20_000
    with writing(app):
        credits.approve_award(cast.province_auditor.actor, last, version=4)
    assert is_right(app, cast.learner)["counted_milli"] == 30_000


def test_an_activity_of_last_year_changes_last_year(app: Flask, cast: Cast) -> None:
    before = stored(app, cast.learner.person_id, YEAR)
    record(app, cast, cast.learner, **(LECTURE | {"on_date": date(YEAR - 1, 4, 1)}))
    assert is_right(app, cast.learner, YEAR - 1)["counted_milli"] == 500
    assert stored(app, cast.learner.person_id, YEAR) == before


def test_an_activity_that_earns_nothing_leaves_the_row(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **FACE)
    before = version(app, cast.learner.person_id, YEAR)
    again = record(app, cast, cast.learner, **FACE)
    assert again.award_id is None
    assert version(app, cast.learner.person_id, YEAR) == before
    is_right(app, cast.learner)


def test_what_counts_is_capped_as_on_the_statement(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **SELF_STUDY)
    assert is_right(app, cast.learner)["counted_milli"] == 10_000


def test_moving_takes_this_year_along_and_leaves_the_years_before(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **(LECTURE | {"on_date": date(YEAR - 1, 4, 1)}))
    old = is_right(app, cast.learner, YEAR - 1)["place_path"]
    with writing(app):
        people.move_posting(
            cast.admin.actor, cast.learner.person_id, workplace_id=cast.places["LB-YL-LX"], on=date(YEAR, 1, 1)
        )
    row = is_right(app, cast.learner)
    assert old.startswith(row["place_path"])
    assert old != row["place_path"]
    assert is_right(app, cast.learner, YEAR - 1)["place_path"] == old


def test_a_move_that_is_still_to_come_moves_nothing_yet(app: Flask, cast: Cast) -> None:
    before = is_right(app, cast.learner)
    with writing(app):
        people.move_posting(
            cast.admin.actor,
            cast.learner.person_id,
            workplace_id=cast.places["LB-YL-LX"],
            on=clock.today() + timedelta(days=3),
        )
    assert is_right(app, cast.learner) == before
    with clock.held_at(clock.now() + timedelta(days=4)):
        found = run_all(app, clock.today().year)
        assert (found["renewed"], found["different"]) == (1, 0)


def test_another_population_is_another_rule(app: Flask, cast: Cast) -> None:
    run_all(app, YEAR - 1)
    with writing(app):
        people.edit_person(cast.admin.actor, cast.learner.person_id, name=cast.learner.name, population="staff")
    assert is_right(app, cast.learner)["compliance"] == "not_required"
    assert is_right(app, cast.learner, YEAR - 1)["compliance"] == "not_required"
    before = version(app, cast.learner.person_id, YEAR)
    with writing(app):
        people.edit_person(cast.admin.actor, cast.learner.person_id, name="赵桂兰", population="staff")
    assert version(app, cast.learner.person_id, YEAR) == before


def test_a_year_without_a_policy_is_unknown(app: Flask, cast: Cast) -> None:
    found = run_all(app, 2024)
    assert found["made"] == len(cast.members)
    row = stored(app, cast.learner.person_id, 2024)
    assert row is not None
    assert (row["compliance"], row["policy"]) == ("unknown", None)


def test_who_works_outside_her_authority_is_filed_with_it(app: Flask, cast: Cast) -> None:
    doctor = add_doctor(
        app, cast, 401, "LB-ST-HW", employer_id=cast.places["LB-YL-YY"], authority_id=cast.places["LB-YL"]
    )
    row = stored(app, doctor, YEAR)
    assert row is not None
    assert row["place_path"] == row["authority_path"] == cast.county_auditor.grants[0].path


def test_who_has_not_begun_yet_has_no_row(app: Flask, cast: Cast) -> None:
    doctor = add_doctor(app, cast, 402, starts_on=clock.today() + timedelta(days=2))
    assert stored(app, doctor, YEAR) is None
    with clock.held_at(clock.now() + timedelta(days=3)):
        assert run_all(app, clock.today().year)["made"] == 1
        assert stored(app, doctor, clock.today().year) is not None


def test_thrown_away_it_is_made_again_the_same(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **FACE)
    record(app, cast, cast.colleague, **LECTURE)
    before = {member.key: stored(app, member.person_id, YEAR) for member in cast.members}
    with writing(app):
        session().execute(YearResult.__table__.delete())
    found = run_all(app, YEAR)
    assert (found["made"], found["different"], found["same"]) == (len(cast.members), 0, 0)
    assert {member.key: stored(app, member.person_id, YEAR) for member in cast.members} == before
    found = run_all(app, YEAR)
    assert (found["made"], found["different"], found["same"]) == (0, 0, len(cast.members))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"counted_milli": 7}, "different"),
        ({"compliance": "pass", "lacking": ""}, "different"),
        ({"place_path": "/else/"}, "different"),
        ({"policy": "CN-2025:000000000000", "counted_milli": 7}, "renewed"),
    ],
)
def test_a_difference_is_counted_and_repaired(
    app: Flask, cast: Cast, values: dict[str, object], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = stored(app, cast.learner.person_id, YEAR)
    spoil(app, cast.learner.person_id, YEAR, **values)
    found = run_all(app, YEAR)
    assert found[told] == 1
    assert found["same"] == len(cast.members) - 1
    assert stored(app, cast.learner.person_id, YEAR) == before


def test_an_older_count_is_not_put_over_a_newer_one(app: Flask, cast: Cast) -> None:
    """What a batch has read before somebody else's award is thrown away; hers stays."""
    with writing(app):
        old = reading.one(cast.learner.person_id, YEAR)
    assert old is not None
    record(app, cast, cast.learner, **FACE)
    with writing(app):
        assert not commands.keep(old, YEAR)
    assert is_right(app, cast.learner)["counted_milli"] == 10_000


def test_numbers_keep_their_thousandths(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **(FACE | {"hours": Decimal("7.003")}))
    row = is_right(app, cast.learner)
    anew = counted_anew(app, cast.learner.person_id, YEAR)
    assert anew is not None
    assert row["hours_milli"] == 7003
