"""What a lesson takes is measured, and held against what it says."""

from math import ceil

import films
import pytest
from course_packages import good_files, tree
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.imports.brought import Lesson
from lms.courses.imports.making import _minutes
from lms.courses.packages.checker import Report, check
from lms.courses.packages.problem import Problem, Severity
from lms.courses.packages.reading_time import Length, length_of

ZH, EN = "lessons/01-part-1.zh.md", "lessons/01-part-1.en.md"


def lesson_of(minutes: int, zh: str = "", en: str = "", seconds: int = 0) -> Report:
    """The sample with a first lesson of these minutes, these words more, and a sound so long."""
    files = good_files()
    for path, more in ((ZH, zh), (EN, en)):
        files[path] = files[path].replace("minutes = 7", f"minutes = {minutes}")
        sound = "\n![听](media/a.audio)\n" if seconds else ""
        files[path] = files[path].replace("\n::: check", f"\n{more}\n{sound}\n::: check", 1)
    if seconds:
        sha = "a" * 64
        file = f'[[files]]\nsha = "{sha}"\ntype = "audio/ogg"\nsize = 9\n'
        files["media/a.audio.toml"] = f'kind = "audio"\nseconds = {seconds}\n\n{file}'
        files |= {f"media/a.{language}.vtt": films.captions().decode() for language in ("zh", "en")}
    return check(tree(files), folder="sample")


def time_problems(found: Report) -> list[Problem]:
    return [one for one in found.problems if "estimate" in one.message.params]


def words_of(letters: int) -> str:
    return "量三次。" * (letters // 3)


@pytest.mark.parametrize(
    ("minutes", "letters", "seconds", "severity"),
    [
        (7, 0, 0, None),
        (1, 600, 0, None),
        (1, 1200, 0, Severity.WARNING),
        (5, 3000, 0, None),
        (5, 3600, 0, Severity.WARNING),
        (8, 4800, 0, None),
        (8, 5400, 0, Severity.ERROR),
        (3, 5400, 0, Severity.ERROR),
        (8, 0, 490, None),
        (8, 0, 530, Severity.ERROR),
        (3, 0, 260, Severity.WARNING),
        (8, 3600, 200, Severity.ERROR),
    ],
)
def test_the_minutes_declared_are_held_against_text_and_sound(
    minutes: int, letters: int, seconds: int, severity: Severity | None
) -> None:
    found = time_problems(lesson_of(minutes, zh=words_of(letters), seconds=seconds))
    assert [one.severity for one in found] == ([severity] if severity else [])
    for one in found:
        text = one.message.msgid.format(**one.message.params)
        assert f"约要 {one.message.params['estimate']} 分钟" in text
        assert (f"写的是 {minutes} 分钟" if severity is Severity.WARNING else "最多 8 分钟") in text
        assert (one.file, one.line) == (ZH if letters else EN, 1), "the language that takes longer"


def test_english_is_read_by_words_and_the_longer_language_counts() -> None:
    (found,) = time_problems(lesson_of(8, en="measure it again " * 1200))
    assert (found.file, found.severity) == (EN, Severity.ERROR)
    assert not time_problems(lesson_of(8, en="measure it again " * 600))


def test_marks_and_addresses_are_not_read() -> None:
    linked = "[量](https://example.org/" + "a/" * 4000 + ")"
    assert not time_problems(lesson_of(1, zh=linked))


@pytest.mark.parametrize(
    ("length", "longer", "minutes"),
    [
        (Length(), False, 1),
        (Length(seconds=510), False, 9),
        (Length(seconds=511), True, 9),
        (Length(letters=5100), False, 13),
        (Length(letters=5101), True, 13),
        (Length(words=3060), False, 13),
        (Length(words=3061), True, 13),
        (Length(letters=3000, seconds=210), False, 11),
        (Length(letters=3000, seconds=211), True, 12),
    ],
)
def test_the_edge_of_eight_minutes(length: Length, longer: bool, minutes: int) -> None:
    assert (length.longer_than(8), length.minutes) == (longer, minutes)


LENGTHS = st.builds(Length, st.integers(0, 40_000), st.integers(0, 8_000), st.integers(0, 4_000))


@given(LENGTHS, LENGTHS)
def test_more_to_read_never_takes_less(one: Length, other: Length) -> None:
    both = one + other
    assert both.minutes >= max(one.minutes, other.minutes)
    assert both.minutes <= one.minutes + other.minutes
    assert both.minutes == max(1, ceil(round((both.reading + both.seconds) / 60, 9)))
    for minutes in range(1, 9):
        assert both.longer_than(minutes) >= one.longer_than(minutes), "a piece is never longer than the whole"
    if both.longer_than(8):
        assert both.minutes > 8, "who is refused is told of more than eight minutes"


@given(st.text(alphabet="量血压 a1.,\n", max_size=300), st.text(alphabet="量血压 a1.,\n", max_size=300))
def test_two_paragraphs_are_as_long_as_both(one: str, other: str) -> None:
    assert length_of(f"{one}\n\n{other}") == length_of(one) + length_of(other)


def test_what_comes_from_a_file_is_proposed_by_the_same_measure() -> None:
    assert _minutes(Lesson("课", words_of(1200))) == 3
    assert _minutes(Lesson("课", "")) == 1
    assert _minutes(Lesson("课", words_of(9000))) == 8
