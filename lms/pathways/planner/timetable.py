"""When each piece of work is done, one learner working at them with so many hours a day.

Work may be interrupted and taken up again. Always going on with what is due first finds a timetable wherever there
is one, if a piece that others wait for is taken to be due early enough for them. Days are counted from today (0)."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True, slots=True)
class Job:
    """`work` in thousandths of an hour, within the days `first` to `last` (both included); `after`: the places in
    the list of jobs that come before. Of jobs due at the same time that with the lower `rank` goes first."""

    work: int
    first: int
    last: int
    rank: int
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """The days on which a job is begun and ended."""

    begins: int
    ends: int


def early(jobs: Sequence[Job], a_day: int) -> list[Slot] | None:
    """Each job as early as can be, with `a_day` thousandths of an hour every day; None where they do not fit."""
    follow: list[list[int]] = [[] for _ in jobs]
    for place, job in enumerate(jobs):
        for before in job.after:
            follow[before].append(place)
    due = _due(jobs, follow, a_day)
    return None if due is None else _Run(jobs, follow, due, a_day).slots()


def late(jobs: Sequence[Job], a_day: int) -> list[Slot] | None:
    """Each job as late as can be: the same, looked at from the end."""
    if not jobs:
        return []
    end = max(job.last for job in jobs)
    follow: list[list[int]] = [[] for _ in jobs]
    for place, job in enumerate(jobs):
        for before in job.after:
            follow[before].append(place)
    turned = [
        Job(job.work, end - job.last, end - job.first, -job.rank, tuple(follow[place]))
        for place, job in enumerate(jobs)
    ]
    slots = early(turned, a_day)
    return None if slots is None else [Slot(end - slot.ends, end - slot.begins) for slot in slots]


def _due(jobs: Sequence[Job], follow: Sequence[Sequence[int]], a_day: int) -> list[int] | None:
    """When each job is due, in thousandths of an hour from now, so that those after it can still be done."""
    due = [(job.last + 1) * a_day for job in jobs]
    waiting = [len(after) for after in follow]
    ready = [place for place, left in enumerate(waiting) if not left]
    for place in ready:
        for before in jobs[place].after:
            due[before] = min(due[before], due[place] - jobs[place].work)
            waiting[before] -= 1
            if not waiting[before]:
                ready.append(before)
    return due if len(ready) == len(jobs) else None


class _Run:
    """One walk through time."""

    def __init__(self, jobs: Sequence[Job], follow: Sequence[Sequence[int]], due: Sequence[int], a_day: int) -> None:
        self.jobs, self.follow, self.due, self.a_day = jobs, follow, due, a_day
        self.left = [job.work for job in jobs]
        self.waiting = [len(job.after) for job in jobs]
        self.begins: list[int | None] = [None] * len(jobs)
        self.ends: list[int] = [-1] * len(jobs)
        # Not yet open, by day; open and free to be worked at, by what is due first.
        self.coming = [(job.first, place) for place, job in enumerate(jobs) if not job.after]
        self.open: list[tuple[int, int, int]] = []
        heapify(self.coming)

    def slots(self) -> list[Slot] | None:
        time = 0
        while self.coming or self.open:
            if not self.open:
                time = max(time, self.coming[0][0] * self.a_day)
            while self.coming and self.coming[0][0] * self.a_day <= time:
                place = heappop(self.coming)[1]
                self._free(place)
            place = heappop(self.open)[2]
            until = time + self.left[place]
            if self.coming:
                until = min(until, self.coming[0][0] * self.a_day)
            if self.jobs[place].work and self.begins[place] is None:
                self.begins[place] = time // self.a_day
            self.left[place] -= until - time
            time = until
            if self.left[place]:
                self._free(place)
            elif not self._finish(place, time):
                return None
        return [Slot(end if begin is None else begin, end) for begin, end in zip(self.begins, self.ends, strict=True)]

    def _free(self, place: int) -> None:
        # What takes no time holds nobody up, and is not held up.
        due = self.due[place] if self.jobs[place].work else -1
        heappush(self.open, (due, self.jobs[place].rank, place))

    def _finish(self, place: int, time: int) -> bool:
        job = self.jobs[place]
        if job.work:
            self.ends[place] = (time - 1) // self.a_day
        else:
            # What takes no time is done on the day it may be, and those before it are.
            self.ends[place] = max([job.first, *(self.ends[before] for before in job.after)])
        if self.ends[place] > job.last:
            return False
        for after in self.follow[place]:
            self.waiting[after] -= 1
            if not self.waiting[after]:
                heappush(self.coming, (self.jobs[after].first, after))
        return True
