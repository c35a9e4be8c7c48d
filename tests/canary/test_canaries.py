"""A thousand canary numbers go into a house through its doors; nothing that leaves it or lies about holds one.

Where a whole number may be: the file of a filing made with the right to whole numbers, and the one answer in which
somebody who has a reason looks at one. Both are asked for here, and must hold what they are to hold.
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import redis
from canaries import Searcher, canary, mistyped
from cast import id_number, make_cast
from cookies import cookie_of
from filing_stage import Office, refused
from flask import Flask
from flask.testing import FlaskClient
from houses import build_app
from matrix_scene import TOKEN, Scene, build
from matrix_table import EVERYBODY, TABLE
from pages import post_form
from servers import Postgres, free_port, valkey
from sqlalchemy import func, select, text
from stack import NOT_OURS, WEB, Stack
from test_history_import import PAGE as HISTORY
from test_history_import import as_csv, as_xlsx, send
from visitors import Visitor

from lms.app import create_schema
from lms.kernel import clock, jobs
from lms.kernel.db import Model, db, dispose, session
from lms.kernel.ids import new_id
from lms.kernel.outbox import InProcess
from lms.kernel.uow import unit_of_work
from lms.people import passwords
from lms.people.bulk import NewPerson, add_people
from lms.people.models import Person
from lms.people.privacy.models import Look
from lms.people.rules import Population

COUNT = int(os.environ.get("CANARIES", "1000"))
BY_PAGE, FAILING, LOOKS = 12, 12, 20
CLINIC = "LB-YL-LX-SM"
UNKNOWN, NOBODYS = [canary(20_000 + n) for n in range(10)], canary(20_010)
LINE = {
    "来源编号": "", "身份证号": "", "姓名": "钱多多", "日期": "2023-05-12",
    "活动类型": "专题讲座", "活动名称": "讲座", "项目编号": "", "数量": "1", "单位": "次", "学时": "2",
    "身份": "参加", "考核合格": "",
    "学分类别": "II", "学分": "1",
}  # fmt: skip


@dataclass
class Campaign:
    """A house, its numbers, and who looks for them."""

    app: Flask
    folder: Path
    scene: Scene
    admin: FlaskClient
    numbers: list[str]
    searcher: Searcher

    def note(self, name: str, answer: Any) -> Any:
        """Keep an answer of the house, its head and its body, to be searched."""
        self.searcher.look(f"{name} {answer.status_code}", f"{answer.headers}".encode() + answer.data)
        answer.close()
        return answer

    def work_off(self, app: Flask) -> int:
        with app.app_context():
            done: int = app.extensions["xinglin.runner"].drain()
            return done


@pytest.fixture(params=["sqlite", "postgresql"])
def campaign(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Campaign]:
    """On SQLite everything in one process; on PostgreSQL with a Redis that is told of the work."""
    given: dict[str, object] = {}
    ends: list[Any] = []
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("pg_server")
        server.execute("DROP DATABASE IF EXISTS canaries WITH (FORCE)", "CREATE DATABASE canaries")
        broker = valkey()
        given = {"database_url": server.url("canaries"), "redis_url": broker.__enter__()}
        ends.append(broker)
    jobs.forget_slots()
    app = build_app(tmp_path / "house", demo=True, **given)
    if given:
        # Redis hears of each piece of work as in production; it is done here.
        app.extensions["xinglin.runner"] = InProcess(app, app.extensions["celery"], jobs.tick)
    create_schema(app)
    (tmp_path / "scene").mkdir()
    scene = build(app, make_cast(app), tmp_path / "scene")
    numbers = [canary(serial) for serial in range(COUNT)]
    cast_numbers = [id_number(serial) for serial in range(1, len(scene.cast.members) + 1)]
    wrong = [mistyped(one) for one in numbers[:FAILING]]
    searcher = Searcher([*numbers, *cast_numbers, *wrong, *UNKNOWN, NOBODYS, mistyped(NOBODYS)])
    yield Campaign(app, tmp_path, scene, scene.browser("admin"), numbers, searcher)
    dispose(app)
    app.extensions["celery"].close()
    for end in ends:
        end.__exit__(None, None, None)


def move_in(campaign: Campaign) -> None:
    """Most of them at once, as an invented province is made; some on the page; some on pages that refuse them."""
    app, places = campaign.app, campaign.scene.cast.places
    place, hashed = places[CLINIC], passwords.hash_password("xinglin-demo")
    people = [
        NewPerson(
            new_id(), new_id(), "钱多多", Population.VILLAGE_DOCTOR, f"000{70_000 + serial:08d}", number, place, place,
            places["LB-YL"], date(2020, 1, 1),
        )
        for serial, number in enumerate(campaign.numbers[BY_PAGE:], start=BY_PAGE)
    ]  # fmt: skip
    with app.app_context(), unit_of_work():
        add_people(people, hashed, clock.now())
    for serial, number in enumerate(campaign.numbers[:BY_PAGE]):
        fill = {"name": "赵新来", "phone": f"000{60_000 + serial:08d}", "id_number": number, "workplace": CLINIC}
        assert post(campaign, "/admin/people/new", {**fill, "licence_number": number}).status_code == 303


def post(
    campaign: Campaign, page: str, fill: dict[str, object], browser: FlaskClient | None = None, **more: Any
) -> Any:
    return campaign.note(f"POST {page}", post_form(browser or campaign.admin, page, fill, **more))


def type_it_wrong(campaign: Campaign) -> None:
    """Forms that refuse: a wrong number, one that is taken, a right one beside a fault, a number where a phone or
    an account name belongs, the search that finds somebody and the one that finds nobody."""
    person = f"/admin/people/{campaign.scene.cast.colleague.person_id}/edit"
    for number in campaign.numbers[:FAILING]:
        new = {"name": "赵新来", "phone": "00000099999", "workplace": CLINIC}
        for fill in (
            {**new, "id_number": mistyped(number)}, {**new, "id_number": number},
            {**new, "id_number": number, "name": ""}, {**new, "phone": number, "id_number": ""},
        ):  # fmt: skip
            assert post(campaign, "/admin/people/new", fill).status_code == 422
        assert post(campaign, person, {"id_number": mistyped(number)}).status_code == 422
        assert post(campaign, person, {"id_number": number}).status_code == 422
        found = [post(campaign, "/admin/people", {"number": one}) for one in (number, mistyped(number))]
        assert [one.status_code for one in found] == [303, 422]
    stranger = campaign.app.test_client()
    number = campaign.numbers[0]
    post(campaign, "/sign-in", {"account": number, "password": number}, stranger)
    post(campaign, "/sign-in/code", {"account": number}, stranger)


def bring_history(campaign: Campaign) -> None:
    """Imports with whole numbers: known ones, unknown ones, wrong ones; one is entered, one only rehearsed."""
    known = campaign.numbers[BY_PAGE : BY_PAGE + COUNT // 4]
    rows = [LINE | {"来源编号": f"c-{n}", "身份证号": one} for n, one in enumerate(known)]
    faulty = [LINE | {"来源编号": f"d-{n}", "身份证号": one} for n, one in enumerate(UNKNOWN)]
    faulty += [LINE | {"来源编号": f"e-{n}", "身份证号": mistyped(one)} for n, one in enumerate(known[:FAILING])]
    faulty += [LINE | {"来源编号": one, "身份证号": one, "日期": "2099-01-01"} for one in known[FAILING : 2 * FAILING]]
    for name, data in (("历史.xlsx", as_xlsx(rows)), ("历史.csv", as_csv(faulty, "gb18030"))):
        sent = campaign.note(f"POST {HISTORY}", send(campaign.admin, data, name))
        assert sent.status_code == 303, sent.text
        campaign.note("rehearsal", campaign.admin.get(sent.location))
        if "xlsx" in name:
            assert post(campaign, sent.location, {}, action="/start").status_code == 303
            campaign.work_off(campaign.app)
            campaign.note("imported", campaign.admin.get(sent.location))


def file_them(campaign: Campaign) -> None:
    """A filing without whole numbers, each of its files searched; one with them, whose files must hold them; an answer
    that names people by number instead of rows."""
    office = Office(campaign.app, campaign.scene.cast, campaign.admin, campaign.work_off)
    period = {"start": "2023-01-01", "end": "2026-12-31"}
    masked = office.make(**period)
    for name, data in office.files(masked).items():
        campaign.searcher.look(f"masked filing {name}", data)
    award = office.rows(masked)[0]["row"]
    said = {"row": campaign.numbers[0], "result": "rejected", "code": "E1", "text": "不符"}
    answered = campaign.note("answer", office.answer(masked, [refused(award), said]))
    if answered.status_code == 303:
        campaign.note("answer's rehearsal", campaign.admin.get(answered.location))
    whole = office.make(**period, full_numbers="y", reason="省卫健委要求")
    control = Searcher(campaign.numbers)
    assert len(control.look("whole", office.file(whole, "full.xlsx"))) == COUNT // 4
    campaign.note("page of whole numbers", campaign.admin.get(whole))


def look_at_some(campaign: Campaign) -> None:
    """Whole numbers for a purpose: each is in its own answer, which nobody keeps, and in the list of looks."""
    with campaign.app.app_context(), unit_of_work(write=False):
        ids = session().scalars(select(Person.id).where(Person.name == "钱多多").limit(LOOKS)).all()
        before = session().scalar(select(func.count()).select_from(Look)) or 0
    for person_id in ids:
        fill = {"field": "id_number", "purpose": "exam_identity", "note": "核对证书上的号码"}
        answer = post_form(campaign.admin, f"/admin/people/{person_id}", fill)
        assert len(Searcher(campaign.numbers).look("seen", answer.data)) == 1
        assert answer.headers["Cache-Control"] == "no-store"
        campaign.note("after the look", campaign.admin.get(f"/admin/people/{person_id}"))
    with campaign.app.app_context(), unit_of_work(write=False):
        after = session().scalar(select(func.count()).select_from(Look)) or 0
    assert after - before == LOOKS


def break_it(campaign: Campaign) -> str:
    """A web server of its own that logs all it can, does not know the key, and loses a table: what it wrote."""
    settings, folder = campaign.app.extensions["xinglin.settings"], campaign.folder / "broken"
    folder.mkdir()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)} | {
        "XINGLIN_DATA": str(folder), "XINGLIN_DATABASE_URL": settings.engine_url, "XINGLIN_LOG_LEVEL": "DEBUG",
        "XINGLIN_SECRET_KEY": settings.secret_key, "WEB_CONCURRENCY": "1", "BIND": f"127.0.0.1:{port}",
    }  # fmt: skip
    web = Stack(f"http://127.0.0.1:{port}", environment, folder)
    web.start("web", WEB)
    try:
        web.wait_until_ready()
        with campaign.app.app_context(), unit_of_work():
            cookie = cookie_of(campaign.app, campaign.scene.cast.admin.person_id, csrf=TOKEN)
        with closing(Visitor(web.url, cookie)) as visitor:
            number, sent = NOBODYS, {"csrf_token": TOKEN}
            new = {**sent, "name": "赵新来", "phone": "00000099998", "workplace": CLINIC,
                   "population": "village_doctor", "on": "2026-01-01"}  # fmt: skip
            looked = {**sent, "field": "id_number", "purpose": "exam_identity", "note": "核对证书上的号码"}
            answers = [
                visitor.post("/admin/people/find", {**sent, "number": number}),
                visitor.post("/admin/people/new", {**new, "id_number": mistyped(number)}),
                visitor.post(f"/admin/people/{campaign.scene.cast.learner.person_id}/unmask", looked),
            ]
            _rename(campaign, "posting", "posting_gone")
            answers.append(visitor.post("/admin/people/new", {**new, "id_number": number}))
            _rename(campaign, "posting_gone", "posting")
    finally:
        web.stop()
    for answer in answers:
        campaign.searcher.look("a broken house", answer.text)
    # The search finds nobody under the key that it knows; a wrong number is refused; the rest breaks.
    assert [answer.status for answer in answers] == [422, 422, 500, 500], [answer.status for answer in answers]
    return (folder / "web.log").read_text()


def _rename(campaign: Campaign, table: str, to: str) -> None:
    with campaign.app.app_context(), unit_of_work():
        session().execute(text(f"ALTER TABLE {table} RENAME TO {to}"))


def visit_everything(campaign: Campaign) -> int:
    """Every page and file of the route matrix, for every member of the cast."""
    visited = 0
    for member in EVERYBODY:
        browser = campaign.scene.browser(member)
        for rule in campaign.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                address = campaign.scene.address(rule, TABLE[rule.endpoint])
                campaign.note(f"{member} GET {address}", browser.get(address))
                visited += 1
    for page in range(1, 6):
        campaign.note("roster", campaign.admin.get(f"/admin/people?page={page}"))
    with campaign.app.app_context(), unit_of_work(write=False):
        ids = session().scalars(select(Person.id).where(Person.name == "赵新来")).all()
    for person_id in ids:
        campaign.note("file", campaign.admin.get(f"/admin/people/{person_id}"))
        campaign.note("edit", campaign.admin.get(f"/admin/people/{person_id}/edit"))
    return visited


def dump(campaign: Campaign) -> None:
    """Every row of the database as text, what lies in the data folder, a backup, and what Redis holds."""
    backup = campaign.app.test_cli_runner().invoke(args=["backup", str(campaign.folder / "backup")])
    assert backup.exit_code == 0, backup.output
    campaign.searcher.look("backup's words", backup.output)
    with campaign.app.app_context(), unit_of_work(write=False):
        for name, table in Model.metadata.tables.items():
            for row in session().execute(table.select()):
                for value in row:
                    campaign.searcher.look(f"row of {name}", value if isinstance(value, bytes) else repr(value))
    settings = campaign.app.extensions["xinglin.settings"]
    if settings.redis_url:
        broker = redis.Redis.from_url(settings.redis_url)
        keys = broker.keys("*")
        assert keys
        for key in keys:
            campaign.searcher.look("Redis", broker.dump(key))
            for item in broker.lrange(key, 0, -1) if broker.type(key) == b"list" else ():
                campaign.searcher.look("Redis", item)
        broker.close()
    with campaign.app.app_context():
        db.session.remove()
        db.engine.dispose()
    campaign.searcher.look_below(campaign.folder)


@pytest.mark.timeout(900)
def test_no_canary_is_anywhere(
    campaign: Campaign, capfd: pytest.CaptureFixture[str]
) -> None:
    move_in(campaign)
    type_it_wrong(campaign)
    bring_history(campaign)
    file_them(campaign)
    look_at_some(campaign)
    visited = visit_everything(campaign)
    log = break_it(campaign)
    assert "UnknownKeyError" in log
    assert "posting" in log
    dump(campaign)
    told = {
        "canaries": COUNT, "visits": visited, "artefacts": campaign.searcher.artefacts,
        "bytes": campaign.searcher.bytes_read, "found": len(campaign.searcher.found),
    }  # fmt: skip
    with capfd.disabled():
        print(json.dumps(told))
    assert not campaign.searcher.found, sorted(campaign.searcher.found)
    # The searcher is awake to the very end: a page and a log line that do hold one are found.
    leaks = {"page": f"<p>{NOBODYS}</p>", "log": json.dumps({"event": "fault", "number": campaign.numbers[-1]})}
    for name, leak in leaks.items():
        assert campaign.searcher.look(name, leak), name
