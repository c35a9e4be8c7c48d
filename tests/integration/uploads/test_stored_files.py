"""A stored file as an answer: its own type, never guessed, never run, from any place on."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import uploaded
from flask import Flask
from flask.testing import FlaskClient
from moto import mock_aws

sys.path.insert(0, str(Path(__file__).parent))

from phone import token_of

from lms.kernel import files
from lms.kernel.settings import Settings
from lms.kernel.storage.bucket import BucketStorage


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, upload_app: Flask) -> Iterator[str]:
    """The house on each kind of storage."""
    if request.param == "folder":
        yield "folder"
        return
    with mock_aws():
        given = {"storage_region": "us-east-1", "storage_key_id": "key", "storage_secret": "secret"}
        boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        ).create_bucket(Bucket="xinglin-files")
        settings: Settings = upload_app.extensions["xinglin.settings"]
        far = settings.model_copy(update={**given, "storage": "s3://xinglin-files/county"})
        upload_app.extensions["xinglin.storage"] = BucketStorage(far)
        yield "bucket"
        del upload_app.extensions["xinglin.storage"]


def test_it_works(doctor: FlaskClient, upload_app: Flask, place: str) -> None:
    sent = {"csrf_token": token_of(doctor), "files": [(io.BytesIO(uploaded.jpeg()), "照片.jpg")]}
    page = doctor.post("/probe/upload", data=sent).text
    sha = page.split('data-sha="')[1][:64]
    with upload_app.app_context():
        whole = files.read(sha)
    with doctor.get(f"/probe/file/{sha}/image/jpeg") as answer:
        assert answer.data == whole
        told = answer.headers
    assert told["Content-Type"] == "image/jpeg"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Security-Policy"].endswith("sandbox")
    assert told["Content-Disposition"] == (
        f"inline; filename=\"{sha[:12]}.jpg\"; filename*=UTF-8''%E8%BF%9B%E4%BF%AE%20%E8%AF%81%E6%98%8E.jpg"
    )
    assert told["Cache-Control"].startswith("private")
    assert told["Accept-Ranges"] == "bytes"
    assert int(told["Content-Length"]) == len(whole)

    with doctor.get(f"/probe/file/{sha}/image/jpeg", headers={"Range": "bytes=1000-1999"}) as part:
        assert (part.status_code, part.data) == (206, whole[1000:2000])
        assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    with doctor.get(f"/probe/file/{sha}/image/jpeg", headers={"Range": "bytes=-100"}) as last:
        assert (last.status_code, last.data) == (206, whole[-100:])
    beyond = doctor.get(f"/probe/file/{sha}/image/jpeg", headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    known = doctor.get(f"/probe/file/{sha}/image/jpeg", headers={"If-None-Match": told["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    head = doctor.head(f"/probe/file/{sha}/image/jpeg")
    assert (int(head.headers["Content-Length"]), head.data) == (len(whole), b"")


def test_a_pdf_is_saved_not_opened(doctor: FlaskClient, upload_app: Flask) -> None:
    with upload_app.app_context():
        sha = files.store(uploaded.pdf())
    with doctor.get(f"/probe/file/{sha}/application/pdf") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Content-Disposition"].endswith(".pdf")
        assert answer.data[:5] == b"%PDF-"


def test_what_is_not_there_is_not_found_and_what_could_run_is_never_served(
    doctor: FlaskClient, upload_app: Flask
) -> None:
    assert doctor.get(f"/probe/file/{'0' * 64}/image/jpeg").status_code == 404
    with upload_app.app_context():
        sha = files.store(uploaded.HTML)
    assert doctor.get(f"/probe/file/{sha}/text/html").status_code == 500
