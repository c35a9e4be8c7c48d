"""Shell commands for the field key: `keys new`, `keys use`, `keys rotate`, `keys status`, `keys forget`."""

import time
from typing import Any

import click
from cryptography.exceptions import InvalidTag
from flask import current_app
from flask.cli import AppGroup

from lms.kernel import audit, key_files, rotation
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.crypto import UnknownKeyError, key_of, ring
from lms.kernel.errors import DomainError
from lms.kernel.settings import Settings, new_field_key
from lms.kernel.uow import unit_of_work

keys_cli = AppGroup("keys", help="Change the key that seals ID numbers, phones and the like.")


@keys_cli.command("new")
def new_command() -> None:
    """Make the next key: in the data folder where the house keeps its key there, else only shown."""
    settings = _settings()
    try:
        if key_files.kept_keys(settings) is None:
            made = new_field_key()
            json_answer({"key": made, "id": key_of(made).id, "kept": False})
            say("Put it into XINGLIN_FIELD_KEYS_OTHER of every process and restart them.")
            return
        key = key_files.add_key(settings)
    except DomainError as error:
        fail(error)
    json_answer({"id": key.id, "kept": True})
    say("Restart every process, then: keys use.")


@keys_cli.command("use")
def use_command() -> None:
    """Let the newest key of the data folder seal from the next start on."""
    try:
        key = key_files.use_newest(_settings())
    except DomainError as error:
        fail(error)
    json_answer({"current": key.id})
    say("Restart every process, then: keys rotate.")


@keys_cli.command("rotate")
@click.option("--pause", type=click.FloatRange(0, 10), default=0.0, help="Seconds to wait after each batch.")
def rotate_command(pause: float) -> None:
    """Seal everything anew under the current key while the house serves; may be killed and begun again."""
    heard: dict[str, int] = {}

    def tell(table: str, rows: int) -> None:
        if rows // 5000 != heard.get(table, 0) // 5000:
            say(f"{table}: {rows}")
        heard[table] = rows

    started = time.monotonic()
    try:
        done = rotation.rotate(tell, pause=pause)
        with unit_of_work():
            audit.record(SYSTEM, "keys.rotated", "field_key", ring().current.id, rows=done.rows)
            now = rotation.standing()
    except DomainError as error:
        fail(error)
    except UnknownKeyError as error:
        fail(f"A value was sealed with key {error}, which the settings do not name. Nothing is lost; name it.")
    except InvalidTag:
        fail("A value does not open with its key: it was altered, or belongs to another house.")
    json_answer(
        {"current": ring().current.id, "rows": done.rows, "passes": done.passes,
         "seconds": round(time.monotonic() - started, 1), "not_needed": now["not_needed"]}
    )  # fmt: skip


@keys_cli.command("status")
def status_command() -> None:
    """What each key has sealed, and which key may be thrown away. Ends with 1 while an old one is still needed."""
    with unit_of_work(write=False):
        now = rotation.standing()
    json_answer(now)
    say(_advice(now))
    if now["unknown"] or (len(now["known"]) > 1 and not now["not_needed"]):
        raise SystemExit(1)


@keys_cli.command("forget")
@click.argument("key_id")
def forget_command(key_id: str) -> None:
    """Forget the old key KEY_ID that nothing needs: out of the data folder, its hashes out of the database.

    Where the environment names the key, take it out there first and restart.
    """
    settings = _settings()
    try:
        if key_id in {key_of(line).id for line in (key_files.kept_keys(settings) or [])[1:]}:
            with unit_of_work(write=False):
                rotation.require_not_needed(key_id)
            key_files.remove_key(settings, key_id)
            say("Taken out of the data folder. Restart every process, then once more: keys forget.")
            json_answer({"forgotten": False, "hashes": 0})
            return
        gone = rotation.forget(key_id)
        with unit_of_work():
            audit.record(SYSTEM, "keys.forgotten", "field_key", key_id, hashes=gone)
    except DomainError as error:
        fail(error)
    json_answer({"forgotten": True, "hashes": gone})


def _advice(now: dict[str, Any]) -> str:
    if now["unknown"]:
        return f"Sealed with keys that the settings do not name: {', '.join(now['unknown'])}. Name them."
    if now["done"]:
        return "Everything is under the one current key."
    if now["not_needed"]:
        return f"Nothing is sealed with {', '.join(now['not_needed'])}. If it is the old key: keys forget."
    if len(now["known"]) == 1:
        return "One key is known; values of the first version do not name it. Nothing has to be done."
    return "Throw no key away: run keys rotate with the new key as the current one."


def _settings() -> Settings:
    settings: Settings = current_app.extensions["xinglin.settings"]
    return settings
