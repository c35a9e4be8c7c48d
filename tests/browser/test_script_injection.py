"""Four hundred script injections through packages and the studio's forms, in a house that runs: none runs on any page
that shows them, neither under the real policy nor with the policy switched off. `make injections` takes every page of
every course both ways. What every form of the whole house does with them, test_injected_forms.py says."""

import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cast import PASSWORD, Cast, make_cast
from course_packages import PICTURE, item, zipped
from injections import LOOK, MANY, payloads
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import select, update
from stack import stack

from lms.assessments import commands as assessments
from lms.books import epub
from lms.books.imprint import Book, Imprint
from lms.certificates.models import Certificate
from lms.courses import commands, editions, publishing, queries
from lms.courses.packages.checker import load
from lms.courses.writing import starting
from lms.kernel.actor import SYSTEM
from lms.kernel.db import dispose, session
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.people.models import Person

WHOLE = os.environ.get("TORTURE_INJECTIONS") == "1"
TIME = pytest.mark.timeout(10_800 if WHOLE else 300)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), TIME]
COURSES = 4
QUARTER = MANY // COURSES
ALL = payloads()

FILL = """([said, few]) => {
  let at = 0;
  const names = [];
  for (const el of document.querySelectorAll("main form[method=post] input, main form[method=post] textarea")) {
    const kind = (el.getAttribute("type") || "text").toLowerCase();
    if (el.localName === "input" && !["text", "search", "url"].includes(kind)) continue;
    const most = el.maxLength > 0 ? el.maxLength : el.localName === "textarea" ? 20000 : 100;
    let text = "";
    while (at < said.length * 50 && (text + said[at % said.length]).length + 1 <= most) {
      text += (text ? " " : "") + said[at++ % said.length];
      if (el.localName === "input" && text.length > 60 || text.length > few) break;
    }
    el.value = text || said.find((one) => one.length <= most) || "";
    el.setAttribute("data-filled", "");
    names.push(el.name);
  }
  return names;
}"""

# The form itself, past what a script of the page would do with it.
SEND = """(kind) => {
  const first = document.querySelector(kind + "[data-filled]");
  HTMLFormElement.prototype.submit.call(first.form);
}"""
KINDS = ("single_choice", "multiple_response", "true_false", "matching", "ordering", "numeric")


def quarter(course: int) -> list[str]:
    return ALL[course * QUARTER : (course + 1) * QUARTER]


