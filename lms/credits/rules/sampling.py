"""Drawing lots by a seed, and what a sample has come to. Pure.

Every award has a lot: a number below the prime LOTS that its id alone decides. A seed gives a and b; those awards are
drawn whose (a·lot + b) mod LOTS is smallest, equal ones by id. With the frame's definition and the seed anybody draws
the same again, and no award is likelier than another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from lms.kernel.text import N_

LOTS = 2_147_483_647  # a prime
LARGEST_SAMPLE = 100

OUTCOMES = {
    "open": N_("还没看"),
    "second": N_("等第二人"),
    "answered": N_("医生已补充，再看"),
    "returned": N_("已退回，等医生"),
    "right": N_("没有问题"),
    "wrong": N_("有错，已撤销"),
    "before": N_("抽查前已审定"),
}
UNDECIDED = frozenset({"open", "second", "answered"})
JUDGED = ("right", "wrong")


def multipliers(seed: str) -> tuple[int, int]:
    """a (1 to LOTS-1) and b (0 to LOTS-1) of a seed."""
    digest = sha256(f"xinglin sample {seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (LOTS - 1) + 1, int.from_bytes(digest[8:16], "big") % LOTS


def outcome(state: str, *, answered: bool, touched: bool, second: bool, decided_level: int, level: int) -> str:
    """What has become of a drawn award. `touched`: something was decided on it since the draw; `second`: a decision
    waits for a second person; `level`: of who drew the sample. What her level or a higher one, or a reversal, had
    settled before, tells nothing about the rest."""
    if second:
        return "second"
    if not touched:
        settled = state == "reversed" or (state == "approved" and decided_level >= level)
        return "before" if settled else "open"
    if state == "returned":
        return "answered" if answered else "returned"
    return {"approved": "right", "reversed": "wrong"}.get(state, "open")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sample is, by outcome."""

    counts: dict[str, int]

    @property
    def drawn(self) -> int:
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        return sum(number for name, number in self.counts.items() if name not in UNDECIDED)

    @property
    def judged(self) -> int:
        """Those of which it is known whether they were right."""
        return sum(self.counts[name] for name in JUDGED)

    @property
    def wrong(self) -> int:
        return self.counts["wrong"]

    @property
    def share_wrong(self) -> Fraction | None:
        """The share found wrong of those judged; None while none is."""
        return Fraction(self.wrong, self.judged) if self.judged else None

    @property
    def percent_wrong(self) -> str:
        """The same in per cent with one decimal, half rounded up; a dash while none is judged."""
        if self.share_wrong is None:
            return "—"
        tenths = int(self.share_wrong * 1000 + Fraction(1, 2))
        return f"{tenths // 10}.{tenths % 10}"


def progress(outcomes: Iterable[str]) -> Progress:
    """Outcomes, counted."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for one in outcomes:
        counts[one] += 1
    return Progress(counts)
