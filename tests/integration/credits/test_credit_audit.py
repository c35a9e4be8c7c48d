"""Auditing: who may decide what, what it does to the ledger, and two who decide at once."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from cast import Cast
from credit_stage import (
    FACE,
    LECTURE,
    SAID,
    SELF_STUDY,
    award_of,
    ledger,
    ledger_sum,
    reading,
    state,
    writing,
)
from flask import Flask
from sqlalchemy import func, select

from lms.credits import commands, queries
from lms.credits.auditing import areas
from lms.credits.auditing import queries as audit_queries
from lms.credits.auditing.queries import Filters
from lms.credits.models import AuditDecision, Award, AwardReply
from lms.kernel import audit
from lms.kernel.actor import AUDITORS, SYSTEM, Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


def counted(app: Flask, cast: Cast) -> Decimal:
    with reading(app):
        standing = queries.year_standing(cast.learner.person_id, 2026)
    assert standing is not None
    return standing.counted


def test_it_works(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=1)
    assert state(app, award_id) == ("approved", 2)
    with reading(app):
        deeds = [row.action for row in audit.history("award", award_id)]
    assert deeds == ["award.approved"]


def test_returned_stays_in_the_ledger_but_does_not_count_until_approved(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **FACE)
    auditor = cast.county_auditor.actor
    with writing(app):
        commands.return_award(auditor, award_id, version=1, **SAID)
    assert ledger(app, cast.learner) == [(1, 10000)]
    assert counted(app, cast) == 0
    with reading(app):
        (waiting,) = queries.returned_awards(cast.learner.person_id)
    assert (waiting.id, waiting.text, waiting.answered) == (award_id, SAID["text"], False)
    with writing(app):
        assert commands.reply_to_award(cast.learner.actor, award_id, text="签到表在卫生院。")
    with writing(app):
        commands.approve_award(auditor, award_id, version=3, reason_code="answered")
    assert counted(app, cast) == 10
    assert ledger(app, cast.learner) == [(1, 10000)]
    with reading(app):
        assert queries.returned_awards(cast.learner.person_id) == []


def test_reversal_is_a_new_entry_that_cancels_one_once(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **FACE)
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, award_id, version=1, reason_code="absent", text="没有参加。")
    assert ledger(app, cast.learner) == [(1, 10000), (2, -10000)]
    assert counted(app, cast) == ledger_sum(app, cast.learner) == 0
    again = FACE | {"on_date": date(2026, 9, 1)}
    with writing(app):
        refused = commands.record_activity(cast.admin.actor, person_id=cast.learner.person_id, **again)
    assert refused is not None
    assert refused.reasons[-1].code == "reversed_before"


def test_approved_and_reversed_are_final_for_the_county_and_not_for_the_province(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(app):
        commands.approve_award(county, award_id, version=1)
    with pytest.raises(NotAllowed), writing(app):
        commands.reverse_award(county, award_id, version=2, reason_code="absent", text="没来过")
    with writing(app):
        commands.reverse_award(province, award_id, version=2, reason_code="absent", text="没来过")
    with pytest.raises(NotAllowed), writing(app):
        commands.approve_award(county, award_id, version=3)
    with writing(app):
        commands.approve_award(province, award_id, version=3)
    assert ledger(app, cast.learner) == [(1, 10000), (2, -10000), (3, 10000)]
    assert state(app, award_id) == ("approved", 4)
    assert counted(app, cast) == 10


def test_what_the_province_returned_the_county_cannot_approve(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.province_auditor.actor, award_id, version=1, **SAID)
    with pytest.raises(NotAllowed), writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=2)


def test_nobody_audits_her_own(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.county_auditor)
    for deed in (commands.approve_award, commands.return_award, commands.reverse_award):
        said = {} if deed is commands.approve_award else SAID
        with pytest.raises(NotAllowed, match="您自己的学分"), writing(app):
            deed(cast.county_auditor.actor, award_id, version=1, **said)
    assert state(app, award_id) == ("granted", 1)


def test_who_entered_an_activity_does_not_audit_it(app: Flask, cast: Cast) -> None:
    auditor = cast.county_auditor.actor
    both = replace(auditor, grants=(*auditor.grants, Grant(Role.ADMINISTRATOR, cast.admin.actor.grants[0].path)))
    with writing(app):
        recorded = commands.record_activity(both, person_id=cast.learner.person_id, **LECTURE)
    assert recorded is not None
    assert recorded.award_id is not None
    with pytest.raises(NotAllowed, match="您登记的"), writing(app):
        commands.approve_award(both, recorded.award_id, version=1)
    assert state(app, recorded.award_id) == ("granted", 1)
    with writing(app):
        assert commands.approve_award(cast.province_auditor.actor, recorded.award_id, version=1)


def test_it_refuses_a_stranger(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner)
    for member in (cast.stranger, cast.admin, cast.learner, cast.author):
        with pytest.raises(NotFound), writing(app):
            commands.approve_award(member.actor, award_id, version=1)
        with pytest.raises(NotFound), reading(app):
            audit_queries.award_in_area(member.actor, award_id)
    with pytest.raises(NotFound), writing(app):
        commands.reply_to_award(cast.colleague.actor, award_id, text="不是我的。")


def test_a_decision_on_an_old_page_is_a_conflict_and_changes_nothing(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    with pytest.raises(Conflict), writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=1)
    assert state(app, award_id) == ("returned", 2)


def test_two_who_decide_at_once_are_one_decision(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **FACE)
    gate = threading.Barrier(12)
    outcomes: list[str] = []

    def decide(number: int) -> None:
        gate.wait()
        auditor = (cast.county_auditor, cast.province_auditor)[number % 2].actor
        deed = (commands.reverse_award, commands.return_award)[number % 3 == 0]
        reason = "absent" if deed is commands.reverse_award else "evidence"
        try:
            with writing(app):
                deed(auditor, award_id, version=1, reason_code=reason, text="一起决定")
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 11 + ["done"]
    with reading(app):
        made = session().scalar(select(func.count()).select_from(AuditDecision))
    assert made == 1
    assert len(ledger(app, cast.learner)) <= 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reason_code": "duplicate", "text": "写了话"}, "reason_code"),
        ({"reason_code": "evidence", "text": " "}, "text"),
        ({"reason_code": "evidence", "text": "长" * 1001}, "text"),
    ],
)
def test_a_return_needs_a_reason_and_words(app: Flask, cast: Cast, said: dict[str, str], field: str) -> None:
    award_id = award_of(app, cast, cast.learner)
    with pytest.raises(Invalid) as caught, writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **said)
    assert field in caught.value.fields
    assert state(app, award_id) == ("granted", 1)


def test_a_reply_sent_twice_is_one_and_only_for_returned_awards(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner)
    with pytest.raises(Conflict), writing(app):
        commands.reply_to_award(cast.learner.actor, award_id, text="还没有退回。")
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    reply_id = award_id  # any id a form could have made
    for expected in (True, False):
        with writing(app):
            made = commands.reply_to_award(cast.learner.actor, award_id, text="签到表在卫生院。", reply_id=reply_id)
        assert made is expected
    with reading(app):
        assert session().scalar(select(func.count()).select_from(AwardReply)) == 1
    with pytest.raises(Conflict), writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=2)


def test_the_queue_shows_the_area_and_filters(app: Flask, cast: Cast) -> None:
    award_of(app, cast, cast.learner, **FACE)
    award_of(app, cast, cast.learner, **SELF_STUDY)
    award_of(app, cast, cast.colleague, **(LECTURE | {"on_date": date(2025, 4, 1)}))

    def found(**filters: object) -> list[str]:
        with reading(app):
            rows = audit_queries.queue(cast.county_auditor.actor, Filters(**filters), 1)  # type: ignore[arg-type]
            return sorted(row.titles["zh"] for row in rows.page.items)

    every = sorted(["县域急诊急救能力提升", "中医适宜技术", "糖尿病足早期识别"])
    assert found() == every
    assert found(year=2025) == ["糖尿病足早期识别"]
    assert found(kind="self_study") == ["中医适宜技术"]
    assert found(text="赵桂芳") == sorted(["县域急诊急救能力提升", "中医适宜技术"])
    assert found(text="石门沟 2026-14-00-007") == ["县域急诊急救能力提升"]
    assert found(text="100%") == found(state="approved") == []
    with reading(app):
        other = audit_queries.queue(cast.stranger.actor, Filters(), 1)
        assert (other.page.total, other.counts["granted"]) == (0, 0)
        above = audit_queries.queue(cast.province_auditor.actor, Filters(), 1)
        assert above.page.total == 3
    with pytest.raises(NotFound), reading(app):
        audit_queries.queue(cast.admin.actor, Filters(), 1)


@pytest.mark.parametrize("most", [0, 1, areas.MOST])
def test_pages_of_an_area_are_its_newest_awards_whatever_number_of_authorities_it_has(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Named one by one, or all below a place: the same awards in the same order, none twice, none of others."""
    with writing(app):
        for number in range(9):
            person_id = (cast.learner, cast.stranger, cast.colleague)[number % 3].person_id
            told = LECTURE | {"on_date": date(2026, 1 + number, 3)}
            commands.record_activity(SYSTEM, person_id=person_id, **told)
    monkeypatch.setattr(areas, "MOST", most)
    with reading(app):
        all_of_them = list(session().scalars(select(Award.id).order_by(Award.id.desc())))
        others = set(session().scalars(select(Award.id).where(Award.person_id == cast.stranger.person_id)))
        province, county = (one.actor.paths(*AUDITORS) for one in (cast.province_auditor, cast.county_auditor))
        for paths, mine in ((province, all_of_them), (county, [one for one in all_of_them if one not in others])):
            here = areas.area(paths)
            assert len(mine) == (9 if paths == province else 6)
            assert set(session().scalars(select(Award.id).where(here.here))) == set(mine)
            for offset in range(0, 10, 2):
                found = list(session().scalars(here.newest([Award.state == "granted"], 2, offset)))
                assert found == mine[offset : offset + 2]
        assert list(session().scalars(areas.area(()).newest([], 2))) == []
