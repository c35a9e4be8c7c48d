"""A copy of the house and the way back: `backup FOLDER`, `restore FOLDER`.

The database is read in one snapshot, table by table, into lines that do not know which database they
came from (`kernel.table_copy`): what SQLite gave, PostgreSQL takes, and the other way round. Files are
named by what they contain and never removed, so copying them after the snapshot is consistent; those in
a bucket stay there, unless asked for, and the backup says which they are. The manifest is written last:
a folder without one is no backup. The two keys of the house are not in it.
"""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.engine import Connection

from lms.kernel import audit, clock, files
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import say
from lms.kernel.crypto import ring
from lms.kernel.db import Model, db, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.file_copy import are_copied, bring_files, check_files, copy_files, damaged, write_new
from lms.kernel.guards import guards_down
from lms.kernel.rotation import keys_in_use
from lms.kernel.storage.choosing import storage
from lms.kernel.storage.folder import FolderStorage
from lms.kernel.table_copy import lines, plain_table, put
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

FORMAT = "xinglin-backup-1"
MANIFEST = "manifest.json"


def make(folder: Path, with_files: bool = False) -> dict[str, Any]:
    """Write a backup into a new or empty folder; what it holds. Stored files are copied if they lie in a
    folder; from a bucket only `with_files`. Raises Invalid or Conflict."""
    _require_free(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        manifest = _database(folder)
        manifest["files"] = copy_files(folder, copied=with_files or isinstance(storage(), FolderStorage))
        write_new(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    except BaseException:
        for made in folder.iterdir():
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        raise
    return _summary(folder, manifest)


def bring_back(folder: Path) -> dict[str, Any]:
    """Fill an empty, migrated house from a backup, all or nothing; what came back.

    Raises Invalid for a backup that is damaged or of another version or another field key, and
    Conflict for a database that is not empty.
    """
    manifest = _manifest(folder)
    say("checking the backup")
    _check_parts(folder, manifest)
    added: list[str] = []
    try:
        with unit_of_work():
            connection = session().connection()
            tables = _tables(connection)
            _check_fit(connection, tables, manifest)
            with guards_down(connection):
                for table in tables:
                    _fill(connection, table, folder, manifest["tables"][table.name])
            bring_files(folder, manifest["files"], added)
            audit.record(SYSTEM, "house.restored", "backup", manifest["made_at"])
    except BaseException:
        for name in added:
            files.forget(name)
        raise
    return _summary(folder, manifest)


def _require_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(msg("“{folder}”已经有东西，没有备份。请另选一个新的文件夹。", folder=str(folder)))


def _tables(connection: Connection) -> list[Table]:
    """Plain tables by name; Conflict unless the database has exactly the tables and columns of this
    version, because then something would be left out or could not be read."""
    found = inspect(connection)
    names = set(found.get_table_names()) - {"alembic_version"}
    shape = {name: {column["name"] for column in found.get_columns(name)} for name in names}
    wanted = {table.name: set(table.columns.keys()) for table in Model.metadata.tables.values()}
    if shape != wanted:
        odd = sorted(name for name in shape.keys() | wanted.keys() if shape.get(name) != wanted.get(name))
        raise Conflict(
            msg(
                "数据库的结构和这个版本的程序不同（{tables}）。请先运行 flask --app wsgi schema upgrade，"
                "或者用与数据库相配的版本。",
                tables=", ".join(odd),
            )
        )
    dialect = connection.dialect.name
    return [plain_table(Model.metadata.tables[name], dialect) for name in sorted(wanted)]


def _revision(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext  # noqa: PLC0415

    return MigrationContext.configure(connection).get_current_revision()


def _key_prints() -> dict[str, str]:
    """By the id of each known key what tells whether two houses have it, and tells nothing about it."""
    return {key.id: key.hash("the field key of a backup", "backup") for key in ring().keys}


def _database(folder: Path) -> dict[str, Any]:
    parts, prints = folder / "tables", _key_prints()
    parts.mkdir(mode=0o700)
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "database": connection.dialect.name,
            "schema": _revision(connection),
            "field_key": prints[ring().current.id],
            "tables": {},
        }
        for table in _tables(connection):
            part = _dump_table(connection, table, parts / f"{table.name}.jsonl.gz")
            manifest["tables"][table.name] = part
            say(f"{table.name}: {part['rows']}")
        manifest["field_keys"] = sorted(prints[one] for one in keys_in_use(connection))
        connection.rollback()
    return manifest


def _dump_table(connection: Connection, table: Table, path: Path) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    with path.open("xb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as part:
            for line in lines(connection, table):
                part.write(line)
                digest.update(line)
                rows += 1
        raw.flush()
        os.fsync(raw.fileno())
    return {"rows": rows, "sha256": digest.hexdigest()}


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        known = manifest["format"] == FORMAT and isinstance(manifest["tables"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise Invalid(
            msg("“{folder}”不是一份完整的备份（没有能读的 manifest.json）。", folder=str(folder))
        )
    return dict(manifest)


def _check_parts(folder: Path, manifest: dict[str, Any]) -> None:
    """Read the whole backup once and compare it with its manifest, before anything is touched."""
    for name, told in manifest["tables"].items():
        digest, rows = hashlib.sha256(), 0
        for line in _part(folder, name):
            digest.update(line)
            rows += 1
        if {"rows": rows, "sha256": digest.hexdigest()} != told:
            raise damaged(f"tables/{name}.jsonl.gz")
    check_files(folder, manifest["files"])


def _part(folder: Path, name: str) -> Iterator[bytes]:
    try:
        with gzip.open(folder / "tables" / f"{name}.jsonl.gz") as part:
            yield from part
    except (OSError, EOFError, ValueError) as error:
        raise damaged(f"tables/{name}.jsonl.gz") from error
    except Exception as error:  # zlib.error is no subclass of anything useful
        if type(error).__module__ == "zlib":
            raise damaged(f"tables/{name}.jsonl.gz") from error
        raise


def _check_fit(connection: Connection, tables: list[Table], manifest: dict[str, Any]) -> None:
    here = _revision(connection)
    if here != manifest["schema"] or {table.name for table in tables} != manifest["tables"].keys():
        raise Invalid(
            msg(
                "备份的结构版本是 {theirs}，这里的数据库是 {ours}。请用做备份时的版本恢复，再升级。",
                theirs=str(manifest["schema"]),
                ours=str(here),
            )
        )
    # Backups of the first versions name one key; later ones every key that sealed something in them.
    if not set(manifest.get("field_keys", [manifest["field_key"]])) <= set(_key_prints().values()):
        raise Invalid(
            msg(
                "这份备份是用另一把 XINGLIN_FIELD_KEY 加密的，恢复了也读不出证件号和手机号。"
                "请先设好原来的那一把。"
            )
        )
    full = [t.name for t in tables if connection.scalar(select(func.count()).select_from(t))]
    if full:
        raise Conflict(
            msg("数据库不是空的（{tables}），什么也没有恢复。", tables=", ".join(full))
        )


def _fill(connection: Connection, table: Table, folder: Path, told: dict[str, Any]) -> None:
    """Insert a part, read the table again and compare: the copy is proved, not believed."""
    rows = put(connection, table, _part(folder, table.name))
    digest = hashlib.sha256()
    for line in lines(connection, table):
        digest.update(line)
    if digest.hexdigest() != told["sha256"]:
        raise Conflict(msg("表 {table} 写进去以后和备份不同，已全部撤回。", table=table.name))
    say(f"{table.name}: {rows}")


def _summary(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "made_at": manifest["made_at"],
        "schema": manifest["schema"],
        "database": manifest["database"],
        "tables": len(manifest["tables"]),
        "rows": sum(part["rows"] for part in manifest["tables"].values()),
        "files": manifest["files"]["count"],
        "file_bytes": manifest["files"]["bytes"],
        "files_copied": are_copied(manifest["files"]),
    }
