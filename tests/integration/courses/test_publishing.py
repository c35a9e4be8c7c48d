"""Publishing freezes a package into an edition; the same content again changes nothing."""

from pathlib import Path

import pytest
from course_packages import good_files
from flask import Flask
from sqlalchemy import func, select

from lms.courses import queries
from lms.courses.models import Course, CourseTerm, Edition, EditionMedium, Lesson
from lms.courses.packages.problem import BadPackageError
from lms.kernel import files
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def counts() -> dict[str, int]:
    tables = (Course, Edition, Lesson, EditionMedium, CourseTerm)
    return {one.__tablename__: session().scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_it_works(app: Flask, publish) -> None:
    edition_id = publish()
    with app.app_context(), unit_of_work(write=False):
        card = queries.by_code("XL-TST")
        assert card is not None
        assert (card.slug, card.edition_number, card.hours_milli) == ("sample", 1, 1000)
        assert card.edition_id == edition_id
        assert queries.course_cards(codes=["XL-TST"])["XL-TST"] == card
        assert queries.course_cards(ids=[card.id])["XL-TST"] == card
        package = queries.edition_package(edition_id)
        assert package.code == "XL-TST"
        assert files.exists(package.media[0].sha)


def test_it_is_idempotent(app: Flask, publish) -> None:
    first = publish()
    with app.app_context(), unit_of_work(write=False):
        before = counts()
    assert publish() == first
    with app.app_context(), unit_of_work(write=False):
        assert counts() == before


def test_changed_content_makes_the_next_edition_and_keeps_the_old(app: Flask, publish) -> None:
    first = publish()
    texts = good_files()
    texts["course.toml"] = texts["course.toml"].replace("量准血压", "量准血压二")
    second = publish(files=texts)
    assert second != first
    with app.app_context(), unit_of_work(write=False):
        card = queries.by_code("XL-TST")
        assert card is not None
        assert (card.edition_number, card.titles["zh"]) == (2, "量准血压二")
        assert queries.edition_package(first).title["zh"] == "量准血压"
    assert publish() not in {first, second}


def test_it_refuses_a_broken_package_and_changes_nothing(app: Flask, publish) -> None:
    texts = good_files()
    del texts["lessons/01-part-1.en.md"]
    with app.app_context(), unit_of_work(write=False):
        before = counts()
    with pytest.raises(BadPackageError):
        publish(files=texts)
    with app.app_context(), unit_of_work(write=False):
        assert counts() == before


def test_it_refuses_an_unknown_centre_and_unknown_prerequisites(app: Flask, publish) -> None:
    with pytest.raises(BadPackageError):
        publish(slug="other", centre="TC-NOWHERE")
    with pytest.raises(BadPackageError):
        publish(slug="other", prerequisites='["XL-NONE"]')


def test_it_refuses_anothers_code_and_address(app: Flask, publish) -> None:
    publish()
    with pytest.raises(BadPackageError):
        publish(slug="other", centre="TC-OTHER")
    with pytest.raises(BadPackageError):
        publish(code="XL-NEW")


def test_the_shell_checks_and_publishes(app: Flask, publish, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    publish()
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["content", "check", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    assert '"ok": true' in answer.stdout
    answer = runner.invoke(args=["content", "publish", str(folder)])
    assert '"new": false' in answer.stdout
    (folder / "course.toml").write_text("code = 1", encoding="utf-8")
    answer = runner.invoke(args=["content", "check", str(folder)])
    assert answer.exit_code == 1
    assert "course.toml:1" in answer.stderr
    answer = runner.invoke(args=["content", "publish", str(folder)])
    assert answer.exit_code == 1
