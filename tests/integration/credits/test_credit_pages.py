"""The pages of credits, used through their rendered forms."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cast import Cast, Member
from credit_stage import (
    FACE,
    LECTURE,
    SAID,
    SELF_STUDY,
    approve,
    award_of,
    awards,
    ledger,
    pass_course,
    publish_course,
    reading,
    record,
    state,
    writing,
)
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form

from lms.credits import commands, queries
from lms.kernel import clock

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def year_of_example_a(app: Flask, cast: Cast, *, self_study: bool = True) -> None:
    """Worked example A, all of it entered by the administrator, in 2026."""
    online = {
        "kind": "recommended_project",
        "title": {"zh": "基层慢病管理新进展"},
        "hours": Decimal(18),
        "project_number": "2026-03-01-001",
        "assessed": True,
    }
    record(app, cast, cast.learner, **online, on_date=date(2026, 3, 12))
    record(app, cast, cast.learner, **FACE)
    for day in range(1, 9):
        record(app, cast, cast.learner, **(LECTURE | {"on_date": date(2026, 6, day)}))
    for day in range(1, 7):
        case = {"kind": "case_discussion", "hours": Decimal(1), "on_date": date(2026, 7, day)}
        record(app, cast, cast.learner, **(LECTURE | case))
    if self_study:
        record(app, cast, cast.learner, **SELF_STUDY)
    record(app, cast, cast.learner, **online, on_date=date(2026, 8, 3))


def test_the_statement_is_worked_example_a(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    year_of_example_a(app, cast)
    page = sign_in(client, cast.learner).get("/credits?year=2026").text
    for words in (
        "这一年够了",
        "已计入 31.2，要满 25",
        "已计入 115，要满 90",
        "全部记录折算 42.2 学分，其中计入 31.2，未计入 11.0。",
        "每个项目最多计 10 学分，折算 11.0，多出 1.0 不计入。",
        "这类活动一年最多计 10 学分，这次得了 14.0，多出 4.0 不计入。",
        "同一课程或项目一年只计一次，2026年3月12日已经计过 6.0 学分。",
        "国家 2025 规则集",
        "各地做法",
        "暂定",
    ):
        assert words in page, words


def test_the_statement_says_what_is_lacking(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    year_of_example_a(app, cast, self_study=False)
    page = sign_in(client, cast.learner).get("/credits?year=2026").text
    assert "还差 3.8 学分、17 学时" in page


def test_the_statement_speaks_english(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    year_of_example_a(app, cast)
    sign_in(client, cast.learner)
    page = client.get("/credits?year=2026", headers={"Accept-Language": "en"}).text
    for words in ("At most 10 credits", "National rule set 2025", "Not counted, and why"):
        assert words in page, words


@pytest.mark.parametrize("year", ["", "1999", "x", "2026-", "99999", "٢٠٢٦"])
def test_a_senseless_year_is_this_year(cast: Cast, client: FlaskClient, sign_in: SignIn, year: str) -> None:
    answer = sign_in(client, cast.learner).get("/credits", query_string={"year": year})
    assert answer.status_code == 200
    assert f"{clock.today().year} 年学分明细" in answer.text


def test_an_empty_year_says_what_to_do(cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    page = sign_in(client, cast.learner).get("/credits").text
    assert "还差 25.0 学分、90 学时" in page
    assert "去看课程" in page


def test_the_doctor_answers_what_was_returned(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    sign_in(client, cast.learner)
    assert "去补充说明" in client.get("/credits?year=2026").text
    page = f"/credits/awards/{award_id}"
    assert SAID["text"] in client.get(page).text
    short = post_form(client, page, {"text": "嗯"})
    assert (short.status_code, state(app, award_id)[1]) == (422, 2)
    sent = post_form(client, page, {"text": "签到表在卫生院二楼。"})
    assert (sent.status_code, urlsplit(sent.location).path) == (303, page)
    shown = client.get(page).text
    assert "签到表在卫生院二楼。" in shown
    assert "您的说明已经收到" in shown


def test_the_doctor_answers_from_her_front_page(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    today = sign_in(client, cast.learner).get("/today").text
    assert SAID["text"] in today
    form = re.search(rf'action="/credits/awards/{award_id}/reply">(.*?)</form>', today, re.S)
    assert form is not None
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]+)"', form[1]))
    for _ in range(2):
        sent = client.post(f"/credits/awards/{award_id}/reply", data={**fields, "text": "签到表在卫生院二楼。"})
        assert sent.status_code == 303
    assert client.get(f"/credits/awards/{award_id}").text.count("签到表在卫生院二楼。") == 1


def test_an_answer_that_comes_too_late_keeps_its_words(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    sign_in(client, cast.learner)
    page = f"/credits/awards/{award_id}"
    client.get(page)
    with client.session_transaction() as kept:
        token = kept["csrf"]
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=2)
    late = client.post(f"{page}/reply", data={"csrf_token": token, "text": "我来晚了。"})
    assert late.status_code == 409
    assert "已经不在等您补充" in late.text


def test_others_awards_do_not_exist(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    award_id = award_of(app, cast, cast.learner)
    sign_in(client, cast.colleague)
    assert client.get(f"/credits/awards/{award_id}").status_code == 404
    assert client.get(f"/audit/awards/{award_id}").status_code == 403
    other = sign_in(app.test_client(), cast.stranger)
    assert other.get(f"/audit/awards/{award_id}").status_code == 404
    assert "赵桂芳" not in other.get("/audit").text


def test_the_auditor_sees_the_evidence_and_returns(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path
) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    (award,) = awards(app, cast.learner)
    sign_in(client, cast.county_auditor)
    queue = client.get("/audit").text
    assert "赵桂芳" in queue
    assert f"/audit/awards/{award.id}" in queue
    page = f"/audit/awards/{award.id}"
    shown = client.get(page).text
    for words in ("第 1 次考核", "100 分，合格线 80 分", "CN-2025:", "2026-01-01-001", "第 1 版"):
        assert words in shown, words
    bad = post_form(client, page, {"action": "return", "reason_code": "evidence", "text": ""})
    assert bad.status_code == 422
    assert "医生会看到" in bad.text
    none = post_form(client, page, {"reason_code": "evidence", "text": "请补充"})
    assert none.status_code == 422
    sent = post_form(client, page, {"action": "return", **SAID, "then": "next"})
    assert (sent.status_code, state(app, award.id)) == (303, ("returned", 2))
    assert SAID["text"] in client.get(page).text


def test_saving_leads_to_the_next_that_waits(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    first, second = (award_of(app, cast, cast.learner) for _ in range(2))
    sign_in(client, cast.county_auditor)
    sent = post_form(client, f"/audit/awards/{second}", {"action": "approve", "then": "next"})
    assert urlsplit(sent.location).path == f"/audit/awards/{first}"


def test_a_conflict_shows_both_decisions(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    award_id = award_of(app, cast, cast.learner)
    sign_in(client, cast.county_auditor)
    page = f"/audit/awards/{award_id}"
    client.get(page)
    with client.session_transaction() as kept:
        token = kept["csrf"]
    with writing(app):
        commands.return_award(cast.province_auditor.actor, award_id, version=1, **SAID)
    data = {"csrf_token": token, "version": "1", "action": "reverse", "reason_code": "absent"}
    late = client.post(page, data=data | {"text": "核实没有参加培训"})
    assert late.status_code == 409
    for words in ("周远山", SAID["text"], "核实没有参加培训", "没有存上"):
        assert words in late.text, words
    assert state(app, award_id) == ("returned", 2)
    assert ledger(app, cast.learner) == [(1, 500)]


def test_a_final_award_shows_why_it_cannot_be_changed(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    award_id = award_of(app, cast, cast.learner)
    own = award_of(app, cast, cast.county_auditor)
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, award_id, version=1)
    sign_in(client, cast.county_auditor)
    assert "请上一级来办" in client.get(f"/audit/awards/{award_id}").text
    assert "要由别的审核人员来审" in client.get(f"/audit/awards/{own}").text


def test_the_administrator_approves_a_course_and_ends_it(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path
) -> None:
    publish_course(app, tmp_path)
    sign_in(client, cast.admin)
    assert "课程批准" in client.get("/admin").text
    year = clock.today().year
    fill = {
        "course_code": "XL-STAGE",
        "authority_id": str(cast.places["LB-YL-WJ"]),
        "project_number": "2026-01-01-001",
        "kind": "recommended_project",
        "hours": "6",
        "valid_from": f"{year}-01-01",
        "valid_until": f"{year}-12-31",
    }
    page, action = "/admin/approvals", "/admin/approvals"
    too_long = post_form(client, page, fill | {"hours": "7"}, action=action)
    assert (too_long.status_code, "课程实际的 6 学时" in too_long.text) == (422, True)
    foreign = fill | {"authority_id": str(cast.places["LB-ST"])}
    assert post_form(client, page, foreign, action=action).status_code == 404
    assert post_form(client, page, fill, action=action).status_code == 303
    again = post_form(client, page, fill, action=action)
    assert (again.status_code, "已有批准" in again.text) == (422, True)
    assert "2026-01-01-001" in client.get(page).text
    assert "2026-01-01-001" not in sign_in(app.test_client(), cast.stranger).get(page).text
    assert "2.0 学分" in client.get("/courses").text
    assert post_form(client, page, {}, action="/end").status_code == 303
    assert "已结束" in client.get(page).text


def test_the_administrator_enters_an_activity(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, cast.admin)
    found = client.get("/admin/activities", query_string={"q": "赵桂芳"}).text
    assert f"/admin/activities/{cast.learner.person_id}" in found
    assert "没有找到" in client.get("/admin/activities", query_string={"q": "吴德福"}).text
    page = f"/admin/activities/{cast.learner.person_id}"
    fill = {
        "kind": "unit_lecture",
        "title": "糖尿病足早期识别",
        "on_date": "2026-09-18",
        "hours": "2",
        "times": "",
    }
    bad = post_form(client, page, fill | {"hours": "two"})
    assert bad.status_code == 422
    assert "糖尿病足早期识别" in bad.text
    done = post_form(client, page, fill)
    assert done.status_code == 303
    assert "授 0.5 学分" in client.get(page).text
    (award,) = awards(app, cast.learner)
    assert (award.awarded_milli, award.hours_milli) == (500, 2000)
    assert client.get(f"/admin/activities/{cast.stranger.person_id}").status_code == 404


def test_a_project_without_assessment_is_entered_and_says_why_it_earns_nothing(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(client, cast.admin)
    page = f"/admin/activities/{cast.learner.person_id}"
    fill = {
        "kind": "promotion_project",
        "title": "县域急诊",
        "on_date": "2026-05-15",
        "hours": "6",
        "project_number": "2026-14-00-007",
    }
    assert post_form(client, page, fill).status_code == 303
    assert "没有考核合格的记录" in client.get(page).text
    sign_in(other := app.test_client(), cast.learner)
    assert "没有考核合格的记录" in other.get("/credits?year=2026").text


@pytest.mark.parametrize(
    "page",
    ["/credits", "/audit", "/audit?state=second", "/admin/approvals",
     "/admin/activities", "/admin/activities?q=赵"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_changes_nothing_on_get(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    sign_in: SignIn,
    count_sql: Callable[[], object],
    page: str,
    language: str,
) -> None:
    award_of(app, cast, cast.learner)
    who = {"/credits": cast.learner, "/audit": cast.county_auditor}.get(page.partition("?")[0])
    sign_in(client, who or cast.admin)
    client.get(page)
    with count_sql() as statements:  # type: ignore[attr-defined]
        assert client.get(page, headers={"Accept-Language": language}).status_code == 200
    changed = [s for s in statements if not s.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
    assert changed == []
    assert len(statements) <= 8, statements


def test_the_home_doors_take_few_statements(
    app: Flask, cast: Cast, count_sql: Callable[[], object], tmp_path: Path
) -> None:
    publish_course(app, tmp_path)
    approve(app, cast)
    year_of_example_a(app, cast, self_study=False)
    with reading(app), count_sql() as statements:  # type: ignore[attr-defined]
        standing = queries.year_standing(cast.learner.person_id, 2026)
        assert len(statements) <= 2, statements
        queries.returned_awards(cast.learner.person_id)
        assert len(statements) <= 3, statements
    assert standing is not None
    assert (standing.counted, standing.hours) == (Decimal("21.2"), 73)
    assert (standing.gap_credits, standing.gap_hours) == (Decimal("3.8"), 17)


def test_courses_that_cannot_close_the_gap_say_what_remains(
    app: Flask, cast: Cast, tmp_path: Path, count_sql: Callable[[], object]
) -> None:
    publish_course(app, tmp_path)
    approve(app, cast)
    with reading(app), count_sql() as statements:  # type: ignore[attr-defined]
        found = queries.suggest(cast.learner.person_id)
        assert len(statements) <= 4, statements
    (only,) = found.courses
    assert (only.course.code, only.credits, only.hours) == ("XL-STAGE", 2, 6)
    assert (found.credits, found.remaining_credits, found.remaining_hours) == (2, 23, 84)
    assert not found.closes


def test_a_course_that_has_been_awarded_this_year_is_not_suggested(app: Flask, cast: Cast, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    with reading(app):
        assert queries.suggest(cast.learner.person_id).courses == ()
        assert len(queries.suggest(cast.colleague.person_id).courses) == 1
