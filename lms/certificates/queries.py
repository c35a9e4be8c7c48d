"""What may be read about certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from lms.certificates import access
from lms.certificates.coverage import missing_characters
from lms.certificates.facts import CertificateFacts, Kind, from_json
from lms.certificates.models import Certificate
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.organisations.queries import under


class Standing(StrEnum):
    """Where a certificate stands, as people see it."""

    WAITING = "waiting"  # a character of the name cannot be drawn
    QUEUED = "queued"  # valid, its file is being made
    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True)
class CertificateCard:
    """A certificate in a list. `missing` holds what cannot be drawn while it waits."""

    id: UUID
    person_id: UUID
    award_id: UUID | None
    enrolment_id: UUID | None
    number: str
    token: str
    kind: Kind
    titles: dict[str, str]
    credits: Decimal | None
    hours: Decimal
    issued_on: date
    standing: Standing
    revoked_on: date | None
    drawn: bool
    missing: str


@dataclass(frozen=True)
class CertificateFile:
    """A drawn file: its name in the store, and the name a reader should save it under."""

    sha: str
    download_name: str


@dataclass(frozen=True)
class WaitingCertificate:
    """A certificate that no font can draw, for those who can correct the name."""

    id: UUID
    number: str
    person_id: UUID
    person_name: str
    titles: dict[str, str]
    missing: str
    issued_on: date

    @property
    def missing_points(self) -> list[tuple[str, str]]:
        """Each missing character with its Unicode number (U+20BB7): what font makers ask for."""
        return [(sign, f"U+{ord(sign):04X}") for sign in self.missing]


_CARD = (
    Certificate.id,
    Certificate.person_id,
    Certificate.award_id,
    Certificate.enrolment_id,
    Certificate.number,
    Certificate.token,
    Certificate.kind,
    Certificate.titles,
    Certificate.facts,
    Certificate.issued_on,
    Certificate.state,
    Certificate.file_sha,
    Certificate.revoked_at,
)


def mine(person_id: UUID, number: int = 1) -> Page[CertificateCard]:
    """A person's certificates, the newest first."""
    total = session().scalar(select(func.count()).select_from(Certificate).where(Certificate.person_id == person_id))
    rows = session().execute(
        select(*_CARD)
        .where(Certificate.person_id == person_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    return Page([_card(row) for row in rows], number, total or 0)


def of_awards(award_ids: Iterable[UUID]) -> dict[UUID, CertificateCard]:
    """The certificate of each award that has one: the live one, else the last revoked one."""
    ids = set(award_ids)
    if not ids:
        return {}
    rows = session().execute(
        select(*_CARD)
        .where(Certificate.award_id.in_(ids))
        .order_by(Certificate.revoked_at.is_(None), Certificate.issued_at)
    )
    return {row.award_id: _card(row) for row in rows}


def of_enrolment(enrolment_id: UUID) -> CertificateCard | None:
    """The live certificate that a finished course brought, by credit or by completion."""
    row = (
        session()
        .execute(
            select(*_CARD)
            .where(Certificate.enrolment_id == enrolment_id, Certificate.revoked_at.is_(None))
            .order_by(Certificate.issued_at.desc())
            .limit(1)
        )
        .first()
    )
    return _card(row) if row else None


def waiting_of(person_id: UUID) -> list[CertificateCard]:
    """A person's certificates that wait because a character cannot be drawn."""
    rows = session().execute(
        select(*_CARD)
        .where(
            Certificate.person_id == person_id,
            Certificate.state == "waiting",
            Certificate.revoked_at.is_(None),
        )
        .order_by(Certificate.issued_at)
    )
    return [_card(row) for row in rows]


def file_of(actor: Actor, certificate_id: UUID) -> CertificateFile | None:
    """The file of a certificate, None while it is not drawn.

    Raises NotFound unless it is the actor's own or she audits or administers its place.
    """
    row = require_found(
        session()
        .execute(
            select(
                Certificate.person_id,
                Certificate.authority_path,
                Certificate.place_path,
                Certificate.file_sha,
                Certificate.facts,
            ).where(Certificate.id == certificate_id)
        )
        .first()
    )
    require_in_place(access.may_download(actor, row.person_id, row.authority_path, row.place_path))
    if row.file_sha is None:
        return None
    facts = from_json(row.facts)
    what = "学分证书" if facts.kind is Kind.CREDIT else "结业证书"
    return CertificateFile(row.file_sha, f"{what}-{facts.person_name}-{facts.number}.pdf")


def waiting_in(actor: Actor, number: int = 1) -> Page[WaitingCertificate]:
    """Waiting certificates in the places the actor administers, the oldest first."""
    there = (
        Certificate.state == "waiting",
        Certificate.revoked_at.is_(None),
        under(Certificate.place_path, actor.paths(Role.ADMINISTRATOR)),
    )
    total = session().scalar(select(func.count()).select_from(Certificate).where(*there))
    rows = session().execute(
        select(
            Certificate.id,
            Certificate.number,
            Certificate.person_id,
            Certificate.titles,
            Certificate.facts,
            Certificate.issued_on,
        )
        .where(*there)
        .order_by(Certificate.issued_at, Certificate.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    return Page([_waiting(row) for row in rows], number, total or 0)


def _card(row: Row[Any]) -> CertificateCard:
    facts = from_json(row.facts)
    standing = Standing.REVOKED if row.revoked_at else Standing(row.state)
    return CertificateCard(
        id=row.id,
        person_id=row.person_id,
        award_id=row.award_id,
        enrolment_id=row.enrolment_id,
        number=row.number,
        token=row.token,
        kind=facts.kind,
        titles=row.titles,
        credits=facts.credits,
        hours=facts.hours,
        issued_on=row.issued_on,
        standing=standing,
        revoked_on=civil_day(row.revoked_at),
        drawn=row.file_sha is not None,
        missing=_missing(facts) if standing is Standing.WAITING else "",
    )


def _waiting(row: Row[Any]) -> WaitingCertificate:
    facts = from_json(row.facts)
    return WaitingCertificate(
        id=row.id,
        number=row.number,
        person_id=row.person_id,
        person_name=facts.person_name,
        titles=row.titles,
        missing=_missing(facts),
        issued_on=row.issued_on,
    )


def _missing(facts: CertificateFacts) -> str:
    return missing_characters("".join(facts.texts()))


def civil_day(instant: datetime | None) -> date | None:
    """The day in Asia/Shanghai on which an instant lies."""
    return clock.local(instant).date() if instant else None
