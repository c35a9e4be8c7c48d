"""Shell: import history from another system, or only rehearse it."""

import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from lms.credits.history_import import importing
from lms.credits.history_import.rehearsing import Rehearsal, rehearse
from lms.credits.history_import.rows import COLUMNS, headings
from lms.kernel import outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

STEPS = (importing.IMPORT,)
PATIENCE = 3600
"""Seconds until the command gives up waiting; the import goes on with the workers."""


@click.command("import-history")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--system", required=True, help="Short name of the system it comes from, such as old-cme.")
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=HEADING", help="What a column is called in the file.")
@click.option("--rehearse", "only", is_flag=True, help="Say what it would do, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def import_history_command(file: Path, system: str, pairs: tuple[str, ...], only: bool, as_json: bool) -> None:
    """Import history in FILE (CSV in UTF-8 or GB18030, or XLSX)."""
    try:
        if only:
            with unit_of_work(write=False):
                found = rehearse(SYSTEM, system, file.read_bytes(), _headings(pairs))
            _told(found, as_json)
            raise SystemExit(1 if found.faults else 0)
        with unit_of_work():
            import_id = importing.keep(SYSTEM, system, file.name, file.read_bytes(), pairs)
        with unit_of_work():
            importing.start(SYSTEM, import_id)
    except Invalid as refusal:
        fail("\n".join(f"{name}: {translate(said)}" for name, said in refusal.fields.items()) or refusal)
    except DomainError as error:
        fail(error)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with unit_of_work(write=False):
            state, done = importing.mine(SYSTEM, import_id).state, importing.progress(import_id)
        if state != "running":
            break
        say(translate(msg("已读 {n} 条", n=sum(done.values()) - done.get("waiting", 0))))
        mine = [row_id for name, row_id in outbox.due_rows() if name in STEPS]
        for row_id in mine:
            outbox.work(row_id)
        if not mine:
            time.sleep(0.2)
    json_answer({"import": str(import_id), "state": state, "rows": done})
    raise SystemExit(0 if state == "done" else 1)


def _headings(pairs: tuple[str, ...]) -> dict[str, str]:
    try:
        return headings(pairs)
    except ValueError as error:
        known = ", ".join(name for name, _ in COLUMNS)
        raise click.UsageError(f"--map {error}: COLUMN=HEADING, COLUMN one of {known}") from None


def _told(found: Rehearsal, as_json: bool) -> None:
    faults = [
        {"line": one.line, "column": one.column, "text": translate(one.message)} for one in found.faults
    ]
    if as_json:
        json_answer(
            found.report()
            | {"columns": [name for name, _ in COLUMNS], "fault_list": faults,
               "known_list": [{"line": line, "source_id": one} for line, one in found.known],
               "duplicate_list": [{"line": line, "text": translate(why)} for line, why in found.duplicates]}
        )  # fmt: skip
        return
    for name, value in found.report().items():
        click.echo(f"{name}  {value}")
    for one in faults:
        click.echo(f"{one['line']}  {one['column']}  {one['text']}")
