"""What keeps a course from being published or approved, and what is only a hint."""

import time
from datetime import date

import pytest
from course_packages import good_files, tree

from lms.courses.packages.checker import Report, by_severity, check
from lms.courses.packages.contrast import ratio
from lms.courses.packages.problem import Problem, Severity

TODAY = date(2026, 11, 21)
ZH, EN = "lessons/01-part-1.zh.md", "lessons/01-part-1.en.md"


def report(files: dict[str, str], today: date = TODAY) -> Report:
    return check(tree(files), folder="sample", today=today)


def changed(path: str, old: str, new: str) -> dict[str, str]:
    files = good_files()
    assert old in files[path], (path, old)
    files[path] = files[path].replace(old, new, 1)
    return files


def only(found: Report) -> Problem:
    (problem,) = found.problems
    return problem


def drawing(inside: str) -> dict[str, str]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120">{inside}</svg>'
    return good_files() | {"media/flow.svg": svg}


@pytest.mark.parametrize(
    ("path", "old", "new", "severity", "words"),
    [
        (EN, "Measure twice.", "量两次。", Severity.WARNING, "量两次"),
        (EN, "## Rest for 5 minutes first", "## 先歇 5 分钟", Severity.ERROR, "先歇"),
        (EN, "::: emg Call 120 first", "::: emg 先打 120", Severity.ERROR, "先打"),
        (EN, "Measure twice.", "\n\n叫不醒，先打 120[^spec-2017]。", Severity.ERROR, "先打"),
        (EN, "Measure twice.", "\n\n《规范》（第三版）", Severity.WARNING, "规范"),
        (EN, 'title = "Part 1"', 'title = "第 1 课"', Severity.ERROR, "第 1 课"),
        (EN, 'title = "Part 1"', 'title = "Part 1 (第 1 课)"', Severity.WARNING, "第 1 课"),
        ("course.toml", 'en = "Measuring" }', 'en = "测量" }', Severity.ERROR, "测量"),
        ("course.toml", 'en = "Measuring" }', 'en = "Measuring 测量" }', Severity.WARNING, "测量"),
        ("items/bank.toml", 'en = "Because of b."', 'en = "因为乙。"', Severity.ERROR, "因为乙"),
        ("items/bank.toml", 'en = "Because of b."', 'en = "Because of b (乙)."', Severity.WARNING, "乙"),
        ("items/bank.toml", 'sources = ["spec-2017"]', "sources = []", Severity.ERROR, "TST-001"),
    ],
)
def test_what_is_plainly_not_translated_or_not_sourced_blocks_and_mixed_words_warn(
    path: str, old: str, new: str, severity: Severity, words: str
) -> None:
    whole = report(changed(path, old, new))
    found = only(whole)
    assert found.severity is severity
    assert whole.readable is not None, "a draft it can be"
    assert (whole.package is None) == (severity is Severity.ERROR)
    assert words in found.message.msgid.format(**found.message.params)
    if path in (EN, "course.toml"):
        assert found.file == path
        assert found.line > 0


def test_a_chinese_lesson_without_chinese_is_not_translated() -> None:
    files = good_files()
    files[ZH] = files[ZH].partition("+++\n::: emg")[0] + files[EN][files[EN].index("+++\n::: emg") :]
    found = only(report(files))
    assert (found.file, found.severity) == (ZH, Severity.ERROR)


def test_a_lesson_without_a_source_is_an_error() -> None:
    files = good_files()
    for path in (ZH, EN):
        files[path] = files[path].replace('sources = ["spec-2017"]', "sources = []").replace("[^spec-2017]", "")
    found = report(files)
    assert [one.message.msgid for one in found.problems if one.severity is Severity.ERROR] == [
        "这一课没有写依据，至少要有一条"
    ]


def test_a_question_without_its_explanation_is_an_error() -> None:
    files = changed("items/bank.toml", 'explanation = { zh = "因为乙。", en = "Because of b." }', "")
    found = report(files)
    assert found.package is None
    assert any("explanation" in str(one.message.params) for one in found.problems)


def test_a_lesson_that_is_too_heavy_names_its_heaviest_pictures() -> None:
    files = good_files()
    for name, letter in (("flow", "x"), ("other", "y")):
        files |= {f"media/{name}.svg": drawing(f"<desc>{letter * 200_000}</desc>")["media/flow.svg"]}
    for path in (ZH, EN):
        files[path] = files[path].replace("\n| ", "\n![B](media/other.svg)\n\n| ", 1)
    found = [one for one in report(files).problems if one.severity is Severity.ERROR]
    assert {one.file for one in found} == {ZH, EN}
    assert found[0].message.params["largest"] == "flow.svg 196 kB, other.svg 196 kB"


