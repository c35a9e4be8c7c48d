"""`python -m tests.mutants [--only NAME …]`: plant each mutant in a copy of the tree; its tests must go red.

First all named tests run on a copy without a fault and must be green. Ends with 1 if a mutant survives, is red for
another reason than the one it is meant to be red for, or can no longer be planted.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant, Rotten, mutants, planted

ROOT = Path(__file__).parent.parent.parent
LIMIT = 180
"""Seconds for the tests of one mutant."""
HEALTHY_LIMIT = 1500
"""Seconds for all tests without a fault."""


@dataclass(frozen=True, slots=True)
class Red:
    """A test that failed, with the first line of why."""

    test: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    by: str
    seconds: float


@contextmanager
def copied(base: Path) -> Iterator[Path]:
    """A copy of the tree as it is now: what is followed by git, and what is new and not ignored. Always in the same
    place below `base`, so that what Python has compiled of unchanged files serves the next copy too."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    tree = base / "tree"
    try:
        for name in filter(None, listed.split("\0")):
            source, target = ROOT / name, tree / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        yield tree
    finally:
        shutil.rmtree(tree)


def run(tree: Path, tests: Sequence[str], *, first: bool, limit: float) -> list[Red] | None:
    """Run tests in a copy: what failed, () if all are green; None if they did not end in time.

    Raises RuntimeError where pytest could not run them at all.
    """
    report = tree / "report.xml"
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-n0",
        "--timeout=120", "--tb=short", f"--junitxml={report}", *(["-x"] if first else []), *tests,
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tree.with_name("compiled"))}
    output = tree / "output.txt"
    with output.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=tree, stdout=written, stderr=written, start_new_session=True, env=environment
        )
        try:
            ended = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # its tests stop the servers they have started
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            return None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also what its tests have started and not ended
            process.wait(20)
    if ended not in (0, 1):
        raise RuntimeError(f"pytest ended with {ended}:\n" + output.read_text()[-2000:])
    return list(reds(report))


def reds(report: Path) -> Iterator[Red]:
    """The failures in a report of pytest; what broke outside of a test's body is named so."""
    for case in ElementTree.parse(report).iter("testcase"):
        for found in case:
            if found.tag in ("failure", "error"):
                first = (found.get("message") or "?").splitlines()[0]
                yield Red(case.get("name", "?"), first if found.tag == "failure" else f"outside of the test: {first}")


def judged(mutant: Mutant, found: list[Red] | None) -> tuple[bool, str]:
    """Whether it is killed as it should be, and by what."""
    if found is None:
        return False, f"its tests did not end within {LIMIT} s"
    if not found:
        return False, "SURVIVES"
    for red in found:
        if re.match(mutant.red, red.why):
            return True, red.test
    return False, f"red for another reason: {found[0].test}: {found[0].why[:160]}"


def plant(mutant: Mutant, base: Path) -> Outcome:
    """Plant one in a fresh copy and run its tests."""
    began = time.monotonic()
    with copied(base) as tree:
        for name, text in planted(mutant, tree).items():
            (tree / name).write_text(text)
        killed, by = judged(mutant, run(tree, mutant.tests, first=True, limit=LIMIT))
    return Outcome(mutant, killed, by, time.monotonic() - began)


def healthy(mutants: Sequence[Mutant], base: Path) -> bool:
    """Whether all their tests are green without a fault."""
    began = time.monotonic()
    with copied(base) as tree:
        tests = sorted({test for one in mutants for test in one.tests})
        found = run(tree, tests, first=False, limit=HEALTHY_LIMIT)
    for red in found or ():
        print(f"red without a fault: {red.test}: {red.why}", flush=True)
    print(f"{len(tests)} tests without a fault: {time.monotonic() - began:.0f} s", flush=True)
    return found == []


def main(arguments: Sequence[str]) -> int:
    """Plant all, or those that are named; 0 if each is killed."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutants")
    asked.add_argument("--only", action="append", metavar="NAME")
    only = asked.parse_args(arguments).only
    known = mutants()
    chosen = [one for one in known if only is None or one.name in only]
    if unknown := set(only or ()) - {one.name for one in known}:
        print(f"no such mutant: {', '.join(sorted(unknown))}")
        return 1
    try:
        for one in chosen:  # a rotten one is told before anything slow is done
            planted(one, ROOT)
    except Rotten as error:
        print(error)
        return 1
    with tempfile.TemporaryDirectory(prefix="xl-mutants-") as folder:
        if not healthy(chosen, Path(folder)):
            return 1
        outcomes = [told(plant(one, Path(folder))) for one in chosen]
    alive = [one for one in outcomes if not one.killed]
    print(f"{len(outcomes) - len(alive)} of {len(outcomes)} killed, {sum(one.seconds for one in outcomes):.0f} s")
    return 1 if alive else 0


def told(outcome: Outcome) -> Outcome:
    """A line of the table, as soon as it is known."""
    said = f"killed by {outcome.by}" if outcome.killed else outcome.by
    mutant = outcome.mutant
    print(f"{mutant.name:<34} {mutant.edits[0].file:<44} {said} ({outcome.seconds:.0f} s)", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
