"""What the database and the file store say after a race or a kill: facts, and offences against them."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select, text

from lms.assessments.models import Answer, Attempt
from lms.certificates.models import Certificate
from lms.credits.models import Award, LedgerEntry
from lms.kernel import files
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

# Each must return no row (invariants 2 and 3 of the house).
OFFENCES = {
    "an award whose lines do not add up to it": """
        SELECT award.id FROM award LEFT JOIN ledger_entry ON ledger_entry.award_id = award.id
        GROUP BY award.id, award.awarded_milli, award.state
        HAVING COALESCE(SUM(amount_milli), 0) != (CASE WHEN award.state = 'reversed' THEN 0 ELSE awarded_milli END)
        OR COUNT(*) != (CASE WHEN award.state = 'reversed' THEN 2 ELSE 1 END)""",
    "an award without exactly one live certificate": """
        SELECT award.id FROM award
        LEFT JOIN certificate ON certificate.award_id = award.id AND certificate.revoked_at IS NULL
        GROUP BY award.id HAVING COUNT(certificate.id) != 1""",
    "two awards of one activity in one year": """
        SELECT person_id FROM award WHERE activity_code IS NOT NULL
        GROUP BY person_id, activity_code, credit_year HAVING COUNT(*) > 1""",
    "a passed attempt without a finished enrolment": """
        SELECT attempt.id FROM attempt JOIN enrolment ON enrolment.id = attempt.enrolment_id
        WHERE attempt.passed AND enrolment.finished_at IS NULL""",
    "a finished enrolment without exactly one award or refusal": """
        SELECT enrolment.id FROM enrolment LEFT JOIN activity ON activity.enrolment_id = enrolment.id
        LEFT JOIN award ON award.activity_id = activity.id
        LEFT JOIN refused_activity ON refused_activity.activity_id = activity.id
        WHERE enrolment.finished_at IS NOT NULL
        GROUP BY enrolment.id HAVING COUNT(award.id) + COUNT(refused_activity.activity_id) != 1""",
    "a gap in a learner's lines": """
        SELECT person_id FROM ledger_entry GROUP BY person_id HAVING MAX(person_sequence) != COUNT(*)""",
    "an effect given up": "SELECT id FROM outbox WHERE state = 'parked'",
}


@dataclass(frozen=True)
class Count:
    """How many there are of each thing."""

    results: int
    awards: int
    entries: int
    certificates: int
    drawn: int
    pictures: int


def count(app: Flask, person_id: UUID | None = None) -> Count:
    """Things of one person, or of everybody; `pictures` counts PDF files in the store."""
    hers = {"person_id": person_id} if person_id else {}
    with app.app_context(), unit_of_work(write=False):
        def rows(model: type, **which: object) -> int:
            return session().scalar(select(func.count()).select_from(model).filter_by(**hers, **which)) or 0

        shas = session().scalars(select(Certificate.file_sha).filter_by(**hers)).all()
        drawn = [sha for sha in shas if sha]
        if person_id:
            pictures = len(set(drawn))
        else:
            pictures = sum(files.read(name)[:5] == b"%PDF-" for name in files.names())
        return Count(
            results=rows(Attempt, passed=True),
            awards=rows(Award),
            entries=rows(LedgerEntry),
            certificates=len(shas),
            drawn=len(drawn),
            pictures=pictures,
        )


def offences(app: Flask) -> dict[str, int]:
    """How often each rule is broken; empty when all hold. Includes files that are not what they say."""
    found = {}
    with app.app_context(), unit_of_work(write=False):
        for name, query in OFFENCES.items():
            rows = session().execute(text(query)).all()
            if rows:
                found[name] = len(rows)
        for sha in session().scalars(select(Certificate.file_sha).where(Certificate.file_sha.is_not(None))):
            if not files.exists(str(sha)) or hashlib.sha256(files.read(str(sha))).hexdigest() != sha:
                found["a certificate whose file is missing or changed"] = 1
    return found


def answer_ids(app: Flask) -> set[UUID]:
    """The ids of all answers kept."""
    with app.app_context(), unit_of_work(write=False):
        return set(session().scalars(select(Answer.id)))


def wait_for(done: Callable[[], bool], seconds: float) -> float:
    """Wait until it is so; how long that took. Gives up after `seconds` (the caller asserts)."""
    start = time.monotonic()
    while not done() and time.monotonic() - start < seconds:
        time.sleep(0.25)
    return time.monotonic() - start
