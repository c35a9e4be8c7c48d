"""Shell commands of the house itself: `schema`, `keys`, `backup`, `restore`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from lms.kernel import backup
from lms.kernel.cli import fail, json_answer
from lms.kernel.errors import DomainError
from lms.kernel.keys_cli import keys_cli
from lms.kernel.schema import schema_cli

FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.command("backup")
@FOLDER
@click.option("--with-files", is_flag=True, help="Copy the files of a bucket too (those of a folder always are).")
@with_appcontext
def backup_command(folder: Path, with_files: bool) -> None:
    """Copy database and files into FOLDER (new or empty); the house may be in use."""
    _answer(partial(backup.make, with_files=with_files), folder)


@click.command("restore")
@FOLDER
@with_appcontext
def restore_command(folder: Path) -> None:
    """Fill this empty, migrated house from the backup in FOLDER."""
    _answer(backup.bring_back, folder)


def _answer(deed: Callable[[Path], dict[str, Any]], folder: Path) -> None:
    try:
        done = deed(folder)
    except DomainError as error:
        fail(error)
    except DBAPIError as error:
        fail(str(error.orig).strip())
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror or error}")
    json_answer(done)


COMMANDS: list[click.Command] = [schema_cli, keys_cli, backup_command, restore_command]
