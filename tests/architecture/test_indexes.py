"""Whoever is removed is looked up in every column that names a person: without an index each would be read whole."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint

from lms.app import create_app
from lms.kernel.db import Model

assert create_app  # every model of the house is known


def leads(table: Table) -> set[str]:
    """The columns with which an index, a key or a unique constraint begins."""
    keys = (one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint))
    return {next(iter(one.columns)).name for one in (*table.indexes, *keys) if len(one.columns)}


def names_a_person(column: Column) -> bool:
    return any(key.target_fullname in {"person.id", "posting.id"} for key in column.foreign_keys)


def test_every_column_that_names_a_person_is_indexed() -> None:
    tables = Model.metadata.tables.values()
    found = [(table, column) for table in tables for column in table.columns if names_a_person(column)]
    assert len(found) > 50
    assert not [str(column) for table, column in found if column.name not in leads(table)]
