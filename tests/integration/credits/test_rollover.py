"""The roll-over: approvals of the year that is over go on in the new one, all that are ticked or none; and back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from counting import counted
from course_packages import good_files
from credit_stage import CODE, approve, awards, pass_course, publish_course, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lms.courses import commands as courses
from lms.courses.models import Course
from lms.credits import commands, policies
from lms.credits.approvals.commands import approve_edition
from lms.credits.models import Approval
from lms.credits.rollover import queries
from lms.credits.rollover.models import Rollover, RolloverLine
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import AuditRow
from lms.kernel.db import session

SignIn = Callable[[FlaskClient, Member], FlaskClient]
YEAR = clock.today().year
PAGE = f"/admin/rollover?year={YEAR}"
LAST = {"valid_from": date(YEAR - 1, 1, 1), "valid_until": date(YEAR - 1, 12, 31)}
OTHER = "XL-OTHER"


@pytest.fixture
def edition_id(app: Flask, tmp_path: Path) -> UUID:
    return publish_course(app, tmp_path)


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


def publish(app: Flask, folder: Path, number: int) -> str:
    """One more course of one hour; its code."""
    code = f"{OTHER}-{number}"
    slug = f"other-{number}"
    root = folder / slug
    for path, text in good_files(code=code, slug=slug).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    with writing(app):
        courses.publish_folder(root, SYSTEM)
    return code


@pytest.fixture
def two(app: Flask, cast: Cast, edition_id: UUID, tmp_path: Path) -> tuple[UUID, UUID]:
    """Approvals of two courses that ended with last year."""
    other = publish(app, tmp_path, 1)
    second = approve(app, cast, course_code=other, project_number="B-1", hours=Decimal(1), **LAST)
    return approve(app, cast, project_number="A-1", **LAST), second


def rows(app: Flask, model: type[Any] = Approval) -> list[str]:
    with reading(app):
        return sorted(repr(tuple(row)) for row in session().execute(select(*model.__table__.columns)))


def entered(app: Flask) -> dict[str, tuple[str, Decimal, date, date]]:
    """The approvals of this year by course: number, hours, days."""
    with reading(app):
        found = session().scalars(select(Approval).where(Approval.valid_from >= date(YEAR, 1, 1)))
        return {
            one.course_code: (one.project_number, Decimal(one.hours_milli) / 1000, one.valid_from, one.valid_until)
            for one in found
        }


def deeds(app: Flask) -> list[str]:
    with reading(app):
        return list(session().scalars(select(AuditRow.action).order_by(AuditRow.at, AuditRow.id)))


def preview(browser: FlaskClient, fill: dict[str, object] | None = None, page: str = PAGE) -> TestResponse:
    """Fill the page and press “preview”."""
    return post_form(browser, page, {"step": "preview", **(fill or {})}, action="/admin/rollover")


def press(browser: FlaskClient, shown: TestResponse, step: str = "enter") -> TestResponse:
    """Press a button of the preview."""
    form = next(one for one in forms_of(shown.text) if ("step", step) in one["buttons"])
    data: dict[str, list[str]] = {"step": [step]}
    for name, value in form["fields"]:
        data.setdefault(name, []).append(value)
    return browser.post(form["action"], data=data)


def roll(browser: FlaskClient, fill: dict[str, object] | None = None) -> str:
    """Preview and confirm; the address of what was done."""
    answer = press(browser, preview(browser, fill))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_preview_writes_nothing_and_a_press_enters_all(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID]
) -> None:
    assert 'href="/admin/rollover"' in admin.get("/admin").text
    assert 'href="/admin/rollover"' in admin.get("/admin/approvals").text
    assert 'href="/admin/rollover"' in admin.get("/admin/rosters").text
    before, told = rows(app), len(deeds(app))
    shown = preview(admin, {f"{two[0]}-project_number": "A-2", f"{two[1]}-hours": "0.5"})
    assert shown.status_code == 200
    assert "这是预览，还没有登记" in shown.text
    assert "确认登记这 2 条" in shown.text
    assert (rows(app), rows(app, Rollover), len(deeds(app))) == (before, [], told)
    again = press(admin, shown, "back")
    assert 'value="A-2"' in again.text, "what was typed is kept on the way back"
    assert "这是预览" not in again.text
    done = press(admin, shown)
    page = admin.get(done.headers["Location"]).text
    assert "已登记 2 条" in page
    whole = (date(YEAR, 1, 1), date(YEAR, 12, 31))
    assert entered(app) == {CODE: ("A-2", Decimal(6), *whole), f"{OTHER}-1": ("B-1", Decimal("0.5"), *whole)}
    assert deeds(app)[told:] == ["rollover.done", "approval.entered", "approval.entered"]
    assert "没有要结转的批准" in admin.get(PAGE).text
    assert done.headers["Location"] in admin.get(PAGE).text


def test_pressing_twice_or_in_two_tabs_enters_once(app: Flask, admin: FlaskClient, two: tuple[UUID, UUID]) -> None:
    one = preview(admin)
    tab = preview(admin, {f"{two[0]}-project_number": "A-9"})
    first, second = press(admin, one), press(admin, one)
    assert first.headers["Location"] == second.headers["Location"]
    assert "刚才已经登记过" in admin.get(second.headers["Location"]).text
    late = press(admin, tab)
    assert late.status_code == 409
    assert "名单刚刚变了" in late.text
    assert len(entered(app)) == 2
    assert len(rows(app, Rollover)) == 1


def test_taking_it_back_leaves_the_state_before(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID]
) -> None:
    before, told = rows(app), len(deeds(app))
    done = roll(admin)
    answer = post_form(admin, done, action="/undo")
    assert answer.headers["Location"] == done
    assert "收回 2 条，留下 0 条" in admin.get(done).text
    assert rows(app) == before
    assert rows(app, RolloverLine) == []
    assert deeds(app)[told + 3 :] == ["rollover.undone", "approval.removed", "approval.removed"]
    roll(admin, {f"{two[0]}-project_number": "A-2"})
    assert entered(app)[CODE][0] == "A-2", "what was taken back can be rolled over again"
    assert len(rows(app, Rollover)) == 2


def test_what_was_awarded_under_stays_and_says_why(
    app: Flask, cast: Cast, admin: FlaskClient, edition_id: UUID, two: tuple[UUID, UUID]
) -> None:
    done = roll(admin)
    pass_course(app, cast.learner, edition_id)
    assert len(awards(app, cast.learner)) == 1
    assert "收不回：已经有人按它记了学习活动" in admin.get(done).text
    post_form(admin, done, action="/undo")
    assert "收回 1 条，留下 1 条" in admin.get(done).text
    assert list(entered(app)) == [CODE]
    assert len(awards(app, cast.learner)) == 1
    assert 'value="B-1"' in admin.get(PAGE).text
    assert 'value="A-1"' not in admin.get(PAGE).text, "the one that stayed follows it"


def test_after_two_weeks_it_stays(app: Flask, admin: FlaskClient, two: tuple[UUID, UUID]) -> None:
    done = roll(admin)
    shown = next(one for one in forms_of(admin.get(done).text) if one["action"].endswith("/undo"))
    with writing(app):
        session().execute(update(Rollover).values(made_at=clock.now() - timedelta(days=14)))
    assert "/undo" not in admin.get(done).text
    admin.post(shown["action"], data=dict(shown["fields"]))
    assert "已经超过 14 天" in admin.get(done).text
    assert len(entered(app)) == 2


def test_another_county_sees_none_of_it(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID], sign_in: SignIn
) -> None:
    other = sign_in(app.test_client(), cast.stranger)
    assert "没有要结转的批准" in other.get(PAGE).text
    form = next(one for one in forms_of(admin.get(PAGE).text) if one["action"] == "/admin/rollover")
    stolen = {name: value for name, value in form["fields"] if name != "csrf_token"}
    token = next(value for one in forms_of(other.get("/account").text) for name, value in one["fields"]
                 if name == "csrf_token")  # fmt: skip
    refused = other.post("/admin/rollover", data={**stolen, "csrf_token": token, "step": "enter"})
    assert refused.status_code == 409
    assert "A-1" not in refused.text.replace('value="A-1"', "")
    assert entered(app) == {}
    done = roll(admin)
    assert other.get(done).status_code == 404
    assert other.post(f"{done}/undo", data={"csrf_token": token}).status_code == 404
    assert len(entered(app)) == 2


def test_what_is_wrong_is_named_by_row_and_nothing_is_entered(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID], tmp_path: Path
) -> None:
    for wrong, said in {
        f"{two[0]}-hours": ("60", "不能多于课程实际的 6 学时"),
        f"{two[1]}-hours": ("two", "大于 0"),
        f"{two[0]}-project_number": ("", "请填写这一项"),
        f"{two[1]}-project_number": ("x" * 31, "最多 30 个字"),
        "valid_from": (f"{YEAR - 1}-06-01", f"开始的日期要在 {YEAR} 年里"),
        "valid_until": (f"{YEAR - 1}-06-01", "结束的日期比开始的早"),
    }.items():
        answer = preview(admin, {f"{two[0]}-project_number": "A-7"} | {wrong: said[0]})
        assert answer.status_code == 422, wrong
        start = answer.text.find(f'id="{wrong}-error')
        assert start >= 0, (wrong, answer.text[answer.text.find('role="alert"') :][:300])
        assert said[1] in answer.text[start : answer.text.index("</p>", start)]
        assert wrong == f"{two[0]}-project_number" or 'value="A-7"' in answer.text
    assert f'href="#row-{two[0]}"' in preview(admin, {f"{two[0]}-hours": ""}).text
    none = preview(admin, {"take": []})
    assert none.status_code == 422
    assert "请至少勾选一条" in none.text
    followed, retired = (preview(admin, {"take": [str(one)]}) for one in two)
    with writing(app):
        session().execute(update(Course).where(Course.code == f"{OTHER}-1").values(closed_at=clock.now()))
        commands.approve_course(
            cast.admin.actor, course_code=CODE, authority_id=cast.places["LB-YL"], project_number="C-1",
            kind="recommended_project", hours=Decimal(1), valid_from=date(YEAR - 1, 12, 31) + timedelta(200),
            valid_until=date(YEAR, 12, 31),
        )  # fmt: skip
    for shown, why in ((followed, "its successor was entered meanwhile"), (retired, "its course is retired by now")):
        assert press(admin, shown).status_code == 409, why
    assert f"{OTHER}-1" not in admin.get(f"/admin/rollover?year={YEAR}").text, "of a course that is retired by now"
    assert list(entered(app)) == [CODE]
    assert rows(app, Rollover) == []


def test_another_authoritys_approval_hinders_and_is_named(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID]
) -> None:
    with writing(app):
        commands.approve_course(
            SYSTEM, course_code=CODE, authority_id=cast.places["LB"], project_number="P-1",
            kind="recommended_project", hours=Decimal(1), valid_from=date(YEAR, 3, 1), valid_until=date(YEAR, 4, 1),
        )  # fmt: skip
    answer = preview(admin)
    assert answer.status_code == 422
    row = answer.text[answer.text.index(f'id="row-{two[0]}"') :]
    assert "已有批准（P-1）" in row[: row.index("</fieldset>")]
    other = answer.text[answer.text.index(f'id="row-{two[1]}"') :]
    assert 'class="err"' not in other[: other.index("</fieldset>")]
    roll(admin, {"take": [str(two[1])]})
    assert set(entered(app)) == {CODE, f"{OTHER}-1"}


def test_which_approvals_end_without_a_successor(
    app: Flask, cast: Cast, admin: FlaskClient, edition_id: UUID, tmp_path: Path
) -> None:
    half, long_ago = date(YEAR - 1, 6, 30), {"valid_from": date(YEAR - 2, 1, 1), "valid_until": date(YEAR - 2, 12, 31)}
    approve(app, cast, project_number="EARLY", valid_from=date(YEAR - 1, 1, 1), valid_until=half)
    approve(app, cast, project_number="LATE", valid_from=date(YEAR - 1, 7, 1), valid_until=date(YEAR - 1, 11, 30))
    by_hand = approve(app, cast, course_code=publish(app, tmp_path, 1), project_number="HAND", hours=Decimal(1), **LAST)
    old = approve(app, cast, course_code=publish(app, tmp_path, 2), project_number="OLD", hours=Decimal(1), **LAST)
    with writing(app):
        commands.end_approval(cast.admin.actor, by_hand)
        session().execute(update(Approval).where(Approval.id == old).values(**long_ago))
    page = admin.get(PAGE).text
    assert [number for number in ("EARLY", "LATE", "HAND", "OLD") if f'value="{number}"' in page] == ["LATE"]
    ended = roll(admin)
    with writing(app):
        approval = session().scalars(select(Approval.id).where(Approval.valid_from == date(YEAR, 1, 1))).one()
        commands.end_approval(cast.admin.actor, approval)
    assert "没有要结转的批准" in admin.get(PAGE).text, "who ended the new one by hand has decided"
    assert admin.get(ended).status_code == 200


def test_an_approval_of_one_edition_goes_on_for_that_edition(
    app: Flask, cast: Cast, admin: FlaskClient, edition_id: UUID
) -> None:
    said = {"course_code": CODE, "authority_id": cast.places["LB-YL-WJ"], "kind": "recommended_project"}
    with writing(app):
        approve_edition(cast.admin.actor, edition_id=edition_id, project_number="E-1", hours=Decimal(6),
                        **said, **LAST)  # type: ignore[arg-type]  # fmt: skip
    assert "第 1 版" in admin.get(PAGE).text
    roll(admin)
    with reading(app):
        known = session().execute(select(Approval.edition_id, Approval.project_number)).all()
    assert [tuple(one) for one in known] == [(edition_id, "E-1")] * 2


def test_two_that_would_overlap_in_the_new_year_are_refused_together(
    app: Flask, cast: Cast, admin: FlaskClient, edition_id: UUID
) -> None:
    half = date(YEAR - 1, 6, 30)
    approve(app, cast, project_number="ALL", valid_from=date(YEAR - 1, 1, 1), valid_until=half)
    with writing(app):
        one = approve_edition(
            cast.admin.actor, edition_id=edition_id, course_code=CODE, authority_id=cast.places["LB-YL-WJ"],
            kind="recommended_project", project_number="E-1", hours=Decimal(6), valid_from=half + timedelta(1),
            valid_until=date(YEAR - 1, 12, 31),
        )  # fmt: skip
    answer = preview(admin)
    assert answer.status_code == 422
    assert "已有批准（ALL）" in answer.text
    assert press(admin, preview(admin, {"take": [str(one)]})).status_code == 303
    assert entered(app)[CODE][0] == "E-1"


def test_more_than_a_page_holds_come_with_the_next(
    app: Flask, admin: FlaskClient, two: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 1)
    assert "到期的一共 2 条，这里是前 1 条" in admin.get(PAGE).text
    roll(admin)
    assert list(entered(app)) == [f"{OTHER}-1"]
    assert "到期的一共" not in admin.get(PAGE).text
    roll(admin)
    assert len(entered(app)) == 2


def test_the_page_costs_the_same_however_many_approvals_end(
    app: Flask, cast: Cast, admin: FlaskClient, two: tuple[UUID, UUID], tmp_path: Path
) -> None:
    def cost() -> list[int]:
        found = []
        for deed in (lambda: admin.get(PAGE), lambda: preview(admin)):
            deed()
            with counted() as statements:
                deed()
            found.append(len(statements))
        shown = preview(admin)
        with counted() as statements:
            done = press(admin, shown).headers["Location"]
        found.append(len(statements))
        with counted() as statements:
            admin.get(done)
        found.append(len(statements))
        with counted() as statements:
            post_form(admin, done, action="/undo")
        return [*found, len(statements)]

    few = cost()
    for number in range(2, 8):
        approve(app, cast, course_code=publish(app, tmp_path, number), project_number=f"N-{number}", hours=Decimal(1),
                **LAST)  # fmt: skip
    assert cost() == few
    assert few[0] <= 14, few


def test_a_year_without_a_rule_set_is_said_first(
    app: Flask, admin: FlaskClient, two: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{YEAR} 年按《国家 2025 规则集》计学分" in admin.get(PAGE).text
    monkeypatch.setattr(policies, "governing", lambda place, year: None)
    page = admin.get(PAGE).text
    assert page.index(f"{YEAR} 年还没有规则集") < page.index('name="valid_from"')
    refused = preview(admin)
    assert refused.status_code == 422
    assert f"{YEAR} 年没有规则集，不能登记" in refused.text
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Rollover)) == 0
