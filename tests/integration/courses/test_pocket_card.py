"""The pocket card of a course, as whoever comes to its page opens it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cast import Cast, Member
from course_packages import card, good_files, zipped
from flask import Flask
from flask.testing import FlaskClient

from lms.courses import commands
from lms.credits.proposals import commands as proposing
from lms.credits.proposals import queries as proposals
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


def test_who_reviews_a_draft_or_reads_an_edition_sees_its_card(
    app: Flask, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient], tmp_path: Path
) -> None:
    files = good_files(code="XL-CARD", slug="carded") | card()
    publish(app, tmp_path / "carded", files)
    newer = {path: text.replace("先歇着", "先坐下歇着") for path, text in files.items()}
    with app.app_context(), unit_of_work():
        draft = commands.upload_package(cast.author.actor, zipped(newer, folder="carded/"))
    reviewer = sign_in(app.test_client(), cast.reviewer)
    draft_page = f"/studio/drafts/{draft}"
    assert f'href="{draft_page}/card"' in reviewer.get(draft_page).text
    shown = reviewer.get(f"{draft_page}/card").text
    assert "先坐下歇着，再量。" in shown
    assert "草稿预览" in shown
    assert "演示内容，未经临床审核" in shown, "printed too"
    edition = "/studio/courses/carded/editions/1"
    assert f'href="{edition}/card"' in reviewer.get(edition).text
    assert "先歇着，再量。" in reviewer.get(f"{edition}/card").text


def test_who_decides_on_credit_reads_the_card_of_the_proposed_edition(
    app: Flask, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient], tmp_path: Path
) -> None:
    files = good_files(code="XL-CARD", slug="carded") | card()
    publish(app, tmp_path / "carded", files)
    with app.app_context(), unit_of_work():
        page = proposals.credit_page(cast.author.actor, "carded")
        kind, credits = next((one.kind, one.credits) for one in page.worth if one.credits)
        proposal = proposing.propose(
            cast.author.actor, "carded", authority_id=cast.places["LB-YL-WJ"], kind=kind, hours=page.hours,
            credits=credits,
        )  # fmt: skip
    publish(app, tmp_path / "carded", {path: text.replace("先歇着", "先坐下歇着") for path, text in files.items()})
    admin = sign_in(app.test_client(), cast.admin)
    reading = f"/admin/proposals/{proposal}/edition"
    assert f'href="{reading}/card"' in admin.get(reading).text
    assert "先歇着，再量。" in admin.get(f"{reading}/card").text
    assert "先坐下歇着，再量。" in admin.get("/courses/carded/card").text
