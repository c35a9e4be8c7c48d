"""An attendance list: everybody gets what she would get alone, or nobody anything."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, Member
from credit_stage import FACE, LECTURE, award_of, awards, ledger, reading, record, refusals, writing
from flask import Flask
from list_stage import doctors, enter
from sqlalchemy import func, select
from two_persons import WRONG

from lms.certificates import queries as certificates
from lms.certificates.models import Certificate
from lms.credits import commands
from lms.credits.listing import MOST_PEOPLE
from lms.credits.models import Activity, LearnerKey
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import AuditRow
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.outbox import OutboxRow
from lms.people.privacy import closing

Count = Callable[[], Any]


def entered(app: Flask) -> dict[str, int]:
    """How many rows there are of all that a list writes."""
    with reading(app):
        models = (Activity, LearnerKey, Certificate, AuditRow, OutboxRow)
        return {one.__tablename__: session().scalar(select(func.count()).select_from(one)) or 0 for one in models}


def why(recorded: commands.Recorded) -> str:
    return recorded.reasons[-1].code


def test_everybody_on_the_list_gets_credit_a_line_and_a_certificate(
    app: Flask, cast: Cast, work_off: Callable[[Flask], int]
) -> None:
    there = doctors(app, cast, 12)
    work_off(app)
    done = enter(app, cast, there)
    assert [one.person_id for one in done.awarded] == [member.person_id for member in there]
    assert {one.recorded.awarded for one in done.people} == {Decimal("0.5")}
    assert done.without == ()
    for member in there:
        (award,) = awards(app, member)
        assert (award.awarded_milli, award.hours_milli, award.state) == (500, 2000, "granted")
        assert ledger(app, member) == [(1, 500)]
    assert work_off(app) == len(there), "each certificate is relayed to be drawn"
    with reading(app):
        drawn = certificates.of_awards([one.recorded.award_id for one in done.people if one.recorded.award_id])
        rows = session().scalars(select(AuditRow).where(AuditRow.action == "activity.recorded")).all()
        assert [card.drawn for card in drawn.values()] == [True] * len(there)
        assert {row.details["person"] for row in rows} == {str(member.person_id) for member in there}
        assert {row.person_id for row in rows} == {cast.admin.person_id}


def test_a_list_sent_twice_enters_nothing_twice_and_answers_the_same(app: Flask, cast: Cast) -> None:
    there, list_id = doctors(app, cast, 5), uuid4()
    record(app, cast, there[0], **FACE)
    first = enter(app, cast, there, list_id, **FACE)
    assert [why(one.recorded) for one in first.without] == ["already_awarded"]
    before = entered(app)
    again = enter(app, cast, there, list_id, **FACE)
    assert entered(app) == before
    assert [one.fresh for one in again.people] == [False] * 5
    assert [(one.recorded.activity_id, one.recorded.award_id, one.recorded.awarded) for one in again.people] == [
        (one.recorded.activity_id, one.recorded.award_id, one.recorded.awarded) for one in first.people
    ]
    assert [why(one.recorded) for one in again.people] == [why(one.recorded) for one in first.people]


def test_a_list_sent_again_with_more_people_enters_only_these(app: Flask, cast: Cast) -> None:
    there, list_id = doctors(app, cast, 6), uuid4()
    enter(app, cast, there[:4], list_id)
    again = enter(app, cast, there, list_id)
    assert [one.fresh for one in again.people] == [False] * 4 + [True] * 2
    assert all(ledger(app, member) == [(1, 500)] for member in there)


def test_another_list_under_the_same_form_is_refused(app: Flask, cast: Cast) -> None:
    there, list_id = doctors(app, cast, 3), uuid4()
    enter(app, cast, there[:2], list_id)
    with pytest.raises(Conflict, match="内容和这次的不一样"):
        enter(app, cast, there, list_id, **(LECTURE | {"hours": Decimal(3)}))
    assert ledger(app, there[2]) == []


def test_a_stranger_among_them_is_not_found_and_nobody_gets_anything(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 2)
    before = entered(app)
    with pytest.raises(NotFound):
        enter(app, cast, [*there, cast.stranger])
    with pytest.raises(NotFound), writing(app):
        commands.record_list(cast.admin.actor, person_ids=[there[0].person_id, uuid4()], list_id=uuid4(), **LECTURE)
    assert entered(app) == before


def test_nobody_enters_herself_and_only_administrators_enter(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 2)
    with pytest.raises(NotAllowed, match="别的管理员"):
        enter(app, cast, [*there, cast.admin])
    ids = [there[0].person_id]
    with pytest.raises(NotFound), writing(app):
        commands.record_list(cast.county_auditor.actor, person_ids=ids, list_id=uuid4(), **LECTURE)
    assert entered(app)["activity"] == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"on_date": clock.today() + timedelta(days=2)}, "on_date"),
        ({"hours": Decimal("0.0001")}, "hours"),
        ({"quantity": Decimal("0.5")}, "quantity"),
        ({"title": {"zh": " "}}, "title"),
        ({"kind": "promotion_project"}, "project_number"),
        ({"kind": "degree_study"}, "kind"),
        ({"role": "king"}, "role"),
        ({"choice": "gold"}, "choice"),
        ({"on_date": LECTURE["on_date"].replace(year=1999), "started_on": None}, "on_date"),
    ],
)
def test_what_does_not_fit_names_its_field_and_enters_nothing(
    app: Flask, cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    """The same field that one person's activity would name."""
    there = doctors(app, cast, 2)
    with pytest.raises(Invalid) as alone:
        record(app, cast, there[0], **(LECTURE | wrong))
    with pytest.raises(Invalid) as refused:
        enter(app, cast, there, **(LECTURE | wrong))
    assert field in refused.value.fields
    assert refused.value.fields == alone.value.fields
    assert entered(app)["activity"] == 0


