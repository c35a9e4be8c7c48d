"""Whatever is sealed or hashed for looking up says so, or a change of the field key would not find it."""

import ast
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text

from lms.app import create_app
from lms.kernel.db import Model
from lms.kernel.sealing import sealed_tables

ROOT = Path(__file__).parent.parent.parent
# Who seals, and the columns that hold what it seals.
SEALERS = {
    "lms/people/identity.py": {
        "person.phone_sealed", "person.email_sealed", "person.id_number_sealed", "person.licence_number_sealed",
    },
    "lms/kernel/messages.py": {"sent_message.sealed", "outbox.payload"},
    "lms/kernel/resealing.py": set(),
    "lms/credits/ledger/learners.py": {"learner_key.key_sealed"},
    "lms/credits/filing/making.py": {"filing.files_sealed"},
    "lms/credits/filing/gathering.py": {"filing_row.id_number_sealed"},
    "lms/credits/filing/reconciling.py": {"filing_answer.file_sealed"},
    "lms/credits/history_import/importing.py": {"history_import.file_sealed"},
    "lms/credits/parting.py": set(),
    "lms/pathways/numbers.py": {"person_record.number_sealed"},
    "lms/people/batches/commands.py": {"batch.files_sealed"},
    "lms/people/batches/working.py": {"batch.told_sealed", "batch_line.kept_sealed"},
    "lms/people/privacy/closing.py": {"closing.kept_sealed"},
    "lms/people/privacy/copying.py": {"own_copy.file_sealed", "own_copy.steps_sealed"},
}  # fmt: skip
# Where a hash under the field key is made that is kept for long: all of it goes through kernel.lookups.
LASTING = {
    "lms/kernel/lookups.py", "lms/people/queries/filed.py", "lms/people/rosters/looking.py",
    "lms/people/commands/codes.py",
}  # fmt: skip
# The way back to the version before has hashes in its manner.
MIGRATION = "lms/migrations/versions/0010_field_keys.py"

assert create_app  # every model of the house is known


def importers(*names: str) -> set[str]:
    """Modules that import one of these names from kernel.crypto."""
    found = set()
    for path in (ROOT / "lms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "lms.kernel.crypto":
                if {alias.name for alias in node.names} & set(names):
                    found.add(path.relative_to(ROOT).as_posix())
    return found


def undeclared(metadata: MetaData) -> list[str]:
    """Columns whose names say that they are sealed, and which do not say it themselves."""
    return [
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if "sealed" in column.name and "sealed" not in column.info
    ]


def test_every_sealed_column_says_so() -> None:
    assert undeclared(Model.metadata) == []


def test_a_column_that_does_not_is_found() -> None:
    probe = MetaData()
    Table("probe", probe, Column("secret_sealed", Text))
    assert undeclared(probe) == ["probe.secret_sealed"]


def test_whoever_seals_has_its_columns_declared() -> None:
    assert importers("seal") == set(SEALERS)
    declared = {str(one.column) for table in sealed_tables() for one in table.sealed}
    assert declared == set().union(*SEALERS.values())


def test_purposes_are_each_columns_own() -> None:
    purposes = [one.purpose for table in sealed_tables() for one in table.sealed]
    assert len(purposes) == len(set(purposes))


def test_lookup_hashes_are_made_where_they_are_renewed() -> None:
    assert importers("lookup_hash", "lookup_hashes") - {MIGRATION} == LASTING


def test_each_lookup_has_two_columns_and_both_are_unique() -> None:
    for one in sealed_tables():
        pairs: dict[str, set[int]] = {}
        for lookup in one.lookups:
            pairs.setdefault(lookup.of, set()).add(lookup.slot)
            indexed = [index for index in one.table.indexes if index.unique and list(index.columns) == [lookup.column]]
            assert lookup.column.unique or indexed, lookup.column
        assert all(slots == {0, 1} for slots in pairs.values()), one.table.name
