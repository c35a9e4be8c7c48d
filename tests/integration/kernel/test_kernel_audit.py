"""The audit trail: rows are only ever added, and the database itself sees to it."""

import pytest
from flask import Flask
from kernel_probe import write_down, written
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.kernel import audit
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def test_it_works(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        with unit_of_work():
            audit.record(SYSTEM, "award.returned", "award", 7, reason="日期不符")
        with unit_of_work(write=False):
            [deed] = audit.history("award", 7)
            assert (deed.action, deed.person_id) == ("award.returned", None)
            assert deed.details == {"reason": "日期不符"}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_trail SET thing_id = 'other'", "DELETE FROM audit_trail", "TRUNCATE audit_trail"],
)
def test_the_database_refuses_to_change_it(kernel_app: Flask, kind: str, statement: str) -> None:
    if kind == "sqlite" and statement.startswith("TRUNCATE"):
        return  # SQLite has no such statement
    with kernel_app.app_context():
        with unit_of_work():
            write_down("deed")
        with pytest.raises(DBAPIError, match="audit_trail is append-only"), unit_of_work():
            session().execute(text(statement))
    assert written(kernel_app) == ["deed"]


def test_a_column_that_may_be_cleared_takes_no_null(kernel_app: Flask) -> None:
    """NULL is unequal to nothing: the one value that a cleared column may take is that value."""
    with kernel_app.app_context():
        dialect = session().get_bind().dialect.name
        with unit_of_work():
            session().execute(text("CREATE TABLE probe_words (id INTEGER, said VARCHAR(10))"))
            for statement in audit.append_only("probe_words", ("id",), {"said": ""})[dialect]:
                session().execute(text(statement))
            session().execute(text("INSERT INTO probe_words VALUES (1, 'words')"))
        for said in ("NULL", "'other'"):
            with pytest.raises(DBAPIError, match="append-only"), unit_of_work():
                session().execute(text(f"UPDATE probe_words SET said = {said}"))
        with unit_of_work():
            session().execute(text("UPDATE probe_words SET said = ''"))
            session().execute(text("DROP TABLE probe_words"))
            if dialect == "postgresql":
                session().execute(text("DROP FUNCTION probe_words_refuse()"))
