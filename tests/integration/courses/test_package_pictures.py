"""Pictures that came in packages: kept as they came, shown without what they say, and counted."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of
from uploaded import CANARY, told_jpeg, told_png, told_webp

from lms.books import making
from lms.books.epub import bind
from lms.courses import commands
from lms.courses.media import keeping, sizes
from lms.courses.models import Draft
from lms.courses.packages.problem import BadPackageError
from lms.courses.packages.recording import MediaFile
from lms.kernel import serving
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
TOLD = {"foot.jpg": told_jpeg(), "leg.png": told_png(), "arm.webp": told_webp()}


def told_package() -> bytes:
    tree = good_files()
    for number, name in ((1, "foot.jpg"), (2, "leg.png"), (2, "arm.webp")):
        for language, said in (("zh", "脚"), ("en", "a foot")):
            tree[f"lessons/0{number}-part-{number}.{language}.md"] += f"\n\n![{said}](media/{name})\n"
    return zipped(tree | {f"media/{name}": data for name, data in TOLD.items()})


@pytest.fixture
def draft(app: Flask, cast: Cast) -> str:
    with app.app_context():
        tree, report, brought = commands.checked(told_package())
        with unit_of_work():
            return str(commands.take_in(cast.author.actor, tree, report, brought))


def test_learners_get_pixels_and_packages_every_byte(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = sign_in(client, cast.author)
    with author.get(f"/studio/drafts/{draft}/package.zip") as sent:
        whole = sent.data
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert {name: archive.read(f"media/{name}") for name in TOLD} == TOLD
    form = next(one for one in forms_of(author.get("/studio/upload").text) if one["action"] == "/studio/upload")
    again = author.post(
        "/studio/upload", data={**dict(form["fields"]), "package": (io.BytesIO(whole), "again.zip")},
        content_type="multipart/form-data",
    )  # fmt: skip
    with author.get(f"{again.location}/package.zip") as sent:
        assert sent.data == whole
    page = "".join(author.get(f"/studio/drafts/{draft}/lessons/part-{number}").text for number in (1, 2))
    addresses = set(re.findall(r"/media/[0-9a-f]{64}\.(?:jpg|png|webp)", page))
    assert {one.rpartition(".")[2] for one in addresses} == {"jpg", "png", "webp"}
    for address in addresses:
        with author.get(address) as shown:
            assert shown.status_code == 200
            assert CANARY.encode() not in shown.data
            assert shown.content_length == len(shown.data)
        monkeypatch.setattr(serving, "without_notes", lambda *_: pytest.fail("stripped for nobody"))
        assert author.get(address, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
        head = author.head(address)
        assert (head.status_code, head.content_length) == (200, None)
        monkeypatch.undo()
        # A browser that kept it from before its notes were taken out gets it anew.
        with author.get(address, headers={"If-None-Match": f'"{address[7:71]}"'}) as anew:
            assert anew.data == shown.data


def test_pictures_that_take_too_long_are_refused_and_gone_on_with(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time a picture is made smaller before the time is over: sent again, it is taken."""
    make, clock = sizes.make_sizes, [0.0]
    monkeypatch.setattr(sizes.time, "monotonic", lambda: clock[0])

    def slowly(*given: Any) -> list[MediaFile]:
        clock[0] += 21
        return make(*given)

    monkeypatch.setattr(sizes, "make_sizes", slowly)
    with app.app_context():
        with pytest.raises(BadPackageError) as slow:
            commands.checked(told_package(), 40)
        assert slow.value.problems[0].message == sizes.SLOW
        assert clock == [42.0]
        tree, report, brought = commands.checked(told_package(), 40)
        assert clock == [63.0]
        with unit_of_work():
            commands.take_in(cast.author.actor, tree, report, brought)
        assert commands.checked(told_package(), 40)[0] == tree
    assert clock == [63.0]


def test_a_book_says_nothing_of_where_a_photo_was_taken(app: Flask, draft: str) -> None:
    with app.app_context(), unit_of_work(write=False):
        book = bind(making._book("draft", UUID(draft), ("zh",)))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        pictures = [archive.read(name) for name in archive.namelist() if name.endswith((".jpg", ".png", ".webp"))]
    assert len(pictures) == len(TOLD)
    assert not any(CANARY.encode() in data for data in pictures)


def test_pictures_of_packages_count(
    app: Flask, cast: Cast, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(map(len, TOLD.values()))
    with app.app_context(), unit_of_work(write=False):
        found = session().get(Draft, UUID(draft))
        assert found is not None
        assert keeping.used(found) > size
    monkeypatch.setattr(keeping, "quota", lambda: size)
    with app.app_context():
        tree, report, brought = commands.checked(told_package())
        with pytest.raises(Invalid), unit_of_work():
            commands.take_in(cast.author.actor, tree, report, brought)
