"""A photo on its way from a phone: the network goes, the server is killed, the page is reloaded, two tabs.

Real Chromium against a real gunicorn; the page is that of tests/upload_probe.py. All visit one house, each test with
a doctor of its own.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uploaded

sys.path.insert(0, str(Path(__file__).parents[2] / "browser"))

from browser_checks import DESK, PHONE, axe_faults, shoot, sideways
from cast import PASSWORD, Cast, Member, add_member, make_cast
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from servers import free_port
from sqlalchemy import select
from stack import Stack

from lms.app import create_app
from lms.kernel import files, schema
from lms.kernel.actor import Role
from lms.kernel.db import dispose, session
from lms.kernel.settings import load_settings
from lms.kernel.uow import unit_of_work
from lms.people import passwords
from lms.uploads.models import Upload
from lms.uploads.rules import CHUNK

SERVER = ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "upload_probe:app"]
# Noise: it stays large whatever the phone does to it.
BIG = uploaded.jpeg((2600, 2000), noise=120, quality=90)
CLINIC = "LB-YL-LX-SM"
pytestmark = pytest.mark.browser


@dataclass
class House:
    """A server with the page, its database, and how many doctors it has."""

    running: Stack
    app: Flask
    cast: Cast
    doctors: int = 0

    def start(self) -> None:
        self.running.start("web", SERVER)
        self.running.wait_until_ready()

    def new_doctor(self) -> Member:
        self.doctors += 1
        with self.app.app_context(), unit_of_work():
            return add_member(
                f"doctor{self.doctors}", "王玥琪", 100 + self.doctors, self.cast.places, CLINIC,
                ((Role.LEARNER, CLINIC),), passwords.hash_password(PASSWORD),
            )  # fmt: skip


@dataclass
class Phone:
    """One doctor's view of the house: what she uploaded."""

    house: House
    doctor: Member

    @property
    def running(self) -> Stack:
        return self.house.running

    def start(self) -> None:
        self.house.start()

    def rows(self) -> list[Upload]:
        hers = select(Upload).where(Upload.person_id == self.doctor.person_id).order_by(Upload.made_at)
        with self.house.app.app_context(), unit_of_work(write=False):
            return list(session().scalars(hers))

    def kept(self, sha: str) -> bytes:
        with self.house.app.app_context():
            return files.read(sha)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    port, folder = free_port(), tmp_path_factory.mktemp("uploads") / "house"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XINGLIN_", "PORT"))}
    environment |= {
        "XINGLIN_DATA": str(folder), "XINGLIN_LOG_LEVEL": "WARNING", "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2", "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    app = create_app(load_settings(environment))
    with app.app_context():
        schema.upgrade()
    running = Stack(f"http://127.0.0.1:{port}", environment, folder)
    made = House(running, app, make_cast(app))
    try:
        made.start()
        yield made
    finally:
        running.stop()
        dispose(app)


@pytest.fixture
def served(house: House) -> Phone:
    if "web" not in house.running.processes:
        house.start()  # the test before failed while it was killed
    return Phone(house, house.new_doctor())


@contextmanager
def browser_of(
    chromium: Browser, served: Phone, *, script: bool = True, english: bool = False
) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=served.running.url, viewport=PHONE, java_script_enabled=script, locale="en" if english else "zh-CN"
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=account]", served.doctor.phone)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/today")
    page.goto("/probe/upload")
    yield context
    context.close()


def choose(page: Page, data: bytes = BIG, name: str = "进修证明.jpg") -> None:
    page.set_input_files("#files", [{"name": name, "mimeType": "image/jpeg", "buffer": data}])


def submit(page: Page) -> list[str]:
    """Press the button; the hashes of what was taken."""
    page.click("form[action='/probe/upload'] button.btn:not(.alt)")
    expect(page.locator("#taken li").first).to_be_visible()
    return [str(one.get_attribute("data-sha")) for one in page.locator("#taken li").all()]


