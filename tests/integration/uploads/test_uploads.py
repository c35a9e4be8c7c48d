"""Files from a phone: piece by piece, again and again, in any order, by anybody."""

import hashlib
import io
import random
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import uploaded
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from phone import Phone, token_of

from lms.kernel import clock, files
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.uploads import schedule
from lms.uploads.models import Upload
from lms.uploads.receiving import work_folder
from lms.uploads.rules import CHUNK, KEPT, SLOTS

Rows = Callable[[], list[Upload]]
SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture(scope="module")
def photo() -> bytes:
    """Three pieces and a bit."""
    data = uploaded.jpeg((1800, 1400), noise=60, quality=80, exif=uploaded.exif())
    assert 3 * CHUNK < len(data) < 10 * CHUNK
    return data


def lying(app: Flask) -> list[str]:
    """Everything of uploads that lies in the data folder."""
    data: Path = app.extensions["xinglin.settings"].data
    found = [path for folder in ("uploads", "work") for path in (data / folder).rglob("*") if path.is_file()]
    return [str(path.relative_to(data)) for path in found]


def test_it_works(
    doctor: FlaskClient, upload_app: Flask, photo: bytes, rows: Rows, work_off: Callable[..., int]
) -> None:
    phone = Phone(doctor, photo)
    began = phone.begin()
    assert began.get_json() == {
        "id": str(phone.upload_id), "name": "证明.jpg", "state": "open", "received": 0, "size": len(photo),
        "chunk": CHUNK,
    }  # fmt: skip
    for offset in range(0, len(photo), CHUNK):
        assert phone.chunk(offset).get_json() == {"received": min(offset + CHUNK, len(photo))}
        assert phone.status().headers["Upload-Offset"] == str(min(offset + CHUNK, len(photo)))
    assert phone.finish().get_json()["state"] == "ready"
    taken = doctor.post(f"/probe/take/{phone.upload_id}/claim:1", headers={"X-CSRF-Token": phone.token})
    (row,) = rows()
    assert taken.get_json() == {"sha": row.stored_sha}
    assert row.sha == row.chosen_sha == hashlib.sha256(photo).hexdigest()
    assert row.stored_sha != row.sha
    with upload_app.app_context():
        assert row.stored_sha
        assert row.thumbnail_sha
        with Image.open(io.BytesIO(files.read(row.stored_sha))) as kept:
            assert kept.size == (1800, 1400)
        assert uploaded.CANARY.encode() not in files.read(row.stored_sha)
        assert len(files.read(row.thumbnail_sha)) <= 20_000
    work_off(upload_app)
    assert lying(upload_app) == []


def test_any_order_and_any_number_of_times_gives_the_same(doctor: FlaskClient, photo: bytes, rows: Rows) -> None:
    phone = Phone(doctor, photo)
    offsets = list(range(0, len(photo), CHUNK))
    dice = random.Random(7)
    phone.begin()
    for _ in range(200):
        if phone.status().get_json()["received"] == len(photo):
            break
        what = dice.randrange(len(offsets) + 1)
        if what == len(offsets):
            assert phone.begin().status_code == 200
        else:
            reached = phone.status().get_json()["received"]
            answer = phone.chunk(offsets[what])
            assert answer.status_code == (409 if offsets[what] > reached else 200)
    assert phone.finish().get_json()["state"] == "ready"
    assert phone.finish().get_json()["state"] == "ready"
    assert phone.chunk(0).get_json() == {"received": len(photo)}
    assert len(rows()) == 1


def test_taking_is_idempotent_for_one_thing_and_refused_for_another(doctor: FlaskClient, rows: Rows) -> None:
    phone = Phone(doctor, uploaded.jpeg())
    phone.whole()
    headers = {"X-CSRF-Token": phone.token, "Accept": "application/json"}
    for _ in range(2):
        assert doctor.post(f"/probe/take/{phone.upload_id}/claim:1", headers=headers).status_code == 200
    assert doctor.post(f"/probe/take/{phone.upload_id}/claim:2", headers=headers).status_code == 409
    assert phone.post("/withdraw").status_code == 409
    assert phone.begin().get_json()["state"] == "taken"
    assert [row.taken_for for row in rows()] == ["claim:1"]


