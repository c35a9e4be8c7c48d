"""What a certificate says, frozen when it is issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Kind(StrEnum):
    """What a certificate is for."""

    CREDIT = "credit"
    COMPLETION = "completion"


class Mode(StrEnum):
    """How the project was attended: the three boxes on the certificate."""

    FACE_TO_FACE = "face_to_face"
    REMOTE = "remote"
    BLENDED = "blended"


@dataclass(frozen=True)
class CertificateFacts:
    """Every value printed on one certificate.

    `title` and the units are the Chinese ones: the document is Chinese in every
    interface language. `mode` is None where no box applies (a paper, self-study);
    `credits`, `project_number`, `rule_title` and `granting_unit` are None on a
    certificate of completion.
    """

    kind: Kind
    number: str
    verify_url: str
    check_code: str
    person_name: str
    id_number_mask: str
    starts_on: date
    ends_on: date
    title: str
    hours: Decimal
    assessed: bool
    holding_unit: str
    issuing_unit: str
    issued_on: date
    mode: Mode | None = None
    subject: str | None = None
    course_code: str | None = None
    credits: Decimal | None = None
    project_number: str | None = None
    project_kind: str | None = None
    rule_title: str | None = None
    granting_unit: str | None = None
    demo: bool = False

    def texts(self) -> tuple[str, ...]:
        """All free text that will be printed, for the check of its characters."""
        values = (
            self.person_name,
            self.id_number_mask,
            self.title,
            self.holding_unit,
            self.issuing_unit,
            self.subject,
            self.course_code,
            self.project_number,
            self.project_kind,
            self.rule_title,
            self.granting_unit,
        )
        return tuple(value for value in values if value)


def to_json(facts: CertificateFacts) -> dict[str, Any]:
    """The facts as plain JSON; `from_json` is its exact inverse."""
    plain: dict[str, Any] = {}
    for name, value in vars(facts).items():
        if isinstance(value, Decimal):
            plain[name] = str(value)
        elif isinstance(value, date):
            plain[name] = value.isoformat()
        else:
            plain[name] = value
    return plain


def from_json(plain: Mapping[str, Any]) -> CertificateFacts:
    """The facts that `to_json` wrote."""
    values = dict(plain)
    for name in ("starts_on", "ends_on", "issued_on"):
        values[name] = date.fromisoformat(values[name])
    for name in ("hours", "credits"):
        if values.get(name) is not None:
            values[name] = Decimal(values[name])
    values["kind"] = Kind(values["kind"])
    if values.get("mode") is not None:
        values["mode"] = Mode(values["mode"])
    return CertificateFacts(**values)


def check_code(token: str) -> str:
    """Twelve readable characters of the token's hash, as XXXX-XXXX-XXXX.

    Printed on the certificate and shown by the verification page, so that a reader
    can see that page and paper belong together; it leads nowhere by itself.
    """
    number = int.from_bytes(sha256(token.encode()).digest()[:8], "big")
    signs = "".join(_CROCKFORD[number >> (5 * place) & 31] for place in range(12))
    return "-".join((signs[:4], signs[4:8], signs[8:]))


def certificate_number(year: int, chance: int) -> str:
    """`XL<year>-` and eight Crockford base32 signs of forty random bits."""
    signs = "".join(_CROCKFORD[chance >> (5 * place) & 31] for place in range(8))
    return f"XL{year}-{signs}"
