"""What the pages of filings show. Lists are cut by the database; identity numbers are masked here, always."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from lms.credits.filing import access, making
from lms.credits.filing.models import Filing, FilingAnswer, FilingRow
from lms.credits.filing.rules import ACCEPTED, FILED, REJECTED, SENT_AGAIN, STATES, VOID
from lms.kernel.actor import Actor
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.kernel.text import N_
from lms.organisations import queries as organisations
from lms.people import queries as people

CHANGE_WORDS = {"new": N_("新增"), "changed": N_("变更"), "refiled": N_("重新上报"), "reversed": N_("已收回")}
CLASS_WORDS = {"general": N_("不分类"), "class_1": N_("I类学分"), "class_2": N_("II类学分")}
STATE_WORDS = {
    FILED: N_("还没有回复"), ACCEPTED: N_("已接受"), REJECTED: N_("被退回"), SENT_AGAIN: N_("退回后已重报"),
    VOID: N_("退回后已撤销"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilingCard:
    """A filing in a list."""

    id: UUID
    name: str
    place_name: str
    number: int
    period: tuple[date, date]
    state: str
    full_numbers: bool
    made_by_name: str
    made_at: datetime
    rejected: int


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file of a filing."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Sums of a file, or of a part of it."""

    code: str
    lines: int
    credits: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Row:
    """A filed row on a page."""

    filing_id: UUID
    award_id: UUID
    person_id: UUID
    name: str
    id_number_mask: str
    institution: str
    title: str
    kind: str
    project_number: str
    on: date
    credits: Decimal
    change: str
    state: str
    code: str
    text: str
    ready: bool
    ready_note: str
    filing_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of the rows of a filing: filed = accepted + refused + unanswered; of the refused some are mended."""

    counts: Mapping[str, int]

    @property
    def filed(self) -> int:
        return sum(self.counts.values())

    @property
    def accepted(self) -> int:
        return self.counts[ACCEPTED]

    @property
    def unanswered(self) -> int:
        return self.counts[FILED]

    @property
    def refused(self) -> int:
        return self.counts[REJECTED] + self.counts[SENT_AGAIN] + self.counts[VOID]

    @property
    def adds_up(self) -> bool:
        return self.filed == self.accepted + self.refused + self.unanswered


@dataclass(frozen=True, slots=True)
class AnswerCard:
    """An answer of the regulator in a list."""

    id: UUID
    name: str
    state: str
    report: dict[str, Any]
    made_by_name: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FilingPage:
    """Everything the page of a filing shows."""

    card: FilingCard
    awards_read: int
    as_of: datetime
    log_size: int
    reason: str
    totals: Mapping[str, Sum]
    by_class: list[Sum]
    by_institution: list[Sum]
    files: list[FileCard]
    standing: Standing
    rows: Page[Row]
    state: str
    answers: list[AnswerCard]
    may_handle: bool
    stuck: bool


def filings(actor: Actor, number: int = 1) -> Page[FilingCard]:
    """One page of the filings of the actor's places, latest first."""
    mine = organisations.under(Filing.place_path, access.paths(actor))
    total = session().scalar(select(func.count(Filing.id)).where(mine)) or 0
    rows = session().execute(
        select(Filing, _rejected()).where(mine).order_by(Filing.made_at.desc(), Filing.id)
        .limit(SIZE).offset((number - 1) * SIZE)
    )  # fmt: skip
    return Page([_card(*row) for row in rows], number, total)


def _rejected() -> Any:
    """SQL: how many rows of a filing wait to be mended."""
    return (
        select(func.count())
        .select_from(FilingRow)
        .where(FilingRow.filing_id == Filing.id, FilingRow.state == REJECTED)
        .correlate(Filing)
        .scalar_subquery()
    )


def _card(found: Filing, rejected: int) -> FilingCard:
    return FilingCard(
        found.id, f"{found.place_code}-{found.number}", found.place_name, found.number,
        (found.period_from, found.period_until), found.state, found.full_numbers, found.made_by_name, found.made_at,
        rejected,
    )  # fmt: skip


