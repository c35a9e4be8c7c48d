"""The bars of a province: `python -m tests.bench.bars --scale 0.05`.

Every line is measured at this scale; what grows with the province is also told for all of it, by multiplication
(the start of a process apart), and marked so. At scale 1 nothing is multiplied.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from lms.kernel.cli import say
from tests.bench import compliance, writing
from tests.bench.cpu import machine
from tests.bench.province import ROOT, House, seeded

SCALE = 0.05
WRITING = 15.0  # seconds
YEAR = 945_000  # entries of a year at scale 1
TIMES = 100
EXACT = 1.001


@dataclass(frozen=True)
class Bar:
    """One line: what was measured, what it would be for the whole province, and what it must be."""

    name: str
    measured: float
    unit: str
    most: float
    factor: float = 1.0
    at_least: bool = False
    fixed: float = 0.0  # of what was measured: the same at any scale

    @property
    def telling(self) -> bool:
        """Whether enough of what was measured is work: what is mostly a start says nothing of the whole."""
        return self.factor <= EXACT or self.measured >= 2 * self.fixed

    @property
    def whole(self) -> float:
        return self.measured if EXACT > self.factor > 0.999 else self.fixed + (self.measured - self.fixed) * self.factor

    @property
    def met(self) -> bool:
        return self.whole >= self.most if self.at_least else self.whole <= self.most

    def __str__(self) -> str:
        told = f"{self.whole:9.1f}" + (" (extrapolated)" if self.factor > EXACT else "")
        if not self.telling:
            told = "too small to tell"
        bound = f"{'≥' if self.at_least else '≤'} {self.most:g} {self.unit}"
        verdict = "" if self.met or not self.telling else "MISSED"
        return f"{self.name:44} {self.measured:9.1f} {told:24} {bound:12} {verdict}"


def bars(house: House, seconds: float) -> Iterator[Bar]:
    """Measure one after the other."""
    start = started(house)
    say(f"a process of the house starts in {start:.1f} s")
    # The command and, after it, its helpers: two starts, one behind the other.
    yield Bar("seed", house.seconds / 60, "min", 15, house.whole, fixed=2 * start / 60)
    yield Bar("seed, database and log", house.gigabytes, "GB", 15, house.whole)
    yield from _years(house, start)
    yield from _pages(house)
    yield _simulated(house, start)
    for together, how in ((1, "one by one"), (writing.LISTENERS, f"in lists of {writing.LISTENERS}")):
        written = writing.measured(house, seconds, together)
        say(f"{written.entries} entries by {writing.WRITERS} writers, {how}")
        yield Bar(f"entries a second, 8 writers, {how}", written.rate, "/s", 300, at_least=True)
        yield Bar(f"until signed in the log, p99, {how}", written.delay, "s", 3)
    yield from _verified(house)


def started(house: House) -> float:
    """Seconds that a process of this house takes before it does anything; the least of three."""

    def once() -> None:
        assert house.run("credits", "compliance", "--help").wait() == 0

    return min(compliance.timed(once) for _ in range(3))


def _years(house: House, start: float) -> Iterator[Bar]:
    for parts in (1, 2):
        taken = compliance.recomputed(house, parts)
        yield Bar(f"compliance of everybody, {parts} process(es)", taken, "s", 60, house.whole, fixed=start)
    compliance.everything_again(house)
    house.settle()
    with house.app.app_context():
        deed, alone = compliance.incremental(house, TIMES)
    yield Bar("returning an award with its year, p95", deed, "ms", 20)
    yield Bar("one year alone, p95", alone, "ms", 20)


def _pages(house: House) -> Iterator[Bar]:
    made, top = house.made, f"/reports/compliance/{house.made.root.id}"
    people = {one.email: one for one in made.staff if one.email}
    largest = max(made.counties, key=lambda one: sum(doctor.county is one for doctor in made.doctors))
    auditor = next(one for one in made.staff if one.id == largest.auditor)
    with house.app.app_context():
        desk = compliance.browser_of(house, auditor)
        office = compliance.browser_of(house, people["province@demo.example"])
    queue = {"a county auditor's queue": "/audit", "its page 40": "/audit?page=40"}
    overview = {"overview of the province": top, "overview of a county": f"/reports/compliance/{largest.place.id}",
                "list of the province, page 100": f"{top}/people?state=fail&page=100"}  # fmt: skip
    for browser, addresses in ((desk, queue), (office, overview)):
        for name, taken in compliance.pages(browser, addresses, TIMES).items():
            yield Bar(f"{name}, p95", taken, "ms", 200)


def _simulated(house: House, start: float) -> Bar:
    words = ("credits", "simulate", "--policy", str(ROOT / "content" / "policies" / "CN-2025.toml"), "--json")
    begun = time.perf_counter()
    assert house.run(*words).wait() == 0
    return Bar("a draft simulated over everybody", time.perf_counter() - begun, "s", 90, house.whole, fixed=start)


def _verified(house: House) -> Iterator[Bar]:
    log = house.folder / "log"
    size = int((log / "checkpoint").read_text().split("\n")[1])
    start, empty = _verifier("--help")
    taken, memory = _verifier(str(log), "--policy", str(log / "policy"))
    yield Bar(f"verifier, one year of {YEAR:,} entries", taken, "s", 30, YEAR / size, fixed=start)
    yield Bar("its memory over them", memory, "MB", 500, YEAR / size, fixed=empty)


def _verifier(*words: str) -> tuple[float, float]:
    """Seconds and megabytes of a run of the verifier that finds nothing wrong."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "verifier", "log", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, process.returncode, used = os.wait4(process.pid, 0)
    assert process.returncode == 0
    return time.perf_counter() - begun, used.ru_maxrss / 1000


def main() -> int:
    """Read the shell's words; 0 whatever the times are, for they are the machine's."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.bars", description=__doc__)
    words.add_argument("--scale", type=float, default=SCALE, help="1 is all 62,982 doctors")
    words.add_argument("--seconds", type=float, default=WRITING, help="how long the eight writers write")
    words.add_argument("--fast", action="store_true", help="PostgreSQL in memory with the settings of the tests")
    given = words.parse_args()
    show(given.scale, given.seconds, durable=not given.fast)
    return 0


def show(scale: float, seconds: float = WRITING, *, durable: bool = True) -> None:
    """Seed, measure, print."""
    with seeded(scale, durable=durable) as house:
        print(f"{machine()}; {len(house.made.doctors):,} doctors, five years; measured, for the whole province, bar")
        for one in bars(house, seconds):
            print(one, flush=True)


if __name__ == "__main__":
    sys.exit(main())
