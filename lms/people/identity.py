"""Sealed fields of a person: checked, made plain, sealed, hashed and masked in one place."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.crypto import lookup_hash, seal, unseal
from lms.kernel.db import session
from lms.kernel.settings import Settings
from lms.kernel.text import Message, msg, nfc
from lms.people import rules
from lms.people.models import Person

PURPOSE = "person.{}"


def account_hash(account: str) -> tuple[str, str]:
    """Which column an account name (phone or mail address) is looked up in, and its hash.

    In the demonstration a bare word is one of its accounts: `doctor` is doctor@demo.example.
    """
    settings: Settings = current_app.extensions["xinglin.settings"]
    if settings.is_demo and account.strip().isascii() and account.strip().isalpha():
        account = f"{account.strip()}@demo.example"
    if "@" in account:
        return "email_hash", lookup_hash(rules.plain_email(nfc(account)), "email")
    return "phone_hash", lookup_hash(rules.plain_phone(nfc(account)), "phone")


def phone_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of a phone number; a fault is added instead when it is none."""
    phone = rules.plain_phone(nfc(text))
    if not rules.is_phone(phone):
        faults["phone"] = msg("手机号是 11 位数字。")
        return {}
    return _columns("phone", phone, rules.mask_phone(phone))


def email_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of a mail address; a fault is added instead when it is none."""
    email = rules.plain_email(nfc(text))
    if not rules.is_email(email):
        faults["email"] = msg("电子邮箱的样子是 name@example.org。")
        return {}
    return _columns("email", email, rules.mask_email(email))


def id_number_columns(text: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of an identity number; a fault is added instead when its form or check character is wrong."""
    number = rules.plain_id_number(nfc(text))
    if not rules.is_id_number(number, clock.today()):
        faults["id_number"] = msg("身份证号有一位不对。请照证件再核对 18 位。")
        return {}
    return _columns("id_number", number, rules.mask_id_number(number))


def _columns(field: str, plain: str, mask: str) -> dict[str, Any]:
    return {
        f"{field}_sealed": seal(plain, PURPOSE.format(field)),
        f"{field}_hash": lookup_hash(plain, field),
        f"{field}_mask": mask,
    }


def licence_columns(text: str) -> dict[str, Any]:
    """A licence number is sealed too: some of them contain the identity number."""
    number = nfc(text)
    return {"licence_number_sealed": seal(number, PURPOSE.format("licence_number")) if number else None}


def opened(field: str, sealed: bytes | None) -> str:
    """The plain text of a sealed field; empty when there is none."""
    return unseal(sealed, PURPOSE.format(field)) if sealed else ""


def taken(columns: Mapping[str, Any], but: UUID | None = None) -> dict[str, Message]:
    """Faults for every identifying field that already belongs to somebody else."""
    sentences = {
        "phone": msg("这个手机号已经登记过。如果是从外地调来，请上级管理员办理调动。"),
        "email": msg("这个邮箱已经登记过。"),
        "id_number": msg("这个身份证号已经登记过。如果是从外地调来，请上级管理员办理调动。"),
    }
    faults = {}
    for field, sentence in sentences.items():
        value = columns.get(f"{field}_hash")
        if value is None:
            continue
        owner = session().scalar(select(Person.id).where(getattr(Person, f"{field}_hash") == value))
        if owner is not None and owner != but:
            faults[field] = sentence
    return faults
