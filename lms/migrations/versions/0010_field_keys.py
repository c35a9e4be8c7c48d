"""Field keys that change: a second column for each lookup hash, and which key a column's hashes are made with."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.credits.filing.making import PURPOSE as FILES
from lms.credits.filing.reconciling import PURPOSE as ANSWER
from lms.credits.filing.reconciling import file_hash
from lms.kernel import clock
from lms.kernel.crypto import NAMED, lookup_hash, ring, sealed_unnamed, unseal
from lms.kernel.sealing import IN_JSON, sealed_tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FIELDS = ("phone", "email", "id_number")


def upgrade() -> None:
    op.create_table(
        "lookup_key",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slot IN (0, 1)", name=op.f("ck_lookup_key_slot")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_lookup_key")),
    )
    # Not by batch: it would make the table anew, to which many others point.
    for field in FIELDS:
        op.add_column("person", sa.Column(f"{field}_hash_other", sa.String(length=64), nullable=True))
        op.create_index(f"uq_person_{field}_hash_other", "person", [f"{field}_hash_other"], unique=True)
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM person")):
        # Until now there was one key, and it hashed all that is there.
        connection.execute(
            sa.text("INSERT INTO lookup_key (slot, key_id, since) VALUES (0, :key_id, :since)").bindparams(
                sa.bindparam("since", type_=sa.DateTime(timezone=True))
            ),
            {"key_id": ring().current.id, "since": clock.now()},
        )
    _hash_answers(connection, by_the_filing=True)


def _hash_answers(connection: Any, *, by_the_filing: bool) -> None:
    """Answers of a regulator are known again by a hash under their filing's own key, which a change of the field key
    does not alter; before, it was the field key itself."""
    rows = connection.execute(
        sa.text(
            "SELECT filing_answer.id, filing_answer.file_sealed, filing.files_sealed FROM filing_answer "
            "JOIN filing ON filing.id = filing_answer.filing_id"
        )
    ).all()
    for answer_id, sealed, files in rows:
        digest = json.loads(unseal(sealed, ANSWER)).get("sha256")
        if digest is None:  # destroyed when somebody was erased: nobody has it to send it again
            continue
        hashed = file_hash(json.loads(unseal(files, FILES)), digest) if by_the_filing else lookup_hash(
            digest, "filing_answer"
        )
        connection.execute(
            sa.text("UPDATE filing_answer SET file_hash = :hashed WHERE id = :id"),
            {"hashed": hashed, "id": answer_id},
        )


def downgrade() -> None:
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM lookup_key WHERE slot > 0")):
        raise RuntimeError("the second slot is in use: the version before knows one field key only")
    _hash_answers(connection, by_the_filing=False)
    _seal_without_names(connection)
    for field in FIELDS:
        op.drop_index(f"uq_person_{field}_hash_other", "person")
        op.drop_column("person", f"{field}_hash_other")
    op.drop_table("lookup_key")


def _seal_without_names(connection: Any) -> None:
    """The version before reads no value that names its key: they are sealed in its way."""
    there = sa.inspect(connection)
    columns = {name: {one["name"] for one in there.get_columns(name)} for name in there.get_table_names()}
    for table in sealed_tables():
        for one in table.sealed:
            if one.column.name not in columns.get(table.table.name, ()):
                continue
            keys = list(table.table.primary_key.columns)
            named = sa.select(*keys, one.value, one.column).where(one.begins(NAMED))
            for *key, stored, whole in connection.execute(named).all():
                sealed = one.written(sealed_unnamed(unseal(one.read(stored), one.purpose), one.purpose))
                same = [column == value for column, value in zip(keys, key, strict=True)]
                new = {**whole, IN_JSON: sealed} if isinstance(whole, dict) else sealed
                connection.execute(table.table.update().where(*same).values({one.column.name: new}))
