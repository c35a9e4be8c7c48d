"""The table, the bars, and what they are measured against."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.measure import Measured, together
from tests.bench.rows import NOTHING, READ, WRITE, Row

HEAD = (
    "operation", "req/s", "p50", "p95", "p99", "CPU ms", "web", "pg", "SQL", "bytes",
    "limit: req/s", "ratio", "by CPU", "client",
)  # fmt: skip
MOST_CLIENT = 0.15


@dataclass(frozen=True)
class Line:
    """A row of the table as it was measured, and its limit measured in turns with it."""

    row: Row
    found: Measured
    limit: Measured

    @property
    def ratio(self) -> float:
        """Operations a second, as a share of the limit's."""
        return self.found.run.rate / self.limit.run.rate

    @property
    def by_cpu(self) -> float:
        """The same by processor time of web and database."""
        return self.limit.milliseconds("web", "postgres") / self.found.milliseconds("web", "postgres")


def table(lines: Sequence[Line], nothing: Measured) -> str:
    """Everything measured, one line each, in columns of equal width; the limits first."""
    rows = [HEAD, (*_columns(NOTHING, nothing), "", "", "", f"{nothing.client_share:.1%}")]
    for name in (READ, WRITE):
        if parts := [line.limit for line in lines if line.row.limit == name]:
            limit = together(parts)
            rows.append((*_columns(name, limit), "", "", "", f"{limit.client_share:.1%}"))
    for line in lines:
        of_limit = (f"{line.limit.run.rate:.0f}", f"{line.ratio:.1%}", f"{line.by_cpu:.1%}")
        rows.append((*_columns(line.row.name, line.found), *of_limit, f"{line.found.client_share:.1%}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)])


def _columns(name: str, one: Measured) -> tuple[str, ...]:
    run = one.run
    return (
        name,
        f"{run.rate:.0f}",
        *(f"{run.percentile(share):.1f}" for share in (0.50, 0.95, 0.99)),
        f"{one.milliseconds('web', 'postgres'):.2f}",
        f"{one.milliseconds('web'):.2f}",
        f"{one.milliseconds('postgres'):.2f}",
        str(len(one.statements)) if one.statements else "",
        f"{one.size:.0f}",
    )


def bars(lines: Sequence[Line]) -> list[str]:
    """Which bars hold: shares of the limits, budgets of SQL, the light hand of the client."""
    said = []
    for line in lines:
        row = line.row
        if row.share is not None:
            what = f"{row.name}: {line.ratio:.1%} of {row.limit}, bar {row.share:.0%}"
            said.append(_said(line.ratio >= row.share, what))
        if row.most_sql is not None:
            count = len(line.found.statements)
            said.append(_said(count <= row.most_sql, f"{row.name}: {count} SQL statements, budget {row.most_sql}"))
    most = max((line.found.client_share, line.row.name) for line in lines)
    said.append(_said(most[0] < MOST_CLIENT, f"client: at most {most[0]:.1%} of the machine ({most[1]}), bar 15%"))
    return said


def _said(holds: bool, what: str) -> str:
    return f"{'holds' if holds else 'FAILS'}  {what}"
