"""`flask seed`: an invented province in an empty house, five years of it, its log signed and published."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, table

from lms.courses import commands as courses
from lms.courses import queries as course_queries
from lms.credits import commands as credits
from lms.credits import policies
from lms.credits import queries as credit_queries
from lms.credits.compliance import commands as compliance
from lms.credits.log import keys as log_keys
from lms.credits.log import running as log_running
from lms.credits.log.state import Refused
from lms.demo.build import CONTENT, PASSWORD, SIGN_OUT_MISSING, NotEmpty
from lms.demo.history import COURSES, at_noon
from lms.demo.province import Province
from lms.demo.province_share import open_share, share_of
from lms.demo.province_study import WEEKS
from lms.kernel import audit, clock
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.cli import say
from lms.kernel.db import db
from lms.kernel.settings import PREFIX, Settings
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.organisations.bulk import add_places
from lms.people import passwords
from lms.people.bulk import add_people

ROOT = Path(__file__).parent.parent.parent
PEOPLE_AT_ONCE = 5000
EVERY = 2.0  # seconds between two lines of progress
WORTH_TWO = 2000  # doctors from which several processes pay
DECIDED = 24  # awards that auditors have something to say of


class Failed(Exception):
    """A process of the seeding ended with a fault; the text names it."""


@dataclass
class Told:
    """Progress on standard error: what is being made, the share of it, and how fast."""

    what: str
    whole: int
    begun: float = field(default_factory=time.monotonic)
    done: int = 0
    last: float = 0.0

    def __call__(self, more: int) -> None:
        self.done += more
        now = time.monotonic()
        if now - self.last >= EVERY:
            self.last = now
            self._say(min(0.999, self.done / max(self.whole, 1)), now)

    def end(self) -> None:
        """All of it is made; how much is known only now."""
        self._say(1.0, time.monotonic())

    def _say(self, share: float, now: float) -> None:
        rate = self.done / max(now - self.begun, 0.001)
        say(f"  {self.what:32} {share:6.1%}  {self.done:>9,}  {rate:>8,.0f}/s")


@dataclass
class Seeding:
    """One run of the command over a plan."""

    made: Province
    scale: str
    processes: int

    def run(self) -> None:
        """Everything, each step in transactions of its own. Raises NotEmpty when there is an organisation already,
        Failed when a process of it ended badly."""
        with unit_of_work(write=False):
            if organisations.in_scope(("/",)):
                raise NotEmpty
        settings = _settings()
        settings.mark_demo()
        log_keys.forget_own()
        self._people()
        self._courses()
        self._history(settings)
        self._analyse()
        self._decisions()
        self._results_and_log(settings)
        self._analyse()

    def _people(self) -> None:
        """Places, everybody in them, and one line of the audit trail for all of it."""
        made = self.made
        everybody = [*made.staff, *(doctor.person for doctor in made.doctors)]
        # Hashing 62,982 passwords would take over an hour, and all of them are the one that the command prints.
        hashed = passwords.hash_password(PASSWORD)
        tell = Told("people", len(everybody))
        with unit_of_work():
            add_places(made.places)
            for year in made.years:
                policy = policies.remembered(policies.NATION, year)
                if policy is not None:
                    policies.keep(policy)
            audit.record(SYSTEM, "province.seeded", "province", made.root.id,
                         seed=made.seed, scale=self.scale, doctors=len(made.doctors))  # fmt: skip
        for start in range(0, len(everybody), PEOPLE_AT_ONCE):
            with unit_of_work():
                tell(add_people(everybody[start : start + PEOPLE_AT_ONCE], hashed, made.begun))
        tell.end()

    def _courses(self) -> None:
        """The published courses, approved by the province since before the weeks in which they are taken."""
        made = self.made
        admin = next(one for one in made.staff if one.email == "admin@demo.example")
        actor = Actor(admin.id, admin.name, (Grant(Role.ADMINISTRATOR, made.root.path),))
        start = made.today - timedelta(weeks=WEEKS + 2)
        for number, slug in enumerate(COURSES, 1):
            with clock.held_at(at_noon(start)), unit_of_work():
                courses.publish_folder(CONTENT / slug, SYSTEM, dated=False)
            with clock.held_at(at_noon(start, 5)), unit_of_work():
                code = courses_code(slug)
                credits.approve_course(
                    actor, course_code=code, authority_id=made.root.id, project_number=f"{start.year}-HE-{number:03d}",
                    kind="recommended_project", hours=Decimal(2), valid_from=start,
                    valid_until=date(made.today.year + 1, 12, 31),
                )  # fmt: skip

    def _history(self, settings: Settings) -> None:
        """The ledger of everybody and the last weeks' study."""
        made = self.made
        tell = Told("ledger entries", round(len(made.doctors) * EXPECTED))
        if self.processes == 1:
            open_share(made).write(share_of(made, 1, 1), tell)
        else:
            words = ("seed-share", "--seed", str(made.seed), "--scale", self.scale, "--today", made.today.isoformat())
            with _processes(settings, [(*words, "--part", f"{n}/{self.processes}") for n in self._parts]) as lines:
                for line in lines:
                    tell(int(line))
        tell.end()

    @property
    def _parts(self) -> range:
        return range(1, self.processes + 1)

    @staticmethod
    def _analyse() -> None:
        """Let the database know what it holds: a plan made for empty tables takes hours on full ones."""
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def _decisions(self) -> None:
        """What the first county's auditor decided lately: approvals, returns, and some awards taken back."""
        made = self.made
        county = made.counties[0]
        person = next(one for one in made.staff if one.id == county.auditor)
        actor = Actor(person.id, person.name, (Grant(Role.COUNTY_AUDITOR, county.place.path),))
        chance = Random(f"{made.seed}/decisions")  # noqa: S311 - invented
        doctors = [one for one in made.doctors if one.county is county]
        for number, doctor in enumerate(chance.sample(doctors, min(DECIDED, len(doctors)))):
            with clock.held_at(at_noon(made.today - timedelta(days=3), number)), unit_of_work():
                awards = sorted(credit_queries.awards_of(doctor.person.id), key=lambda one: one.id)
                if awards:
                    self._decide(actor, number, awards[-1].id)

    @staticmethod
    def _decide(actor: Actor, number: int, award: UUID) -> None:
        if number % 4 == 0:
            credits.reverse_award(actor, award, version=1, reason_code="duplicate", text="这一次登记了两遍。")
        elif number % 4 == 1:
            credits.return_award(actor, award, version=1, reason_code="attendance", text=SIGN_OUT_MISSING)
        else:
            credits.approve_award(actor, award, version=1)

    def _results_and_log(self, settings: Settings) -> None:
        """Everybody's years, and meanwhile the log: every line gets its place, then signed and published."""
        if self.processes == 1:
            self._results()
            self._log()
            return
        words = ("credits", "compliance", "--all", "--json")
        with _processes(settings, [(*words, "--part", f"{n}/{self.processes}") for n in self._parts]):
            self._log()

    def _results(self) -> None:
        tell = Told("results of the years", len(self.made.doctors) * len(self.made.years))
        for year in self.made.years:
            with unit_of_work(write=False):
                ranges = list(compliance.ranges())
            for start, end in ranges:
                with unit_of_work():
                    tell(compliance.recompute(year, start, end).counts.total())
        tell.end()

    def _log(self) -> None:
        tell = Told("entries in the signed log", round(len(self.made.doctors) * EXPECTED))
        try:
            log_running.begin_with_everything(tell)
        except Refused as refusal:
            raise Failed(str(refusal)) from refusal
        if not log_running.catch_up(tell):
            raise Failed("the log was not signed: flask --app wsgi credits verify")
        tell.end()


