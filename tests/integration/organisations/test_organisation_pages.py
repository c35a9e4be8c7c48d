"""The tree of organisations: seen, grown and changed within one's places only."""

from collections.abc import Callable

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form

from lms.kernel import audit, clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.errors import Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work
from lms.organisations import commands, queries
from lms.organisations.models import Organisation

SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


def test_a_clinic_is_added_below_a_township_centre(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/organisations/{cast.places['LB-YL-LX']}/new"
    fill = {
        "kind": "village_clinic",
        "name": "河湾村卫生室",
        "name_en": "Hewan village clinic",
        "code": "lb-yl-lx-hw",
        "phone": "0000-555 0199",
        "contact_name": "吴德福",
    }
    answer = post_form(admin, page, fill)
    assert answer.status_code == 303
    shown = admin.get(answer.headers["Location"]).text
    for text in ("河湾村卫生室", "LB-YL-LX-HW", "0000-555 0199", "柳溪镇卫生院"):
        assert text in shown
    with app.app_context(), unit_of_work(write=False):
        made = queries.by_code("LB-YL-LX-HW")
        assert made is not None
        parent = queries.organisation(cast.places["LB-YL-LX"])
        assert parent is not None
        assert made.path.startswith(parent.path)
        assert [deed.action for deed in audit.history("organisation", made.id)] == ["organisation.added"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("kind", "province", "不能放在这里"),
        ("kind", "castle", "从列出的几项里选"),
        ("name", "", "请填写这一项"),
        ("code", "村", "大写字母"),
        ("code", "LB-YL-LX-SM", "已经有机构在用"),
        ("phone", "打给我", "电话只用数字"),
    ],
)
def test_a_wrong_field_is_named(
    app: Flask, admin: FlaskClient, cast: Cast, field: str, value: str, sentence: str
) -> None:
    def count() -> int:
        with app.app_context(), unit_of_work(write=False):
            return session().query(Organisation).count()

    before = count()
    page = f"/admin/organisations/{cast.places['LB-YL-LX']}/new"
    fill = {"kind": "village_clinic", "name": "河湾村卫生室", "code": "LB-YL-LX-HW", field: value}
    answer = post_form(admin, page, fill)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count() == before


def test_details_are_changed(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/organisations/{cast.places['LB-YL-LX']}/edit"
    assert post_form(admin, page, {"contact_name": "周玉梅"}).status_code == 303
    assert "周玉梅" in admin.get(page.removesuffix("/edit")).text
    with app.app_context(), unit_of_work(write=False):
        [_, deed] = audit.history("organisation", cast.places["LB-YL-LX"])
        assert deed.details == {"changed": ["contact_name"]}


def test_saving_what_is_there_already_leaves_no_trace(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/organisations/{cast.places['LB-YL-LX']}/edit"
    assert post_form(admin, page).status_code == 303
    with app.app_context(), unit_of_work(write=False):
        assert len(audit.history("organisation", cast.places["LB-YL-LX"])) == 1


def test_what_stands_above_open_places_is_not_closed(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    today = clock.today().isoformat()
    township = f"/admin/organisations/{cast.places['LB-YL-LX']}"
    clinic = f"/admin/organisations/{cast.places['LB-YL-LX-SM']}"
    refused = post_form(admin, f"{township}/edit", {"closed_on": today})
    assert refused.status_code == 422
    assert "先关闭它们" in refused.text
    assert post_form(admin, f"{clinic}/edit", {"closed_on": today}).status_code == 303
    assert "已关闭" in admin.get(clinic).text
    assert post_form(admin, f"{township}/edit", {"closed_on": today}).status_code == 303
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        commands.add_organisation(
            cast.admin.actor,
            kind="village_clinic",
            name="河湾村卫生室",
            code="LB-YL-LX-HW",
            parent_id=cast.places["LB-YL-LX"],
        )


def test_the_tree_begins_at_my_places(admin: FlaskClient, cast: Cast) -> None:
    top = admin.get("/admin/organisations").text
    assert "云岭县" in top
    assert "石塘县" not in top
    county = admin.get(f"/admin/organisations/{cast.places['LB-YL']}").text
    assert "云岭县医共体" in county
    assert "石门沟村卫生室" not in county
    assert "云州市" not in county


def test_search_stays_within_my_places(admin: FlaskClient) -> None:
    assert "石门沟村卫生室" in admin.get("/admin/organisations?q=石门").text
    assert "石门沟村卫生室" in admin.get("/admin/organisations?q=lx-sm").text
    assert "没有找到" in admin.get("/admin/organisations?q=石塘").text
    assert "没有找到" in admin.get("/admin/organisations?q=%25").text


def test_places_elsewhere_do_not_exist(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    token = admin.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "name": "x", "kind": "commission", "code": "X"}
    for code in ("LB", "LB-YZ", "LB-ST", "TC-OTHER"):
        page = f"/admin/organisations/{cast.places[code]}"
        assert [admin.get(page + end).status_code for end in ("", "/edit", "/new")] == [404] * 3
        assert [admin.post(page + end, data=data).status_code for end in ("/edit", "/new")] == [
            404,
            404,
        ]
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        commands.add_organisation(
            cast.admin.actor,
            kind="county",
            name="新县",
            code="LB-XX",
            parent_id=cast.places["LB-YZ"],
        )


def test_only_administrators_come_in(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    page = f"/admin/organisations/{cast.places['LB-YL']}"
    assert client.get(page).status_code == 303
    for member in (cast.learner, cast.author, cast.county_auditor):
        assert sign_in(app.test_client(), member).get(page).status_code == 403


def test_only_the_house_founds_a_province(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.add_organisation(cast.admin.actor, kind="province", name="新省", code="XX", parent_id=None)


def test_a_jurisdiction_is_that_of_the_province_above(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        province = commands.add_organisation(
            SYSTEM, kind="province", name="岭南省", code="LN", parent_id=None, region_code="CN-HI"
        )
        county = commands.add_organisation(SYSTEM, kind="county", name="海角县", code="LN-HJ", parent_id=province)
        card = queries.organisation(county)
        elsewhere = queries.organisation(cast.places["LB-YL"])
        assert card is not None
        assert elsewhere is not None
        assert queries.jurisdiction_of(card.path) == "CN-HI"
        assert queries.jurisdiction_of(elsewhere.path) == "CN"
        region = queries.region_above(card.path)
        assert region is not None
        assert region.id == county


def test_scope_lists_in_the_order_of_the_tree(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work(write=False):
        county = queries.by_code("LB-YL")
        assert county is not None
        codes = [card.code for card in queries.in_scope([county.path])]
        assert codes[0] == "LB-YL"
        assert codes.index("LB-YL-LX") == codes.index("LB-YL-YY") + 1
        assert codes.index("LB-YL-LX-SM") == codes.index("LB-YL-LX") + 1
        assert queries.in_scope([]) == []
        kinds = {card.kind for card in queries.below(county.path, ["village_clinic"])}  # type: ignore[list-item]
        assert kinds == {"village_clinic"}
