"""A writer of the ledger as a process of its own: works off its operations through the real commands, may be
killed at any instant, and goes on where its journal ends.

What the house acknowledged is in the journal before the next operation begins: one line each, flushed to disk.
"""

import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from cast import Cast
from houses import build_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lms.credits import commands
from lms.credits.models import Award
from lms.kernel import clock
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import DomainError, Transient
from lms.kernel.uow import unit_of_work

LECTURE: dict[str, Any] = {"kind": "unit_lecture", "title": {"zh": "糖尿病足早期识别", "en": "The diabetic foot"}}
LIKELY = {"award": 55, "approve": 10, "return": 12, "reverse": 12, "reply": 6, "again": 5}
REASONS = {"approve": "in_order", "return": "evidence", "reverse": "mistake"}
DAYS = 300
PATIENCE = 120


@dataclass(frozen=True)
class Operation:
    """One thing to be done: `thing` is its id where it makes something, else the activity it is about."""

    number: int
    kind: str
    thing: str
    person: int
    day: int
    by_province: bool


@dataclass(frozen=True)
class House:
    """What a writer needs to open the house."""

    folder: Path
    settings: dict[str, Any]
    cast: Cast
    people: Sequence[UUID]
    place: str


def operations(chance: random.Random, many: int, people: int) -> list[Operation]:
    """A random history; whoever decides or answers names an activity that was drawn before."""
    made: list[Operation] = []
    entered: list[Operation] = []
    for number in range(many):
        kind = chance.choices(list(LIKELY), list(LIKELY.values()))[0] if entered else "award"
        about = chance.choice(entered[-200:]) if entered else None
        if kind in ("award", "again"):
            thing = str(UUID(int=chance.getrandbits(128), version=4))
            person, day = chance.randrange(people), chance.randrange(DAYS)
            if kind == "again" and about:
                thing, person, day = about.thing, about.person, about.day
            one = Operation(number, kind, thing, person, day, False)
            entered.append(one)
        else:
            assert about is not None
            one = Operation(number, kind, about.thing, about.person, about.day, chance.random() < 0.5)
        made.append(one)
    return made


def done(journal: Path) -> Iterator[dict[str, Any]]:
    """What a journal holds; a last line that was cut off was never said."""
    if journal.exists():
        for line in journal.read_bytes().split(b"\n")[:-1]:
            yield json.loads(line)


def write(house: House, mine: Sequence[Operation], journal: Path) -> None:
    """Work off what the journal does not hold yet."""
    app = build_app(house.folder, **house.settings)
    known = {one["number"] for one in done(journal)}
    left = [one for one in mine if one.number not in known]
    _mend(journal)
    with journal.open("ab", buffering=0) as file, app.app_context():
        for one in left:
            told = _until_told(house, one)
            file.write(json.dumps(asdict(one) | told).encode() + b"\n")
            os.fsync(file.fileno())


def _mend(journal: Path) -> None:
    """Take away a last line that was cut off."""
    if journal.exists():
        kept = journal.read_bytes()
        with journal.open("r+b") as file:
            file.truncate(kept.rfind(b"\n") + 1)


def _until_told(house: House, one: Operation) -> dict[str, Any]:
    """Ask until the house has answered; the database may be away."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with unit_of_work():
                return _do(house, one)
        except DomainError as refused:
            return {"told": type(refused).__name__}
        except (DBAPIError, Transient):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _do(house: House, one: Operation) -> dict[str, Any]:
    if one.kind in ("award", "again"):
        made = commands.record_activity(
            house.cast.admin.actor,
            person_id=house.people[one.person],
            activity_id=UUID(one.thing),
            on_date=clock.today() - timedelta(days=one.day),
            hours=Decimal(2),
            quantity=Decimal(1),
            unit="items",
            **LECTURE,
        )
        return {"told": "entered" if made else "known"}
    found = session().execute(
        select(Award.id, Award.version).where(Award.activity_id == UUID(one.thing))
    ).one_or_none()
    if found is None:
        return {"told": "nothing there"}
    if one.kind == "reply":
        reply_id = UUID(int=UUID(one.thing).int ^ one.number)
        learner = house.people[one.person]
        actor = Actor(person_id=learner, name="赵桂芳", grants=(Grant(Role.LEARNER, house.place),))
        made = commands.reply_to_award(actor, found.id, text="已经补交签到表。", reply_id=reply_id)
        return {"told": "answered" if made else "known", "reply": str(reply_id)}
    cast = house.cast
    auditor = cast.province_auditor if one.by_province else cast.county_auditor
    decide = {"approve": commands.approve_award, "return": commands.return_award, "reverse": commands.reverse_award}
    decide[one.kind](
        auditor.actor, found.id, version=found.version, reason_code=REASONS[one.kind], text="请看说明。"
    )
    return {"told": "decided", "award": str(found.id), "version": found.version}
