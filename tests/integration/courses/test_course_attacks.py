"""What a hostile author tries with a package, over the upload form."""

import io
import time
from collections.abc import Callable

import pytest
from cast import Cast, Member
from course_packages import good_files, lesson_md, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select

from lms.courses.models import Draft
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 1"></svg>'


def with_body(text: str) -> dict[str, str | bytes]:
    return {**good_files(), "lessons/01-part-1.zh.md": lesson_md("第 1 课", 1, text)}


HOSTILE: dict[str, dict[str, str | bytes]] = {
    "a key of fifty thousand parts": {**good_files(), "course.toml": "a." * 50_000 + "b = 1"},
    "quoted parts": {**good_files(), "items/bank.toml": '"a" . ' * 20_000 + "b = 1"},
    "a table of many parts": {**good_files(), "items/bank.toml": "[" + "a." * 50_000 + "b]"},
    "pictures that never close": with_body("![" * 100_000),
    "brackets": with_body("[" * 15_000),
    "a lesson without end": with_body("*a_" * 60_000),
    "a drawing in UTF-16 without its mark": {**good_files(), "media/flow.svg": BOMB.encode("utf-16-le")},
    "the same the other way round": {**good_files(), "media/flow.svg": BOMB.encode("utf-16-be")},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_package_is_refused_at_once_and_leaves_nothing(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, what: str
) -> None:
    sign_in(client, cast.author)
    started = time.process_time()
    answer = post_form(client, "/studio/upload", {"package": (io.BytesIO(zipped(HOSTILE[what])), "course.zip")})
    assert answer.status_code == 422
    assert time.process_time() - started < 5
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Draft)) == 0
