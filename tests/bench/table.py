"""The table, the bars, and what they are measured against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.measure import Measured
from tests.bench.rows import NOTHING, READ, WRITE, Row

HEAD = (
    "operation", "req/s", "p50", "p95", "p99", "CPU ms", "web", "pg", "SQL", "bytes",
    "limit: req/s", "ratio", "by CPU", "client",
)  # fmt: skip
MOST_CLIENT = 0.15


@dataclass(frozen=True)
class Limit:
    """A limit of this machine: measured before the rows and after them; the mean counts."""

    first: Measured
    last: Measured

    @property
    def rate(self) -> float:
        return (self.first.run.rate + self.last.run.rate) / 2

    @property
    def cost(self) -> float:
        """Processor milliseconds an operation, web and database."""
        return (self.first.milliseconds("web", "postgres") + self.last.milliseconds("web", "postgres")) / 2


def table(limits: Mapping[str, Limit], rows: Sequence[tuple[Row, Measured]]) -> str:
    """Everything measured, one line each, in columns of equal width."""
    lines = [HEAD]
    for name in (NOTHING, READ, WRITE):
        for measured in (limits[name].first, limits[name].last):
            lines.append((*_columns(name, measured), "", "", "", f"{measured.client_share:.1%}"))
    for row, measured in rows:
        limit = limits[row.limit]
        of_limit = (
            f"{limit.rate:.0f}",
            f"{measured.run.rate / limit.rate:.1%}",
            f"{limit.cost / measured.milliseconds('web', 'postgres'):.1%}",
        )
        lines.append((*_columns(row.name, measured), *of_limit, f"{measured.client_share:.1%}"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in lines)


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


def bars(limits: Mapping[str, Limit], rows: Sequence[tuple[Row, Measured]]) -> list[str]:
    """Which bars hold: shares of the limits, budgets of SQL, the light hand of the client."""
    said = []
    for row, measured in rows:
        if row.share is not None:
            ratio = measured.run.rate / limits[row.limit].rate
            said.append(_said(ratio >= row.share, f"{row.name}: {ratio:.1%} of {row.limit}, bar {row.share:.0%}"))
        if row.most_sql is not None:
            count = len(measured.statements)
            said.append(_said(count <= row.most_sql, f"{row.name}: {count} SQL statements, budget {row.most_sql}"))
    most = max((measured.client_share, row.name) for row, measured in rows)
    said.append(_said(most[0] < MOST_CLIENT, f"client: at most {most[0]:.1%} of the machine ({most[1]}), bar 15%"))
    return said


def _said(holds: bool, what: str) -> str:
    return f"{'holds' if holds else 'FAILS'}  {what}"
