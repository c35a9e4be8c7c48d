"""Every file of a folder through the importers, each in a process of its own: `python tests/hostile_probe.py DIR`.

Prints one JSON object. `events`: connections, programs started, writing outside of the folder (there must be none).
`slow`: more than 10 s. `bad`: neither taken nor refused. `strange`: refused without a reason of ours. `let_in`:
something in what came that no lesson may have. `peak`: memory of the hungriest process in MB (VmHWM).
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from course_packages import course_toml

from lms.courses.imports import child, kinds, making, reading
from lms.courses.packages.checker import check
from lms.courses.packages.fields import Findings
from lms.courses.packages.markdown import Page, render
from lms.courses.packages.media_files import read_media
from lms.courses.packages.pictures import by_name, resolve
from lms.courses.packages.problem import BadPackageError
from lms.courses.packages.tree import path_fault, read_zip

SECONDS = 10
MEGABYTES = 300
LOADED = kinds
"""Loaded once, before the processes are made: each begins with the libraries in place."""
WATCHED = (
    *("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.symlink", "os.link"),
    "ctypes.",
)
_SHOWN = re.compile(
    r"<(?!/?(?:p|h2|h3|ul|ol|li|strong|em|br|blockquote|a|sup|div|table|thead|tbody|tr|th|td|figure|img|figcaption)\b)"
    r"|<[^<>]*\son\w+\s*=|<[^<>]*\s(?:href|src)=\"(?!https?://|tel:|/media/|#s\d)",
    re.IGNORECASE,
)


def probe(folder: Path) -> dict[str, Any]:
    """What became of the files of a folder."""
    return judged((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))


def told_of(folder: Path) -> dict[str, Any]:
    """The same, in a process of its own: this one forks, and whoever asks may have threads."""
    command = [sys.executable, __file__, str(folder)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    sys.stdout.write(done.stdout)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def require_harmless(found: dict[str, Any], files: int) -> None:
    """What the bar asks of a corpus."""
    assert found["files"] == files
    for sort in ("events", "slow", "bad", "strange", "let_in"):
        assert found[sort] == [], sort
    assert found["peak"] < MEGABYTES
    assert found["outcome"]["import: taken"] > 0
    assert found["outcome"]["import: refused"] > 0


def judged(files: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """What became of files, given by name."""
    found: dict[str, Any] = {name: [] for name in ("events", "slow", "bad", "strange", "let_in")}
    outcome: Counter[str] = Counter()
    peak = longest = 0.0
    for name, data in files:
        for door in ("import", "package"):
            with tempfile.TemporaryDirectory(prefix="hostile-") as place:
                told = _door(door, name, data, Path(place))
            peak, longest = max(peak, told["peak"]), max(longest, told["seconds"])
            outcome[f"{door}: {told['outcome']}"] += 1
            found["events"] += [f"{name}: {event}" for event in told["events"]]
            if told["seconds"] > SECONDS:
                found["slow"].append(f"{name}: {told['seconds']:.1f} s")
            for sort in ("bad", "strange"):
                if told["outcome"] == sort:
                    found[sort].append(f"{door} {name}: {told['why']}")
            found["let_in"] += [f"{name}: {what}" for what in told["let_in"]]
    counted = {"files": outcome.total() // 2, "outcome": dict(outcome)}
    return {**found, **counted, "peak": round(peak), "longest": round(longest, 1)}


def _door(door: str, name: str, data: bytes, place: Path) -> dict[str, Any]:
    """One file through one door, in a process that has a folder and nothing else."""
    source, target = place / "source", place / "made"
    source.write_bytes(data)
    target.mkdir()
    before = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _in_child(door, name, source, target)
    _, status = os.waitpid(pid, 0)
    told: dict[str, Any] = {"events": [], "peak": 0, "let_in": [], "why": "", "seconds": time.monotonic() - before}
    with contextlib.suppress(OSError, ValueError):
        told |= json.loads((place / "seen.json").read_bytes())
    signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    outside = {path.name for path in place.iterdir()} - {"source", "made", "seen.json"}
    told["events"] += [f"file beside the folder: {one}" for one in outside]
    if (target / "refused.json").exists():
        rows = json.loads((target / "refused.json").read_bytes())
        told["outcome"] = "strange" if told["why"] else "refused"
        if not rows or not all(row["msgid"] for row in rows):
            told["outcome"] = "bad"
    elif signal:
        # The limit of computing time ends the child; the house says that the file is too much.
        told["outcome"], told["why"] = ("refused", "") if signal in (9, 24) else ("bad", f"signal {signal}")
    elif (target / "brought.json").exists():
        told["outcome"] = "taken"
        told["let_in"] = _let_in(target)
    else:
        told["outcome"] = "bad"
    return told


def _in_child(door: str, name: str, source: Path, target: Path) -> None:
    """Never returns."""
    events: list[str] = []
    # Opened now: the wall of the child lets nothing be written beside its folder.
    told = os.open(target.parent / "seen.json", os.O_WRONLY | os.O_CREAT)
    errors = io.StringIO()
    sys.stderr = errors
    sys.addaudithook(_watch(events, target))
    child.limit()
    if door == "import":
        child.main(str(source), str(target), name, "题")
    else:
        _package(source, target)
    with Path("/proc/self/status").open() as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    seen = {"events": events, "peak": peak / 1024, "why": errors.getvalue()[:200]}
    os.write(told, json.dumps(seen).encode())
    os._exit(0)


def _package(source: Path, target: Path) -> None:
    """The door of the house's own packages."""
    try:
        report = check(read_zip(source.read_bytes()))
        rows = [problem.message.msgid for problem in report.problems] or ["taken"]
    except BadPackageError as bad:
        rows = [problem.message.msgid for problem in bad.problems]
    except (MemoryError, RecursionError) as heavy:
        rows = [type(heavy).__name__]
    (target / "refused.json").write_text(json.dumps([{"msgid": row} for row in rows]))


def _watch(events: list[str], target: Path) -> Any:
    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str) and child._writes(args[1], args[2]):
            if not Path(args[0]).resolve().is_relative_to(target.parent):
                events.append(f"open {args[0]}")
        elif event.startswith(WATCHED):
            events.append(event)

    return hook


def _let_in(target: Path) -> list[str]:
    """What no lesson may have, in the files that a draft would be made of and in the pages that would show them."""
    brought = reading._brought(json.loads((target / "brought.json").read_bytes()), target)
    tree = making.tree_of(brought, "zh", course_toml(assessment=False).partition("[[objectives]]")[0], "XL-TST")
    found = [f"path {path}" for path in tree if path_fault(path)]
    findings = Findings()
    media = by_name(read_media(tree, findings))
    found += [f"picture {problem.file}" for problem in findings.problems]
    for lesson in brought.lessons:
        html = render(lesson.body, Page(lambda address: resolve(address, "zh", media), "表", "依据"))
        match = _SHOWN.search(html)
        if match:
            found.append(f"lesson {lesson.title[:30]}: {html[match.start() : match.start() + 60]}")
    report = check(tree)
    # What is open in every draft that was just imported (objectives, English) is no harm.
    found += [f"html {one.file}:{one.line}" for one in report.problems if "HTML" in one.message.msgid]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(Path(sys.argv[1])), ensure_ascii=False, indent=1) + "\n")