def filing_page(actor: Actor, filing_id: UUID, state: str = "", number: int = 1) -> FilingPage:
    """A filing with a page of its rows in a state (all of them without one); NotFound outside the actor's places."""
    found = access.require_sees(actor, filing_id)
    handles = access.files(actor, found)
    standing = standing_of(filing_id)
    full = found.totals.get("full", {})
    return FilingPage(
        card=_card(found, standing.counts[REJECTED]),
        awards_read=found.awards_read,
        as_of=found.as_of,
        log_size=found.log_size,
        reason=found.reason,
        totals=_totals(found.totals),
        by_class=_parts(full.get("by_class", {})),
        by_institution=_parts(full.get("by_institution", {}))[:SIZE],
        files=[FileCard(name, one["size"], one["sha256"]) for name, one in making.files_of(found).items()],
        standing=standing,
        rows=_rows([FilingRow.filing_id == filing_id], state, number, standing),
        state=state,
        answers=_answers(filing_id),
        may_handle=handles,
        stuck=making.is_stuck(found),
    )


def _totals(totals: Mapping[str, Any]) -> dict[str, Sum]:
    if not totals:
        return {}
    named = {"full": totals["full"], **totals["delta"]}
    return {part: _sum(part, one["all"]) for part, one in named.items()}


def _parts(sums: Mapping[str, list[int]]) -> list[Sum]:
    return [_sum(code, values) for code, values in sorted(sums.items())]


def _sum(code: str, values: list[int]) -> Sum:
    return Sum(code, values[0], from_milli(values[1]), from_milli(values[2]))


def standing_of(filing_id: UUID) -> Standing:
    """What became of the rows of a filing."""
    rows = session().execute(
        select(FilingRow.state, func.count()).where(FilingRow.filing_id == filing_id).group_by(FilingRow.state)
    )
    counts = dict.fromkeys(STATES, 0)
    for state, number in rows:
        counts[state] = number
    return Standing(counts)


def _rows(where: list[ColumnElement[bool]], state: str, number: int, standing: Standing) -> Page[Row]:
    if state:
        where = [*where, FilingRow.state == state]
    total = standing.counts[state] if state else standing.filed
    return Page(_row_list(where, number), number, total)


def _row_list(where: list[ColumnElement[bool]], number: int) -> list[Row]:
    rows = session().execute(
        select(FilingRow, Filing.place_code, Filing.number)
        .join(Filing, Filing.id == FilingRow.filing_id)
        .where(*where)
        .order_by(case((FilingRow.state == REJECTED, 0), else_=1), FilingRow.award_id, FilingRow.number)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    found = rows.all()
    closed = people.closed_among(row.person_id for row, _, _ in found)
    return [_row(row, f"{code}-{of}", row.person_id in closed) for row, code, of in found]


def _row(row: FilingRow, filing_name: str, closed: bool) -> Row:
    """A row as pages show it: the files keep the name of somebody who left as long as the law asks, pages do not."""
    return Row(
        filing_id=row.filing_id, award_id=row.award_id, person_id=row.person_id, name=GONE if closed else row.name,
        id_number_mask="" if closed else row.id_number_mask, institution=row.institution, title=row.title,
        kind=row.kind, project_number=row.project_number, on=row.on_date, credits=from_milli(row.credits_milli),
        change=row.change, state=row.state, code=row.code, text=row.text, ready=row.ready_at is not None,
        ready_note=row.ready_note, filing_name=filing_name,
    )  # fmt: skip


def _answers(filing_id: UUID) -> list[AnswerCard]:
    rows = session().scalars(
        select(FilingAnswer)
        .where(FilingAnswer.filing_id == filing_id)
        .order_by(FilingAnswer.made_at.desc(), FilingAnswer.id)
        .limit(SIZE)
    )
    return [AnswerCard(one.id, one.name, one.state, one.report, one.made_by_name, one.made_at) for one in rows]


def refused_rows(actor: Actor, ready: bool = False, number: int = 1) -> Page[Row]:
    """One page of the rows that came back, of the actor's institutions and area; `ready`: those marked as mended."""
    marked = FilingRow.ready_at.is_not(None) if ready else FilingRow.ready_at.is_(None)
    where = [FilingRow.state == REJECTED, marked, access.mine(actor)]
    total = session().scalar(select(func.count()).select_from(FilingRow).where(*where)) or 0
    return Page(_row_list(where, number), number, total)


