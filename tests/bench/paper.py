"""How fast certificates are drawn: by the drawing alone, and through the outbox by the Celery worker."""

import time
from dataclasses import dataclass
from itertools import cycle

import psycopg

from lms.certificates.drawing.page import draw
from lms.certificates.facts import CertificateFacts, from_json
from tests.bench.machine import Machine

LONGEST_WAIT = 90.0


@dataclass(frozen=True)
class Drawn:
    """Certificates a second on one core, and the size of one file."""

    per_core: float
    size: float


@dataclass(frozen=True)
class Worked:
    """What the worker did: certificates, its processor time for one of them, the time it took to be done."""

    count: int
    milliseconds: float
    left: int


def some_facts(dsn: str, most: int = 200) -> list[CertificateFacts]:
    """What certificates of the house say."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT facts FROM certificate ORDER BY id LIMIT %s", (most,)).fetchall()
    return [from_json(row[0]) for row in rows]


def draw_for(seconds: float, facts: list[CertificateFacts]) -> Drawn:
    """Draw one after the other in this process; a second is one of processor time."""
    for one in facts[:5]:
        draw(one)
    begun, count, size = time.process_time(), 0, 0
    for one in cycle(facts):
        size += len(draw(one))
        count += 1
        if time.process_time() - begun >= seconds:
            break
    return Drawn(count / (time.process_time() - begun), size / count)


def undrawn(dsn: str) -> int:
    """Certificates that wait for the worker."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM certificate WHERE state = 'queued'").fetchone()
    return int(row[0]) if row else 0


def wait_for_worker(machine: Machine) -> Worked:
    """Let the worker finish what the rows left, and see what it costs."""
    waiting, used = undrawn(machine.dsn), machine.seconds("worker")
    end = time.monotonic() + LONGEST_WAIT
    while (left := undrawn(machine.dsn)) and time.monotonic() < end:
        time.sleep(0.5)
    done = waiting - left
    return Worked(done, (machine.seconds("worker") - used) * 1000 / max(1, done), left)
