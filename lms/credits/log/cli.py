"""Shell: verify the ledger, and the log's own commands (its key, its process, a new origin)."""

import signal
import threading
from pathlib import Path
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.credits.log import opening, running, standing
from lms.credits.log.checking import verify_and_act
from lms.credits.log.keys import house, key_paths, make_key
from lms.credits.log.notes import BadNote
from lms.credits.log.proofs import proof_of
from lms.credits.log.state import Refused
from lms.kernel.cli import fail, json_answer, many_objects, say
from lms.kernel.uow import unit_of_work

REFUSED = 3
"""Exit status of a signer that refuses."""


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object (the only form).")
@with_appcontext
@many_objects()
def verify_command(as_json: bool) -> None:
    """Check all invariants of the ledger and its log; a ledger that does not add up gets no more awards."""
    verdict = verify_and_act()
    with unit_of_work(write=False):
        log = standing.log_standing()
    json_answer(
        verdict.as_json()
        | {"log": {"state": log.state, "origin": log.origin, "size": log.size, "signed": log.signed,
                   "published": log.published, "pending": log.pending, "why": log.why}}
    )  # fmt: skip
    raise SystemExit(0 if verdict.ok else 1)


@click.group("log", help="The transparency log: its key, its process, a new origin.")
def log_group() -> None:
    """Commands of the log."""


@log_group.command("key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--origin", required=True, help="Name of the log and of its key, such as xinglin.example/credits/2026a.")
@with_appcontext
def key_command(file: Path, origin: str) -> None:
    """Make a key in FILE (new), with the file of what it signed last."""
    if origin.split() != [origin] or "+" in origin or len(origin) > 200:
        fail(f"{origin}: one word without a plus sign")
    try:
        signer = make_key(file, key_paths(house(), file)[1], origin)
    except Refused as refusal:
        fail(str(refusal))
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}")
    json_answer({"origin": origin, "vkey": str(signer.verifier), "key": str(file)})


@log_group.command("write")
@with_appcontext
def write_command() -> None:
    """Put all that waits into the log, sign and publish it, once. Exit 3 if the signer refuses."""
    well = running.catch_up()
    with unit_of_work(write=False):
        found = standing.log_standing()
    json_answer({"state": found.state, "origin": found.origin, "size": found.size, "signed": found.signed,
                 "published": found.published, "pending": found.pending, "why": found.why})  # fmt: skip
    raise SystemExit(0 if well and found.state != "off" else REFUSED)


@log_group.command("run")
@click.option("--seconds", default=1.0, show_default=True, help="How often.")
@with_appcontext
def run_command(seconds: float) -> None:
    """Write the log until stopped, in a process of its own that alone can read the key."""
    if house().log_key == "" and not running.has_key():
        fail("no key: XINGLIN_LOG_KEY is not set", REFUSED)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, ask_to_stop)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    publisher = threading.Thread(target=running.publish_until, args=(app, stop, seconds), daemon=True)
    publisher.start()
    say("writing the log")
    while not stop.is_set():
        if not running.tick_safely():
            stop.set()
            with unit_of_work(write=False):
                fail(standing.log_standing().why, REFUSED)
        stop.wait(seconds)
    publisher.join(30)


@log_group.command("open")
@click.option("--succeeds", type=click.Path(path_type=Path), help="The old log's last checkpoint; else the published.")
@with_appcontext
def open_command(succeeds: Path | None) -> None:
    """Begin a new log that follows the one before, with the new key of XINGLIN_LOG_KEY: for a new key, and after the
    database was put back to an earlier day."""
    try:
        opened = opening.open_successor(succeeds)
    except (Refused, BadNote) as refusal:
        fail(str(refusal))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    json_answer(opened)


@log_group.command("proof")
@click.argument("award", type=click.UUID)
@with_appcontext
def proof_command(award: str) -> None:
    """Print the proof that the last line of an AWARD is in the published log (c2sp.org/tlog-proof)."""
    with unit_of_work(write=False):
        found = proof_of(award)  # type: ignore[arg-type]
    if found is None:
        fail("no such award, or its line is not in the published log yet")
    click.echo(found.text, nl=False)


COMMANDS = (verify_command, log_group)
