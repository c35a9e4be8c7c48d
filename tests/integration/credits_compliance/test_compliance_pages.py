"""/reports/compliance: counts by place, lists, and why; within one's places only."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from cast import Cast, Member
from compliance_stage import FULL, add_doctor, run_all
from credit_stage import FACE, LECTURE, SAID, SELF_STUDY, award_of, reading, record, writing
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from lms.credits import commands as credits
from lms.credits.compliance import queries
from lms.credits.compliance.queries import Filters
from lms.credits.models import YearResult
from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.organisations import queries as organisations
from lms.people import commands as people

SignIn = Callable[[FlaskClient, Member], FlaskClient]
YEAR = clock.today().year


def test_an_auditor_finds_it_in_her_bar_and_an_administrator_under_administration(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    auditor = sign_in(app.test_client(), cast.county_auditor)
    assert 'href="/reports/compliance"' in auditor.get("/audit").text
    page = auditor.get("/reports/compliance").text
    assert re.search(r'href="/reports/compliance" aria-current="page"', page)
    admin = sign_in(app.test_client(), cast.admin)
    assert 'href="/reports/compliance"' in admin.get("/admin").text
    assert re.search(r'href="/admin" aria-current="page"', admin.get("/reports/compliance").text)
    learner = sign_in(app.test_client(), cast.learner)
    assert "/reports/compliance" not in learner.get("/today").text


def test_counts_go_down_the_tree_and_add_up(app: Flask, cast: Cast) -> None:
    for number in range(3):
        record(app, cast, cast.learner, **(FACE | {"project_number": f"2026-14-00-{number:03d}"}))
    actor, places = cast.province_auditor.actor, cast.places
    with reading(app):
        province = queries.overview(actor, places["LB"], YEAR)
        county = queries.overview(actor, places["LB-YL"], YEAR)
        clinic = queries.overview(actor, places["LB-YL-LX-SM"], YEAR)
    assert dict(province.total.states) == {"pass": 1, "fail": 2, "not_required": 5}
    assert [(card.code, shares.people) for card, shares in province.parts] == [("LB-YZ", 8)]
    assert {card.code: shares.people for card, shares in county.parts} == {
        "LB-YL-WJ": 3, "LB-YL-YGT": 3, "TC-DEMO": 1,
    }  # fmt: skip
    assert county.total.people == 7
    assert (clinic.total.people, clinic.parts, clinic.here.people) == (2, (), 2)
    assert clinic.total.percent == 50
    assert clinic.total.lacking == {"credits": 1, "hours": 1}
    assert province.total.percent == Decimal("33.3")


def test_the_page_shows_the_counts_and_leads_to_the_list_and_to_the_reason(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    record(app, cast, cast.learner, **SELF_STUDY)
    award = award_of(app, cast, cast.learner, **LECTURE)
    with writing(app):
        credits.return_award(cast.county_auditor.actor, award, version=1, **SAID)
    browser = sign_in(app.test_client(), cast.county_auditor)
    page = browser.get("/reports/compliance").text
    assert "0 人，要满的有 2 人（0%）" in page.replace("0.0%", "0%")
    down = re.search(r'<a href="([^"]+)">云岭县医共体</a>', page)
    assert down
    assert "石门沟" not in page
    listing = f"/reports/compliance/{cast.places['LB-YL-LX-SM']}/people?state=fail"
    listed = browser.get(listing).text
    row = re.search(r'<a class="nb" href="([^"]+)">赵桂芳</a>.*?</tr>', listed, re.DOTALL)
    assert row
    assert "15.0" in row[0]
    assert "000000********" in row[0]
    why = browser.get(row[1].replace("&amp;", "&")).text
    assert "已计入 10.0，要满 25" in why
    assert "15.0 学分" in why
    assert "自学" in why
    assert re.search(r"糖尿病足早期识别.*?</th>", why, re.DOTALL)
    assert why.index("没有计入") < why.index("糖尿病足早期识别")


def test_a_list_is_searched_by_name_and_cut_into_pages(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    for number in range(55):
        name = "周" + "甲乙丙丁戊己庚辛壬癸"[number % 10] + "子丑寅卯辰巳"[number // 10]
        add_doctor(app, cast, 500 + number, name=name)
    browser = sign_in(app.test_client(), cast.county_auditor)
    address = f"/reports/compliance/{cast.places['LB-YL-LX-SM']}/people"
    first, second = browser.get(address).text, browser.get(f"{address}?page=2").text
    names = [re.findall(r'<a class="nb" href="[^"]+">([^<]+)</a>', page) for page in (first, second)]
    assert [len(one) for one in names] == [50, 7]
    assert not set(names[0]) & set(names[1])
    found = browser.get(f"{address}?q=周甲").text
    assert len(re.findall(r'<a class="nb"', found)) == 6
    assert "全部 6" in found
    assert "这里没有人" in browser.get(f"{address}?q=周甲&state=pass").text


def test_those_directly_at_a_place_can_be_seen_alone(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    add_doctor(app, cast, 610, "LB-YL-LX", name="冯卫生")
    browser = sign_in(app.test_client(), cast.county_auditor)
    place = cast.places["LB-YL-LX"]
    page = browser.get(f"/reports/compliance/{place}").text
    assert "直接在这里" in page
    link = re.search(r'href="([^"]*here=1[^"]*)"', page)
    assert link
    alone = browser.get(link[1].replace("&amp;", "&")).text
    assert "冯卫生" in alone
    assert "赵桂芳" not in alone


def test_another_county_does_not_exist(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(app.test_client(), cast.stranger)
    for place in ("LB", "LB-YZ", "LB-YL", "LB-YL-LX-SM"):
        assert browser.get(f"/reports/compliance/{cast.places[place]}").status_code == 404
        assert browser.get(f"/reports/compliance/{cast.places[place]}/people").status_code == 404
    assert browser.get(f"/reports/compliance/people/{cast.learner.person_id}").status_code == 404
    assert browser.get(f"/reports/compliance/people/{cast.stranger.person_id}").status_code == 200
    assert "云岭" not in browser.get("/reports/compliance").text


def test_whom_another_authority_audits_is_not_the_countys(app: Flask, cast: Cast) -> None:
    """She works in the county and is audited by the city: its administrator sees her, its auditor does not."""
    doctor = add_doctor(app, cast, 620, authority_id=cast.places["LB-YZ"])
    clinic = cast.places["LB-YL-LX-SM"]
    with reading(app):
        audited = queries.roster(cast.county_auditor.actor, clinic, YEAR, Filters(), 1)
        administered = queries.roster(cast.admin.actor, clinic, YEAR, Filters(), 1)
        above = queries.overview(cast.province_auditor.actor, clinic, YEAR)
        assert doctor not in {row.person_id for row in audited.page.items}
        assert doctor in {row.person_id for row in administered.page.items}
        assert above.total.people == 3
        assert queries.overview(cast.county_auditor.actor, clinic, YEAR).total.people == 2
        with pytest.raises(NotFound):
            queries.filed(cast.county_auditor.actor, doctor, YEAR)


def test_an_office_of_two_places_chooses_one(app: Flask, cast: Cast) -> None:
    paths = {card.code: card.path for card in _cards(app, cast)}
    grants = tuple(Grant(Role.COUNTY_AUDITOR, paths[code]) for code in ("LB-YL", "LB-ST"))
    with reading(app):
        two = queries.tops(Actor(person_id=cast.learner.person_id, grants=grants))
        nested = queries.tops(
            Actor(person_id=cast.learner.person_id, grants=(*grants, Grant(Role.ADMINISTRATOR, paths["LB"])))
        )
    assert {card.code for card in two} == {"LB-YL", "LB-ST"}
    assert [card.code for card in nested] == ["LB"]


def _cards(app: Flask, cast: Cast) -> list[organisations.OrganisationCard]:
    with reading(app):
        return list(organisations.cards(cast.places.values()).values())


def test_she_is_asked_which_of_her_places(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with writing(app):
        people.grant_role(SYSTEM, cast.county_auditor.person_id, Role.COUNTY_AUDITOR, cast.places["LB-ST"])
    page = sign_in(app.test_client(), cast.county_auditor).get("/reports/compliance").text
    assert "先选一个" in page
    assert f"/reports/compliance/{cast.places['LB-ST']}" in page


def test_years_before_are_opened_by_their_tabs(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    record(app, cast, cast.learner, **(LECTURE | {"on_date": date(YEAR - 1, 4, 1)}))
    run_all(app, YEAR - 2)
    browser = sign_in(app.test_client(), cast.county_auditor)
    page = browser.get("/reports/compliance").text
    assert [int(one) for one in re.findall(r'year=(\d{4})"[^>]*>\1</a>', page)] == [YEAR, YEAR - 1, YEAR - 2]
    place = cast.places["LB-YL"]
    assert "0.5" in browser.get(f"/reports/compliance/{place}/people?year={YEAR - 1}").text
    assert "没有生效的规则集" in browser.get(f"/reports/compliance/{place}?year={YEAR - 2}").text
    person = f"/reports/compliance/people/{cast.learner.person_id}"
    assert "没有生效的规则集" in browser.get(f"{person}?year={YEAR - 2}").text
    assert browser.get(f"{person}?year={YEAR - 3}").status_code == 404


def test_classes_of_credits_are_told_apart(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    """Rows of a year in which class I and class II were two books."""
    with writing(app):
        now = session().execute(select(YearResult.__table__).where(YearResult.year == YEAR)).mappings().all()
        for number, row in enumerate(now):
            failed = {"compliance": "fail", "lacking": "credits #class_1"} if number % 2 else {"compliance": "pass"}
            values = FULL | {name: row[name] for name in ("person_id", "place_path", "authority_path", "computed_at")}
            session().execute(insert(YearResult).values(values | failed | {"year": 2023}))
    page = sign_in(app.test_client(), cast.province_auditor).get("/reports/compliance?year=2023").text
    assert "按学分类别" in page
    assert "4 人够了，4 人还差" in page
    assert "I类" in page


def test_it_changes_nothing_on_get_and_keeps_numbers_to_itself(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(app.test_client(), cast.county_auditor)
    person = cast.learner.person_id
    before = _rows(app)
    for address in ("", f"/{cast.places['LB-YL']}", f"/{cast.places['LB-YL']}/people", f"/people/{person}"):
        page = browser.get(f"/reports/compliance{address}")
        assert page.status_code == 200
        assert "0000001975" not in page.text
    assert _rows(app) == before


def _rows(app: Flask) -> list[tuple[UUID, int]]:
    with reading(app):
        rows = session().execute(select(YearResult.person_id, YearResult.version).order_by(YearResult.person_id))
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("tail", ["?year=abc", "?year=99999", "?page=-1&state=x", "?page=9999999&q=%25_", "?here=2"])
def test_odd_addresses_do_no_harm(app: Flask, cast: Cast, sign_in: SignIn, tail: str) -> None:
    browser = sign_in(app.test_client(), cast.county_auditor)
    for address in ("", f"/{cast.places['LB-YL']}/people"):
        assert browser.get(f"/reports/compliance{address}{tail}").status_code == 200
    long = "长" * 300
    assert browser.get(f"/reports/compliance/{cast.places['LB-YL']}/people?q={long}").status_code == 200


def test_pages_cost_a_fixed_number_of_statements(
    app: Flask, cast: Cast, sign_in: SignIn, count_sql: Callable[[], object]
) -> None:
    browser = sign_in(app.test_client(), cast.province_auditor)
    for address, most in (
        (f"/reports/compliance/{cast.places['LB']}", 4),
        ("/reports/compliance", 4),
        (f"/reports/compliance/{cast.places['LB']}/people?q=赵&state=fail", 6),
        (f"/reports/compliance/people/{cast.learner.person_id}", 8),
    ):
        browser.get(address)
        with count_sql() as statements:  # type: ignore[attr-defined]
            assert browser.get(address).status_code == 200
        assert 0 < len(statements) <= most, "\n\n".join(statements)
