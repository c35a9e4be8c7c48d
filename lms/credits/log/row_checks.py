"""What must hold of the ledger's own rows (I1, I2, I5, I8), as SQL and as one walk along every learner's lines."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Uuid, func, select, text
from sqlalchemy.engine import Connection, Row

from lms.credits.ledger import leaves
from lms.credits.log.merkle import leaf_hash
from lms.credits.log.models import LogLeaf, LogOrigin
from lms.credits.models import Activity, Award, LearnerKey, LedgerEntry

Offences = Iterator[str | None]
BATCH = 1000

# I1: what an award's lines add up to is what it grants; a reversed one has nothing left.
AWARDS = text("""
SELECT award.id, award.state, award.awarded_milli, COALESCE(SUM(ledger_entry.amount_milli), 0) AS entered,
       MIN(ledger_entry.person_id = award.person_id AND ledger_entry.credit_year = award.credit_year
           AND ledger_entry.credit_class = award.credit_class) AS same
FROM award LEFT JOIN ledger_entry ON ledger_entry.award_id = award.id
GROUP BY award.id, award.state, award.awarded_milli
""")
AWARDS_PG = text(AWARDS.text.replace("MIN(ledger_entry.person_id", "BOOL_AND(ledger_entry.person_id"))

# I2: every line takes from one account what it puts into another; no learner's account falls below zero.
ACCOUNTS = text("""
SELECT account, SUM(amount) AS balance FROM (
    SELECT credit AS account, ABS(amount_milli) AS amount FROM ledger_entry
    UNION ALL SELECT debit, -ABS(amount_milli) FROM ledger_entry
) AS sides GROUP BY account
""")
STRAYED = text("""
SELECT award_id, sequence FROM ledger_entry JOIN learner_key ON learner_key.person_id = ledger_entry.person_id
WHERE CASE WHEN amount_milli > 0 THEN credit ELSE debit END
      <> 'learner:' || learner_key.learner || '/' || credit_year || '/' || credit_class
""").columns(award_id=Uuid(), sequence=Integer())

# I5: a reversal turns the line before it round, and so no line is turned round twice.
REVERSALS = text("""
SELECT back.award_id, back.sequence, back.reverses, line.id AS line_id, line.reverses AS again,
       line.amount_milli + back.amount_milli AS rest,
       line.debit AS line_debit, line.credit AS line_credit, back.debit, back.credit
FROM ledger_entry AS back
LEFT JOIN ledger_entry AS line ON line.award_id = back.award_id AND line.sequence = back.reverses
WHERE back.amount_milli < 0
""").columns(award_id=Uuid(), sequence=Integer(), reverses=Integer())


def name_of(row: Any) -> str:
    """The key of a line that is a row with its award and number, for messages."""
    return leaves.award_key(row.award_id, row.sequence)


def awards_and_lines(connection: Connection) -> Offences:
    """I1, by award: the sum of its lines is what it grants."""
    for row in _rows(connection, AWARDS_PG if connection.dialect.name == "postgresql" else AWARDS):
        due = 0 if row.state == "reversed" else row.awarded_milli
        if row.entered != due:
            yield f"award {row.id}: its lines add up to {row.entered}, not {due}"
        else:
            yield None if row.same else f"award {row.id}: a line of another person, year or class"


def balance_of(award_id: ColumnElement[UUID]) -> ScalarSelect[int]:
    """What an award's lines add up to, in thousandths, as part of another statement: for what features above check."""
    entered = select(func.coalesce(func.sum(LedgerEntry.amount_milli), 0))
    return entered.where(LedgerEntry.award_id == award_id).scalar_subquery()


def accounts(connection: Connection) -> Offences:
    """I2: nothing comes from nowhere, and learners' accounts hold what the lines say."""
    total, learners, negative = 0, 0, ""
    for row in _rows(connection, ACCOUNTS):
        total += row.balance
        if row.account.startswith("learner:"):
            learners += row.balance
            negative = negative or (row.account if row.balance < 0 else "")
        yield None
    yield f"all accounts together hold {total}, not 0" if total else None
    yield f"{negative} holds less than nothing" if negative else None
    signed = connection.scalar(text("SELECT COALESCE(SUM(amount_milli), 0) FROM ledger_entry"))
    yield f"learners' accounts hold {learners}, their lines {signed}" if learners != signed else None
    for row in _rows(connection, STRAYED):
        yield f"{name_of(row)}: is not entered in its learner's account"


