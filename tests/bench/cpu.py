"""Processor time of whole process trees, from /proc."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def _stat(number: int) -> tuple[int, int] | None:
    """Parent and clock ticks of a process: its own and those of children it has buried."""
    try:
        text = Path(f"/proc/{number}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), sum(int(one) for one in fields[11:15])


def tree_seconds(root: int) -> float:
    """Seconds of processor time that `root` and all below it have used so far."""
    found = {int(one): stat for one in os.listdir("/proc") if one.isdigit() and (stat := _stat(int(one)))}
    below = {root}
    while grown := {number for number, (parent, _) in found.items() if parent in below} - below:
        below |= grown
    return sum(found[number][1] for number in below if number in found) / TICK


def own_seconds() -> float:
    """Seconds of processor time that this process has used so far."""
    times = os.times()
    return times.user + times.system


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def postmaster(socket_folder: str) -> int:
    """The number of the PostgreSQL server whose socket lies in this folder."""
    return int(Path(socket_folder, "d", "postmaster.pid").read_text().splitlines()[0])


def machine() -> str:
    """The processor's name and the number of cores."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{cores()} cores, {line.partition(':')[2].strip()}"
    return f"{cores()} cores"
