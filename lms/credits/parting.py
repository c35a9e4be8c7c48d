"""Taking a person out of papers and out of files that name many people."""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.filing import making
from lms.credits.filing import reconciling as answers
from lms.credits.filing.models import Filing, FilingAnswer, FilingRow
from lms.credits.filing.tasks import LONG
from lms.credits.history_import import importing
from lms.credits.history_import.models import HistoryImport, HistoryRow
from lms.kernel import clock, outbox, vault
from lms.kernel.access import require_found
from lms.kernel.audit import GONE
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import session
from lms.kernel.errors import Transient
from lms.kernel.ids import new_id
from lms.kernel.personal import forget_files

REMAKE = "credits.filing.remake"


def forget_papers(person_id: UUID, claim_ids: Sequence[UUID]) -> None:
    """Remove the papers and the words of claims. A file that stands under another claim too, of whomever, stays:
    whoever removes it asks `papers_used` when she does."""
    papers = session().execute(
        select(ClaimFile.sha, ClaimFile.thumbnail_sha).where(ClaimFile.claim_id.in_(claim_ids))
    ).all()
    forget_files(person_id, [name for row in papers for name in row])
    session().execute(
        update(ClaimFile).where(ClaimFile.claim_id.in_(claim_ids)).values(name="", removed_at=clock.now())
    )
    session().execute(
        update(Claim)
        .where(Claim.id.in_(claim_ids))
        .values(title="", place="", note="", search_text="", fingerprint=None)
    )
    session().execute(
        update(Claim).where(Claim.id.in_(claim_ids), Claim.state == "draft").values(state="withdrawn")
    )


def papers_used(names: Collection[str]) -> Collection[str]:
    """Which of these stored files are papers, or thumbnails of papers, of claims that still have them."""
    used = select(ClaimFile.sha, ClaimFile.thumbnail_sha).where(
        ClaimFile.removed_at.is_(None), or_(ClaimFile.sha.in_(names), ClaimFile.thumbnail_sha.in_(names))
    )
    return {name for row in session().execute(used) for name in row if name}


def remake_filings(person_id: UUID) -> None:
    """Take her name and number out of the lines of filings; the files that held them are made anew without, and
    what a regulator answered or another system gave about many people at once is destroyed."""
    places = list(session().scalars(select(FilingRow.place_id).where(FilingRow.person_id == person_id).distinct()))
    _clear_rows(person_id)
    # One that is being made may have read her name already, whatever its place.
    naming = select(Filing.id).where(or_(Filing.place_id.in_(places), Filing.state != "filed"))
    for filing_id in session().scalars(naming):
        outbox.send(
            REMAKE, key=f"{REMAKE}:{filing_id}:{new_id()}", filing_id=str(filing_id), person_id=str(person_id)
        )
    # An answer may say anything of anybody of the place, in whichever of its filings she stands.
    of_places = select(Filing.id).where(Filing.place_id.in_(places))
    for answer in session().scalars(select(FilingAnswer).where(FilingAnswer.filing_id.in_(of_places))).all():
        answer.file_sealed = _destroyed(person_id, answer.file_sealed, answers.PURPOSE)
    # What was never entered is worth nothing without its file.
    session().flush()
    session().execute(
        delete(FilingAnswer).where(FilingAnswer.filing_id.in_(of_places), FilingAnswer.state == "rehearsed")
    )
    brought = select(HistoryRow.import_id).where(HistoryRow.person_id == person_id)
    imports = select(HistoryImport).where(HistoryImport.id.in_(brought), HistoryImport.state != "rehearsed")
    for one in session().scalars(imports):
        one.file_sealed = _destroyed(person_id, one.file_sealed, importing.PURPOSE)
    session().flush()


def _clear_rows(person_id: UUID) -> None:
    session().execute(
        update(FilingRow)
        .where(FilingRow.person_id == person_id)
        .values(name=GONE, id_number_mask="", id_number_sealed=None, text="", ready_note="")
    )


def _destroyed(person_id: UUID, file_sealed: bytes, purpose: str) -> bytes:
    kept = json.loads(unseal(file_sealed, purpose))
    forget_files(person_id, [kept.get("stored")])
    return seal("{}", purpose)


@outbox.task(REMAKE, lease=LONG)
def remake(filing_id: str, person_id: str) -> None:
    """Make the files of a filing anew from its lines, and remove those that were. Where the same waits once more
    (several people are erased together), the last one does it. The key by which answers are known again stays.

    Raises Transient while the filing is still being made; one that was given up is made from lines without her.
    """
    # Lines that were gathered while she was erased, and came after.
    _clear_rows(UUID(person_id))
    if any(row.state == "ready" and row.payload["filing_id"] == filing_id for row in outbox.rows_of(REMAKE)):
        return
    filing = require_found(session().get(Filing, UUID(filing_id)))
    if filing.state != "filed":
        if not _goes_on(filing):
            return
        raise Transient("the filing is not made yet")
    before = making.files_of(filing)
    totals = making.sums(filing)
    made = {name: vault.keep(plain) for name, plain in making.written(filing, totals)}
    made[min(made)][answers.KEY] = answers.key_of(before)
    session().execute(
        update(Filing)
        .where(Filing.id == UUID(filing_id), Filing.state == "filed")
        .values(files_sealed=seal(json.dumps(made), making.PURPOSE))
    )
    forget_files(UUID(filing_id), [one["stored"] for one in before.values()])


def _goes_on(filing: Filing) -> bool:
    """Whether it is being made: neither it nor one before it, for which it waits, was given up."""
    earlier = select(Filing).where(
        Filing.place_id == filing.place_id, Filing.number <= filing.number, Filing.state != "filed"
    )
    return not any(making.is_stuck(one) for one in session().scalars(earlier))
