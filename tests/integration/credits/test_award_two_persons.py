"""Above the limit two different persons decide on an award; nobody alone, at no level, in no order."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import FACE, LECTURE, SAID, award_of, ledger, reading, state, writing
from flask import Flask
from house_rules import GROUNDS, settle, under
from pages import post_form
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError
from two_persons import WRONG, auditor, browser, limited

from lms.credits import commands
from lms.credits.auditing import queries
from lms.credits.auditing.models import AwardProposal, ProposalAnswer
from lms.credits.auditing.queries import Filters
from lms.credits.models import AuditDecision
from lms.kernel import audit, clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.ids import new_id
from lms.people import commands as people_commands
from lms.people import queries as people

CHAIN = f"""
[[audits]]
id = "two"
kinds = ["promotion_project"]
levels = ["county"]
second_person_above = "20"
{GROUNDS}"""


@pytest.fixture
def small(app: Flask) -> Iterator[Flask]:
    """A house whose limit is five credits."""
    with limited(app) as found:
        yield found


def decisions(app: Flask, award_id: UUID) -> list[AuditDecision]:
    with reading(app):
        rows = list(session().scalars(select(AuditDecision).where(AuditDecision.award_id == award_id)))
        session().expunge_all()
        return rows


def count(app: Flask, model: type) -> int:
    with reading(app):
        return session().scalar(select(func.count()).select_from(model)) or 0


def test_a_reversal_is_proposed_confirmed_and_then_entered(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    second = auditor(small, cast, 70, "秦志强")
    first = browser(small, cast.county_auditor)
    page = f"/audit/awards/{award_id}"
    assert "要两个人" in first.get(page).text
    sent = post_form(first, page, {"action": "reverse", "then": "stay", **WRONG})
    assert sent.status_code == 303
    assert state(small, award_id) == ("granted", 1)
    assert ledger(small, cast.learner) == [(1, 10000)]
    assert not decisions(small, award_id)
    shown = first.get(page).text
    assert "这是您提出的，要由另一位审核人员来确认。" in shown
    assert 'name="action"' not in shown
    assert "等第二人 1" in first.get("/audit?state=second").text

    other = browser(small, second)
    assert "何文静提议：撤销" in other.get(page).text
    assert post_form(other, page, {"action": "confirm", "then": "stay"}, action="/second").status_code == 303
    assert state(small, award_id) == ("reversed", 2)
    assert ledger(small, cast.learner) == [(1, 10000), (2, -10000)]
    (decision,) = decisions(small, award_id)
    assert (decision.by, decision.proposed_by) == (second.person_id, cast.county_auditor.person_id)
    assert (decision.reason_code, decision.reason_text) == (WRONG["reason_code"], WRONG["text"])
    assert "等第二人 0" in other.get("/audit").text
    doctor = browser(small, cast.learner)
    hers = doctor.get(f"/credits/awards/{award_id}").text
    assert "何文静提议，秦志强确认" in hers
    assert WRONG["text"] in hers


def test_the_doctor_is_not_told_of_what_is_only_proposed(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    with writing(small):
        assert commands.reverse_award(cast.county_auditor.actor, award_id, version=1, **WRONG) is False
    assert WRONG["text"] not in browser(small, cast.learner).get(f"/credits/awards/{award_id}").text


def test_approving_above_the_limit_takes_two_and_returning_one(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(small):
        assert commands.approve_award(county, award_id, version=1) is False
    assert state(small, award_id) == ("granted", 1)
    with writing(small):
        commands.answer_proposal(province, award_id, "confirm", version=1)
    assert state(small, award_id) == ("approved", 2)
    other = award_of(small, cast, cast.colleague, **FACE)
    with writing(small):
        assert commands.return_award(county, other, version=1, **SAID) is True
    assert state(small, other) == ("returned", 2)


def test_the_limit_itself_takes_one(app: Flask, cast: Cast) -> None:
    """Ten credits under the default of ten."""
    award_id = award_of(app, cast, cast.learner, **FACE)
    with writing(app):
        assert commands.approve_award(cast.county_auditor.actor, award_id, version=1) is True


def test_a_restoration_takes_two_as_well(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(small):
        commands.reverse_award(county, award_id, version=1, **WRONG)
    with writing(small):
        commands.answer_proposal(province, award_id, "confirm", version=1)
    with writing(small):
        assert commands.approve_award(province, award_id, version=2) is False
    assert ledger(small, cast.learner) == [(1, 10000), (2, -10000)]
    with pytest.raises(NotAllowed), writing(small):
        commands.answer_proposal(county, award_id, "confirm", version=2)


def test_the_policys_limit_goes_before_the_houses(app: Flask, cast: Cast, tmp_path: Path) -> None:
    settle(app, cast, "CN-ZJ")
    with under(app, tmp_path / "rules", "CN-ZJ-2025", CHAIN) as province, limited(province) as other:
        award_id = award_of(province, cast, cast.learner, **FACE)
        with writing(other):  # these rules are not its own: the house's limit of five holds
            assert commands.approve_award(cast.county_auditor.actor, award_id, version=1) is False
        second = award_of(province, cast, cast.colleague, **FACE)
        with writing(province):  # the policy says twenty
            assert commands.approve_award(cast.county_auditor.actor, second, version=1) is True


def test_nobody_confirms_what_she_proposed_nor_below_its_level_nor_of_her_own_house(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    colleague = auditor(small, cast, 71, "许淑芬", workplace="LB-YL-LX-SM")
    with writing(small):
        commands.reverse_award(province, award_id, version=1, **WRONG)
    page = f"/audit/awards/{award_id}"
    for member in (cast.province_auditor, cast.county_auditor, colleague):
        with pytest.raises(NotAllowed), writing(small):
            commands.answer_proposal(member.actor, award_id, "confirm", version=1)
        client = browser(small, member)
        client.get(page)
        with client.session_transaction() as kept:
            token = kept["csrf"]
        sent = client.post(f"{page}/second", data={"csrf_token": token, "version": "1", "action": "confirm"})
        assert sent.status_code == 403
    for actor in (cast.stranger.actor, cast.learner.actor):
        with pytest.raises(NotFound), writing(small):
            commands.answer_proposal(actor, award_id, "confirm", version=1)
    with pytest.raises(Conflict), writing(small):
        commands.return_award(county, award_id, version=1, **SAID)
    assert state(small, award_id) == ("granted", 1)
    assert ledger(small, cast.learner) == [(1, 10000)]


def test_declined_it_is_as_before_and_may_be_proposed_anew(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(small):
        commands.reverse_award(county, award_id, version=1, **WRONG)
    with pytest.raises(Invalid), writing(small):
        commands.answer_proposal(province, award_id, "decline", version=1)
    with writing(small):
        commands.answer_proposal(province, award_id, "decline", version=1, text="签到表在卷里。")
    assert state(small, award_id) == ("granted", 2)
    assert "签到表在卷里。" in browser(small, cast.county_auditor).get(f"/audit/awards/{award_id}").text
    with pytest.raises(Conflict), writing(small):
        commands.answer_proposal(province, award_id, "confirm", version=2)
    with writing(small):
        assert commands.approve_award(county, award_id, version=2) is False
    with writing(small):
        commands.answer_proposal(province, award_id, "confirm", version=2)
    assert state(small, award_id) == ("approved", 3)
    with reading(small):
        deeds = [row.action for row in audit.history("award", award_id)]
    assert deeds == ["award.propose_reverse", "award.declined", "award.propose_approve", "award.approved"]


def test_the_doctors_answer_leaves_a_proposal_without_effect(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(small):
        commands.return_award(county, award_id, version=1, **SAID)
    with writing(small):
        commands.reverse_award(county, award_id, version=2, **WRONG)
    with writing(small):
        commands.reply_to_award(cast.learner.actor, award_id, text="签到表在卫生院。")
    with pytest.raises(Conflict), writing(small):
        commands.answer_proposal(province, award_id, "confirm", version=2)
    assert state(small, award_id) == ("returned", 3)
    assert ledger(small, cast.learner) == [(1, 10000)]


@pytest.mark.parametrize("answers", [("confirm",), ("confirm", "decline")])
def test_two_who_answer_at_once_are_one_answer(small: Flask, cast: Cast, answers: tuple[str, ...]) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    with writing(small):
        commands.reverse_award(cast.county_auditor.actor, award_id, version=1, **WRONG)
    actors = [cast.province_auditor.actor, auditor(small, cast, 72, "蒋文彬").actor]
    outcomes = _at_once(
        small,
        8,
        lambda n: commands.answer_proposal(
            actors[n % 2], award_id, answers[n % len(answers)], version=1, text="看过了"
        ),
    )
    assert outcomes == ["conflict"] * 7 + ["done"]
    assert count(small, ProposalAnswer) == 1
    assert len(ledger(small, cast.learner)) == 1 + len(decisions(small, award_id)) <= 2


def test_two_who_propose_at_once_are_one_proposal(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    actors = [cast.county_auditor.actor, cast.province_auditor.actor]
    outcomes = _at_once(small, 8, lambda n: commands.reverse_award(actors[n % 2], award_id, version=1, **WRONG))
    # Whoever was faster may have sent the same once more, which is kept already; the other one never.
    assert 1 <= outcomes.count("done") <= 4
    assert count(small, AwardProposal) == 1
    assert ledger(small, cast.learner) == [(1, 10000)]


def test_who_proposed_takes_it_back_and_others_may_decide(small: Flask, cast: Cast) -> None:
    award_id = award_of(small, cast, cast.learner, **FACE)
    first, page = browser(small, cast.county_auditor), f"/audit/awards/{award_id}"
    assert post_form(first, page, {"action": "reverse", **WRONG}).status_code == 303
    other = browser(small, cast.province_auditor)
    assert "收回我的提议" not in other.get(page).text
    with pytest.raises(Conflict), writing(small):
        commands.withdraw_proposal(cast.province_auditor.actor, award_id, version=1)
    assert post_form(first, page, {}, action="/withdraw").status_code == 303
    assert "提议收回了" in first.get(page).text
    with pytest.raises(Conflict), writing(small):
        commands.answer_proposal(cast.province_auditor.actor, award_id, "confirm", version=1)
    assert ledger(small, cast.learner) == [(1, 10000)]
    assert post_form(other, page, {"action": "reverse", **WRONG}).status_code == 303
    assert count(small, AwardProposal) == 2


def test_a_first_person_who_lost_her_office_is_no_second_voice(small: Flask, cast: Cast) -> None:
    award_id, first = award_of(small, cast, cast.learner, **FACE), auditor(small, cast, 71, "秦志强")
    with writing(small):
        commands.reverse_award(first.actor, award_id, version=1, **WRONG)
    with writing(small):
        [grant] = people.grants_of([first.person_id])[first.person_id]
        people_commands.withdraw_role(cast.admin.actor, grant.id)
    with pytest.raises(Invalid), writing(small):
        commands.answer_proposal(cast.province_auditor.actor, award_id, "confirm", version=1)
    assert ledger(small, cast.learner) == [(1, 10000)]
    with writing(small):
        commands.answer_proposal(cast.province_auditor.actor, award_id, "decline", version=1, text="她已经调走。")
    with writing(small):
        assert commands.reverse_award(cast.county_auditor.actor, award_id, version=2, **WRONG) is False


def test_the_same_form_twice_is_one_proposal_and_no_conflict(small: Flask, cast: Cast) -> None:
    award_id, county = award_of(small, cast, cast.learner, **FACE), cast.county_auditor.actor
    for _ in range(2):
        with writing(small):
            assert commands.reverse_award(county, award_id, version=1, **WRONG) is False
    assert count(small, AwardProposal) == 1
    with pytest.raises(Conflict), writing(small):
        commands.approve_award(county, award_id, version=1)


def _at_once(app: Flask, hands: int, deed: object) -> list[str]:
    gate, outcomes = threading.Barrier(hands), []

    def press(number: int) -> None:
        gate.wait()
        try:
            with writing(app):
                deed(number)  # type: ignore[operator]
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=press, args=(n,)) for n in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_a_batch_leaves_out_what_takes_two_and_says_so(small: Flask, cast: Cast) -> None:
    big = award_of(small, cast, cast.learner, **FACE)
    little = [award_of(small, cast, member, **LECTURE) for member in (cast.learner, cast.colleague)]
    own = award_of(small, cast, cast.county_auditor, **LECTURE)
    client = browser(small, cast.county_auditor)
    page = client.get("/audit").text
    assert f'value="{own}:1"' not in page
    ticked = [f"{one}:1" for one in (big, *little)]
    assert all(f'value="{one}"' in page for one in ticked)
    sent = post_form(client, "/audit", {"award": ticked}, follow=True)
    assert "通过了 2 条。另有 1 条超过限额" in sent.text
    assert [state(small, one)[0] for one in (big, *little)] == ["granted", "approved", "approved"]
    assert count(small, AwardProposal) == 0


def test_a_batch_names_what_it_may_not_approve(small: Flask, cast: Cast) -> None:
    """What somebody ticks by hand that is hers, a colleague's, of another county, or nothing."""
    mine = award_of(small, cast, cast.county_auditor, **LECTURE)
    house = award_of(small, cast, cast.province_auditor, **LECTURE)
    good = award_of(small, cast, cast.learner, **LECTURE)
    client = browser(small, cast.county_auditor)
    client.get("/audit")
    with client.session_transaction() as kept:
        token = kept["csrf"]
    ticked = [f"{mine}:1", f"{house}:1", f"{good}:1", f"{good}:x", "no", f"{new_id()}:1"]
    sent = client.post("/audit", data={"csrf_token": token, "award": ticked})
    assert sent.status_code == 409
    assert "有 5 条没有通过" in sent.text
    assert [state(small, one)[0] for one in (mine, house, good)] == ["granted", "granted", "approved"]


