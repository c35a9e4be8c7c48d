"""Files in an S3-compatible store: the same doors as with a folder, and an honest backup."""

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import boto3
import pytest
from flask import Flask
from houses import CLEAN
from kernel_probe import Houses, write_down, written
from moto import mock_aws
from servers import free_port

from lms.kernel import files
from lms.kernel.errors import NotFound
from lms.kernel.ids import new_id
from lms.kernel.settings import load_settings
from lms.kernel.storage.bucket import BucketStorage, StorageFault
from lms.kernel.storage.choosing import storage
from lms.kernel.uow import unit_of_work

KEY = {"storage_region": "us-east-1", "storage_key_id": "key", "storage_secret": "secret"}
IN_BUCKET = {"storage": "s3://xinglin-files/county", **KEY}


@pytest.fixture
def kind() -> str:
    return "sqlite"  # files know no database


@pytest.fixture
def bucket() -> Iterator[str]:
    """A store of this test alone, with one bucket."""
    with mock_aws():
        boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        ).create_bucket(Bucket="xinglin-files")
        yield "xinglin-files"


@pytest.fixture
def far_app(houses: Houses, bucket: str) -> Flask:
    return houses.new(**IN_BUCKET)


def test_it_works(far_app: Flask) -> None:
    with far_app.app_context():
        name = files.store("杏林".encode())
        assert name == hashlib.sha256("杏林".encode()).hexdigest()
        assert files.store("杏林".encode()) == name
        assert files.read(name) == "杏林".encode()
        assert files.size(name) == 6
        assert list(files.names()) == [name]
        assert not files.exists("0" * 64)
        assert files.fresh(name)
        assert not files.fresh(name, timedelta(days=-1))
        assert not files.fresh("0" * 64)
        with pytest.raises(NotFound):
            files.read("0" * 64)
        with pytest.raises(NotFound):
            files.size("0" * 64)
    assert not (far_app.extensions["xinglin.settings"].data / "files").exists()


def test_a_file_is_read_from_any_place(far_app: Flask) -> None:
    data = bytes(range(256)) * 2000
    with far_app.app_context(), files.open_file(files.store(data)) as file:
        assert file.seek(300_000) == 300_000
        assert file.read(1000) == data[300_000:301_000]
        file.seek(-7, io.SEEK_END)
        assert file.read() == data[-7:]
        file.seek(0)
        assert file.read() == data


def test_what_is_on_its_way_goes_when_it_is_over(far_app: Flask) -> None:
    one, other = new_id(), new_id()
    with far_app.app_context():
        for number in range(3):
            files.keep_part(one, str(number), io.BytesIO(b"x"))
        files.keep_part(other, "0", io.BytesIO(b"y"))
        assert files.owners_of_parts() == {one, other}
        files.drop_parts(one)
        assert files.owners_of_parts() == {other}
        with pytest.raises(FileNotFoundError):
            files.open_part(one, "0")
        assert list(files.names()) == []


def test_a_backup_says_that_the_files_stay_in_the_bucket(far_app: Flask, houses: Houses, tmp_path: Path) -> None:
    with far_app.app_context():
        with unit_of_work():
            write_down("杏林")
        name = files.store(b"evidence")
    result = far_app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["files"], answer["file_bytes"], answer["files_copied"]) == (1, 0, False)
    assert "stay in s3://xinglin-files/county, not copied" in result.stderr
    assert not (tmp_path / "copy" / "files").exists()

    near = houses.new()
    refused = near.test_cli_runner().invoke(args=["restore", str(tmp_path / "copy")])
    assert refused.exit_code == 1
    assert "s3://xinglin-files/county" in refused.stderr
    assert name in refused.stderr
    assert written(near) == []

    again = houses.new(**IN_BUCKET)
    restored = again.test_cli_runner().invoke(args=["restore", str(tmp_path / "copy")])
    assert restored.exit_code == 0, restored.output
    assert written(again) == ["杏林"]


def test_a_backup_with_files_moves_them_into_a_folder(far_app: Flask, houses: Houses, tmp_path: Path) -> None:
    with far_app.app_context():
        name = files.store(b"evidence")
    result = far_app.test_cli_runner().invoke(args=["backup", "--with-files", str(tmp_path / "copy")])
    assert json.loads(result.stdout)["files_copied"] is True
    near = houses.new()
    assert near.test_cli_runner().invoke(args=["restore", str(tmp_path / "copy")]).exit_code == 0
    with near.app_context():
        assert files.read(name) == b"evidence"


def test_readiness_tells_a_store_that_cannot_be_written(houses: Houses, bucket: str) -> None:
    assert houses.new(**IN_BUCKET).test_client().get("/readyz").get_json()["storage"] is True
    answer = houses.new(**KEY, storage="s3://nobodys-bucket").test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["storage"] is False


def test_a_store_that_is_not_there_is_a_fault_of_storage(houses: Houses) -> None:
    app = houses.new(
        **IN_BUCKET, storage_endpoint=f"http://127.0.0.1:{free_port()}", storage_path_style=True
    )
    with app.app_context(), pytest.raises(StorageFault) as fault:
        storage().check()
    assert "secret" not in str(fault.value)
    assert app.test_client().get("/readyz").status_code == 503


class Recorder(BaseHTTPRequestHandler):
    """Says yes to everything and remembers what was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


def test_no_checksum_is_sent_that_compatible_stores_refuse(tmp_path: Path) -> None:
    """What goes over the wire: newer boto3 adds CRC32 trailers unless it is told not to."""
    server = HTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        store = BucketStorage(
            load_settings(
                CLEAN, data=tmp_path, storage_path_style=True, **IN_BUCKET,
                storage_endpoint=f"http://127.0.0.1:{server.server_port}",
            )
        )
        store.put("files/x", io.BytesIO(b"data"))
        store.client.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    ((path, headers, body),) = Recorder.asked
    assert (path, body) == ("/xinglin-files/county/files/x", b"data")
    assert not [name for name in headers if "checksum" in name or "trailer" in name]
    assert "secret" not in json.dumps(headers)
