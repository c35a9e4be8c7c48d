"""A roster there and back: rehearsed from every kind of file, done, compared, taken back, compared again."""

import io
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from cast import Cast
from flask import Flask
from roster_dump import dumped
from roster_files import WAYS, Rows, as_file

from lms.kernel.uow import unit_of_work
from lms.people.batches import commands

PLACES = ("LB-YL-LX-SM", "LB-YL-LX", "LB-YL-YY")
BY_THEMSELVES = {"id", "person_id", "created_at"}
"""What differs from one registration to the next."""

Work = Callable[[Flask], dict[str, Any]]
"""Lets the outbox be worked off, and says what it took."""


def hand_in(app: Flask, cast: Cast, data: bytes, work: Work) -> tuple[UUID, dict[str, Any], dict[str, Any]]:
    """A table handed in and rehearsed: the batch, its report with the digest, what it took."""
    with app.app_context(), unit_of_work():
        batch_id = commands.keep(cast.admin.actor, "people", "名单", io.BytesIO(data))
    took = work(app)
    with app.app_context(), unit_of_work(write=False):
        found = commands.mine(cast.admin.actor, batch_id)
        assert found.state == "rehearsed", (found.state, found.report)
        return batch_id, {**found.report, "digest": found.digest}, took


def do(app: Flask, cast: Cast, batch_id: UUID, work: Work) -> dict[str, Any]:
    """What was rehearsed, done; what it took."""
    with app.app_context(), unit_of_work():
        assert commands.start(cast.admin.actor, batch_id)
    took = work(app)
    assert state(app, cast, batch_id) == "done"
    return took


def take_back(app: Flask, cast: Cast, batch_id: UUID, work: Work) -> dict[str, Any]:
    with app.app_context(), unit_of_work():
        assert commands.undo(cast.admin.actor, batch_id)
    took = work(app)
    assert state(app, cast, batch_id) == "undone"
    return took


def state(app: Flask, cast: Cast, batch_id: UUID) -> str:
    with app.app_context(), unit_of_work(write=False):
        return commands.mine(cast.admin.actor, batch_id).state


def told(dump: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A dump without what differs by itself, each table in an order of its own; postings with whose they are."""
    names = {row["id"]: row["phone_hash"] for row in dump["person"]}
    found = {}
    for table, rows in dump.items():
        plain = [{name: value for name, value in row.items() if name not in BY_THEMSELVES} for row in rows]
        for one, row in zip(plain, rows, strict=True):
            one["whose"] = names.get(whose(row))
        found[table] = sorted(plain, key=repr)
    return found


def whose(row: dict[str, Any]) -> Any:
    return row.get("person_id", row.get("id"))


def there_and_back(
    app: Flask, cast: Cast, rows: Rows, work: Work, *, done: Sequence[str] = WAYS
) -> list[dict[str, Any]]:
    """Every file comes to the same rehearsal; those in `done` are done and leave the same people; taken back, they
    leave what was before. What each step took."""
    before, results, reports, log = dumped(app), [], [], list[dict[str, Any]]()
    for way in WAYS:
        batch_id, report, took = hand_in(app, cast, as_file(rows, way), work)
        assert report.pop("encoding") == {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}.get(way, way.upper())
        reports.append(report)
        log.append({"way": way, "step": "rehearsal", **took})
        if way in done:
            log.append({"way": way, "step": "commit", **do(app, cast, batch_id, work)})
            results.append(told(dumped(app)))
            log.append({"way": way, "step": "undo", **take_back(app, cast, batch_id, work)})
            assert dumped(app) == before
    assert reports == [reports[0]] * len(WAYS)
    assert reports[0]["deeds"] == {"added": len(rows)}
    assert all(one == results[0] for one in results)
    return log