def hold(page: Page, after: int) -> list[str]:
    """Cut the network after so many pieces; what was asked for from then on, until `page.unroute`."""
    asked: list[str] = []

    def cut(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > after:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.context.route(re.compile("/pieces/"), cut)
    return asked


def test_a_photo_goes_up_and_is_taken_once(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served) as context:
        page = context.pages[0]
        choose(page)
        expect(page.get_by_role("status")).to_have_text("“进修证明.jpg”收好了，提交时会一起交上去。", timeout=60_000)
        shoot(page, "upload-done")
        assert not axe_faults(page)
        assert not sideways(page)
        page.set_viewport_size(DESK)
        choose(page)  # the same file again changes nothing
        page.wait_for_timeout(500)
        assert page.get_by_role("status").count() == 1
        (sha,) = submit(page)
        (row,) = served.rows()
        assert (row.state, row.stored_sha) == ("taken", sha)
        assert row.size < len(BIG), "the phone made it smaller"
        assert row.chosen_sha != row.sha
        assert served.kept(sha)[:3] == b"\xff\xd8\xff"
        page.goto("/probe/upload")
        page.wait_for_timeout(500)
        assert page.get_by_role("status").count() == 0, "what was handed in is not shown again"


def test_the_network_goes_and_comes_back(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served) as context:
        page = context.pages[0]
        hold(page, after=1)
        choose(page)
        expect(page.get_by_role("status")).to_contain_text("网络断了", timeout=60_000)
        assert served.rows()[0].received == CHUNK
        shoot(page, "upload-waiting")
        page.click("form[action='/probe/upload'] button.btn:not(.alt)")
        assert page.url.endswith("/probe/upload")
        assert page.locator("#taken li").count() == 0, "a form without its file is not sent"
        page.context.unroute_all()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if "/pieces/" in request.url else None)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.get_by_role("status")).to_contain_text("收好了", timeout=60_000)
        assert sent[0].endswith(f"/pieces/{CHUNK}"), "it goes on where it stopped"
        submit(page)


def test_a_reloaded_page_says_what_is_kept_and_goes_on(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served) as context:
        page = context.pages[0]
        hold(page, after=1)
        choose(page)
        expect(page.get_by_role("status")).to_contain_text("网络断了", timeout=60_000)
        page.context.unroute_all()
        page.reload()
        expect(page.get_by_role("status")).to_contain_text("没有传完。请再选一次这个文件")
        shoot(page, "upload-again")
        choose(page)
        expect(page.get_by_role("status")).to_contain_text("收好了", timeout=60_000)
        assert len(served.rows()) == 1
        page.reload()
        expect(page.get_by_role("status")).to_contain_text("收好了")
        submit(page)
        assert [row.state for row in served.rows()] == ["taken"]


def test_the_server_is_killed_between_a_piece_and_its_receipt(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served) as context:
        page = context.pages[0]
        killed = []

        def kill(route: Route) -> None:
            if route.request.url.endswith(f"/pieces/{CHUNK}") and not killed:
                killed.append(1)
                route.fetch()  # the server has it; the phone never hears so
                served.running.kill("web")
                route.abort("connectionreset")
            else:
                route.continue_()

        page.context.route(re.compile("/pieces/"), kill)
        choose(page)
        expect(page.get_by_role("status")).to_contain_text("网络断了", timeout=60_000)
        assert served.rows()[0].received == 2 * CHUNK
        served.start()
        expect(page.get_by_role("status")).to_contain_text("收好了", timeout=90_000)
        submit(page)
        assert [row.state for row in served.rows()] == ["taken"]


def test_two_tabs_make_one_upload(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served) as context:
        one, two = context.pages[0], context.new_page()
        two.goto("/probe/upload")
        choose(one)
        choose(two)
        for page in (one, two):
            expect(page.get_by_role("status")).to_contain_text("收好了", timeout=90_000)
        submit(one)
        submit(two)
        taken = [row for row in served.rows() if row.state == "taken"]
        assert len({row.stored_sha for row in taken}) == 1


def test_a_file_can_be_taken_back_and_a_bad_one_says_why(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served, english=True) as context:
        page = context.pages[0]
        choose(page, uploaded.SVG, "photo.jpg")
        expect(page.get_by_role("status")).to_contain_text("was not taken: This is a web page", timeout=60_000)
        shoot(page, "upload-refused-en")
        assert not axe_faults(page)
        page.get_by_role("button", name="Remove “photo.jpg”").click()
        choose(page, uploaded.jpeg(), "good.jpg")
        expect(page.get_by_role("status")).to_contain_text("is kept", timeout=60_000)
        with page.expect_response(re.compile("/withdraw")):
            page.get_by_role("button", name="Remove “good.jpg”").click()
        assert served.rows() == []
        assert page.get_by_role("status").count() == 0


def test_without_javascript_the_form_does_it(chromium: Browser, served: Phone) -> None:
    with browser_of(chromium, served, script=False) as context:
        page = context.pages[0]
        choose(page, uploaded.told_jpeg())
        (sha,) = submit(page)
        assert uploaded.CANARY.encode() not in served.kept(sha)
