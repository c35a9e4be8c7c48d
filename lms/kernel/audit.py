"""The audit trail: who did what to which thing, when. Rows are only ever added."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, Index, String, Uuid, event, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel import bulk, clock
from lms.kernel.actor import Actor
from lms.kernel.db import Instant, Json, Model, run, session
from lms.kernel.ids import new_id


class AuditRow(Model):
    """One deed."""

    __tablename__ = "audit_trail"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(80))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    __table_args__ = (Index("ix_audit_trail_thing", "thing", "thing_id", "at"),)


GONE = "已注销人员"
"""What stands wherever the name of somebody stood whose account is closed."""


def append_only(
    table: str, others: Sequence[str] = (), cleared: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Statements, by dialect, that make the database itself refuse to change or remove rows.

    `cleared` names columns that may become one fixed value and nothing else, with that value: names and words of
    people who are erased. `others` are all other columns of such a table.
    """
    refuse, cleared = f"{table} is append-only", cleared or {}
    named = ", ".join(f'"{one}"' for one in others)  # quoted: "by" is a word of SQL
    update = f"UPDATE OF {named}" if cleared else "UPDATE"
    doors = {name: f"BEFORE UPDATE OF {name} ON {table} " for name in cleared}
    return {
        "sqlite": [
            *(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
                for name, verb in (("update", update), ("delete", "DELETE"))
            ),
            *(
                f"CREATE TRIGGER {table}_only_clears_{name} {door}WHEN NEW.{name} IS NOT '{cleared[name]}' "
                f"BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
                for name, door in doors.items()
            ),
        ],
        "postgresql": [
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refuse}'; END $$",
            f"CREATE TRIGGER {table}_no_change BEFORE {update} OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
            *(
                f"CREATE TRIGGER {table}_only_clears_{name} {door}FOR EACH ROW "
                f"WHEN (NEW.{name} IS DISTINCT FROM '{cleared[name]}') EXECUTE FUNCTION {table}_refuse()"
                for name, door in doors.items()
            ),
        ],
    }


def append_only_gone(table: str, cleared: Sequence[str] = ()) -> dict[str, list[str]]:
    """Statements, by dialect, that take the triggers of `append_only` away again (migrations)."""
    doors = [f"{table}_only_clears_{name}" for name in cleared]
    return {
        "sqlite": [f"DROP TRIGGER {name}" for name in (f"{table}_no_update", f"{table}_no_delete", *doors)],
        "postgresql": [f"DROP FUNCTION {table}_refuse() CASCADE"],
    }


APPEND_ONLY: set[str] = set()
"""The tables that refuse: a role that serves gets no rights to change them (`schema rights`)."""
CLEARED: dict[str, dict[str, str]] = {}
"""Of these, the columns that may be cleared when somebody is erased, with the one value they may take."""


def attach_append_only(model: type[Model], cleared: Mapping[str, str] | None = None) -> None:
    """Create the refusing triggers whenever metadata creates the table."""
    APPEND_ONLY.add(model.__tablename__)
    if cleared:
        CLEARED[model.__tablename__] = dict(cleared)
    others = [column.name for column in model.__table__.columns if column.name not in (cleared or {})]
    for dialect, statements in append_only(model.__tablename__, others, cleared).items():
        for statement in statements:
            event.listen(
                model.__table__,
                "after_create",
                DDL(statement.replace("%", "%%")).execute_if(  # type: ignore[no-untyped-call]
                    dialect=dialect
                ),
            )


attach_append_only(AuditRow)
_ADD = insert(AuditRow)


def record(actor: Actor, action: str, thing: str, thing_id: object, **details: Any) -> None:
    """Append a deed; `details` are JSON values and never hold an ID number or a phone."""
    run(_ADD, _row(actor, clock.now(), action, thing, thing_id, details))


def record_all(actor: Actor, action: str, thing: str, deeds: Mapping[object, Mapping[str, Any]]) -> None:
    """The same deed on many things at once: details by the id of the thing."""
    now = clock.now()
    bulk.put(AuditRow, [_row(actor, now, action, thing, thing_id, told) for thing_id, told in deeds.items()])


def _row(
    actor: Actor, at: datetime, action: str, thing: str, thing_id: object, details: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": at,
        "person_id": actor.person_id,
        "action": action,
        "thing": thing,
        "thing_id": str(thing_id),
        "details": dict(details),
    }


def history(thing: str, thing_id: object) -> list[AuditRow]:
    """All deeds on a thing, oldest first."""
    return list(
        session().scalars(
            select(AuditRow)
            .where(AuditRow.thing == thing, AuditRow.thing_id == str(thing_id))
            .order_by(AuditRow.at, AuditRow.id)
        )
    )
