"""All that must hold of the ledger and its log, asked of the database in one snapshot, row by row.

Names are those of docs/operations.md: I1 lines and awards agree · I2 double entry · I5 one reversal at most ·
I6 the log verifies · I7 every line is in the log within a minute · I8 no gap in a learner's lines.
Memory does not grow with the ledger.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Uuid, text
from sqlalchemy.engine import Connection

from lms.credits.log import log_checks, row_checks
from lms.kernel import clock
from lms.kernel.db import db

PATIENCE = timedelta(seconds=60)
Offences = Iterator[str | None]
"""For each thing that was looked at: None if it is right, else what is wrong with it."""


@dataclass(slots=True)
class Finding:
    """What became of one invariant; `first` names the first offence."""

    checked: int = 0
    failed: int = 0
    first: str | None = None

    @property
    def ok(self) -> bool:
        return not self.failed

    def take(self, offences: Offences) -> None:
        """Count what a check says."""
        for one in offences:
            self.checked += 1
            if one is not None:
                self.failed += 1
                self.first = self.first or one


@dataclass(slots=True)
class Verdict:
    """All findings by the name of their invariant."""

    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(one.ok for one in self.findings.values())

    @property
    def sound(self) -> bool:
        """Whether awarding may go on. A log that is only late (I7) is no reason to stop."""
        return all(one.ok for name, one in self.findings.items() if name != "I7")

    def as_json(self) -> dict[str, Any]:
        """The answer of `credits verify`."""
        told = {
            name: {"ok": one.ok, "checked": one.checked, "failed": one.failed, "first": one.first}
            for name, one in sorted(self.findings.items())
        }
        return {"ok": self.ok, "invariants": told}


# Features above add what only they can see, such as that certificates say what the ledger says (I1).
more_checks: dict[str, Callable[[Connection], Offences]] = {}


def verify() -> Verdict:
    """Check everything. Reads one snapshot; writes nothing."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    verdict = Verdict({name: Finding() for name in ("I1", "I2", "I5", "I6", "I7", "I8")})
    with engine.connect() as connection:
        take = {name: one.take for name, one in verdict.findings.items()}
        take["I1"](row_checks.awards_and_lines(connection))
        take["I2"](row_checks.accounts(connection))
        take["I5"](row_checks.reversals(connection))
        take["I8"](row_checks.chains(connection))
        take["I6"](log_checks.log_verifies(connection))
        take["I7"](_in_time(connection))
        for name, check in more_checks.items():
            verdict.findings[name.partition(" ")[0]].take(check(connection))
        connection.rollback()
    return verdict


IN_TIME = """
SELECT ledger_entry.award_id, ledger_entry.sequence FROM ledger_entry
LEFT JOIN log_leaf ON log_leaf.entry_id = ledger_entry.id AND log_leaf.log = (SELECT MAX(number) FROM log_origin)
WHERE log_leaf.idx IS NULL AND ledger_entry.recorded_at < :before
"""


def _in_time(connection: Connection) -> Offences:
    # SQLite keeps instants as the UTC wall clock.
    before = clock.now() - PATIENCE
    bound = before.replace(tzinfo=None).isoformat(" ") if connection.dialect.name == "sqlite" else before
    statement = text(IN_TIME).columns(award_id=Uuid(), sequence=Integer()).execution_options(yield_per=1000)
    with connection.execute(statement, {"before": bound}) as rows:
        for row in rows:
            yield f"{row_checks.name_of(row)} is not in the log"
