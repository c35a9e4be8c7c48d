"""Taking a person out of papers and out of files that name many people."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

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
from lms.kernel.ids import new_id
from lms.kernel.personal import forget_files

REMAKE = "credits.filing.remake"


def forget_papers(person_id: UUID, claim_ids: Sequence[UUID]) -> None:
    """Remove the papers and the words of claims. A file that somebody else handed in too stays hers."""
    papers = session().execute(
        select(ClaimFile.sha, ClaimFile.thumbnail_sha).where(ClaimFile.claim_id.in_(claim_ids))
    ).all()
    names = {name for row in papers for name in row if name}
    others = (
        select(ClaimFile.sha, ClaimFile.thumbnail_sha)
        .join(Claim, Claim.id == ClaimFile.claim_id)
        .where(Claim.person_id != person_id, ClaimFile.removed_at.is_(None), ClaimFile.sha.in_(names))
    )
    forget_files(person_id, names - {name for row in session().execute(others) for name in row})
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


def remake_filings(person_id: UUID) -> None:
    """Take her name and number out of the lines of filings; the files that held them are made anew without, and
    what a regulator answered or another system gave about many people at once is destroyed."""
    filings = list(session().scalars(select(FilingRow.filing_id).where(FilingRow.person_id == person_id).distinct()))
    session().execute(
        update(FilingRow)
        .where(FilingRow.person_id == person_id)
        .values(name=GONE, id_number_mask="", id_number_sealed=None, text="", ready_note="")
    )
    places = select(Filing.place_id).where(Filing.id.in_(filings))
    for filing_id in session().scalars(select(Filing.id).where(Filing.place_id.in_(places), Filing.state == "filed")):
        outbox.send(REMAKE, key=f"{REMAKE}:{filing_id}:{new_id()}", filing_id=str(filing_id))
    told = select(FilingAnswer).where(FilingAnswer.filing_id.in_(filings), FilingAnswer.state == "applied")
    for answer in session().scalars(told):
        answer.file_sealed = _destroyed(person_id, answer.file_sealed, answers.PURPOSE)
    brought = select(HistoryRow.import_id).where(HistoryRow.person_id == person_id)
    imports = select(HistoryImport).where(HistoryImport.id.in_(brought), HistoryImport.state != "rehearsed")
    for one in session().scalars(imports):
        one.file_sealed = _destroyed(person_id, one.file_sealed, importing.PURPOSE)
    session().flush()


def _destroyed(person_id: UUID, file_sealed: bytes, purpose: str) -> bytes:
    kept = json.loads(unseal(file_sealed, purpose))
    forget_files(person_id, [kept.get("stored")])
    return seal("{}", purpose)


@outbox.task(REMAKE, lease=LONG)
def remake(filing_id: str) -> None:
    """Make the files of a filing anew from its lines, and remove those that were. Where the same waits once more
    (several people are erased together), the last one does it."""
    if any(row.state == "ready" and row.payload["filing_id"] == filing_id for row in outbox.rows_of(REMAKE)):
        return
    filing = require_found(session().get(Filing, UUID(filing_id)))
    before = making.files_of(filing)
    totals = making.sums(filing)
    made = {name: vault.keep(plain) for name, plain in making.written(filing, totals)}
    session().execute(
        update(Filing)
        .where(Filing.id == UUID(filing_id), Filing.state == "filed")
        .values(files_sealed=seal(json.dumps(made), making.PURPOSE))
    )
    forget_files(UUID(filing_id), [one["stored"] for one in before.values()])
