"""Packages, backups and documents above what other forms may hold come in by the studio's pages, read from a file."""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from films import ready
from flask import Flask
from flask.testing import FlaskClient
from foreign_files import document, paragraph
from pages import forms_of
from test_imports import counts
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from lms.app import MOST_BYTES
from lms.courses.media.models import KnownFile
from lms.courses.media.mp4 import read_movie, strip
from lms.courses.packages.recording import MediaFile, Recording, record_text
from lms.courses.packages.tree import MAX_ARCHIVE, MAX_LIST
from lms.kernel import files
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
MB = 1024 * 1024


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


def upload(who: FlaskClient, data: bytes, door: str = "/studio/upload") -> TestResponse:
    return _sent(who, "/studio/upload", door, {"package": FileStorage(io.BytesIO(data), "sample.zip")})


def send(who: FlaskClient, name: str, data: bytes) -> TestResponse:
    return _sent(who, "/studio/import", "/studio/import", {"file": FileStorage(io.BytesIO(data), name)})


def _sent(who: FlaskClient, page: str, door: str, file: dict[str, Any]) -> TestResponse:
    form = next(one for one in forms_of(who.get(page).text) if one["action"] == page)
    # Encoded here: the client would leave a large body in a file that it does not close.
    boundary, body = encode_multipart({**dict(form["fields"]), **file})
    return who.post(door, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def film_of(size: int) -> bytes:
    """A film with free space behind it, up to so many bytes."""
    film = ready()
    more = size - len(film)
    return film + more.to_bytes(4, "big") + b"free" + os.urandom(MB) * (more // MB) + b"\0" * (more % MB - 8)


def package_with(film: bytes) -> tuple[str, bytes]:
    """A package that names a film and brings it along: the film's SHA and the archive."""
    sha = hashlib.sha256(film).hexdigest()
    record = Recording("look.film", "film", 2, (MediaFile(sha, "video/mp4", len(film), 320, 240),), None)
    tree = good_files() | {"media/look.film.toml": record_text(record)}
    out = io.BytesIO(zipped(tree))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"media/{sha}.mp4", film)
    return sha, out.getvalue()


@pytest.fixture(scope="module")
def filmed() -> tuple[str, bytes]:
    film = io.BytesIO(film_of(MOST_BYTES + MB))
    strip(film, read_movie(film, len(film.getvalue())))
    return package_with(film.getvalue())


def test_a_package_with_a_film_comes_in_by_the_page(
    app: Flask, author: FlaskClient, filmed: tuple[str, bytes]
) -> None:
    sha, data = filmed
    assert len(data) > MOST_BYTES
    sent = upload(author, data, "/studio/upload/rehearse")
    assert sent.status_code == 200, sent.text
    form = next(one for one in forms_of(sent.text) if one["action"].endswith("/take"))
    taken = author.post("/studio/upload/take", data=dict(form["fields"]))
    assert taken.status_code == 303
    assert author.get(taken.location).status_code == 200
    with app.app_context(), unit_of_work(write=False):
        known = session().get(KnownFile, sha)
        assert known is not None
        assert files.size(sha) == known.size
    again = upload(author, data)
    assert again.status_code == 303


def test_a_large_form_of_words_is_not_read_whole(author: FlaskClient) -> None:
    class Words(io.RawIOBase):
        left = 60 * MB

        def readable(self) -> bool:
            return True

        def readinto(self, room: bytearray) -> int:  # type: ignore[override]
            size = min(len(room), self.left)
            room[:size] = b"a" * size
            self.left -= size
            return size

    words = Words()
    answer = author.post(
        "/studio/upload", content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": words, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )  # fmt: skip
    assert answer.status_code in (400, 413)
    assert words.left > 50 * MB, words.left


def test_a_document_with_many_pictures_comes_in_by_the_page(author: FlaskClient) -> None:
    pictures: dict[str, str | bytes] = {f"word/media/image{at}.png": os.urandom(9 * MB) for at in range(3)}
    data = document(paragraph("先看脚", "Heading1") + paragraph("坐下。"), pictures)
    assert len(data) > MOST_BYTES
    assert send(author, "足病.docx", data).status_code == 303


def test_a_package_that_is_itself_too_large_is_refused(app: Flask, author: FlaskClient) -> None:
    before = counts(app)
    answer = upload(author, zipped(good_files() | {"media/x.png": os.urandom(MAX_ARCHIVE)}))
    assert answer.status_code == 422
    assert "不算录像、录音、讲义，不超过 20 MB" in answer.text
    assert counts(app) == before


def test_what_is_above_the_setting_is_refused(app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["xinglin.settings"]
    monkeypatch.setitem(app.extensions, "xinglin.settings", settings.model_copy(update={"largest_package": 20}))
    assert "不超过 20 MB" in author.get("/studio/upload").text
    for answer in (upload(author, b"PK" * (10 * MB + 9)), send(author, "a.docx", b"PK" * (10 * MB + 9))):
        assert answer.status_code in (413, 422)
        assert "太大" in answer.text
    assert upload(author, b"PK" * (11 * MB)).status_code == 413


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("it was read")

    readline = readinto = read  # type: ignore[assignment]


@pytest.mark.parametrize("door", ["/studio/upload", "/studio/upload/rehearse", "/studio/import"])
def test_nothing_large_is_read_of_people_who_may_not_send_it(
    app: Flask, cast: Cast, sign_in: SignIn, door: str
) -> None:
    learner = sign_in(app.test_client(), cast.learner)
    for who in (learner, app.test_client()):
        sent = {"CONTENT_LENGTH": str(100 * MB), "wsgi.input": Unread()}
        answer = who.post(door, content_type="multipart/form-data; boundary=x", environ_overrides=sent)
        assert answer.status_code == 413


def test_an_archive_of_endless_members_is_refused_unread(author: FlaskClient) -> None:
    members = b"".join(_listed(at) for at in range(MAX_LIST // 50))
    end = b"PK\x05\x06" + b"\0" * 4 + b"\xff\xff\xff\xff" + len(members).to_bytes(4, "little") + b"\0" * 6
    data = b"PK\x03\x04" + members + end
    answer = upload(author, data)
    assert answer.status_code == 422
    assert "不是完好的 ZIP" in answer.text
    assert send(author, "a.imscc", data).status_code == 422


def _listed(number: int) -> bytes:
    name = b"%08d" % number
    return b"PK\x01\x02" + b"\0" * 24 + len(name).to_bytes(2, "little") + b"\0" * 16 + name
