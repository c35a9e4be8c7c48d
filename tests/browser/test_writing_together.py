"""Two authors in the same lesson, each in a browser of her own, at ten times human speed on a network that goes and
comes: no keystroke that the house has acknowledged is lost, and where both wrote the same sentence both are shown.

Short by default; `make together` (TOGETHER=long) types five minutes' worth.
"""

import os
import re
import time
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive, Visitor
from cast import PASSWORD, Member, add_member
from playwright.sync_api import Page, Response, Route, expect
from sqlalchemy import select

from lms.courses.writing import lessons, room, saving, starting
from lms.courses.writing.models import DraftFile
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.people import passwords

pytestmark = pytest.mark.browser
LONG = os.environ.get("TOGETHER") == "long"
EDITS = 150 if LONG else 16  # of each author: one in two seconds for five minutes
PACE = 0.2  # seconds between edits of one author: ten times as fast
PARAGRAPHS = 12
LOST_ANSWERS, OFFLINE, BACK = 0.15, 0.06, 0.25
SAVE = re.compile(r"/studio/drafts/[^/]+/files/[^/]+$")
CARET = """(area, line) => {
  const lines = area.value.split("\\n");
  const at = lines.slice(0, line + 1).join("\\n").length;
  area.focus();
  area.setSelectionRange(at, at);
}"""
ROUNDS = 30


@dataclass
class Typist:
    """An author at her browser. `mark`: what her words begin with; `told`: those that the house has acknowledged."""

    visitor: Visitor
    mark: str
    chance: Random
    told: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    offline: bool = False
    shown: int = 0

    @property
    def page(self) -> Page:
        return self.visitor.page

    def begin(self, lesson: str) -> None:
        self.visitor.goes_offline = True
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.on("response", self._heard)
        self.page.route(SAVE, self._network)
        self.page.goto(lesson)
        expect(self.page.locator("#zh")).to_have_attribute("data-ready", "y")

    def _network(self, route: Route) -> None:
        """Some saves arrive, and their answers do not."""
        if self.offline or self.chance.random() > LOST_ANSWERS:
            route.continue_()
            return
        route.fetch()
        route.abort("internetdisconnected")

    def _heard(self, response: Response) -> None:
        request = response.request
        if request.method == "POST" and SAVE.search(request.url) and response.ok:
            self.told |= words(parse_qs(request.post_data or "").get("text", [""])[0], self.mark)

    def weather(self) -> None:
        """The network goes or comes back."""
        if self.chance.random() < (BACK if self.offline else OFFLINE):
            self.offline = not self.offline
            self.visitor.context.set_offline(self.offline)

    def type(self, number: int, line: int) -> None:
        """One more word at the end of a paragraph, key by key."""
        word = f"{self.mark}{number:03d}"
        self.page.locator("#text-zh").evaluate(CARET, line)
        self.page.keyboard.type(word)
        self.typed.add(word)

    def arrive(self) -> None:
        """Back on the network, the house says of everything that it has it."""
        self.offline = False
        self.visitor.context.set_offline(False)
        expect(self.page.locator("#zh [data-said]")).to_have_text(re.compile("^$|^已保存|^都存好了|^您写的存下了"))

    def settle(self) -> None:
        """Where the page shows two texts, she keeps both."""
        say = self.visitor.way.say
        link = self.page.get_by_role("link", name=say("去选一选"))
        for _ in range(ROUNDS):
            self.arrive()
            if not link.count():
                return
            link.first.click()
            places = self.page.locator("main fieldset")
            expect(places.first).to_be_visible()
            for place in places.all():
                mine, theirs = place.locator("pre").all_inner_texts()
                assert mine != theirs, "both texts are shown"
                place.get_by_label(say("两样都留")).check()
                self.shown += 1
            self.visitor.press("存下这样选的")
            expect(self.page.locator("#zh")).to_have_attribute("data-ready", "y")
        pytest.fail(f"never settled: {self.page.locator('#zh [data-said]').text_content()}")


def words(text: str, mark: str) -> set[str]:
    return set(re.findall(rf"{mark}\d{{3}}", text))


def _second_author(house: Installation) -> Member:
    """A colleague of the author's, made once in a house."""
    if "second-author" not in house.others:
        with house.app.app_context(), unit_of_work():
            places, hashed = house.cast.places, passwords.hash_password(PASSWORD)
            house.others["second-author"] = add_member(
                "second-author", "王若兰", 990, places, "TC-DEMO", ((Role.AUTHOR, "TC-DEMO"),), hashed
            )
    return house.others["second-author"]


def _lesson(house: Installation) -> tuple[str, UUID]:
    """A lesson of some paragraphs: its page, and its file."""
    actor, title = house.cast.author.actor, f"两个人写 {house.number()}"
    with house.app.app_context(), unit_of_work():
        draft_id = starting.start(actor, centre_id=house.cast.places["TC-DEMO"], title=title, title_en="Written by two")
        slug = lessons.add_lesson(actor, draft_id, title="先看脚", title_en="Look first")
        file_id = session().scalars(
            select(DraftFile.id).where(DraftFile.draft_id == draft_id, DraftFile.path.like("%.zh.md"))
        ).one()
        text = "\n".join(f"第 {number} 段。" for number in range(PARAGRAPHS)) + "\n"
        base = room.sheet(actor, draft_id, file_id).base
        saving.save(actor, draft_id, file_id, save_id=new_id(), base=base, text=text, body=True)
    return f"{house.url}/studio/drafts/{draft_id}/lessons/{slug}/write?show=zh", file_id


@pytest.mark.ways(houses=("embedded", "production") if LONG else ("embedded",), languages=("zh",), script=(True,))
def test_two_authors_in_one_lesson_lose_nothing(house: Installation, way: Way, visit: Arrive) -> None:
    second = _second_author(house)
    lesson, file_id = _lesson(house)
    typists = [
        Typist(visit(member), mark, Random(mark)) for member, mark in ((house.cast.author, "甲"), (second, "乙"))
    ]
    for typist in typists:
        typist.begin(lesson)
    expect(typists[1].page.locator("#zh [data-others]")).to_have_text(
        way.say("也在这里：") + house.cast.author.name
    )
    began = time.monotonic()
    for number in range(EDITS):
        shared = number % 15 == 7  # both in the same sentence
        for place, typist in enumerate(typists):
            typist.weather()
            own = 1 + place + 2 * typist.chance.randrange((PARAGRAPHS - 1) // 2)
            typist.type(number, 0 if shared else own)
        ahead = began + PACE * (number + 1) - time.monotonic()
        if ahead > 0:
            typists[0].page.wait_for_timeout(ahead * 1000)  # people are not faster than this
    for typist in typists:
        typist.arrive()
    for typist in [*typists, *typists]:
        typist.settle()
    with house.app.app_context(), unit_of_work(write=False):
        text = session().scalars(select(DraftFile.text).where(DraftFile.id == file_id)).one() or ""
    for typist in typists:
        assert typist.told == typist.typed, "in the end everything is acknowledged"
        assert not typist.told - words(text, typist.mark)
    assert re.findall(r"第 (\d+) 段。", text) == [str(number) for number in range(PARAGRAPHS)], "what was there stays"
    shown = sum(typist.shown for typist in typists)
    assert shown >= 1, "both wrote in one sentence, and were shown it"
    print({"edits": 2 * EDITS, "acknowledged": sum(len(one.told) for one in typists), "shown both": shown,
           "seconds": round(time.monotonic() - began, 1)})  # fmt: skip
