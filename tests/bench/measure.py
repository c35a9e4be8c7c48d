"""One row: warm up, drive, and count what it cost."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from counting import counted
from flask import Flask

from tests.bench.client import Client, Run
from tests.bench.cpu import cores, own_seconds
from tests.bench.machine import Machine
from tests.bench.rows import Ask, Row, limit_asks

CONNECTIONS = 16
WARM_UP = 1.5
TURNS = 4
"""A row and its limit are measured in so many turns."""


@dataclass
class Measured:
    """A row as it was measured; `cpu` is processor seconds by kind of process."""

    name: str
    run: Run
    cpu: dict[str, float]
    client: float
    statements: list[str] = field(default_factory=list)

    def milliseconds(self, *kinds: str) -> float:
        """Processor time an operation, of the kinds of process named."""
        return sum(self.cpu[kind] for kind in kinds) * 1000 / self.run.count

    @property
    def client_share(self) -> float:
        """The client's part of the machine while the row ran."""
        return self.client / (self.run.seconds * cores())

    @property
    def size(self) -> float:
        """Bytes an answer, head and body, as they went over the wire."""
        return self.run.received / self.run.count

    @property
    def refused(self) -> int:
        """Answers that were neither 2xx nor 303."""
        return sum(n for status, n in self.run.statuses.items() if not (200 <= status < 300 or status == 303))


def requests_of(asks: Iterator[Ask], most: int = 0) -> Iterator[bytes]:
    """The requests of a row, made beforehand. `most` bounds those that are sent once each; without it the
    first few thousand are sent again and again."""
    prepared = [ask.raw() for ask in islice(asks, most or 4000)]
    return iter(prepared) if most else _again(prepared)


def _again(prepared: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from prepared


def drive(machine: Machine, name: str, requests: Iterator[bytes], seconds: float, *, web: str = "web") -> Measured:
    """Send requests for so many seconds over new connections and see what they cost."""
    client = Client(machine.port if web == "web" else machine.limits_port, CONNECTIONS)
    gc.collect()
    try:
        kinds = (web, "postgres", "worker")
        before, own = {kind: machine.seconds(kind) for kind in kinds}, own_seconds()
        run = client.drive(requests, seconds)
        spent = own_seconds() - own
        cpu = {kind: machine.seconds(kind) - before[kind] for kind in kinds}
    finally:
        client.close()
    cpu["web"] = cpu.pop(web)
    return Measured(name, run, cpu, spent)


def side_by_side(
    machine: Machine, name: str, asks: Iterator[Ask], limit: str, seconds: float, *, most: int = 0
) -> tuple[Measured, Measured]:
    """A row and its limit in turns, so that a machine that is slower for a while is so for both."""
    requests, beside = requests_of(asks, most), requests_of(limit_asks(limit))
    warm_up = islice(requests, most // 20) if most else requests
    drive(machine, name, warm_up, WARM_UP)
    drive(machine, limit, beside, WARM_UP / 3, web="limits")
    row, bound = [], []
    for _ in range(TURNS):
        bound.append(drive(machine, limit, beside, seconds / TURNS / 3, web="limits"))
        row.append(drive(machine, name, requests, seconds / TURNS))
        if row[-1].run.exhausted:
            break
    return together(row), together(bound)


def together(parts: Sequence[Measured]) -> Measured:
    """Measurements of the same thing as one."""
    first = parts[0]
    whole = Measured(first.name, Run(), dict.fromkeys(first.cpu, 0.0), 0.0)
    for part in parts:
        whole.run.add(part.run)
        whole.client += part.client
        for kind, spent in part.cpu.items():
            whole.cpu[kind] += spent
    return whole


def ask_in_process(app: Flask, ask: Ask) -> int:
    """Let the application answer a request in this process; the status."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": ask.cookie, "Accept-Encoding": "gzip"} | dict(ask.headers)
    kind = {"content_type": "application/x-www-form-urlencoded"} if ask.method == "POST" else {}
    return client.open(ask.path, method=ask.method, data=ask.body or None, headers=headers, **kind).status_code


def statements_of(app: Flask, asks: Iterator[Ask], row: Row) -> list[str]:
    """The SQL of one request, caches warm."""
    for ask in islice(asks, 8):
        status = ask_in_process(app, ask)
        assert status in (200, 303), (row.name, ask.path, status)
    with counted() as seen:
        ask_in_process(app, next(asks))
    return seen
