"""The installations that browsers visit: the cast, the three real courses, a short one, approvals."""

import re
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from cast import PASSWORD, Cast, Member, add_member, make_cast
from course_packages import good_files, lesson_md, tree
from flask import Flask
from servers import Postgres
from sqlalchemy import select
from stack import ROOT, Stack, stack

from lms.courses import commands as courses
from lms.courses.packages.checker import check
from lms.courses.packages.package import Package
from lms.courses.packages.tree import read_folder
from lms.credits import commands as credits
from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.db import dispose, session
from lms.kernel.i18n import catalogue, in_locale
from lms.kernel.outbox import OutboxRow
from lms.kernel.uow import unit_of_work
from lms.people import passwords

CONTENT = ROOT / "content" / "courses"
REAL = ("hypertension", "diabetes", "maternal-care")
SHORT = "short-course"
CLINIC = "LB-YL-LX-SM"
# Among them names that fonts and copies get wrong: a middle dot, four signs, signs beyond the basic plane's start.
NAMES = ("买买提·艾力", "欧阳润芝", "李䶮", "王玥琪", "张喆", "司马相宜")
FAMILY, GIVEN = "冯褚卫蒋沈韩杨朱秦许", ("秀兰", "玉梅", "建国", "志强", "淑芬", "文彬")
DOCTORS = frozenset(NAMES) | {a + b for a, b in product(FAMILY, GIVEN)}


def mended(name: str) -> str:
    """How a doctor's name is written once an administrator has corrected it."""
    return name[:-1] + "芬"


ENGLISH = """::: emg Call 120 first
Cannot be woken: call 120[^spec-2017].
:::

## Rest five minutes first

The cuff goes **round the upper arm**. Measure twice.

![The way](media/flow.svg "Figure 1. The way")

| Reading | What to do |
|---|--:|
| 140 | Measure again |

::: check TST-C0{number}
:::
"""


@dataclass(frozen=True)
class Way:
    """How a journey is made: in which language, with or without JavaScript."""

    language: str
    script: bool

    def __str__(self) -> str:
        return f"{self.language}-{'script' if self.script else 'plain'}"

    def say(self, sentence: str, **gaps: object) -> str:
        """A sentence of the pages in the language of the journey."""
        text = catalogue(self.language).gettext(sentence)
        return text % gaps if "%(" in sentence else text.format(**gaps) if gaps else text

    def of(self, texts: Any) -> str:
        """The text of this language of a text with two."""
        return in_locale(texts, self.language)


WAYS = tuple(Way(language, script) for language, script in product(("zh", "en"), (True, False)))


@dataclass
class Installation:
    """A running house, who is in it, which doctors nobody has played yet, and others by a name of the journey's."""

    running: Stack
    app: Flask
    cast: Cast
    doctors: Iterator[Member]
    packages: dict[str, Package] = field(default_factory=dict)
    others: dict[str, Member] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)  # of courses that a journey wrote in one language only
    count: int = 0
    told: int = 0

    @property
    def url(self) -> str:
        return self.running.url

    def new_doctor(self) -> Member:
        """A village doctor who has done nothing yet."""
        return next(self.doctors)

    def new_faults(self) -> list[str]:
        """What the processes have written about faults since the last time: nothing, in a good house."""
        text = "".join(path.read_text(errors="replace") for path in sorted(self.running.folder.glob("*.log")))
        found = [line[-1500:] for line in text.splitlines() if "Traceback" in line or '"fault"' in line]
        new, self.told = found[self.told :], len(found)
        return new

    def standing(self) -> str:
        """What the house's work behind the pages looks like, for the message of a test that waited for it in vain."""
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=20) as answer:
            ready = answer.read().decode()
        with self.app.app_context(), unit_of_work(write=False):
            rows = session().execute(select(OutboxRow).where(OutboxRow.state != "done").limit(20)).scalars()
            waiting = [f"{row.task} {row.key} {row.state} {row.tries} {row.run_after} {row.error}" for row in rows]
        logs = self.running.folder.glob("*.log")
        tails = [f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in logs]
        return "\n".join([ready, *waiting, *self.running.left(), *tails])

    def number(self) -> int:
        """A number that no other journey in this house has."""
        self.count += 1
        return self.count


def package_of(folder: Path) -> Package:
    """The checked package of a folder."""
    report = check(read_folder(folder), folder=folder.name, today=clock.today())
    assert report.package is not None, report.problems
    return report.package


def short_folder(below: Path) -> Path:
    """A course of two short lessons that is quickly done, as a folder."""
    folder = below / SHORT
    texts = good_files(code="XL-SHORT", slug=SHORT)
    for number, path in enumerate(sorted(path for path in texts if path.endswith(".en.md")), start=1):
        texts[path] = lesson_md(f"Part {number}", number, ENGLISH)
    texts["course.toml"] = re.sub(r"cooldown_minutes = \d+", "cooldown_minutes = 0", texts["course.toml"])
    for path, data in tree(texts).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _doctors(places: dict[str, Any]) -> list[Member]:
    names = [*NAMES, *sorted(DOCTORS - set(NAMES))]
    hashed = passwords.hash_password(PASSWORD)
    roles = ((Role.LEARNER, CLINIC),)
    return [
        add_member(f"doctor{serial}", name, serial, places, CLINIC, roles, hashed)
        for serial, name in enumerate(names, start=100)
    ]


def _publish(cast: Cast, folders: Sequence[Path]) -> dict[str, Package]:
    packages = {folder.name: package_of(folder) for folder in folders}
    year = clock.today().year
    for number, folder in enumerate(folders, start=1):
        courses.publish_folder(folder)
        package = packages[folder.name]
        credits.approve_course(
            cast.admin.actor,
            course_code=package.code,
            authority_id=cast.places["LB-YL"],
            project_number=f"{year}-LB-YL-{number:03d}",
            kind="recommended_project",
            hours=min(package.hours, Decimal(2)),
            valid_from=date(year, 1, 1),
            valid_until=date(year, 12, 31),
        )
    return packages


@contextmanager
def installation(folder: Path, server: Postgres | None) -> Iterator[Installation]:
    """Start a house: on SQLite with everything in the web process, or with a server the production way."""
    made: dict[str, Any] = {}

    def prepare(app: Any) -> None:
        cast = make_cast(app)
        folders = [*(CONTENT / slug for slug in REAL), short_folder(folder / "packages")]
        with app.app_context(), unit_of_work():
            doctors = _doctors(cast.places)
            packages = _publish(cast, folders)
        made.update(app=app, cast=cast, doctors=iter(doctors), packages=packages)

    with stack(folder, prepare, server=server, database="browser", celery=server is not None) as running:
        try:
            yield Installation(running=running, **made)
        finally:
            dispose(made["app"])


def zip_files(slug: str, code: str, new_slug: str, titles: dict[str, str]) -> dict[str, bytes]:
    """A real course under another code, slug and title, as files by path."""
    files = dict(read_folder(CONTENT / slug))
    package = package_of(CONTENT / slug)
    text = files["course.toml"].decode()
    for old, new in (
        (f'code = "{package.code}"', f'code = "{code}"'),
        (f'slug = "{slug}"', f'slug = "{new_slug}"'),
        (package.title["zh"], titles["zh"]),
        (package.title["en"], titles["en"]),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    return {**files, "course.toml": text.encode()}
