"""Backup and restore, from either database into either, through the shell."""

import gzip
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cast import Cast
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from kernel_probe import KEY, Houses, write_down, written
from sqlalchemy import func, insert, inspect, null, select, text
from sqlalchemy.exc import DBAPIError

from lms.app import create_schema
from lms.kernel import files, outbox
from lms.kernel.db import Model, db, session
from lms.kernel.messages import kept, send_sms
from lms.kernel.outbox import OutboxRow
from lms.kernel.table_copy import plain_table
from lms.kernel.uow import unit_of_work


def shell(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def backup(app: Flask, folder: Path) -> dict[str, Any]:
    result = shell(app, "backup", folder)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def counts(app: Flask) -> dict[str, int]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Model.metadata.tables.items()
        }


@pytest.fixture
def lived_in(houses: Houses) -> Flask:
    """A house with rows of the awkward kinds, and files."""
    app = houses.new()
    with app.app_context():
        with unit_of_work():
            write_down("杏林 · 𬱟 \n \\N \" ' {}")
            send_sms("00000000001", "验证码 000000")
            files.store("证书".encode())
            files.store(b"")
            outbox.send("probe.write", key="nested", words="x", more={"b": [1, 2.5, None], "a": {"杏": True}})
            session().execute(
                insert(OutboxRow).values(
                    id=outbox.new_id(), task="probe.write", key="json null", payload=None,
                    state="done", tries=0, run_after=outbox.clock.now(), made_at=outbox.clock.now(),
                    lease_until=null(),
                )
            )
        app.extensions["xinglin.runner"].drain()
    return app


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_it_works(lived_in: Flask, houses: Houses, tmp_path: Path, other: str) -> None:
    answer = backup(lived_in, tmp_path / "copy")
    assert answer["files"] == 2
    assert answer["database"] == houses.kind
    assert answer["rows"] == sum(counts(lived_in).values())
    restored = houses.new(other)
    result = shell(restored, "restore", tmp_path / "copy")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows"] == answer["rows"]
    assert "audit_trail" in result.stderr
    told = {"audit_trail": 1}  # that it was restored
    assert counts(restored) == {k: v + told.get(k, 0) for k, v in counts(lived_in).items()}
    assert written(restored) == written(lived_in)
    with restored.app_context(), unit_of_work(write=False):
        assert [row[2:] for row in kept()] == [("00000000001", "验证码 000000")]
        assert [files.read(name) for name in files.names()].count("证书".encode()) == 1


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_a_backup_of_what_was_restored_is_the_same(
    lived_in: Flask, houses: Houses, tmp_path: Path, other: str
) -> None:
    backup(lived_in, tmp_path / "one")
    restored = houses.new(other)
    shell(restored, "restore", tmp_path / "one")
    backup(restored, tmp_path / "two")
    one, two = (json.loads((tmp_path / n / "manifest.json").read_text()) for n in ("one", "two"))
    del one["tables"]["audit_trail"], two["tables"]["audit_trail"]
    assert one["tables"] == two["tables"]
    assert one["files"] == two["files"]


