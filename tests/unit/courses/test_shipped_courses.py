"""The courses that come with the house are what it asks of others: the checker has nothing to say of them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.courses import cli
from lms.courses.packages.checker import load
from lms.courses.packages.tree import read_folder

FOLDER = Path(__file__).parents[3] / "content" / "courses"
COURSES = sorted(path.parent.name for path in FOLDER.glob("*/course.toml"))


def test_there_are_twelve() -> None:
    assert COURSES == [
        "cancer-screening", "chest-pain-stroke", "child-health", "cpr-anaphylaxis", "diabetes", "hypertension",
        "infectious-disease-reporting", "maternal-care", "older-people", "rational-medicines", "severe-mental-disorder",
        "tuberculosis",
    ]  # fmt: skip


@pytest.mark.parametrize("name", COURSES)
def test_a_shipped_course_has_no_error_and_no_warning(name: str) -> None:
    answer = CliRunner().invoke(cli.check_command, [str(FOLDER / name), "--json"])
    said = json.loads(answer.stdout)
    assert (said["ok"], said["error"], said["warning"], said["problems"]) == (True, 0, 0, [])
    assert answer.exit_code == 0


@pytest.mark.parametrize("name", COURSES)
def test_every_statement_of_a_shipped_course_was_read_a_second_time(name: str) -> None:
    stated = load(read_folder(FOLDER / name)).stated
    assert stated is not None
    assert len(stated.standing) >= 60
    assert [one.says for one in stated.statements if not one.reading] == []
    assert [one.says for one in stated.statements if one.reading != "holds" and not one.note] == []


@pytest.mark.parametrize("name", COURSES)
def test_no_question_says_itself_what_its_page_says_below(name: str) -> None:
    """How it is answered (one, several, a number) stands behind every question."""
    stems = [stem for item in load(read_folder(FOLDER / name)).items for stem in item.stem.values()]
    assert [stem for stem in stems if stem.endswith(("（多选）", "（填数）", "several answers)", "that apply)"))] == []
