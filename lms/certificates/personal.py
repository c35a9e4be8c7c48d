"""What certificates keeps of a person (kernel.personal)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from lms.certificates.models import Certificate
from lms.kernel import files
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.personal import Keeper, OwnFile, Told, forget_files

TOLD = {"certificate": Told("证书 Certificates", left_out=("authority_path", "place_path"))}


def _files(person_id: UUID) -> Iterable[OwnFile]:
    rows = session().execute(
        select(Certificate.number, Certificate.file_sha).where(
            Certificate.person_id == person_id, Certificate.file_sha.is_not(None)
        )
    )
    return [OwnFile(f"certificates/{row.number}.pdf", row.file_sha) for row in rows if files.exists(row.file_sha)]


def _close(person_id: UUID) -> None:
    """What was issued stays good, and whoever holds the paper may still have it checked. One that could not be drawn
    was never handed to anybody: her name leaves it."""
    _rename(Certificate.person_id == person_id, Certificate.state == "waiting")


def _erase(person_id: UUID) -> None:
    hers = Certificate.person_id == person_id
    forget_files(person_id, session().scalars(select(Certificate.file_sha).where(hers)))
    _rename(hers)


def _rename(*where: ColumnElement[bool]) -> None:
    for row in session().execute(select(Certificate.id, Certificate.facts).where(*where)).all():
        facts: dict[str, Any] = {**row.facts, "person_name": GONE, "id_number_mask": ""}
        session().execute(
            update(Certificate).where(Certificate.id == row.id).values(facts=facts, masked_name=GONE)
        )


KEEPER = Keeper(told=TOLD, withheld={}, files=_files, close=_close, erase=_erase)