def test_what_is_not_whole_cannot_be_taken(doctor: FlaskClient, photo: bytes) -> None:
    phone = Phone(doctor, photo)
    phone.begin()
    phone.chunk(0)
    assert phone.finish().status_code == 409
    answer = doctor.post(
        f"/probe/take/{phone.upload_id}/claim:1",
        headers={"X-CSRF-Token": phone.token, "Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert "还没有传完" in answer.get_json()["title"]


def test_it_refuses_a_stranger(
    upload_app: Flask, doctor: FlaskClient, cast: Cast, sign_in: SignIn, photo: bytes, rows: Rows
) -> None:
    """Another person's upload does not exist, whatever she does to it."""
    phone = Phone(doctor, photo)
    phone.begin()
    phone.chunk(0)
    other = sign_in(upload_app.test_client(), cast.colleague)
    thief = Phone(other, photo, upload_id=phone.upload_id)
    answers = [thief.begin(), thief.status(), thief.chunk(CHUNK), thief.finish(), thief.post("/withdraw")]
    answers.append(other.post(f"/probe/take/{phone.upload_id}/x", headers={"X-CSRF-Token": thief.token}))
    assert [answer.status_code for answer in answers] == [404] * 6
    nobody = upload_app.test_client()
    assert nobody.get(f"/uploads/{phone.upload_id}", headers={"Accept": "application/json"}).status_code == 401
    assert [row.received for row in rows()] == [CHUNK]


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": "-1"}, {"size": "1e3"}, {"size": "0"}, {"size": 11 * 1024 * 1024}, {"sha": "x" * 64}, {"sha": ""},
        {"purpose": "anything"}, {"chosen_sha": "0" * 63}, {"id": "x"},
    ],
)  # fmt: skip
def test_a_bad_announcement_is_refused(doctor: FlaskClient, rows: Rows, wrong: dict[str, object]) -> None:
    assert Phone(doctor, b"x").begin(**wrong).status_code == 422
    assert rows() == []


def test_bad_pieces_are_refused_and_change_nothing(doctor: FlaskClient, photo: bytes, rows: Rows) -> None:
    phone = Phone(doctor, photo)
    assert phone.chunk(0).status_code == 404
    phone.begin()
    assert phone.chunk(0, photo[:100]).status_code == 422
    assert phone.chunk(0, photo[: CHUNK + 1]).status_code == 413
    assert phone.chunk(7).status_code == 422
    assert phone.chunk(CHUNK).status_code == 409
    assert phone.chunk(10**12).status_code == 422
    assert [row.received for row in rows()] == [0]


def test_what_is_not_what_was_announced_is_refused_and_gone(
    doctor: FlaskClient, upload_app: Flask, photo: bytes, rows: Rows, work_off: Callable[..., int]
) -> None:
    phone = Phone(doctor, photo)
    phone.begin(sha="0" * 64)
    for offset in range(0, len(photo), CHUNK):
        phone.chunk(offset)
    answer = phone.finish()
    assert answer.status_code == 422
    assert "不一样" in answer.get_json()["title"]
    work_off(upload_app)
    assert (rows(), lying(upload_app)) == ([], [])


def test_a_bad_file_is_refused_in_words_and_gone(
    doctor: FlaskClient, upload_app: Flask, rows: Rows, work_off: Callable[..., int]
) -> None:
    answer = Phone(doctor, uploaded.SVG, name="photo.jpg").whole()
    assert answer.status_code == 422
    assert "网页或者矢量图" in answer.get_json()["title"]
    english = Phone(doctor, uploaded.locked_pdf("x"))
    doctor.post("/account/language", data={"csrf_token": english.token, "language": "en", "back": "/"})
    assert "password" in english.whole().get_json()["title"]
    work_off(upload_app)
    assert (rows(), lying(upload_app)) == ([], [])


def test_one_id_stands_for_one_file(doctor: FlaskClient, photo: bytes) -> None:
    phone = Phone(doctor, photo)
    phone.begin()
    assert Phone(doctor, photo[:-1], upload_id=phone.upload_id).begin().status_code == 409


def test_a_person_has_so_many_at_a_time(doctor: FlaskClient, rows: Rows) -> None:
    token = token_of(doctor)
    phones = [Phone(doctor, uploaded.jpeg(), token=token) for _ in range(SLOTS + 1)]
    assert [phone.begin().status_code for phone in phones] == [200] * SLOTS + [429]
    assert phones[3].post("/withdraw").status_code == 200
    assert phones[3].status().status_code == 404
    assert phones[-1].begin().status_code == 200
    assert sorted(row.slot for row in rows() if row.slot is not None) == list(range(SLOTS))


