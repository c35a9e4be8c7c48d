"""Entries through the real command by several processes, and how long each waits for its place in the signed log.

`python -m tests.bench.writing PART SCALE SECONDS TOGETHER` is one writer: it says when it is ready, and begins at the
instant that it then reads. `measured` runs eight of them. TOGETHER is how many people an administrator enters at once:
one by one, or the attendance list of a lecture.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from uuid import uuid4

from lms.app import create_app
from lms.credits import commands as credits
from lms.demo.province import province
from lms.kernel import clock
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.uow import unit_of_work
from tests.bench.province import ROOT, House

WRITERS = 8
LISTENERS = 30
TITLE = {"zh": "卫生院专题讲座", "en": "Township lecture"}
DELAYS = """
SELECT EXTRACT(EPOCH FROM (SELECT MIN(s.made_at) FROM log_signature s WHERE s.log = leaf.log AND s.size > leaf.idx)
                          - entry.recorded_at)
FROM ledger_entry entry LEFT JOIN log_leaf leaf ON leaf.entry_id = entry.id WHERE entry.recorded_at >= %s
"""


@dataclass(frozen=True)
class Written:
    """What the writers did: entries a second, and the delay in seconds that 99 of 100 stay below."""

    entries: int
    rate: float
    delay: float


def measured(house: House, seconds: float, together: int) -> Written:
    """Eight writers for so long, beside the process that writes the log."""
    log = house.run("credits", "log", "run")
    try:
        start, entries = _write(house, seconds, together)
        deadline = time.time() + 60
        while time.time() < deadline and _pending(house):
            time.sleep(0.5)
        time.sleep(2)
    finally:
        log.terminate()
        log.wait(30)
    since = clock.now().fromtimestamp(start, clock.now().tzinfo)
    delays = sorted(float(row[0]) for row in house.connection.execute(DELAYS.encode(), (since,)))
    return Written(entries, entries / seconds, delays[-(-len(delays) * 99 // 100) - 1])


def _write(house: House, seconds: float, together: int) -> tuple[float, int]:
    """When the writers began, and how many entries they made."""
    words = [sys.executable, "-m", "tests.bench.writing"]
    shares = [
        subprocess.Popen(
            [*words, str(n), str(house.scale), str(seconds), str(together)],
            cwd=ROOT, env=house.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(WRITERS)
    ]  # fmt: skip
    assert [one.stdout.readline() for one in shares if one.stdout] == ["ready\n"] * WRITERS
    start = time.time() + 1
    for one in shares:
        assert one.stdin
        print(start, file=one.stdin, flush=True)
    entries = sum(int(one.communicate()[0]) for one in shares)
    assert [one.wait() for one in shares] == [0] * WRITERS
    return start, entries


def _pending(house: House) -> bool:
    row = house.connection.execute("SELECT EXISTS (SELECT 1 FROM log_pending)").fetchone()
    return bool(row and row[0])


def write(part: int, scale: float, seconds: float, together: int) -> int:
    """Enter lectures for doctors of this writer's share for so long, from the instant that is read; how many lines of
    the ledger that made."""
    made = province(1, scale, clock.today())
    doctors = made.doctors[part::WRITERS]
    admin = next(one for one in made.staff if one.email == "admin@demo.example")
    actor = Actor(admin.id, admin.name, (Grant(Role.ADMINISTRATOR, made.root.path),))
    chance, done = Random(part), 0

    lecture = {
        "kind": "unit_lecture", "title": TITLE, "on_date": made.today, "hours": Decimal(2), "quantity": Decimal(1),
        "unit": "items",
    }  # fmt: skip

    def enter() -> int:
        heard = [doctor.person.id for doctor in chance.sample(doctors, together)]
        with unit_of_work():
            if together > 1:
                return len(credits.record_list(actor, person_ids=heard, list_id=uuid4(), **lecture).awarded)
            one = credits.record_activity(actor, person_id=heard[0], **lecture)
            return 1 if one and one.award_id else 0

    enter()  # what a process does once is not an entry's
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    time.sleep(max(0.0, start - time.time()))
    while time.time() < start + seconds:
        done += enter()
    return done


def main() -> None:
    """One writer."""
    part, scale, seconds, together = sys.argv[1:]
    app = create_app()
    with app.app_context():
        print(write(int(part), float(scale), float(seconds), int(together)))


if __name__ == "__main__":
    main()
