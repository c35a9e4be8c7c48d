"""Courses for the tests: published straight from a sample package, or uploaded through the studio."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from course_packages import good_files
from flask import Flask

from lms.courses import commands
from lms.kernel.uow import unit_of_work

Publish = Callable[..., UUID]


@pytest.fixture
def publish(app: Flask, tmp_path: Path) -> Publish:
    """`publish(slug="sample", lessons=2, …)` writes a package folder and publishes it; the edition's id."""

    def make(files: dict[str, str | bytes] | None = None, **course: object) -> UUID:
        slug = str(course.get("slug", "sample"))
        files = files or good_files(**course)  # type: ignore[arg-type]
        folder = tmp_path / slug
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        with app.app_context(), unit_of_work():
            edition_id, _ = commands.publish_folder(folder)
        return edition_id

    return make