def _toml(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{plain}"'


def _both(text: str) -> str:
    return f"{{ zh = {_toml('字 ' + text)}, en = {_toml('E ' + text)} }}"


def hostile(course: int, *, bodies: bool) -> dict[str, str]:
    """A package with a quarter of the payloads in each of its text fields; in the lessons' bodies too if `bodies`."""
    mine = quarter(course)
    whole = " ".join(mine)
    parts = [" ".join(mine[at : at + 12]) for at in range(0, QUARTER, 12)]
    lessons = 50 if bodies else 3
    paper = "" if course == 0 else (
        "[assessment]\nminutes = 30\npass_mark = 80\nattempts = 3\ncooldown_minutes = 60\n"
        'show_answers = "after_submit"\n'
        f'title = {_both(whole)}\n[[assessment.draw]]\ntopic = "t1"\ncount = 15\n'
    )  # fmt: skip
    files = {
        "course.toml": (
            f'code = "HIT-{course}"\nslug = "hit-{course}"\ncentre = "TC-DEMO"\nsubject = "emergency"\n'
            'audience = ["nurse"]\nhours = "0.5"\nprerequisites = []\nlanguages = ["zh", "en"]\n'
            f"reviewer = {_toml(whole)}\nreview_by = 2099-11-30\ntitle = {_both(whole)}\nsummary = {_both(whole)}\n"
            f'[[objectives]]\nid = "o1"\ntext = {_both(whole)}\n[[topics]]\nid = "t1"\ntitle = {_both(whole)}\n'
            f'[[sources]]\nid = "s1"\ntitle = {_both(whole)}\nissuer = {_both(whole)}\nyear = 2017\n'
            f'section = {_both(whole)}\ncertainty = "official"\n{paper}'
        ),
        "media/flow.svg": PICTURE,
    }  # fmt: skip
    for number in range(1, lessons + 1):
        title = " ".join(mine[(2 * number - 2) % QUARTER : (2 * number - 2) % QUARTER + 2]).replace("\n", " ")[:110]
        front = f'+++\ntitle = {_toml(title)}\nminutes = 3\nobjectives = ["o1"]\nsources = ["s1"]\n+++\n'
        text = "坐下。[^s1]\n"
        if bodies and number <= 2:
            text = "\n\n".join([*mine, *(f"![{one}](media/flow.svg)" for one in mine[:9])])
        checks = "".join(f"\n::: check HIT-{course}-C{at}\n:::\n" for at in range(len(parts)) if number == 1)
        for language in ("zh", "en"):
            tail = checks or f"\n::: check HIT-{course}-C0\n:::\n"
            files[f"lessons/{number:02d}-part-{number}.{language}.md"] = front + text + tail
    said = [_spoken(item(f"HIT-{course}-C{at}", "check"), part) for at, part in enumerate(parts)]
    files["items/checks.toml"] = "".join(said)
    bank = [_spoken(item(f"HIT-{course}-{at:03d}"), parts[at % len(parts)]) for at in range(18)]
    files["items/bank.toml"] = "".join(bank)
    return {path: text.replace('topic = "measure"', 'topic = "t1"').replace("spec-2017", "s1")
            for path, text in files.items()}  # fmt: skip


def _spoken(text: str, part: str) -> str:
    """A question with the payloads in its stem, its options and its explanation."""
    text = re.sub(r"(stem|explanation) = \{.*\}", lambda found: f"{found[1]} = {_both(part)}", text)
    return re.sub(r"text = \{ zh = \"(.)[^}]*\}", lambda found: f"text = {_both(part + ' ' + found[1])}", text)


@dataclass
class Stage:
    """A house with four hostile courses, published and as drafts."""

    url: str
    cast: Cast
    rooms: list[UUID]
    enrolments: list[UUID]
    attempts: list[UUID]
    token: str
    folder: Path
    executed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("injections")
    made: dict[str, object] = {}

    def prepare(app) -> None:  # type: ignore[no-untyped-def]
        cast = make_cast(app)
        rooms, enrolments, attempts = [], [], []
        with app.app_context(), unit_of_work():
            for who, number in ((cast.author, 0), (cast.learner, 20)):
                session().execute(update(Person).where(Person.id == who.person_id).values(name=ALL[number][:60]))
            centre = organisations.by_code("TC-DEMO")
            assert centre is not None
            for course in range(COURSES):
                tree = {path: text.encode() for path, text in hostile(course, bodies=True).items()}
                publishing.publish(SYSTEM, tree, load(tree), centre)
        with app.app_context(), unit_of_work():
            for course in range(COURSES):
                rooms.append(_room(cast, course))
                enrolment_id = commands.enrol(cast.learner.actor, f"hit-{course}")
                enrolments.append(enrolment_id)
                for lesson in editions.edition(_edition(f"hit-{course}")).lessons:
                    commands.finish_lesson(cast.learner.actor, enrolment_id, lesson.id)
                if course:
                    attempts.append(assessments.start_attempt(cast.learner.actor, enrolment_id))
        with app.app_context(), unit_of_work(write=False):
            token = session().scalar(select(Certificate.token)) or ""
        made.update(app=app, cast=cast, rooms=rooms, enrolments=enrolments, attempts=attempts, token=token)

    with stack(folder, prepare, workers=1) as running:
        app = made.pop("app")
        try:
            yield Stage(running.url, folder=folder, **made)  # type: ignore[arg-type]
        finally:
            dispose(app)  # type: ignore[arg-type]


def _edition(slug: str) -> UUID:
    card = queries.by_slug(slug)
    assert card is not None
    return card.edition_id


def _room(cast: Cast, course: int) -> UUID:
    """The same package through the importer, with a code of its own, and then gone on with in the room."""
    files = hostile(course, bodies=False)
    files["course.toml"] = files["course.toml"].replace(f"HIT-{course}", f"HID-{course}", 1)
    files["course.toml"] = files["course.toml"].replace(f"hit-{course}", f"hid-{course}", 1)
    draft_id = commands.upload_package(cast.author.actor, zipped(files))
    starting.take_up(cast.author.actor, draft_id)
    return draft_id


Come = Callable[..., Page]


@pytest.fixture
def come(chromium: Browser, stage: Stage) -> Iterator[Come]:
    """Open a browser in which every run of a payload is noted; `policy=False` takes the policy off every answer."""
    contexts: list[BrowserContext] = []

    def without_policy(route: Route) -> None:
        if route.request.resource_type != "document":
            route.continue_()
            return
        answer = route.fetch(max_redirects=0)
        kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(response=answer, headers=kept)

    def opened(account: str = "", *, policy: bool, script: bool = True) -> Page:
        context = chromium.new_context(locale="zh-CN", java_script_enabled=script)
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.expose_binding("hit", lambda source, number: stage.executed.append(f"{number} on {source['page'].url}"))
        if not policy:
            context.route("**/*", without_policy)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        if account:
            page.goto(f"{stage.url}/sign-in")
            page.locator("[name=account]").fill(account)
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("main form button").last.click()
            page.wait_for_url("**/today")
        return page

    yield opened
    for context in contexts:
        context.close()


def look(stage: Stage, page: Page, address: str) -> None:
    """Open a page; nothing has run, and nothing waits to be touched."""
    page.goto(address if "://" in address else stage.url + address)
    found(stage, page)


def found(stage: Stage, page: Page) -> None:
    bad = page.evaluate(LOOK)
    assert not bad, f"{page.url}: {bad[:5]}"
    assert not stage.executed, stage.executed[:5]


def test_the_trap_springs(stage: Stage, come: Come) -> None:
    """What counts the runs does count: a careless page runs them, and what waits to be touched is seen."""
    page = come(policy=False)
    page.set_content("<img onerror=hit(7)><script>hit(8)</script>")
    page.locator("img").wait_for(state="attached")
    page.evaluate("() => hit(9)")
    numbers = {line.split()[0] for line in stage.executed}
    assert {"8", "9"} <= numbers
    assert len(page.evaluate(LOOK)) == 2
    stage.executed.clear()


@pytest.mark.parametrize("policy", [False, True], ids=["no-policy", "policy"])
def test_no_learners_page_runs_what_an_author_wrote(stage: Stage, come: Come, policy: bool) -> None:
    learner, author = come(stage.cast.learner.phone, policy=policy), come(stage.cast.author.phone, policy=policy)
    assert stage.token
    for address in ("/courses", "/courses?q=hit", f"/verify/{stage.token}", "/certificates", "/today"):
        look(stage, learner, address)
    for address in ("/studio", "/studio/courses", "/studio?closed=y"):
        look(stage, author, address)
    some = range(COURSES) if WHOLE else (2,) if policy else (0, 1)
    for course in some:
        enrolment = stage.enrolments[course]
        lessons = range(1, 51) if WHOLE else (1, 2)
        for address in (f"/courses/hit-{course}", f"/books/{enrolment}",
                        *(f"/learn/{enrolment}/part-{number}" for number in lessons)):  # fmt: skip
            look(stage, learner, address)
        learner.goto(f"{stage.url}/learn/{enrolment}/part-1")
        learner.locator("section.q input[type=radio]").first.check()
        learner.locator("section.q form button").first.click()
        learner.wait_for_url(re.compile("#check-"))
        found(stage, learner)
        if course:
            attempt = stage.attempts[course - 1]
            for number in range(1, 16 if WHOLE else 3):
                look(stage, learner, f"/attempts/{attempt}?question={number}")
            look(stage, learner, f"/attempts/{attempt}/questions")
        look(stage, author, f"/studio/courses/hit-{course}")
        for address in ("", "/questions", "/settings/course", "/settings/goals", "/settings/sources", "/settings/exam",
                        "/lessons/part-1/write?show=both", "/lessons/part-1", "/books"):  # fmt: skip
            look(stage, author, f"/studio/drafts/{stage.rooms[course]}{address}")


def _fill(stage: Stage, page: Page, address: str, said: list[str], first: str) -> None:
    """Fill every text field of a page, send the form of the `first` kind of field, look at what comes."""
    page.goto(stage.url + address)
    names = page.evaluate(FILL, [said, 14_500])
    assert names, f"nothing to fill on {address}"
    with page.expect_navigation():
        page.evaluate(SEND, first)
    found(stage, page)


@pytest.mark.parametrize("policy", [False, True] if WHOLE else [False], ids=["no-policy", "policy"] if WHOLE else None)
def test_no_page_of_the_studio_runs_what_was_typed_into_its_forms(stage: Stage, come: Come, policy: bool) -> None:
    author = come(stage.cast.author.phone, policy=policy, script=True)
    rounds = range(0, MANY, 20) if WHOLE else (0,)
    for first in rounds:
        said = ALL[first:] + ALL[:first]
        room = f"/studio/drafts/{stage.rooms[first * COURSES // MANY]}"
        for address, kind in (
            ("/studio/new", "input"),
            (room, "input"),
            *((f"{room}/settings/{page}", "") for page in ("course", "goals", "sources", "exam")),
            (f"{room}/lessons/part-2/write?show=zh", "textarea"),
            (f"{room}/lessons/part-2/write?show=en", "input"),
            *((f"{room}/questions?type={one}", "") for one in KINDS[:: 1 if first == 0 else 6]),
            (f"{room}/questions/paste", "textarea"),
        ):
            _fill(stage, author, address, said, kind)
        for address in (room, f"{room}/settings/goals", f"{room}/lessons/part-2", f"{room}/questions"):
            look(stage, author, address)


def test_a_refused_package_and_a_rehearsed_one_run_nothing(stage: Stage, come: Come) -> None:
    """Also file names and what the checker repeats of a package that it refuses."""
    author = come(stage.cast.author.phone, policy=False)
    for course in range(COURSES if WHOLE else 1):
        good = hostile(course, bodies=False)
        good["course.toml"] = good["course.toml"].replace(f"HIT-{course}", f"HIX-{course}", 1)
        good["course.toml"] = good["course.toml"].replace(f"hit-{course}", f"hix-{course}", 1)
        names = {f"media/{re.sub('[/]', '_', one)}": b"x" for one in quarter(course) if "\n" not in one}
        bad = {**good, "lessons/01-part-1.zh.md": "+++\n+++\n" + "\n\n".join(quarter(course))}
        faults = {**good, "items/bank.toml": "".join(f"{_toml(one)} = {_toml(one)}\n" for one in quarter(course))}
        junk = {**good, **{f"__MACOSX/{number} {one}": b"x" for number, one in enumerate(quarter(course))}}
        for files in (bad, faults, {**good, **dict(list(names.items())[:1])}, junk):
            author.goto(f"{stage.url}/studio/upload")
            given = {"name": "course.zip", "mimeType": "application/zip", "buffer": zipped(files)}
            author.locator("input[type=file]").set_input_files(given)  # type: ignore[arg-type]
            author.locator("button[formaction]").click()
            author.wait_for_url("**/studio/upload/rehearse")
            found(stage, author)


def test_no_page_of_a_book_runs_anything(stage: Stage, come: Come) -> None:
    """Opened as files, where no policy of the house reaches."""
    page = come(policy=True)
    for course in range(COURSES):
        tree = {path: text.encode() for path, text in hostile(course, bodies=True).items()}
        package = load(tree)
        centre = {"zh": ALL[course], "en": ALL[course]}
        imprint = Imprint(UUID(int=course), 1, datetime(2026, 11, 1, tzinfo=UTC), centre, "0")
        archive = zipfile.ZipFile(io.BytesIO(epub.bind(Book(imprint, package, tree, ("zh",)))))
        below = stage.folder / f"book-{course}"
        archive.extractall(below)
        pages = sorted((below / "EPUB").glob("*.xhtml"))
        for path in pages if WHOLE else [one for one in pages if one.stem[-2:] in ("01", "es", "le", "av")]:
            look(stage, page, path.as_uri())
