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
from lms.kernel.errors import DomainError
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people.batches import commands, working
from lms.people.batches.models import Batch

batches = AppGroup("batches", help="People and postings by workbook.")
BUSY = ("reading", "running", "undoing")
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
    counts = {name: value for name, value in found.report.items() if name != "fault"}
    json_answer({"batch": str(batch_id), "state": found.state, **counts})
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
    json_answer({"batch": str(batch_id), "state": found.state, **found.report})


def _found(batch_id: UUID) -> tuple[Batch, dict[str, Any]]:
    with unit_of_work(write=False):
        found = commands.mine(SYSTEM, batch_id)
        return found, working.told(found)


def _wait(batch_id: UUID) -> None:
    """Work the outbox off here until the batch is through; workers may help."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with unit_of_work(write=False):
            if commands.mine(SYSTEM, batch_id).state not in BUSY:
                return
        mine = [row_id for name, row_id in outbox.due_rows() if name.startswith("people.batches.")]
        for row_id in mine:
            outbox.work(row_id)
        if not mine:
            time.sleep(0.2)


GROUPS = [batches]