def test_what_is_wrong_with_one_of_them_is_told_with_her_name(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 2)
    (coming,) = doctors(app, cast, 1, first=500, starts_on=clock.today() + timedelta(days=3))
    with pytest.raises(Invalid) as refused:
        enter(app, cast, [*there, coming])
    assert set(refused.value.fields) == {"people"}
    assert str(refused.value.fields["people"]).startswith(f"{coming.name}：这位医生还没有任职记录")
    assert entered(app)["activity"] == 0


def test_a_list_has_one_to_two_hundred_people(app: Flask, cast: Cast) -> None:
    for ids in ([], [uuid4() for _ in range(MOST_PEOPLE + 1)]):
        with pytest.raises(Invalid) as refused, writing(app):
            commands.record_list(cast.admin.actor, person_ids=ids, list_id=uuid4(), **LECTURE)
        assert set(refused.value.fields) == {"people"}


def test_who_is_at_her_cap_is_entered_and_told_why(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 3)
    record(app, cast, there[0], **FACE)
    half = FACE | {"activity_code": "session-1", "hours": Decimal(30)}
    record(app, cast, there[1], **half)
    second = FACE | {"activity_code": "session-2", "hours": Decimal(12)}
    done = enter(app, cast, there, **second)
    by_person = {one.person_id: one.recorded for one in done.people}
    full, left, fresh = (by_person[member.person_id] for member in there)
    assert (full.award_id, why(full)) == (None, "max_per_project_shared")
    assert left.award_id is None or left.awarded < fresh.awarded
    assert fresh.awarded == 4
    assert [one.name for one in done.without][:1] == [there[0].name]
    assert len(refusals(app, there[0])) == 1


def test_what_was_taken_back_is_not_given_again(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 2)
    award_id = award_of(app, cast, there[0], **FACE)
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, award_id, version=1, **WRONG)
    done = enter(app, cast, there, **FACE)
    assert [(one.person_id, why(one.recorded)) for one in done.without] == [(there[0].person_id, "reversed_before")]
    assert ledger(app, there[0]) == [(1, 10000), (2, -10000)]


def test_a_closed_account_is_named_and_nobody_gets_anything(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 3)
    award_of(app, cast, there[1])
    with writing(app):
        closing.close(SYSTEM, there[1].person_id, "office")
    before = entered(app)
    with pytest.raises((Conflict, NotFound)) as refused:
        enter(app, cast, there)
    assert isinstance(refused.value, NotFound) or "封存" in str(refused.value.message)
    with pytest.raises(Conflict, match="封存"), writing(app):
        commands.record_list(SYSTEM, person_ids=[one.person_id for one in there], list_id=uuid4(), **LECTURE)
    assert entered(app) == before


def test_forty_people_cost_no_more_statements_than_four(app: Flask, cast: Cast, count_sql: Count) -> None:
    there = doctors(app, cast, 44)
    enter(app, cast, there[:1])
    with count_sql() as few:
        enter(app, cast, there[:4])
    with count_sql() as many:
        enter(app, cast, there[4:])
    assert len(many) <= len(few) <= 17, "\n".join(many)


def test_a_member_of_two_lists_of_one_day_gets_both(app: Flask, cast: Cast) -> None:
    """Lectures have no number by which they would be the same."""
    there: list[Member] = doctors(app, cast, 2)
    enter(app, cast, there)
    enter(app, cast, there[:1])
    assert ledger(app, there[0]) == [(1, 500), (2, 500)]