def test_triggers_and_foreign_keys_stand_again(lived_in: Flask, houses: Houses, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    restored = houses.new()

    def shape() -> tuple[object, ...]:
        with restored.app_context(), db.engine.connect() as connection:
            keys = {
                table: sorted(str(key["name"]) for key in inspect(connection).get_foreign_keys(table))
                for table in Model.metadata.tables
            }
            where = (
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
                if houses.kind == "sqlite"
                else "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger "
                "WHERE NOT tgisinternal ORDER BY 1"
            )
            return keys, connection.scalars(text(where)).all()

    before = shape()
    assert before[1]
    assert shell(restored, "restore", tmp_path / "copy").exit_code == 0
    assert shape() == before
    with restored.app_context(), pytest.raises(DBAPIError, match="append-only"), unit_of_work():
        session().execute(text("DELETE FROM audit_trail"))


def test_people_sign_in_to_the_restored_house(
    app: Flask, cast: Cast, houses: Houses, tmp_path: Path, sign_in: Callable[..., FlaskClient]
) -> None:
    settings = app.extensions["xinglin.settings"]
    backup(app, tmp_path / "copy")
    restored = houses.new(field_key=settings.field_key)
    result = shell(restored, "restore", tmp_path / "copy")
    assert result.exit_code == 0, result.output
    sign_in(restored.test_client(), cast.learner)


def test_it_is_one_snapshot_while_others_write(houses: Houses, tmp_path: Path) -> None:
    app = houses.new()
    stop = threading.Event()

    def busy() -> None:
        number = 0
        with app.app_context():
            while not stop.is_set():
                number += 1
                with unit_of_work():
                    write_down(str(number))
                    outbox.send("probe.write", key=str(number), words="x")

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for number in range(5):
            backup(app, tmp_path / f"copy-{number}")
            tables = json.loads((tmp_path / f"copy-{number}" / "manifest.json").read_text())["tables"]
            assert tables["audit_trail"]["rows"] == tables["outbox"]["rows"]
    finally:
        stop.set()
        thread.join()
    assert tables["outbox"]["rows"] > 0


def test_no_secret_is_in_it(lived_in: Flask, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    settings = lived_in.extensions["xinglin.settings"]
    whole = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
    )
    for secret in (KEY, settings.secret_key, "00000000001"):
        assert secret.encode() not in whole
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def refused(app: Flask, *words: str | Path) -> str:
    """The reason on standard error; nothing on standard output, nothing changed."""
    before = counts(app)
    result = shell(app, *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert counts(app) == before
    with app.app_context():
        assert words[0] == "backup" or not list(files.names())
    return str(result.stderr)


def test_a_folder_with_something_in_it_is_refused(lived_in: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "mine").write_text("keep me")
    assert "已经有东西" in refused(lived_in, "backup", folder)
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert "已经有东西" in refused(lived_in, "backup", folder / "mine")


def test_a_damaged_stored_file_is_told_and_no_backup_left(lived_in: Flask, tmp_path: Path) -> None:
    with lived_in.app_context():
        name = next(files.names())
    path = lived_in.extensions["xinglin.settings"].data / "files" / name[:2] / name[2:4] / name
    path.write_bytes(b"rotten")
    assert name in refused(lived_in, "backup", tmp_path / "copy")
    assert not list((tmp_path / "copy").iterdir())


def test_what_is_no_backup_is_refused(houses: Houses, tmp_path: Path) -> None:
    app = houses.new()
    assert "manifest.json" in refused(app, "restore", tmp_path / "nowhere")
    (tmp_path / "manifest.json").write_text('{"format": "another"}')
    assert "manifest.json" in refused(app, "restore", tmp_path)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-12])


def rewrite(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[1:])))


@pytest.mark.parametrize(
    ("part", "harm"),
    [
        ("tables/audit_trail.jsonl.gz", flip),
        ("tables/audit_trail.jsonl.gz", cut),
        ("tables/audit_trail.jsonl.gz", rewrite),
        ("tables/outbox.jsonl.gz", Path.unlink),
        ("files.txt", flip),
        ("files/*/*", lambda path: path.write_bytes(b"other")),
        ("files/*/*", Path.unlink),
    ],
)
def test_a_damaged_part_is_refused(
    lived_in: Flask, houses: Houses, tmp_path: Path, part: str, harm: Callable[[Path], object]
) -> None:
    backup(lived_in, tmp_path / "copy")
    harm(next((tmp_path / "copy").glob(part)))
    told = refused(houses.new(), "restore", tmp_path / "copy")
    assert "缺了或坏了" in told
    assert part.split("*")[0] in told


def test_a_house_with_something_in_it_is_refused(lived_in: Flask, houses: Houses, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    app = houses.new()
    with app.app_context(), unit_of_work():
        write_down("already here")
    assert "不是空的（audit_trail）" in refused(app, "restore", tmp_path / "copy")
    assert written(app) == ["already here"]


def test_another_schema_version_is_refused(lived_in: Flask, houses: Houses, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    path = tmp_path / "copy" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": "0000deadbeef"}))
    assert "0000deadbeef" in refused(houses.new(), "restore", tmp_path / "copy")


def test_a_house_without_tables_is_sent_to_the_migrations(lived_in: Flask, houses: Houses, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    app = houses.new(tables=False)
    for words in (("restore", tmp_path / "copy"), ("backup", tmp_path / "other")):
        result = shell(app, *words)
        assert result.exit_code == 1
        assert "schema upgrade" in result.stderr
    create_schema(app)
    assert shell(app, "restore", tmp_path / "copy").exit_code == 0


def test_a_table_nobody_knows_is_not_left_out_silently(lived_in: Flask, tmp_path: Path) -> None:
    with lived_in.app_context(), unit_of_work():
        session().execute(text("CREATE TABLE forgotten (id integer PRIMARY KEY)"))
    assert "forgotten" in refused(lived_in, "backup", tmp_path / "copy")


def test_another_field_key_is_refused(lived_in: Flask, houses: Houses, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "copy")
    app = houses.new(field_key=KEY[::-1].replace("=", "") + "=")
    assert "XINGLIN_FIELD_KEY" in refused(app, "restore", tmp_path / "copy")


def test_every_table_can_be_carried() -> None:
    for dialect in ("sqlite", "postgresql"):
        for table in Model.metadata.tables.values():
            assert plain_table(table, dialect).columns.keys() == table.columns.keys()
