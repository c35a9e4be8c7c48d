"""What the attempt page's script adds, in Chromium: saving while one answers, and without a network."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from assessment_stage import TOTAL, Stage
from cast import PASSWORD
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from lms.assessments import commands
from lms.assessments.models import Answer
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

pytestmark = [
    pytest.mark.browser,
    # the script knows no database: one is enough
    pytest.mark.parametrize("house", ["sqlite"], indirect=True),
]


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@dataclass
class Phone:
    """A phone with the learner signed in."""

    context: BrowserContext
    page: Page
    url: str

    def open(self, attempt_id: UUID, question: int) -> None:
        self.page.goto(f"{self.url}/attempts/{attempt_id}?q={question}")
        self.page.wait_for_load_state("networkidle")

    def give(self, values: dict[str, list[str]]) -> None:
        """Answer the question on the page."""
        for name, wanted in values.items():
            for value in wanted:
                if name == "choice":
                    self.page.locator(f"input[name=choice][value='{value}']").check(force=True)
                elif name == "number":
                    self.page.fill("[name=number]", value)
                else:
                    self.page.select_option(f"[name={name}]", value)

    def next(self) -> None:
        self.page.click("#next")

    def kept(self) -> int:
        count: int = self.page.evaluate("localStorage.length")
        return count

    def wait_until_sent(self) -> None:
        """Until the phone keeps nothing any more (the page's policy forbids wait_for_function)."""
        for _ in range(100):
            if self.kept() == 0:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("answers are still only on the phone")


@pytest.fixture
def phone(app: Flask, stage: Stage, chromium: Browser) -> Iterator[Phone]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("[name=account]", stage.member.phone)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        yield Phone(context, page, url)
        context.close()
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_answers_given_without_a_network_arrive_when_it_is_back(stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    phone.open(attempt_id, 1)
    phone.give(values[0])
    phone.page.wait_for_selector("#state .chip.ok")
    phone.context.set_offline(True)
    for question in (2, 3):
        phone.next()
        phone.page.wait_for_selector(f"#head >> text=第 {question} 题")
        assert phone.page.url.endswith(f"?q={question}")
        phone.give(values[question - 1])
    phone.next()
    phone.page.wait_for_selector("text=第 2、3 题只存在这部手机上")
    assert set(stage.responses(attempt_id)) == {1}
    assert phone.kept() == 1
    phone.context.set_offline(False)
    phone.wait_until_sent()
    assert set(stage.responses(attempt_id)) == {1, 2, 3}
    assert phone.page.locator("#notes").inner_text() == ""
    assert stage.card(attempt_id).open


def test_leaving_a_number_does_not_send_it_twice(stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    question = next(n for n, given in enumerate(values, 1) if "number" in given)
    sent: list[str] = []
    phone.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    phone.open(attempt_id, question)
    phone.page.locator("[name=number]").press_sequentially(values[question - 1]["number"][0])
    phone.page.wait_for_selector("#state .chip.ok")
    phone.page.keyboard.press("Tab")
    phone.page.wait_for_timeout(300)
    assert phone.kept() == 0
    assert len(sent) == 1


def test_what_was_kept_survives_closing_the_page(stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    phone.open(attempt_id, 1)
    phone.context.set_offline(True)
    phone.give(values[0])
    phone.page.wait_for_selector("text=第 1 题只存在这部手机上")
    phone.page.goto("about:blank")
    phone.context.set_offline(False)
    phone.open(attempt_id, 2)
    phone.wait_until_sent()
    assert set(stage.responses(attempt_id)) == {1}


def test_an_answer_whose_receipt_was_lost_is_sent_again_as_the_same(
    app: Flask, stage: Stage, phone: Phone
) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    question = next(n for n, given in enumerate(values, 1) if len(given.get("choice", [])) == 1)
    phone.open(attempt_id, question)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        """The server has it; its receipt never arrives."""
        if lost:
            route.continue_()
            return
        lost.append(str(route.fetch().status))
        route.abort()

    phone.page.route("**/answers", lose_the_first)
    phone.give(values[question - 1])
    phone.page.wait_for_selector(f"text=第 {question} 题只存在这部手机上")
    phone.wait_until_sent()
    assert lost == ["200"]
    assert phone.page.locator("#notes").inner_text() == ""
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Answer).where(Answer.position == question)) == 1


def test_an_answer_changed_elsewhere_is_not_covered_silently(app: Flask, stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    phone.open(attempt_id, 1)
    phone.context.set_offline(True)
    phone.give(values[0])
    phone.page.wait_for_selector("text=第 1 题只存在这部手机上")
    with app.app_context(), unit_of_work():
        elsewhere = commands.Given(new_id(), 1, {})
        commands.save_answer(stage.member.actor, attempt_id, elsewhere)
    phone.context.set_offline(False)
    phone.page.wait_for_selector("text=第 1 题在别处改过")
    assert stage.responses(attempt_id) == {1: None}


def test_it_hands_in_by_itself_when_time_is_up(stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start(now=clock.now() - timedelta(minutes=29, seconds=54))
    values = stage.right_values(attempt_id)
    phone.open(attempt_id, 1)
    phone.give(values[0])
    phone.page.wait_for_url("**/result", timeout=20_000)
    card = stage.card(attempt_id)
    assert (card.open, card.submitted_why) == (False, "time")
    assert set(stage.responses(attempt_id)) == {1}


def test_the_whole_way_by_script(stage: Stage, phone: Phone) -> None:
    attempt_id = stage.start()
    phone.open(attempt_id, 1)
    for question, values in enumerate(stage.right_values(attempt_id), 1):
        phone.page.wait_for_selector(f"#head >> text=第 {question} 题")
        phone.give(values)
        phone.next()
    phone.page.wait_for_url("**q=0")
    phone.page.click("#hand-in button")
    phone.page.wait_for_url("**/result")
    assert phone.page.inner_text("h1") == "通过了"
    assert stage.card(attempt_id).percent == 100


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_question_fits_a_narrow_phone(stage: Stage, phone: Phone, lang: str) -> None:
    attempt_id = stage.start()
    phone.page.goto(f"{phone.url}/account")
    phone.page.click(f"button[name=language][value={lang}]")
    phone.page.set_viewport_size({"width": 320, "height": 640})
    for question in range(1, TOTAL + 1):
        phone.page.goto(f"{phone.url}/attempts/{attempt_id}?q={question}")  # its style is there when it has loaded
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 320, f"question {question}"