EXPECTED = 72.5
"""Ledger entries of a doctor's five years on average, for the progress only."""


def courses_code(slug: str) -> str:
    """The code of a published course."""
    found = course_queries.by_slug(slug)
    assert found is not None
    return found.code


def _settings() -> Settings:
    settings: Settings = current_app.extensions["xinglin.settings"]
    return settings


def processes_for(doctors: int) -> int:
    """How many processes pay: one where the database has one writer, or the province is small."""
    on_postgres = db.engine.dialect.name == "postgresql"
    return min(4, max(1, os.cpu_count() or 1)) if on_postgres and doctors >= WORTH_TWO else 1


def _environment(settings: Settings) -> dict[str, str]:
    """What makes another process the same house. Secrets that lie in the data folder are read from there."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) and name != "PORT"}
    for name, field_info in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != field_info.default and name != "port" and not (settings.data / name).exists():
            known[f"{PREFIX}{name.upper()}"] = str(value)
    return known | {f"{PREFIX}DATA": str(settings.data.resolve()), f"{PREFIX}DEMO": "true"}


@contextmanager
def _processes(settings: Settings, commands: list[tuple[str, ...]]) -> Iterator[Iterator[str]]:
    """Run commands of this house beside each other; gives the lines they print, mixed. Raises Failed at the end if
    one of them failed. Whatever ends the block ends them too."""
    reading, writing = os.pipe()
    base = [sys.executable, "-m", "flask", "--app", "wsgi"]
    environment = _environment(settings)
    faults = [tempfile.TemporaryFile() for _ in commands]  # noqa: SIM115 - closed below, with their processes
    started = [
        subprocess.Popen(  # noqa: S603 - our own commands, no words from outside
            [*base, *words], cwd=ROOT, env=environment, stdout=writing, stderr=fault
        )
        for words, fault in zip(commands, faults, strict=True)
    ]
    os.close(writing)
    try:
        with os.fdopen(reading) as lines:
            yield lines
            for _ in lines:  # until the last of them has ended: none may find the pipe closed
                pass
        for process, fault in zip(started, faults, strict=True):
            if process.wait():
                fault.seek(0)
                raise Failed(fault.read().decode(errors="replace").strip() or f"exit status {process.returncode}")
    finally:
        for process, fault in zip(started, faults, strict=True):
            fault.close()
            if process.poll() is None:
                process.terminate()
                process.wait()


TABLES = ("organisation", "person", "activity", "award", "ledger_entry", "log_leaf", "year_result", "enrolment",
          "lesson_progress", "attempt", "answer")  # fmt: skip


def counts() -> dict[str, int]:
    """How many rows there are of what matters."""
    with db.engine.connect() as connection:
        return {
            one: connection.execute(select(func.count()).select_from(table(one))).scalar_one() for one in TABLES
        }
