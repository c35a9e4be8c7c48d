"""The pocket cards of the house are one printed page each, in both languages."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cast import make_cast
from flask import Flask
from houses import build_app
from playwright.sync_api import Browser, Route
from pypdf import PdfReader

from lms.app import create_schema
from lms.courses import commands
from lms.courses.cli import COURSES
from lms.kernel.db import dispose
from lms.kernel.uow import unit_of_work

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SLUGS = sorted(path.parent.name for path in COURSES.glob("*/course.toml"))


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = build_app(tmp_path_factory.mktemp("cards"), demo=True)
    create_schema(app)
    make_cast(app)
    with app.app_context(), unit_of_work():
        for slug in SLUGS:
            commands.publish_folder(COURSES / slug, dated=False)
    yield app
    dispose(app)


def test_every_card_is_one_printed_page(courses: Flask, chromium: Browser, tmp_path: Path) -> None:
    client, long = courses.test_client(), []

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        got = client.get(url.path + (f"?{url.query}" if url.query else ""), headers=route.request.headers)
        route.fulfill(status=got.status_code, body=got.get_data(), headers=dict(got.headers))
        got.close()

    for language in ("zh", "en"):
        context = chromium.new_context(locale="zh-CN" if language == "zh" else "en-US")
        page = context.new_page()
        page.route("**/*", answer)
        for slug in SLUGS:
            answered = page.goto(f"http://cards.test/courses/{slug}/card")
            assert answered is not None
            assert answered.status == 200, slug
            file = tmp_path / f"{slug}.{language}.pdf"
            page.pdf(path=str(file), format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"))
            count = len(PdfReader(file).pages)
            if count != 1:
                long.append((slug, language, count))
        context.close()
    assert not long
