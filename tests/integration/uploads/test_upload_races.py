"""Two tabs at once, and more files than a person may have: the database decides."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import uploaded
from flask import Flask
from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).parent))

from phone import Phone

from lms.kernel.ids import new_id
from lms.kernel.storage.folder import FolderStorage
from lms.uploads.models import Upload
from lms.uploads.rules import CHUNK, SLOTS


def tabs(app: Flask, doctor: FlaskClient, count: int) -> list[FlaskClient]:
    """More browsers with her cookie."""
    cookie = doctor.get_cookie("xinglin")
    assert cookie
    found = [app.test_client() for _ in range(count)]
    for one in found:
        one.set_cookie("xinglin", cookie.value)
    return found


def test_two_tabs_send_one_file_once(upload_app: Flask, doctor: FlaskClient, rows: Callable[[], list[Upload]]) -> None:
    photo = uploaded.jpeg((1800, 1400), noise=60, quality=80)
    upload_id, token = new_id(), Phone(doctor, b"").token
    phones = [Phone(tab, photo, upload_id=upload_id, token=token) for tab in tabs(upload_app, doctor, 4)]

    def send(phone: Phone) -> str:
        for _ in range(100):
            answer = phone.begin()
            if answer.status_code != 200:
                continue
            reached = answer.get_json()["received"]
            if reached == len(photo):
                end: str = phone.finish().get_json()["state"]
                return end
            phone.chunk(reached)
        raise AssertionError("it never ended")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, phones)) == ["ready"] * 4
    (row,) = rows()
    assert (row.received, row.state) == (len(photo), "ready")
    assert len(photo) > 2 * CHUNK


def test_nobody_gets_more_than_her_slots(
    upload_app: Flask, doctor: FlaskClient, rows: Callable[[], list[Upload]]
) -> None:
    token = Phone(doctor, b"").token
    browsers = tabs(upload_app, doctor, 6)
    phones = [Phone(browsers[number % 6], b"x", token=token) for number in range(SLOTS + 12)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda phone: phone.begin().status_code, phones))
    assert sorted(statuses) == [200] * SLOTS + [429] * 12
    assert sorted(row.slot for row in rows() if row.slot is not None) == list(range(SLOTS))


class Slow(FolderStorage):
    """A disk that lets the first writer wait until it is told to go on."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.waits, self.go_on = threading.Event(), threading.Event()

    def put(self, name: str, source: BinaryIO) -> None:
        if not self.waits.is_set():
            self.waits.set()
            assert self.go_on.wait(30)
        super().put(name, source)


def test_a_late_piece_takes_nothing_back(
    upload_app: Flask, doctor: FlaskClient, rows: Callable[[], list[Upload]]
) -> None:
    slow = Slow(upload_app.extensions["xinglin.settings"].data)
    upload_app.extensions["xinglin.storage"] = slow
    photo = uploaded.jpeg((1800, 1400), noise=60, quality=80)
    first = Phone(doctor, photo)
    first.begin()
    (tab,) = tabs(upload_app, doctor, 1)
    second = Phone(tab, photo, upload_id=first.upload_id, token=first.token)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(first.chunk, 0)
        assert slow.waits.wait(30)
        for offset in (0, CHUNK):
            assert second.chunk(offset).get_json() == {"received": offset + CHUNK}
        slow.go_on.set()
        assert late.result().get_json() == {"received": 2 * CHUNK}
    assert [row.received for row in rows()] == [2 * CHUNK]
