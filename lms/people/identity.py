"""Sealed fields of a person: checked, made plain, sealed, hashed and masked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, select

from lms.kernel import clock, lookups
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import session
from lms.kernel.settings import Settings
from lms.kernel.text import Message, msg, nfc
from lms.people import rules
from lms.people.models import PURPOSE, Person

COLUMNS = {
    "phone": (Person.phone_hash, Person.phone_hash_other),
    "email": (Person.email_hash, Person.email_hash_other),
    "id_number": (Person.id_number_hash, Person.id_number_hash_other),
}
TAKEN = {
    "phone": msg("这个手机号已经登记过。如果是从外地调来，请上级管理员办理调动。"),
    "email": msg("这个邮箱已经登记过。"),
    "id_number": msg("这个身份证号已经登记过。如果是从外地调来，请上级管理员办理调动。"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account name as it is sealed: a phone number or a mail address."""

    field: str
    plain: str

    @property
    def subject(self) -> str:
        """What counters and marks know it by; they keep a hash of it only."""
        return f"{self.field}:{self.plain}"


def has(field: str, plain: str) -> ColumnElement[bool]:
    """SQL: the person with this phone number, mail address or identity number, under whichever key it was kept."""
    return lookups.holds(COLUMNS[field], plain, field)


def account_of(account: str) -> Account:
    """What an account name (phone or mail address) is looked up as.

    In the demonstration a bare word is one of its accounts: `doctor` is doctor@demo.example.
    """
    settings: Settings = current_app.extensions["xinglin.settings"]
    if settings.is_demo and account.strip().isascii() and account.strip().isalpha():
        account = f"{account.strip()}@demo.example"
    if "@" in account:
        return Account("email", rules.plain_email(nfc(account)))
    return Account("phone", rules.plain_phone(nfc(account)))


def phone_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of a phone number; a fault is added instead when it is none."""
    phone = rules.plain_phone(nfc(text))
    if not rules.is_phone(phone):
        faults["phone"] = msg("手机号是 11 位数字。")
        return {}
    return plain_columns("phone", phone, rules.mask_phone(phone))


def email_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of a mail address; a fault is added instead when it is none."""
    email = rules.plain_email(nfc(text))
    if not rules.is_email(email):
        faults["email"] = msg("电子邮箱的样子是 name@example.org。")
        return {}
    return plain_columns("email", email, rules.mask_email(email))


def id_number_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of an identity number; a fault is added instead when its form or check character is wrong."""
    number = rules.plain_id_number(nfc(text))
    if not rules.is_id_number(number, clock.today()):
        faults["id_number"] = msg("身份证号有一位不对。请照证件再核对 18 位。")
        return {}
    return plain_columns("id_number", number, rules.mask_id_number(number))


def plain_columns(field: str, plain: str, mask: str) -> dict[str, Any]:
    """Columns of a number or address that was judged already, plain, with its mask."""
    first, other = lookups.by_slot(plain, field)
    return {
        f"{field}_sealed": seal(plain, PURPOSE.format(field)),
        f"{field}_hash": first,
        f"{field}_hash_other": other,
        f"{field}_mask": mask,
    }


def nothing(field: str) -> dict[str, Any]:
    """The columns of a phone number, mail address or identity number that is not there (any more)."""
    return {f"{field}_sealed": None, f"{field}_hash": None, f"{field}_hash_other": None, f"{field}_mask": ""}


def licence_columns(text: str) -> dict[str, Any]:
    """A licence number is sealed too: some of them contain the identity number."""
    number = nfc(text)
    return {"licence_number_sealed": seal(number, PURPOSE.format("licence_number")) if number else None}


def opened(field: str, sealed: bytes | None) -> str:
    """The plain text of a sealed field; empty when there is none."""
    return unseal(sealed, PURPOSE.format(field)) if sealed else ""


def taken(columns: Mapping[str, Any], but: UUID | None = None) -> dict[str, Message]:
    """Faults for every identifying field that already belongs to somebody else."""
    faults = {}
    for field, sentence in TAKEN.items():
        sealed = columns.get(f"{field}_sealed")
        if sealed is None:
            continue
        owner = session().scalar(select(Person.id).where(has(field, opened(field, sealed))))
        if owner is not None and owner != but:
            faults[field] = sentence
    return faults
