"""Shell: file for a place, or make the files of an earlier filing again and compare them."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext

from lms.credits.filing import handing_out, making
from lms.credits.filing.models import Filing
from lms.kernel import outbox
from lms.kernel.access import require_found
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.db import session
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations

DAY = click.DateTime(["%Y-%m-%d"])
STEPS = (making.GATHER, making.WRITE)
PATIENCE = 3600
"""Seconds until the command gives up waiting for a filing that somebody else makes."""


@click.command("file")
@click.option("--place", required=True, help="Code of a province, city or county.")
@click.option("--from", "start", type=DAY, help="First day of the period.")
@click.option("--until", "end", type=DAY, help="Last day of the period.")
@click.option("--again", type=click.IntRange(1), help="Make the files of this filing again instead, and compare.")
@click.option("--id-numbers", "reason", default="", help="With whole identity numbers; the reason, which is recorded.")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def file_command(
    place: str, start: datetime | None, end: datetime | None, again: int | None, reason: str, folder: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """File for a place and a period, and put the files into a folder."""
    if (again is None) != (start is not None and end is not None):
        raise click.UsageError("--from and --until, or --again")
    try:
        if again is None:
            assert start is not None
            assert end is not None
            filing_id = _made(place, start.date(), end.date(), reason)
        else:
            with unit_of_work(write=False):
                filing_id = handing_out.by_number(_place(place), again)
        with unit_of_work():
            handing_out.note_all(SYSTEM, filing_id, again=again is not None)
        with unit_of_work(write=False):
            files = handing_out.write_to(SYSTEM, filing_id, folder, again=again is not None)
            answer = _answer(filing_id) | {"files": files}
    except Invalid as refusal:
        fail("\n".join(f"{name}: {translate(said)}" for name, said in refusal.fields.items()) or refusal)
    except DomainError as error:
        fail(error)
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror or error}")
    if as_json:
        json_answer(answer)
    else:
        click.echo(f"{answer['filing']}  {answer['totals']['full']['all']}")
        for one in files.values():
            click.echo(f"{one['sha256']}  {one['file']}")
    if not all(one["same"] for one in files.values()):
        fail(translate(msg("重做的文件和上报时的不一样。")))


def _place(code: str) -> UUID:
    found = organisations.by_code(code)
    if found is None:
        fail(f"--place {code}: {translate(msg('没有这个机构'))}")
    return found.id


def _made(place: str, start: date, end: date, reason: str) -> UUID:
    """Make the filing, doing its steps here unless a worker is faster."""
    with unit_of_work():
        filing_id = making.make_filing(
            SYSTEM, _place(place), start=start, end=end, full_numbers=bool(reason), reason=reason
        )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with unit_of_work(write=False):
            found = require_found(session().get(Filing, filing_id))
            state, done = found.state, found.awards_read
        if state == "filed":
            return filing_id
        say(translate(msg("已读 {n} 条", n=done)))
        mine = [row_id for name, row_id in outbox.due_rows() if name in STEPS]
        for row_id in mine:
            outbox.work(row_id)
        if not mine:
            time.sleep(0.2)
    fail(translate(msg("还没有做完，请看 /reports/filings。")))


def _answer(filing_id: UUID) -> dict[str, Any]:
    found = require_found(session().get(Filing, filing_id))
    return {
        "filing": f"{found.place_code}-{found.number}",
        "from": found.period_from.isoformat(),
        "until": found.period_until.isoformat(),
        "log_size": found.log_size,
        "totals": found.totals,
    }
