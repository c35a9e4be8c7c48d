"""What of a place's lines a filing must carry. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

NEW, CHANGED, REFILED, REVERSED = "new", "changed", "refiled", "reversed"
CHANGES = (NEW, CHANGED, REFILED, REVERSED)
FILED, ACCEPTED, REJECTED, SENT_AGAIN, VOID = "filed", "accepted", "rejected", "refiled", "void"
STATES = (FILED, ACCEPTED, REJECTED, SENT_AGAIN, VOID)


@dataclass(frozen=True, slots=True)
class Line:
    """An award as a file says it; amounts in thousandths. `id_number` is masked unless the filing is one with
    whole numbers, `entry` the line of the ledger that stands for it, `source` the system an import came from."""

    award: UUID
    name: str
    id_number: str
    institution_code: str
    institution: str
    kind: str
    title: str
    project_number: str
    credit_class: str
    year: int
    on: date
    credits_milli: int
    hours_milli: int
    policy: str
    entry: UUID
    source: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """The last row that the place has filed of an award."""

    line: Line
    change: str
    state: str
    ready: bool


def change_of(now: Line, standing: bool, before: Before | None) -> str | None:
    """How an award must be filed now; None where the regulator already has it as it is.

    A row that the regulator refused goes again when it was marked ready or says something else now.
    """
    if before is None:
        return NEW if standing else None
    if not standing:
        again = before.state == REJECTED and before.ready
        return REVERSED if before.change != REVERSED or again else None
    if before.change == REVERSED:
        return NEW
    if before.state == REJECTED:
        return REFILED if before.ready or before.line != now else None
    return CHANGED if before.line != now else None


def closes(before: Before, change: str) -> str:
    """What becomes of a refused row when its award is filed again in this way."""
    return VOID if change == REVERSED and before.change != REVERSED else SENT_AGAIN


def apply(known: Mapping[UUID, Line], delta: Mapping[UUID, tuple[str, Line]]) -> dict[UUID, Line]:
    """What the regulator holds after one more filing, when it takes the files of changes only."""
    held = dict(known)
    for award, (change, line) in delta.items():
        if change == REVERSED:
            held.pop(award, None)
        else:
            held[award] = line
    return held


class Totals:
    """Sums of a file: in all, by class and by institution; exact, in thousandths."""

    def __init__(self) -> None:
        self.all = [0, 0, 0]
        self.by_class: dict[str, list[int]] = {}
        self.by_institution: dict[str, list[int]] = {}

    def add(self, line: Line) -> None:
        """Count one line."""
        for sums in (
            self.all,
            self.by_class.setdefault(line.credit_class, [0, 0, 0]),
            self.by_institution.setdefault(line.institution_code, [0, 0, 0]),
        ):
            sums[0] += 1
            sums[1] += line.credits_milli
            sums[2] += line.hours_milli

    def answer(self) -> dict[str, object]:
        """As JSON, in a fixed order: lines, credits and hours in thousandths."""
        return {
            "all": self.all,
            "by_class": dict(sorted(self.by_class.items())),
            "by_institution": dict(sorted(self.by_institution.items())),
        }
