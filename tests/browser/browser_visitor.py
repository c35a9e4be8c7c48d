"""Somebody at a browser: goes to pages, presses what is there, and looks at each page once."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from browser_checks import PHONE, axe_faults, shoot, sideways, strange_words
from browser_stage import Installation, Way
from cast import PASSWORD, Member
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

PATIENCE = 45_000
OFFLINE = "ERR_INTERNET_DISCONNECTED"
REFUSED = re.compile(r"the server responded with a status of (\d{3})")


@dataclass
class Visitor:
    """One browser of its own. Sentences are given in Chinese and met in the language of the journey."""

    house: Installation
    way: Way
    context: BrowserContext
    page: Page
    looked: set[tuple[str, ...]]
    noise: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    goes_offline: bool = False
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path if path.startswith("http") else self.house.url + path)

    def button(self, sentence: str, **gaps: object) -> Locator:
        return self.page.get_by_role("button", name=self.way.say(sentence, **gaps), exact=True)

    def press(self, sentence: str, **gaps: object) -> None:
        """Press the button that says so."""
        self.button(sentence, **gaps).first.click()

    def follow(self, sentence: str, **gaps: object) -> None:
        """Follow the link that begins so."""
        name = self.way.say(sentence, **gaps)
        self.page.get_by_role("link", name=re.compile("^" + re.escape(name))).first.click()

    def fill(self, label: str, value: str) -> None:
        """Write into the field under this label."""
        self._field(label).fill(value)

    def choose(self, label: str, value: str) -> None:
        """Choose from the list under this label, by value."""
        self._field(label).select_option(value)

    def tick(self, label: str) -> None:
        """Tick the box beside these words."""
        self.page.get_by_text(self.way.say(label), exact=True).first.click()

    def _field(self, label: str) -> Locator:
        return self.page.locator("main").get_by_label(self.way.say(label), exact=True).first

    def reads(self, sentence: str, **gaps: object) -> None:
        """The page says this sentence of ours."""
        self.finds(self.way.say(sentence, **gaps))

    def finds(self, text: str) -> None:
        """The page shows this text."""
        expect(self.page.locator("body")).to_contain_text(text, use_inner_text=True)

    def lacks(self, text: str) -> None:
        """The page does not show this text."""
        expect(self.page.locator("body")).not_to_contain_text(text)

    def heads(self, sentence: str, **gaps: object) -> None:
        """The page's only first heading says so."""
        expect(self.page.locator("h1")).to_have_text(self.way.say(sentence, **gaps))

    def knows(self, name: str) -> None:
        """A name, whole or masked, stays as it is in every language."""
        self.known |= {name, *name}

    def expect_status(self, *statuses: int) -> None:
        """A refusal that this journey means to meet is no noise."""
        self.expected |= {str(status) for status in statuses}

    def speak(self) -> None:
        """Change to the language of the journey by the button every page has."""
        other = self.page.locator(f'header button[name=language][value="{self.way.language}"]')
        if other.count():
            other.click()
        expect(self.page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[self.way.language])

    def sign_in(self, member: Member, password: str = PASSWORD) -> None:
        """Sign in as somebody, from the front page."""
        self.open("/")
        self.speak()
        self.look("welcome")
        self.page.locator("header").get_by_role("link", name=self.way.say("登录"), exact=True).click()
        self.look("sign-in")
        self.fill("手机号", member.phone)
        self.fill("密码", password)
        self.press("登录")
        self.page.wait_for_url("**/today")

    def look(self, name: str) -> None:
        """Look at this page closely, once a language: axe, language, width; faults are told at the end."""
        key = (name, self.way.language, "script" if self.way.script else "plain")
        if key in self.looked:
            return
        self.looked.add(key)
        self.page.wait_for_load_state("load")
        found = strange_words(self.page, self.way.language, self.known)
        found += sideways(self.page)
        if self.way.script:
            found += axe_faults(self.page)
            shoot(self.page, f"{name}-{self.way.language}")
        self.page.set_viewport_size(PHONE)
        self.faults += [f"{name} ({self.way}, {self.page.url}): {fault}" for fault in found]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        refused = REFUSED.search(message.text)
        if (refused and refused[1] in self.expected) or (self.goes_offline and OFFLINE in message.text):
            return
        if str(message.location.get("url", "")).endswith("/favicon.ico"):
            return  # asked for by the browser's own PDF viewer, by no page of ours
        self.noise.append(f"console: {message.text} ({self.page.url})")

    def listen(self) -> None:
        """Note what the console says from now on."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.noise.append(f"page error: {error}"))


Arrive = Callable[..., Visitor]


def arrive(
    browser: Browser, house: Installation, way: Way, looked: set[tuple[str, ...]], names: set[str]
) -> Visitor:
    """A new browser with nothing in it: no cookies, a Chinese phone."""
    context = browser.new_context(
        viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", java_script_enabled=way.script
    )
    context.set_default_timeout(PATIENCE)
    visitor = Visitor(house, way, context, context.new_page(), looked, known=set(names))
    visitor.listen()
    return visitor
