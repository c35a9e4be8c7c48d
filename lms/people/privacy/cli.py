"""Shell: close an account, erase who is due, and the list that outlives a backup."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import click
import structlog
from flask.cli import AppGroup

from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.crypto import passing_hash
from lms.kernel.db import db
from lms.kernel.errors import Conflict, DomainError
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people.cli import people
from lms.people.privacy import apart, closing
from lms.people.privacy.closing import Plan

log = structlog.get_logger("privacy")
privacy = AppGroup("privacy", help="Personal data.")
FILE = click.Path(path_type=Path, dir_okay=False)


@people.command("erase")
@click.argument("person", type=click.UUID)
@click.option("--code", default="", help="The code that the rehearsal printed; without it nothing is changed.")
def erase_command(person: UUID, code: str) -> None:
    """Close the account of PERSON for good. First without --code: says what would happen."""
    try:
        with unit_of_work(write=False):
            plan = closing.plan(person)
            wanted = _code(plan)
        if not code:
            json_answer(_told(plan) | {"code": None if plan.blocks else wanted})
            return
        with unit_of_work():
            if code != _code(closing.plan(person)):
                raise Conflict(msg("这个码不对，或者情况变了。请先不带 --code 再看一次会发生什么。"))
            done = closing.close(SYSTEM, person, "office")
    except DomainError as error:
        fail(error)
    json_answer(_told(done) | {"state": "erased" if done.at_once else "restricted"})
    if done.at_once:
        _compact()


def _code(plan: Plan) -> str:
    """What only somebody knows who has seen this very plan."""
    return passing_hash(f"{plan.person_id} {plan.due_on} {plan.last_year}", "close")[:8]


def _told(plan: Plan) -> dict[str, object]:
    return {
        "person": str(plan.person_id),
        "at_once": plan.at_once,
        "last_year_with_legal_weight": plan.last_year,
        "erased_from": plan.due_on.isoformat(),
        "blocks": [translate(block) for block in plan.blocks],
    }


@privacy.command("sweep")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day; never later than today.")
def sweep_command(on: object) -> None:
    """Erase everybody whose time is over, and give the space back."""
    day = min(getattr(on, "date", clock.today)(), clock.today())
    with unit_of_work(write=False):
        waiting = closing.due(day)
    failed: list[str] = []
    erased = sum(_each(one, failed, partial(closing.erase, SYSTEM, one)) for one in waiting)
    if erased:
        _compact()
    with unit_of_work(write=False):
        json_answer({"erased": erased, "failed": failed, "accounts": closing.counts()})
    _tell_failed(failed)


def _compact() -> None:
    """SQLite leaves what was deleted in its file until the space is used again: write the file anew."""
    if db.engine.dialect.name != "sqlite":
        return
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        raw.close()


@privacy.command("list")
@click.option("--out", type=FILE, required=True, help="File to write, to be kept apart from backups.")
def list_command(out: Path) -> None:
    """Write the list of closed accounts: ids and days, no name."""
    try:
        with unit_of_work(write=False):
            count = apart.export(out)
    except OSError as error:
        fail(f"{out}: {error.strerror or error}")
    json_answer({"file": str(out), "lines": count})


@privacy.command("replay")
@click.argument("file", type=FILE, required=False)
def replay_command(file: Path | None) -> None:
    """After a restore: close and erase again whoever the list in FILE says (by default the one in the data folder)."""
    path = file or apart.place()
    try:
        lines, bad = apart.read(path)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}")
    done, failed = 0, list[str]()
    for line in lines:
        changed = _each(line.person_id, failed, partial(apart.replay, line))
        done += changed
        say(f"{line.person_id} {line.state}{'' if changed else ' -'}")
    if done:
        _compact()
    json_answer({"file": str(path), "lines": len(lines), "changed": done, "failed": failed, "unreadable": bad})
    for number in bad:
        say(translate(msg("名单第 {n} 行看不懂，跳过了，别的行都做了。", n=number)))
    _tell_failed(failed)
    if bad:
        raise SystemExit(1)


def _each(person_id: UUID, failed: list[str], run: Callable[[], bool]) -> bool:
    """Do it for one person, in a unit of its own: whoever it fails for keeps nobody else waiting."""
    try:
        with unit_of_work():
            return run()
    except Exception as error:
        log.exception("not erased", person=str(person_id))
        failed.append(str(person_id))
        say(f"{person_id} {type(error).__name__}")
        return False


def _tell_failed(failed: list[str]) -> None:
    if failed:
        fail(translate(msg("有 {n} 人没有删成，别人的都删了。原因在日志里。", n=len(failed))))


GROUPS = [privacy]
