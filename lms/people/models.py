"""Tables of people: who they are, where they work, what they may do, how they sign in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model
from lms.kernel.sealing import lookup_info, sealed_info

PURPOSE = "person.{}"
SEALED = {field: sealed_info(PURPOSE.format(field)) for field in ("phone", "email", "id_number", "licence_number")}
# Two columns each, so that a number stays unique while the key changes (kernel.lookups).
LOOKUP = {
    field: (lookup_info(f"{field}_sealed", field, 0), lookup_info(f"{field}_sealed", field, 1))
    for field in ("phone", "email", "id_number")
}


class Person(Model):
    """A person. What identifies or reaches her is sealed; hashes find it, masks show it."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    name_folded: Mapped[str] = mapped_column(String(80), index=True)
    name_drawable: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None] = mapped_column(String(5))
    population: Mapped[str] = mapped_column(String(24))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED["phone"])
    phone_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=LOOKUP["phone"][0])
    phone_hash_other: Mapped[str | None] = mapped_column(String(64), info=LOOKUP["phone"][1])
    phone_mask: Mapped[str] = mapped_column(String(20), default="")
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED["email"])
    email_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=LOOKUP["email"][0])
    email_hash_other: Mapped[str | None] = mapped_column(String(64), info=LOOKUP["email"][1])
    email_mask: Mapped[str] = mapped_column(String(80), default="")
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED["id_number"])
    id_number_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=LOOKUP["id_number"][0])
    id_number_hash_other: Mapped[str | None] = mapped_column(String(64), info=LOOKUP["id_number"][1])
    id_number_mask: Mapped[str] = mapped_column(String(18), default="")
    licence_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED["licence_number"])
    licence_from: Mapped[date | None] = mapped_column(Date)
    licence_until: Mapped[date | None] = mapped_column(Date)
    password_hash: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    # Closed for good (privacy.models.Closing): from then on the columns above name nobody.
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The first columns have such constraints by their own definition.
    __table_args__ = tuple(
        Index(f"uq_person_{field}_hash_other", f"{field}_hash_other", unique=True) for field in LOOKUP
    )


class Posting(Model):
    """Where a person is employed, where she works and who audits her, from a day until a day (both counted).

    The three may differ: managed by the county, hired by the township, working in the village.
    """

    __tablename__ = "posting"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    employer_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    workplace_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="order"),
        Index(
            "uq_posting_open",
            "person_id",
            unique=True,
            sqlite_where=ends_on.is_(None),
            postgresql_where=ends_on.is_(None),
        ),
    )


class RoleGrant(Model):
    """A role at a place and below. `path` is the place's path, copied because paths never change."""

    __tablename__ = "role_grant"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    organisation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(String(160))
    granted_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "uq_role_grant_held",
            "person_id",
            "role",
            "organisation_id",
            unique=True,
            sqlite_where=withdrawn_at.is_(None),
            postgresql_where=withdrawn_at.is_(None),
        ),
    )


class UserSession(Model):
    """A sign-in on one device. The browser holds the token, the database only its hash."""

    __tablename__ = "user_session"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    idle_until: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    shared: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(String(120), default="")
    # A hash of the random number in the browser's cookie, so that one device of many people can be seen.
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45), default="")


class OneTimeCode(Model):
    """A short code sent to a person's own phone or mailbox; for unknown accounts a row that no code opens."""

    __tablename__ = "one_time_code"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Tries(Model):
    """How often something was tried from one account or address within one span of time."""

    __tablename__ = "sign_in_attempt"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int] = mapped_column()
    until: Mapped[datetime] = mapped_column(Instant, index=True)


class Consent(Model):
    """That a person has read one version of the privacy notice and agreed."""

    __tablename__ = "consent"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    notice_version: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
