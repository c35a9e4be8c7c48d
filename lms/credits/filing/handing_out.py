"""Handing a file of a filing out: a deed that is recorded, for its administrators only."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.credits.filing import gathering, making
from lms.credits.filing.access import require_files
from lms.credits.filing.documents import FILES, TYPES
from lms.credits.filing.models import Filing
from lms.kernel import audit, vault
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.people import commands as people


@dataclass(frozen=True, slots=True)
class Handed:
    """A file to be sent, piece by piece."""

    name: str
    mimetype: str
    size: int
    blocks: Callable[[], Iterator[bytes]]


def hand_out(actor: Actor, filing_id: UUID, name: str) -> Handed:
    """A file of a filing; recorded, with whether it holds whole identity numbers.

    Raises NotFound outside the actor's places and for an unknown name, NotAllowed for who may only see the page,
    TooMany for too many files with whole numbers. Must be committed before it is sent.
    """
    filing = require_files(actor, filing_id)
    known = making.read_file(filing, name)
    full = _full_name(filing, name)
    if filing.full_numbers:
        people.take_file(actor)
        _note_shown(actor, filing, [name])
    audit.record(actor, "filing.handed_out", "filing", filing_id, file=full, id_numbers=filing.full_numbers)
    return Handed(full, TYPES[name], known["size"], vault.reader(known["stored"], known["key"]))


def _note_shown(actor: Actor, filing: Filing, names: Iterable[str]) -> None:
    """One look for each whole number in each of these files: a number that a file does not hold was not shown."""
    for name, delta, _, _ in FILES:
        if name in names and not name.startswith("totals"):
            shown = (row.person_id for row in gathering.rows(filing, delta=delta) if row.id_number_sealed)
            people.note_shown(
                actor, shown, field="id_number", purpose="filing", note=filing.reason, page="filing"
            )


def _full_name(filing: Filing, name: str) -> str:
    return f"xinglin-filing-{filing.place_code}-{filing.number}-{name}"


def by_number(place_id: UUID, number: int) -> UUID:
    """The filing of a place with this number; NotFound if there is none."""
    found = session().scalar(select(Filing.id).where(Filing.place_id == place_id, Filing.number == number))
    return require_found(found)


def note_all(actor: Actor, filing_id: UUID, *, again: bool = False) -> None:
    """Write down that all files of a filing are about to be put into a folder (`write_to`). To be committed before:
    nobody holds a whole number of which there is no look.

    Raises like `hand_out`.
    """
    filing = require_files(actor, filing_id)
    if filing.full_numbers:
        _note_shown(actor, filing, list(making.files_of(filing)))
    audit.record(
        actor, "filing.handed_out", "filing", filing_id, file="*", id_numbers=filing.full_numbers, again=again
    )


def write_to(actor: Actor, filing_id: UUID, folder: Path, *, again: bool = False) -> dict[str, Any]:
    """Put the files of a filing into a folder; `again`: made anew from its rows, and compared with what was filed.
    Changes nothing here; what is handed out was written down before (`note_all`).

    Raises like `hand_out`, and OSError.
    """
    filing = require_files(actor, filing_id)
    kept = making.files_of(filing)
    answer: dict[str, Any] = {}
    folder.mkdir(parents=True, exist_ok=True)
    remade = making.written(filing, making.sums(filing)) if again else ((name, None) for name in kept)
    for name, plain in remade:
        target = folder / _full_name(filing, name)
        source = vault.reader(kept[name]["stored"], kept[name]["key"])() if plain is None else _pieces(plain)
        digest = _write(target, source)
        answer[name] = {"file": str(target), "sha256": digest, "same": digest == kept[name]["sha256"]}
    return answer


def _pieces(source: Any) -> Iterator[bytes]:
    source.seek(0)
    while block := source.read(vault.BLOCK):
        yield block


def _write(target: Path, pieces: Iterator[bytes]) -> str:
    digest = sha256()
    with target.open("wb") as out:
        target.chmod(0o600)  # it may hold identity numbers
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()
