"""Administration of people: registering, moving, roles, and what nobody else may."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from cast import Cast, Member, id_number
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select, text

from lms.kernel import clock, messages
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations
from lms.organisations import queries as organisation_queries
from lms.people import commands, parts, queries
from lms.people.models import Person, RoleGrant

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]
NEW = {
    "name": "买买提•艾力",
    "phone": "000-0000 0077",
    "id_number": id_number(77).lower(),
    "population": "village_doctor",
    "workplace": "LB-YL-LX",
    "on": "2026-03-01",
}


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


def register(admin: FlaskClient, **changes: str) -> UUID:
    answer = post_form(admin, "/admin/people/new", {**NEW, **changes})
    assert answer.status_code == 303, re.findall(r'class="err".*?</p>', answer.text)
    return UUID(answer.headers["Location"].rsplit("/", 1)[1])


def test_a_registered_person_sets_her_password_and_signs_in(app: Flask, admin: FlaskClient, work_off: WorkOff) -> None:
    person_id = register(admin)
    page = f"/admin/people/{person_id}"
    shown = admin.get(page).text
    assert "买买提·艾力" in shown
    assert "还没设密码" in shown
    assert "柳溪镇卫生院" in shown
    assert "云岭县" in shown
    assert post_form(admin, page, action="/code").status_code == 303
    work_off(app)
    outbox = admin.get("/admin/outbox").text
    assert "买买提·艾力" in outbox
    found = re.search(r"验证码 (\d{8}) .*?(/sign-in/code/[0-9a-f-]+)", outbox)
    assert found
    hers = app.test_client()
    answer = post_form(hers, found[2], {"code": found[1], "password": "杏花春雨江南岸边"})
    assert answer.status_code == 303
    led = hers.get("/account")
    assert led.headers["Location"].startswith("/account/consent")
    post_form(hers, led.headers["Location"], {"agree": "y"})
    assert "柳溪镇卫生院" in hers.get("/account").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "张3", "照身份证写姓名"),
        ("phone", "123", "11 位数字"),
        ("id_number", "000000197506120771", "有一位不对"),
        ("email", "nobody", "name@example.org"),
        ("workplace", "LB-ST-HW", "没有这个机构"),
        ("workplace", "不存在", "没有这个机构"),
        ("authority", "LB-ST", "要管着单位或工作地点"),
        ("population", "emperor", "从列出的几项里选"),
        ("on", "昨天", "日期的样子"),
        ("licence_until", "2026-02-30", "日期的样子"),
        ("name", "长" * 51, "最多 50 个字"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(
    app: Flask, admin: FlaskClient, field: str, value: str, sentence: str
) -> None:
    def count() -> int:
        with app.app_context(), unit_of_work(write=False):
            return session().query(Person).count()

    before = count()
    answer = post_form(admin, "/admin/people/new", {**NEW, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    assert count() == before


@pytest.mark.parametrize("field", ["phone", "id_number"])
def test_what_identifies_one_person_serves_no_other(admin: FlaskClient, cast: Cast, field: str) -> None:
    taken = {"phone": cast.learner.phone, "id_number": id_number(1)}
    answer = post_form(admin, "/admin/people/new", {**NEW, field: taken[field]})
    assert answer.status_code == 422
    assert "已经登记过" in answer.text


def test_neither_phone_nor_mail_is_refused(admin: FlaskClient) -> None:
    answer = post_form(admin, "/admin/people/new", {**NEW, "phone": ""})
    assert answer.status_code == 422
    assert "至少填一样" in answer.text


def test_numbers_are_sealed_at_rest_and_masked_on_every_page(app: Flask, admin: FlaskClient) -> None:
    person_id = register(admin, licence_number="执证 0001")
    number, phone = id_number(77), "00000000077"
    with app.app_context(), unit_of_work(write=False):
        for table in ("person", "audit_trail", "outbox", "sent_message"):
            rows = session().execute(text(f"SELECT * FROM {table}")).all()
            stored = repr([tuple(row) for row in rows])
            assert number not in stored
            assert phone not in stored
            assert "执证" not in stored
    pages = (
        f"/admin/people/{person_id}",
        f"/admin/people/{person_id}/edit",
        "/admin/people",
    )
    for page in pages:
        shown = admin.get(page).text
        assert number not in shown
        assert phone not in shown
    assert "000000********" + number[-4:] in admin.get(pages[0]).text
    assert "000****0077" in admin.get(pages[0]).text


def test_the_roster_is_filtered_and_paged(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        for serial in range(100, 130):
            commands.add_person(
                SYSTEM,
                name="众" + chr(0x4E00 + serial),
                phone=f"000{serial:08d}",
                workplace_id=cast.places["LB-YL-LX-SM"],
            )
    first = admin.get("/admin/people?q=众").text
    assert first.count("/admin/people/0") == 20
    assert "共 30 条" in first
    assert admin.get("/admin/people?q=众&page=2").text.count("/admin/people/0") == 10
    assert cast.learner.name in admin.get("/admin/people?q=赵").text
    assert cast.stranger.name not in admin.get("/admin/people").text
    assert cast.author.name in admin.get("/admin/people?role=author").text
    assert cast.learner.name not in admin.get("/admin/people?role=author").text
    below = admin.get("/admin/people?at=柳溪镇&q=赵").text
    assert cast.learner.name in below
    assert "没有找到人" in admin.get("/admin/people?q=%25").text
    assert "没有找到人" in admin.get("/admin/people?page=999&q=zz").text


def test_the_roster_costs_the_same_however_many_there_are(admin: FlaskClient, count_sql: Callable[[], object]) -> None:
    with count_sql() as statements:  # type: ignore[attr-defined]
        admin.get("/admin/people")
    assert len(statements) <= 5


def test_a_whole_number_finds_its_owner_within_my_places_only(admin: FlaskClient, cast: Cast) -> None:
    for number in (cast.learner.phone, id_number(1)):
        answer = post_form(admin, "/admin/people", {"number": number})
        assert answer.headers["Location"] == f"/admin/people/{cast.learner.person_id}"
    for number in (cast.stranger.phone, id_number(8), "00012345678"):
        answer = post_form(admin, "/admin/people", {"number": number})
        assert answer.status_code == 422
        assert "没有登记过这个号码" in answer.text


def test_editing_keeps_what_is_left_empty(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.learner.person_id}/edit"
    answer = post_form(admin, page, {"name": "赵桂芬", "licence_until": "2027-08-15"})
    assert answer.status_code == 303
    with app.app_context(), unit_of_work(write=False):
        card = queries.person(cast.learner.person_id)
        assert card is not None
        assert (card.name, card.phone_mask) == ("赵桂芬", "000****0001")
        assert card.licence_until == date(2027, 8, 15)
        assert queries.by_account(cast.learner.phone) == cast.learner.person_id


def test_a_new_phone_signs_its_old_holder_out(app: Flask, admin: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    hers = sign_in(app.test_client(), cast.learner)
    page = f"/admin/people/{cast.learner.person_id}/edit"
    assert post_form(admin, page, {"phone": "00000000088"}).status_code == 303
    assert hers.get("/account").status_code == 303


def test_fields_nobody_offered_are_not_taken(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.learner.person_id}/edit"
    token = admin.get(page).text.split('name="csrf_token" value="')[1].split('"')[0]
    columns = {column.name: "1" for column in Person.__table__.columns}
    answer = admin.post(
        page,
        data={
            **columns,
            "csrf_token": token,
            "name": "赵桂芳",
            "population": "village_doctor",
            "phone": "",
            "email": "",
            "id_number": "",
            "licence_from": "",
            "licence_until": "",
            "licence_number": "",
            "role": "administrator",
            "organisation_id": str(cast.places["LB"]),
        },
    )
    assert answer.status_code == 303
    with app.app_context(), unit_of_work(write=False):
        row = session().get(Person, cast.learner.person_id)
        assert row is not None
        assert row.disabled_at is None
        assert row.password_hash != "1"
        assert row.name_drawable
        held = session().scalars(select(RoleGrant.role).where(RoleGrant.person_id == cast.learner.person_id))
        assert list(held) == ["learner"]


def test_a_posting_is_moved_from_a_day_on(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    page = f"/admin/people/{cast.learner.person_id}/posting"
    fill = {"workplace": "柳溪镇卫生院", "on": tomorrow.isoformat()}
    assert post_form(admin, page, fill).status_code == 303
    with app.app_context(), unit_of_work(write=False):
        person_id = cast.learner.person_id
        now, then = queries.current_posting(person_id), queries.current_posting(person_id, tomorrow)
        assert now is not None
        assert then is not None
        assert (now.workplace_name, now.ends_on) == ("石门沟村卫生室", clock.today())
        assert (then.workplace_name, then.ends_on) == ("柳溪镇卫生院", None)
        assert queries.cards([person_id], on=tomorrow)[person_id].workplace_name == "柳溪镇卫生院"
        assert queries.cards([person_id])[person_id].workplace_name == "石门沟村卫生室"


def test_a_move_needs_a_later_day_and_another_place(admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.learner.person_id}/posting"
    early = post_form(admin, page, {"workplace": "LB-YL-LX", "on": "2024-01-01"})
    assert early.status_code == 422
    assert "2024年1月1日" in early.text
    same = post_form(admin, page, {"workplace": "LB-YL-LX-SM", "on": "2026-01-01"})
    assert same.status_code == 422
    assert "不用调动" in same.text


def test_a_move_needs_rights_where_she_goes_and_where_she_comes_from(
    app: Flask, admin: FlaskClient, cast: Cast
) -> None:
    page = f"/admin/people/{cast.learner.person_id}/posting"
    answer = post_form(admin, page, {"workplace": "LB-ST-HW", "on": "2026-01-01"})
    assert answer.status_code == 422
    on = date(2026, 1, 1)
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        commands.move_posting(cast.admin.actor, cast.learner.person_id, workplace_id=cast.places["LB-ST-HW"], on=on)
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        commands.move_posting(cast.admin.actor, cast.stranger.person_id, workplace_id=cast.places["LB-YL-LX"], on=on)


def test_roles_are_granted_and_withdrawn_and_hold_at_once(
    app: Flask, admin: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    hers = sign_in(app.test_client(), cast.colleague)
    page = f"/admin/people/{cast.colleague.person_id}"
    assert hers.get("/admin").status_code == 403
    fill = {"role": "administrator", "place": "LB-YL-LX"}
    assert post_form(admin, page, fill).status_code == 303
    assert hers.get("/admin").status_code == 200
    assert "石门沟村卫生室" in hers.get("/admin/organisations?q=石门沟").text
    assert post_form(admin, page, fill).status_code == 303
    with app.app_context(), unit_of_work(write=False):
        grants = queries.grants_of([cast.colleague.person_id])[cast.colleague.person_id]
        assert [grant.role for grant in grants] == [Role.LEARNER, Role.ADMINISTRATOR]
        grant_id = grants[1].id
    assert post_form(admin, page, action=f"{grant_id}/withdraw").status_code == 303
    assert hers.get("/admin").status_code == 403
    assert post_form(admin, page, fill).status_code == 303


def test_nobody_grants_more_than_she_holds(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.colleague.person_id}"
    for place in ("LB", "LB-YZ", "LB-ST", "TC-OTHER"):
        answer = post_form(admin, page, {"role": "administrator", "place": place})
        assert answer.status_code == 422
        with app.app_context(), unit_of_work(), pytest.raises(NotFound):
            commands.grant_role(
                cast.admin.actor,
                cast.colleague.person_id,
                Role.ADMINISTRATOR,
                cast.places[place],
            )


def test_an_auditor_stands_where_her_level_stands(admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.colleague.person_id}"
    answer = post_form(admin, page, {"role": "province_auditor", "place": "LB-YL"})
    assert answer.status_code == 422
    assert "同一级的地区" in answer.text
    assert post_form(admin, page, {"role": "county_auditor", "place": "LB-YL"}).status_code == 303


def test_nobody_grants_or_withdraws_her_own(app: Flask, cast: Cast) -> None:
    me = cast.admin
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.grant_role(me.actor, me.person_id, Role.COUNTY_AUDITOR, cast.places["LB-YL"])
    with app.app_context(), unit_of_work(write=False):
        [grant] = queries.grants_of([me.person_id])[me.person_id]
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.withdraw_role(me.actor, grant.id)


def test_whoever_holds_more_is_out_of_reach(app: Flask, cast: Cast) -> None:
    """A county administrator must not become a province auditor who works in her county."""
    me, above = cast.admin.actor, cast.province_auditor.person_id
    deeds: list[Callable[[], object]] = [
        lambda: commands.send_code(me, above),
        lambda: commands.disable_person(me, above),
        lambda: commands.edit_person(me, above, name="周远山", population="staff", phone="00000000099"),
        lambda: commands.move_posting(me, above, workplace_id=cast.places["LB-YL-LX"], on=date(2026, 1, 1)),
    ]
    for deed in deeds:
        with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
            deed()


def test_a_township_administrator_reaches_her_township_only(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work(write=False):
        township = organisation_queries.by_code("LB-YL-LX")
        assert township is not None
        path = township.path
        me = Actor(cast.admin.person_id, "x", (Grant(Role.ADMINISTRATOR, path),))
        names = {row.card.name for row in queries.people_in(me, queries.Filters()).items}
        assert names == {cast.learner.name, cast.colleague.name}
        with pytest.raises(NotFound):
            queries.person_file(me, cast.author.person_id)


def test_disabling_ends_and_enabling_allows(app: Flask, admin: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    hers = sign_in(app.test_client(), cast.learner)
    page = f"/admin/people/{cast.learner.person_id}"
    assert post_form(admin, page, action="/disable").status_code == 303
    assert hers.get("/account").status_code == 303
    assert post_form(admin, page, action="/enable").status_code == 303
    sign_in(hers, cast.learner)
    assert hers.get("/account").status_code == 200


def test_nobody_disables_herself(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.disable_person(cast.admin.actor, cast.admin.person_id)


def test_a_disabled_person_gets_no_code(admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.learner.person_id}"
    shown = admin.get(page).text
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]
    post_form(admin, page, action="/disable")
    answer = admin.post(f"{page}/code", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "先启用" in answer.text


PERSON_PAGES = ("", "/edit", "/posting")
PERSON_DEEDS = ("/edit", "/posting", "/roles", "/code", "/disable", "/enable", "/unmask")


def test_people_elsewhere_do_not_exist(admin: FlaskClient, cast: Cast) -> None:
    page = f"/admin/people/{cast.stranger.person_id}"
    token = admin.get("/admin/people").text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {
        "csrf_token": token,
        "name": "吴德福",
        "population": "staff",
        "workplace": "LB-YL-LX",
        "on": "2026-01-01",
        "role": "author",
        "place": "TC-DEMO",
        "field": "phone",
        "reason": "想看一看号码",
    }
    assert [admin.get(page + end).status_code for end in PERSON_PAGES] == [404] * 3
    assert [admin.post(page + end, data=data).status_code for end in PERSON_DEEDS] == [404] * 7


def test_only_administrators_come_in(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    pages = ["/admin", "/admin/people", "/admin/people/new", "/admin/outbox"]
    assert [client.get(page).status_code for page in pages] == [303] * 4
    for member in (cast.learner, cast.author, cast.county_auditor, cast.province_auditor):
        other = sign_in(app.test_client(), member)
        assert [other.get(page).status_code for page in pages] == [403] * 4


def test_get_changes_nothing(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    def everything() -> str:
        with app.app_context(), unit_of_work(write=False):
            return repr(
                [
                    session().execute(text(f"SELECT * FROM {table} ORDER BY 1")).all()
                    for table in ("person", "posting", "role_grant", "user_session", "audit_trail")
                ]
            )

    before = everything()
    for end in PERSON_PAGES:
        admin.get(f"/admin/people/{cast.learner.person_id}{end}")
    for page in ("/admin", "/admin/people", "/admin/people/new", "/admin/outbox", "/account"):
        admin.get(page)
    assert everything() == before


def test_a_name_that_cannot_be_drawn_is_told_and_kept(app: Flask, admin: FlaskClient) -> None:
    kept = parts.name_can_be_drawn._function
    parts.name_can_be_drawn.fill(lambda name: "\U0003fffd" not in name and "𰻝" not in name)
    try:
        person_id = register(admin, name="王𰻝𰻝")
    finally:
        parts.name_can_be_drawn.fill(kept)
    shown = admin.get(f"/admin/people/{person_id}").text
    assert "王𰻝𰻝" in shown
    assert "字库还没有的字" in shown
    assert "王𰻝𰻝" in admin.get("/admin/people?state=undrawable").text
    with app.app_context(), unit_of_work(write=False):
        card = queries.person(person_id)
        assert card is not None
        assert not card.name_drawable


def test_cards_tell_whom_to_call(app: Flask, cast: Cast, count_sql: Callable[[], object]) -> None:
    with app.app_context(), unit_of_work(write=False):
        with count_sql() as statements:  # type: ignore[attr-defined]
            cards = queries.cards([cast.learner.person_id, cast.admin.person_id])
        assert len(statements) == 1
        hers = cards[cast.learner.person_id]
        assert (hers.contact_name, hers.contact_phone) == ("孙海燕", "0000-555 0142")
        assert (hers.workplace_name, hers.authority_name) == ("石门沟村卫生室", "云岭县")
        assert cards[cast.admin.person_id].contact_phone == ""


def test_the_outbox_is_a_page_of_the_demo_only(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        messages.send_sms("00000000001", "试一试")
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    assert "试一试" in admin.get("/admin/outbox").text
    settings = app.extensions["xinglin.settings"]
    app.extensions["xinglin.settings"] = settings.model_copy(update={"demo": False})
    try:
        assert admin.get("/admin/outbox").status_code == 404
        assert "/admin/outbox" not in admin.get("/admin").text
    finally:
        app.extensions["xinglin.settings"] = settings


def test_only_the_house_gives_a_password(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.add_person(
            cast.admin.actor,
            name="钱亮",
            phone="00000000066",
            workplace_id=cast.places["LB-YL-LX"],
            password="xinglin-demo",
        )


def test_a_closed_place_takes_nobody(app: Flask, cast: Cast) -> None:
    clinic = cast.places["LB-YL-LX-SM"]
    with app.app_context(), unit_of_work():
        organisations.edit_organisation(cast.admin.actor, clinic, name="石门沟村卫生室", closed_on=clock.today())
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        commands.add_person(cast.admin.actor, name="钱亮", phone="00000000066", workplace_id=clinic)