def test_a_review_that_is_due_blocks_also_what_nobody_reviewed() -> None:
    late = date(2100, 1, 1)
    assert only(report(good_files(), late)).severity is Severity.ERROR
    assert report(good_files(), late).readable is not None
    named = changed("course.toml", 'reviewer = "none"', 'reviewer = "李审"')
    assert only(report(named, late)).severity is Severity.ERROR
    assert report(named).problems == ()


def test_long_sentences_are_a_hint_that_blocks_nothing() -> None:
    long = "把袖带绑在上臂让人坐好歇够五分钟以后再开始量血压并且把两次量到的数都记在本子上然后算平均数写进随访表。"
    found = report(changed(ZH, "## 先歇", "\n\n".join([long] * 40) + "\n\n## 先歇"))
    assert only(found).severity is Severity.HINT
    assert found.package is not None
    assert by_severity(found.problems) == {"error": 0, "warning": 0, "hint": 1}
    long = "Put the cuff around the upper arm and " + "let her sit and rest for five minutes and " * 4 + "measure."
    found = report(changed(EN, "## Rest", "\n\n".join([long] * 40) + "\n\n## Rest"))
    assert (only(found).severity, only(found).file) == (Severity.HINT, EN)


@pytest.mark.parametrize(
    "inside",
    [
        '<text x="10" y="30" fill="#ccc">浅</text>',
        '<rect width="320" height="120" fill="#0f5c4c"/><text x="10" y="30" fill="#1b2724">深</text>',
        '<style>.a{fill:#dddddd}</style><g class="a"><text x="10" y="30">浅</text></g>',
        '<circle cx="60" cy="60" r="20" fill="#123"/><g transform="translate(50 60)"><text y="5" x="10">深</text></g>',
        '<text x="10" y="30" font-size="30" style="fill:#cfcfcf">大</text>',
    ],
)
def test_pale_words_in_a_drawing_are_an_error_of_publishing(inside: str) -> None:
    whole = report(drawing(inside))
    found = only(whole)
    assert (found.file, found.severity) == ("media/flow.svg", Severity.ERROR)
    assert whole.package is None
    assert whole.readable is not None


@pytest.mark.parametrize(
    "inside",
    [
        '<text x="10" y="30">黑</text>',
        '<rect width="100%" height="100%" fill="#000"/><text x="10" y="30" fill="white">白</text>',
        '<circle cx="60" cy="60" r="20" fill="#0f5c4c"/><text x="55" y="65" fill="#fff">1</text>',
        '<text x="10" y="30" font-size="30" fill="#8a8a8a">大字</text>',
        # What lies behind cannot be known: nothing is said.
        '<path d="M0 0C0 90 90 90 320 120Z" fill="#000"/><text x="10" y="30" fill="#222">?</text>',
        '<g transform="rotate(20)"><rect width="9" height="9" fill="#000"/></g><text x="1" y="9" fill="#fff">?</text>',
        '<text x="10" y="30" fill="url(#g)">?</text>',
    ],
)
def test_words_that_can_be_read_or_not_be_judged_are_let_be(inside: str) -> None:
    assert report(drawing(inside)).problems == ()


def test_contrast_is_that_of_the_standard() -> None:
    assert round(ratio((0, 0, 0), (255, 255, 255)), 2) == 21
    assert round(ratio((119, 119, 119), (255, 255, 255)), 2) == 4.48
    assert ratio((1, 2, 3), (1, 2, 3)) == 1


@pytest.mark.parametrize("inside", ["<style>.a{fill:#000}</style>", "<!-- drawn by hand -->", "<text>1 &gt; 2</text>"])
def test_a_drawing_of_the_english_is_judged_by_its_words_alone(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120"><text>先歇五分钟</text>{inside}</svg>'
    files = good_files()
    files |= {"media/flow.zh.svg": files.pop("media/flow.svg"), "media/flow.en.svg": svg}
    assert only(report(files)).severity is Severity.ERROR


def test_what_is_too_heavy_can_still_be_a_draft() -> None:
    files = drawing(f"<desc>{'x' * 200_000}</desc>")
    files["media/other.svg"] = files["media/flow.svg"]
    for path in (ZH, EN):
        files[path] = files[path].replace("\n| ", "\n![B](media/other.svg)\n\n| ", 1)
    files["media/other.svg"] = files["media/other.svg"].replace("x" * 10, "y" * 10)
    found = report(files)
    assert found.package is None
    assert found.readable is not None


HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'


@pytest.mark.parametrize("text", [
    HEAD + "<g>" * 5000 + "</g>" * 5000 + "</svg>", HEAD + "<style " * 25_000, HEAD + "<!--" * 50_000,
    '<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD + "</svg>",
])  # fmt: skip
def test_a_drawing_that_was_refused_is_not_judged_further(text: str) -> None:
    began = time.process_time()
    found = report(good_files() | {"media/bad.en.svg": text})
    assert {one.severity for one in found.problems if one.file == "media/bad.en.svg"} >= {Severity.ERROR}
    assert found.readable is None
    assert time.process_time() - began < 3
