"""Statement and transcript as files, for the doctor herself and for her unit.

What the unit takes out of the house is a deed and is recorded; reading the page is not.
"""

from dataclasses import dataclass
from uuid import UUID

from lms.credits.access import require_sees
from lms.credits.sheets.documents import statement_document, transcript_document
from lms.credits.statements import Statement, statement
from lms.credits.transcripts import Transcript, transcript
from lms.kernel import audit
from lms.kernel.actor import Actor
from lms.sheets.cells import Document
from lms.sheets.text_file import csv_bytes
from lms.sheets.workbook import xlsx_bytes

WRITERS = {
    "csv": ("text/csv; charset=utf-8", csv_bytes),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_bytes),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over."""

    name: str
    mimetype: str
    body: bytes


def file_of(document: Document, ending: str) -> File:
    """The document written as csv or xlsx, in the reader's language."""
    mimetype, write = WRITERS[ending]
    return File(f"{document.name}.{ending}", mimetype, write(document))


def statement_file(s: Statement, ending: str) -> File:
    """A year as a file."""
    return file_of(statement_document(s), ending)


def transcript_file(t: Transcript, ending: str) -> File:
    """All years as a file."""
    return file_of(transcript_document(t), ending)


def statement_for(actor: Actor, person_id: UUID, year: int) -> Statement:
    """A doctor's year for her unit; NotFound for an actor in whose places and area she is not."""
    return statement(person_id, year, require_sees(actor, person_id))


def transcript_for(actor: Actor, person_id: UUID) -> Transcript:
    """All years of a doctor for her unit; NotFound as above."""
    return transcript(person_id, require_sees(actor, person_id))


def export(actor: Actor, person_id: UUID, *, year: int | None, ending: str) -> File:
    """A file of one year, or of all where none is given, for her unit; recorded in the audit trail.

    Raises NotFound for an actor in whose places and area she is not.
    """
    if year is None:
        made = transcript_file(transcript_for(actor, person_id), ending)
    else:
        made = statement_file(statement_for(actor, person_id, year), ending)
    audit.record(actor, "person.credits_exported", "person", person_id, file=made.name)
    return made
