"""The pocket card of a course, as whoever comes to its page opens it."""

from pathlib import Path

import pytest
from course_packages import card, good_files
from flask import Flask
from flask.testing import FlaskClient

from lms.courses import commands
from lms.kernel.uow import unit_of_work


def publish(app: Flask, folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with app.app_context(), unit_of_work():
        commands.publish_folder(folder)


@pytest.mark.usefixtures("cast")
def test_the_card_is_opened_from_the_course_in_both_languages(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    publish(app, tmp_path / "carded", good_files(code="XL-CARD", slug="carded") | card())
    assert 'href="/courses/carded/card"' in client.get("/courses/carded").text
    page = client.get("/courses/carded/card").text
    assert "先歇着，再量。" in page
    assert "《服务规范》" in page, "with its sources"
    assert "http://localhost/courses/carded/card" in page, "printed, it says where they are"
    assert "Rest, then measure." in client.get("/courses/carded/card", headers={"Accept-Language": "en"}).text


@pytest.mark.usefixtures("cast")
def test_a_course_without_a_card_has_no_such_page(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    publish(app, tmp_path / "plain", good_files(code="XL-PLAIN", slug="plain"))
    assert "/courses/plain/card" not in client.get("/courses/plain").text
    assert client.get("/courses/plain/card").status_code == 404
    assert client.get("/courses/nowhere/card").status_code == 404