def test_nobody_audits_her_own_institution(app: Flask, cast: Cast) -> None:
    """The county's auditor works at the bureau: its people are her colleagues, the clinic's are not."""
    of_house, of_clinic = (award_of(app, cast, one, **LECTURE) for one in (cast.province_auditor, cast.learner))
    in_clinic = auditor(app, cast, 73, "沈玉梅", workplace="LB-YL-LX-SM")
    for actor, award_id in ((cast.county_auditor.actor, of_house), (in_clinic.actor, of_clinic)):
        for deed, said in (
            (commands.approve_award, {}), (commands.return_award, SAID), (commands.reverse_award, WRONG)
        ):  # fmt: skip
            with pytest.raises(NotAllowed), writing(app):
                deed(actor, award_id, version=1, **said)
    shown = browser(app, in_clinic).get(f"/audit/awards/{of_clinic}").text
    assert "这位医生和您在同一单位" in shown
    with reading(app):
        rows = queries.queue(in_clinic.actor, Filters(), 1).page.items
        assert {row.id: row.colleague for row in rows} == {of_house: False, of_clinic: True}
        assert queries.next_waiting(in_clinic.actor, new_id()) == of_house
    with writing(app):
        commands.approve_award(in_clinic.actor, of_house, version=1)
        commands.approve_award(cast.county_auditor.actor, of_clinic, version=1)


