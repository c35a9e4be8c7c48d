"""Shell: a table of many people, rehearsed or done, and taken back."""

import time
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from lms.kernel import outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import Conflict, DomainError
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people.batches import commands, working
from lms.people.batches.models import Batch

batches = AppGroup("batches", help="People and postings by workbook.")
PATIENCE = 3600
"""Seconds until a command gives up waiting; the work goes on with the workers."""


@batches.command("do")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", default="people", help="people (a roster) or postings (moves).")
@click.option("--rehearse", "only", is_flag=True, help="Say what it would do, and do nothing.")
def do(file: Path, kind: str, only: bool) -> None:
    """Rehearse FILE (XLSX or CSV), and do it if nothing is wrong in it. Answers with one JSON object."""
    try:
        with unit_of_work(), file.open("rb") as table:
            batch_id = commands.keep(SYSTEM, kind, file.name, table)
        _wait(batch_id)
        found, told = _found(batch_id)
        if found.state == "rehearsed" and not found.report["faults"] and not only:
            with unit_of_work():
                commands.start(SYSTEM, batch_id)
            _wait(batch_id)
            found, told = _found(batch_id)
    except DomainError as error:
        fail(error)
    for line, column, said in told["faults"]:
        say(translate(msg("第 {line} 行 {column}：{said}", line=line, column=column, said=said)))
    if told["fault"] is not None:
        say(translate(told["fault"]))
    json_answer({"batch": str(batch_id), "state": found.state, **_counts(found)})
    good = found.state == "done" or (only and found.state == "rehearsed" and not found.report["faults"])
    raise SystemExit(0 if good else 1)


@batches.command("undo")
@click.argument("batch_id", type=click.UUID)
def undo(batch_id: UUID) -> None:
    """Put back what a batch has changed; what was used since stays."""
    try:
        with unit_of_work():
            commands.undo(SYSTEM, batch_id)
        _wait(batch_id)
    except DomainError as error:
        fail(error)
    found, told = _found(batch_id)
    for line, said in told["held"]:
        say(translate(msg("第 {line} 行没有收回：{said}", line=line, said=said)))
    if told["undo_refused"] is not None:
        say(translate(told["undo_refused"]))
    json_answer({"batch": str(batch_id), "state": found.state, **_counts(found)})
    raise SystemExit(0 if found.state == "undone" else 1)


def _counts(found: Batch) -> dict[str, Any]:
    """The report without its sentences."""
    return {name: value for name, value in found.report.items() if name not in ("fault", "undo_refused")}


def _found(batch_id: UUID) -> tuple[Batch, dict[str, Any]]:
    with unit_of_work(write=False):
        found = commands.mine(SYSTEM, batch_id)
        return found, working.told(found)


def _wait(batch_id: UUID) -> None:
    """Work the outbox off here until the batch is through, or given up; workers may help. What a worker that was killed
    has left is taken up once its lease is out."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with unit_of_work(write=False):
            found = commands.mine(SYSTEM, batch_id)
            if commands.waits_for(found) is None:
                return
            if commands.is_stuck(found):
                raise Conflict(msg("这一步没有做成，什么也没有改动"))
        mine = [row_id for name, row_id in outbox.due_rows() if name.startswith("people.batches.")]
        for row_id in mine:
            outbox.work(row_id)
        if not mine:
            time.sleep(0.2)


GROUPS = [batches]
