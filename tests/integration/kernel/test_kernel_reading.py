"""A unit of work that only reads leaves nothing behind, and the next one may write."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from lms.kernel import audit
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def deed() -> None:
    audit.record(SYSTEM, "probe.read", "nothing", "1")


def deeds() -> int:
    return int(session().scalar(text("SELECT count(*) FROM audit_trail WHERE action = 'probe.read'")) or 0)


def test_it_changes_nothing(app: Flask) -> None:
    with app.app_context():
        if session().get_bind().dialect.name == "postgresql":
            with pytest.raises(InternalError, match="read-only transaction"), unit_of_work(write=False):
                deed()
        else:
            with unit_of_work(write=False):
                deed()
        with unit_of_work(write=False):
            assert deeds() == 0


def test_the_next_unit_writes_on_the_same_connection(app: Flask) -> None:
    with app.app_context():
        for _ in range(3):
            with unit_of_work(write=False):
                deeds()
            with unit_of_work():
                deed()
        with unit_of_work(write=False):
            assert deeds() == 3