def test_a_higher_level_may_approve_what_a_lower_one_has_approved(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **LECTURE)
    county, province = cast.county_auditor.actor, cast.province_auditor.actor
    with writing(app):
        commands.approve_award(county, award_id, version=1)
    with writing(app):
        commands.approve_award(province, award_id, version=2)
    for actor in (county, province):
        with pytest.raises(NotAllowed), writing(app):
            commands.approve_award(actor, award_id, version=3)
    assert len(ledger(app, cast.learner)) == 1


def test_the_database_itself_wants_two_persons(app: Flask, cast: Cast) -> None:
    award_id = award_of(app, cast, cast.learner, **LECTURE)
    one = cast.county_auditor.person_id
    told = {"id": new_id(), "award_id": award_id, "level": 1, "by_name": "何文静", "reason_code": "other",
            "reason_text": "一个人", "at": clock.now(), "by": one}  # fmt: skip
    alone = insert(AuditDecision).values(**told, action="reversed", proposed_by=one)
    nobody = insert(AuditDecision).values(**told | {"by": None}, action="reversed", proposed_by=one)
    for statement in (alone, nobody):
        with pytest.raises(DBAPIError), writing(app):
            session().execute(statement)
    with writing(app):
        session().execute(insert(AwardProposal).values(**told, action="reverse", award_version=1))
    for by, proposed_by in ((one, one), (one, cast.admin.person_id)):
        with pytest.raises(DBAPIError), writing(app):
            session().execute(
                insert(ProposalAnswer).values(
                    proposal_id=told["id"], proposed_by=proposed_by, answer="confirm", by=by, by_name="", text="",
                    at=clock.now(),
                )
            )  # fmt: skip


def test_the_default_is_ten(app: Flask) -> None:
    assert app.extensions["xinglin.settings"].second_person_above == Decimal(10)