def test_a_piece_that_was_lost_is_asked_for_again(doctor: FlaskClient, upload_app: Flask, photo: bytes) -> None:
    """As after a restore: the row is there, the pieces are not."""
    phone = Phone(doctor, photo)
    phone.begin()
    for offset in range(0, len(photo), CHUNK):
        phone.chunk(offset)
    data: Path = upload_app.extensions["xinglin.settings"].data
    (data / "uploads" / str(phone.upload_id) / f"{CHUNK:012d}").unlink()
    assert phone.finish().status_code == 409
    assert phone.status().get_json()["received"] == CHUNK
    for offset in range(CHUNK, len(photo), CHUNK):
        phone.chunk(offset)
    assert phone.finish().status_code == 200
    for part in (data / "uploads" / str(phone.upload_id)).iterdir():
        part.unlink()
    answer = doctor.post(
        f"/probe/take/{phone.upload_id}/x", headers={"X-CSRF-Token": phone.token, "Accept": "application/json"}
    )
    assert answer.status_code == 410


def test_a_piece_that_did_not_reach_the_disk_was_not_received(
    doctor: FlaskClient, upload_app: Flask, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(doctor, photo)
    phone.begin()
    assert phone.chunk(0).get_json() == {"received": CHUNK}

    def full(*_of: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files, "keep_part", full)
        assert phone.chunk(CHUNK).status_code == 500
    assert phone.status().get_json()["received"] == CHUNK
    for offset in range(CHUNK, len(photo), CHUNK):
        phone.chunk(offset)
    assert phone.finish().status_code == 200


def test_names_are_for_showing_only(doctor: FlaskClient) -> None:
    for given, shown in (
        ("C:\\fakepath\\证明.jpg", "证明.jpg"), ("../../etc/passwd", "passwd"), ("a\u202egpj.exe\n", "agpj.exe"),
        ("x" * 300, "x" * 120),
    ):  # fmt: skip
        assert Phone(doctor, uploaded.jpeg(), name=given).begin().get_json()["name"] == shown


def test_the_sweep_forgets_what_is_over_and_leaves_no_orphans(
    doctor: FlaskClient, upload_app: Flask, photo: bytes, rows: Rows
) -> None:
    old = Phone(doctor, photo)
    old.begin()
    old.chunk(0)
    with upload_app.app_context():
        files.keep_part(new_id(), "000000000000", io.BytesIO(b"nobody's"))
        (work_folder() / "left").mkdir()
        (work_folder() / "left" / "source").write_bytes(b"x")
        with clock.held_at(clock.now() + KEPT - timedelta(minutes=1)), unit_of_work():
            schedule.sweep()
    assert [row.id for row in rows()] == [old.upload_id]
    assert len(lying(upload_app)) == 2  # her piece, and work that may still be going on
    with upload_app.app_context(), clock.held_at(clock.now() + KEPT + timedelta(minutes=1)), unit_of_work():
        schedule.sweep()
    assert rows() == []
    assert [name for name in lying(upload_app) if name.startswith("uploads")] == []


def test_without_a_script_a_form_does(doctor: FlaskClient, upload_app: Flask, rows: Rows) -> None:
    sent = {
        "csrf_token": token_of(doctor),
        "files": [(io.BytesIO(uploaded.told_jpeg()), "照片.jpg"), (io.BytesIO(uploaded.told_pdf()), "证明.pdf")],
    }
    page = doctor.post("/probe/upload", data=sent)
    assert page.status_code == 200
    assert [name in page.text for name in ("照片.jpg image/jpeg", "证明.pdf application/pdf")] == [True, True]
    assert [row.state for row in rows()] == ["taken", "taken"]
    with upload_app.app_context():
        for row in rows():
            assert row.stored_sha
            assert uploaded.CANARY.encode() not in files.read(row.stored_sha)


def test_without_a_script_a_bad_file_is_named(
    doctor: FlaskClient, upload_app: Flask, rows: Rows, work_off: Callable[..., int]
) -> None:
    sent = {"csrf_token": token_of(doctor), "files": [(io.BytesIO(b""), "空.pdf")]}
    page = doctor.post("/probe/upload", data=sent)
    assert page.status_code == 422
    assert "“空.pdf”：这个文件是空的" in page.text
    sent = {"csrf_token": token_of(doctor), "files": [(io.BytesIO(uploaded.HTML), "照片.jpg")]}
    assert "“照片.jpg”：这是网页或者矢量图" in doctor.post("/probe/upload", data=sent).text
    work_off(upload_app)
    assert (rows(), lying(upload_app)) == ([], [])
    assert doctor.post("/probe/upload", data={"csrf_token": token_of(doctor), "files_upload": "x"}).status_code == 422
