"""Awards for the cast, made through the doors of credits, and their certificates."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from cast import PASSWORD, Cast, Member, id_number
from flask import Flask

from lms.certificates import queries
from lms.certificates.queries import CertificateCard
from lms.credits import commands as credits
from lms.kernel.actor import SYSTEM
from lms.kernel.uow import unit_of_work
from lms.people import commands as people
from lms.people import passwords
from lms.people.rules import Population

AWARD: dict[str, Any] = {
    "kind": "promotion_project",
    "title": {"zh": "县域急诊急救能力提升", "en": "Emergency care in the county"},
    "on_date": date(2026, 5, 15),
    "started_on": date(2026, 5, 11),
    "hours": Decimal(6),
    "project_number": "2026-14-00-007",
    "assessed": True,
    "holder": "云岭县人民医院培训中心",
}


def give_award(app: Flask, cast: Cast, person_id: UUID, **changes: Any) -> UUID:
    """A face-to-face project of six hours, entered by the administrator; the award's id."""
    with app.app_context(), unit_of_work():
        recorded = credits.record_activity(cast.admin.actor, person_id=person_id, **(AWARD | changes))
    assert recorded is not None
    assert recorded.award_id is not None
    return recorded.award_id


def only_certificate(app: Flask, person_id: UUID) -> CertificateCard:
    """The one certificate of a person."""
    (card,) = certificates_of(app, person_id)
    return card


def certificates_of(app: Flask, person_id: UUID) -> list[CertificateCard]:
    """All certificates of a person, the newest first."""
    with app.app_context(), unit_of_work(write=False):
        return list(queries.mine(person_id).items)


def doctor_called(app: Flask, cast: Cast, name: str, serial: int = 88) -> Member:
    """A new village doctor with this name (and a password of the cast)."""
    phone = f"000{serial:08d}"
    with app.app_context(), unit_of_work():
        person_id = people.add_person(
            SYSTEM,
            name=name,
            workplace_id=cast.places["LB-YL-LX-SM"],
            phone=phone,
            id_number=id_number(serial),
            population=Population.VILLAGE_DOCTOR,
            starts_on=date(2024, 1, 1),
            password_hash=passwords.hash_password(PASSWORD),
        )
        people.give_consent(person_id)
    return Member("new", name, phone, person_id)
