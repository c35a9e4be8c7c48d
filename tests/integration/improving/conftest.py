"""Courses for these tests, published as those of courses are."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

import pytest
from course_packages import good_files
from flask import Flask

from lms.courses import commands
from lms.kernel.uow import unit_of_work

sys.path.insert(0, str(Path(__file__).parent))
Publish = Callable[..., UUID]


@pytest.fixture
def publish(app: Flask, tmp_path: Path) -> Publish:
    """`publish(lessons=2, …)` publishes a package, an edition each time its text differs; the edition's id.
    `more`: files that it has besides."""

    def make(
        change: Callable[[str], str] = str, more: Mapping[str, str] | None = None, **course: object
    ) -> UUID:
        folder = tmp_path / str(course.get("slug", "sample"))
        for path, text in {**good_files(**course), **(more or {})}.items():  # type: ignore[arg-type]
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(change(text), encoding="utf-8")
        with app.app_context(), unit_of_work():
            edition_id, _ = commands.publish_folder(folder)
        return edition_id

    return make