def reversals(connection: Connection) -> Offences:
    """I5."""
    for row in _rows(connection, REVERSALS):
        if row.line_id is None or row.again is not None:
            yield f"{name_of(row)}: does not take back the line of an award"
        elif row.reverses != row.sequence - 1:
            yield f"{name_of(row)}: does not take back the line before it"
        elif row.rest or (row.debit, row.credit) != (row.line_credit, row.line_debit):
            yield f"{name_of(row)}: is not its line turned round"
        else:
            yield None


def chains(connection: Connection) -> Offences:
    """I8: along each learner's lines there is no gap, every leaf names the one before it, and says what its row,
    the fact and the decision say."""
    facts = [getattr(Activity, name) for name in leaves.FACTS]
    last = select(func.max(LogOrigin.number)).scalar_subquery()
    statement = (
        select(
            *LedgerEntry.__table__.columns,
            LearnerKey.learner,
            Award.decision,
            LogLeaf.idx,
            *[one.label(f"fact_{one.key}") for one in facts],
        )
        .select_from(LedgerEntry)
        .join(Award, Award.id == LedgerEntry.award_id)
        .join(Activity, Activity.id == Award.activity_id)
        .outerjoin(LearnerKey, LearnerKey.person_id == LedgerEntry.person_id)
        .outerjoin(LogLeaf, (LogLeaf.entry_id == LedgerEntry.id) & (LogLeaf.log == last))
        .order_by(LedgerEntry.person_id, LedgerEntry.person_sequence)
    )
    person, number, previous, place = None, 0, leaves.NOTHING, -1
    for row in _rows(connection, statement):
        if row.person_id != person:
            person, number, previous, place = row.person_id, 0, leaves.NOTHING, -1
        number += 1
        told = json.loads(row.leaf)
        if row.person_sequence != number:
            yield f"{name_of(row)}: line {row.person_sequence} of its learner follows line {number - 1}"
            number = row.person_sequence
        elif told.get("previous") != leaves.base64url(previous):
            yield f"{name_of(row)}: its leaf does not name the one before it"
        elif row.idx is not None and (place is None or row.idx < place):
            yield f"{name_of(row)}: it is in the log before the line that it follows"
        else:
            yield _difference(row, told)
        previous, place = leaf_hash(row.leaf), row.idx


def _difference(row: Row[Any], told: dict[str, Any]) -> str | None:
    """What in a row is not as its leaf says."""
    facts = {name: getattr(row, f"fact_{name}") for name in leaves.FACTS}
    key = name_of(row)
    expected = {
        "v": leaves.FORM, "award": key, "debit": row.debit, "credit": row.credit,
        "amount_milli": abs(row.amount_milli), "rule": row.policy_version_id,
        "effective_on": row.effective_on.isoformat(), "recorded_at": leaves.stamp(row.recorded_at),
        "learner_seq": row.person_sequence, "evidence": leaves.evidence(facts, row.decision),
    }  # fmt: skip
    for name, value in expected.items():
        if told.get(name) != value:
            return f"{key}: {name} is {value}, its leaf says {told.get(name)}"
    mine = row.credit if row.amount_milli > 0 else row.debit
    learner = row.learner or mine.removeprefix("learner:").partition("/")[0]
    if mine != f"learner:{learner}/{row.credit_year}/{row.credit_class}":
        return f"{key}: is not entered in the account of its learner, year and class"
    return None if row.id == leaves.entry_id(key) else f"{key}: its id is not that of its award"


def _rows(connection: Connection, statement: Any) -> Iterator[Row[Any]]:
    with connection.execute(statement.execution_options(yield_per=BATCH)) as rows:
        yield from rows
