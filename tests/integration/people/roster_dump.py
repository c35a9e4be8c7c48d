"""Everything that is known of people, in plain text: equal before and after only if nothing has changed."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from lms.kernel.db import Model, session
from lms.kernel.uow import unit_of_work
from lms.people import identity
from lms.people.models import Person

TABLES = ("person", "posting", "role_grant", "consent", "year_result")
NOT_COMPARED = {"version", "computed_at"}
SEALED = ("phone", "email", "id_number", "licence_number")


def dumped(app: Flask) -> dict[str, list[Any]]:
    """The rows of every table about people that a roster may touch; sealed columns opened."""
    with app.app_context(), unit_of_work(write=False):
        found = {}
        for name in TABLES:
            table = Model.metadata.tables[name]
            columns = [one for one in table.columns if one.name not in NOT_COMPARED]
            rows = [dict(row._mapping) for row in session().execute(select(*columns).order_by(*table.primary_key))]
            if name == Person.__tablename__:
                for row in rows:
                    row.update({f"{one}_sealed": identity.opened(one, row[f"{one}_sealed"]) for one in SEALED})
            found[name] = rows
        return found
