"""A browser without the house's policy that looks at every page which shows what hostile files brought.

Pages that differ only in ids, codes, times, the name of the file and in plain words are opened once: words between two
tags, or in a field, without a sign that could be markup, do not make a browser do anything else.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import unescape
from pathlib import Path

from cookies import NAME
from hostile_house import House, Told, Visitor
from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Page, Request, Route
from playwright.sync_api import Error as BrowserError

TRAPS = """for (const name of ["alert", "confirm", "prompt", "print", "msgbox", "open"]) {
  window[name] = (said) => { window.ran(name + "(" + said + ")"); };
}"""
# What would run if somebody touched it, or if the page were read by another reader.
WAITING = """() => {
  const bad = [];
  for (const el of document.querySelectorAll("*")) {
    for (const one of el.attributes) {
      const said = one.value.replace(/[\\u0000-\\u0020]/g, "");
      if (/^on/i.test(one.name)) bad.push(el.tagName + " " + one.name);
      if (/^(href|src|action|formaction|data|xlink:href|srcdoc|to|values|from|background|poster|ping|manifest)$/i
          .test(one.name) && /^(javascript|vbscript|data:(?!image\\/(png|webp|jpeg)))/i.test(said))
        bad.push(el.tagName + " " + one.name + "=" + said.slice(0, 80));
    }
    const name = el.localName;
    if (name === "script" && /alert|evil/.test(el.textContent)) bad.push("script " + el.textContent.slice(0, 80));
    if (["object", "embed", "base", "applet", "marquee", "foreignobject", "parsererror"].includes(name.toLowerCase()))
      bad.push(name + " " + el.outerHTML.slice(0, 80));
    if (name === "meta" && /refresh/i.test(el.httpEquiv)) bad.push("refresh " + el.content);
    if (name === "style" && /@import|evil|127\\.0\\.0\\.1:9/.test(el.textContent)) bad.push("style");
  }
  return bad;
}"""
_SAME = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|C\d\d-[A-Z0-9]{6}|c\d\d-[a-z0-9]{6}"
    r"|csrf_token\" value=\"[^\"]+|\d\d:\d\d|[a-z]+-\d{3}(?=\.|\b)|base=\"[^\"]+"
)
_WORDS = re.compile(r"(?<=>)[^<>&]+(?=<)|(?<= value=\")[\w\s，。：、·,.-]*(?=\")")
_OWN_WORDS = re.compile(r"<script(?![^>]*\ssrc=)|<style", re.IGNORECASE)
_LINK = re.compile(r"(?:href|src|poster|srcset)=\"([^\"\s]+)")
_NOT_PAGES = re.compile(
    r"package\.zip|/static/|sign-out|\?(?:.*&)?(?:show|page|type|as|seed|start)="
    r"|/books/\w+\.(?:epub|pdf)"
)


class Eyes:
    """Everything that is looked at is counted; whatever ran, waits or was asked of strangers is in `events`."""

    def __init__(self, bare: BrowserContext, real: BrowserContext, house: House) -> None:
        self.house = house
        self.events: list[str] = []
        self.seen: set[str] = set()
        self.asked = self.opened = self.files = 0
        self.answers: dict[str, str] = {}
        self.bare, self.real = self._watched(bare), self._watched(real)
        bare.route("**/*", self._without_policy)

    def _watched(self, context: BrowserContext) -> Page:
        context.set_default_timeout(60_000)
        context.expose_binding("ran", lambda source, said: self.note(f"ran {said}", source["frame"]))
        context.add_init_script(TRAPS)
        context.on("request", self._asked_for)
        page = context.new_page()
        page.on("dialog", self._dialog)
        page.on("popup", lambda other: self.note(f"popup {other.url}", page.main_frame))
        return page

    def note(self, what: str, frame: Frame) -> None:
        self.events.append(f"{what} on {frame.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.events.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _asked_for(self, request: Request) -> None:
        if not request.url.startswith((f"{self.house.url}/", "data:image/", "blob:", "about:", "file:")):
            self.events.append(f"request {request.url} on {request.frame.url}")

    def _without_policy(self, route: Route) -> None:
        request = route.request
        if not request.url.startswith(f"{self.house.url}/"):
            route.abort()
        elif request.url in self.answers:
            route.fulfill(body=self.answers[request.url], content_type="text/html; charset=utf-8")
        elif request.resource_type != "document":
            route.continue_()
        else:
            answer = route.fetch(max_redirects=0)
            kept = {name: said for name, said in answer.headers.items() if name != "content-security-policy"}
            route.fulfill(response=answer, headers=kept)

    def as_whom(self, visitor: Visitor) -> None:
        """Whose cookie the browser holds from now on."""
        for page in (self.bare, self.real):
            page.context.clear_cookies()
            page.context.add_cookies([{"name": NAME, "value": visitor.cookie, "url": self.house.url}])

    def new(self, text: str) -> bool:
        """Whether such a page was not looked at before."""
        self.asked += 1
        key = sha256(_SAME.sub("…", text if _OWN_WORDS.search(text) else _WORDS.sub("", text)).encode()).hexdigest()
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def look(self, page: Page, address: str) -> None:
        """Open a page and look at all its frames."""
        self.opened += 1
        try:
            page.goto(address, wait_until="load")
        except BrowserError as other:  # a file that is saved, not shown
            if "Download is starting" not in str(other) and "ERR_ABORTED" not in str(other):
                raise
            return
        for frame in page.frames:
            for found in frame.evaluate(WAITING):
                self.note(f"waits: {found}", frame)

    def show(self, told: Told) -> None:
        """The very page that a post was answered with."""
        if told.page.lstrip().startswith("<") and self.new(told.page):
            address = f"{self.house.url}/answered/{len(self.answers)}"
            self.answers[address] = told.page
            self.look(self.bare, address)

    def walk(self, visitor: Visitor, start: str, *, deep: bool = True) -> bool:
        """A page, and (`deep`) every page below it that it leads to and every file that these show; whether any was
        new."""
        ahead, known, before = [start], {start}, self.opened
        while ahead:
            address = ahead.pop()
            answer = visitor.get(address)
            assert answer.status_code < 500, f"{address}: {answer.status_code}"
            if answer.status_code != 200:
                self.events += [f"dead: {address} {answer.status_code}"] if answer.status_code > 404 else []
                continue
            if not answer.headers["Content-Type"].startswith("text/html"):
                self._file(address)
                continue
            if self.new(answer.text):
                self.look(self.bare, self.house.url + address)
            for link in map(unescape, _LINK.findall(answer.text)):
                link = link.partition("#")[0].removeprefix(self.house.url)
                inside = deep and link.startswith((f"{start}/", f"{start}?", "/media/"))
                if inside and link not in known and not _NOT_PAGES.search(link):
                    known.add(link)
                    ahead.append(link)
        return self.opened > before

    def _file(self, address: str) -> None:
        """A stored file as a document of its own: with the headers it has, and again without a policy."""
        if address in self.seen:
            return
        self.seen.add(address)
        self.files += 1
        for page in (self.bare, self.real):
            self.look(page, self.house.url + address)

    def read(self, book: bytes, folder: Path) -> None:
        """Every page of an EPUB, opened as a file, where no policy of the house reaches."""
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            archive.extractall(folder)
        for path in sorted(folder.rglob("*.xhtml")):
            if self.new(path.read_text()):
                self.look(self.real, path.as_uri())


@contextmanager
def eyes_on(chromium: Browser, house: House) -> Iterator[Eyes]:
    """Two windows: one in which no policy holds, one as it is."""
    bare, real = (chromium.new_context(locale="zh-CN", accept_downloads=False) for _ in range(2))
    try:
        yield Eyes(bare, real, house)
    finally:
        bare.close()
        real.close()
