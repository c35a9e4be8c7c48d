"""The checker: a good package passes, each fault is named with its file and line."""

from datetime import date

import pytest
from course_packages import course_toml, good_files, item, knowledge_toml, lesson_md, tree

from lms.courses.packages.checker import Report, check, load
from lms.courses.packages.problem import Severity

TODAY = date(2026, 11, 21)


def report(files: dict[str, str]) -> Report:
    return check(tree(files), folder="sample", today=TODAY)


def test_a_good_package_has_no_problem() -> None:
    found = report(good_files())
    assert [str(one.message) for one in found.problems] == []
    assert found.package is not None
    assert [lesson.slug for lesson in found.package.lessons] == ["part-1", "part-2"]
    assert found.package.assessment is not None
    assert found.package.assessment.item_count == 15
    assert load(tree(good_files())) == found.package


def replaced(path: str, old: str, new: str) -> dict[str, str]:
    files = good_files()
    assert old in files[path], (path, old)
    files[path] = files[path].replace(old, new, 1)
    return files


def line_of(files: dict[str, str], path: str, needle: str) -> int:
    return files[path][: files[path].index(needle)].count("\n") + 1


SPOILED = [
    ("course.toml", 'code = "XL-TST"', 'code = "xl tst"', "xl tst"),
    ("course.toml", 'slug = "sample"', 'slug = "other"', "other"),
    ("course.toml", 'subject = "chronic-disease"', 'subject = "magic"', "magic"),
    ("course.toml", 'hours = "1"', "hours = 1", "hours = 1"),
    ("course.toml", "review_by = 2099-11-30", 'review_by = "soon"', "soon"),
    ("course.toml", 'audience = ["village_doctor"]', 'audience = ["wizard"]', "wizard"),
    ("course.toml", "year = 2017", "year = 1492", "1492"),
    ("course.toml", 'certainty = "official"', 'certainty = "sure"', '"sure"'),
    ("course.toml", "pass_mark = 80", "pass_mark = 180", "180"),
    ("course.toml", 'topic = "measure"\ncount', 'topic = "nope"\ncount', '"nope"'),
    ("course.toml", 'en = "Measure as specified"', 'en = ""', 'en = ""'),
    ("course.toml", 'reviewer = "none"', 'reviewer = "none"\nreviwer = "x"', "reviwer"),
    ("items/bank.toml", 'code = "TST-002"', 'code = "TST-001"', None),
    ("items/bank.toml", 'topic = "measure"', 'topic = "nope"', '"nope"'),
    ("items/bank.toml", 'objective = "o1"', 'objective = "o9"', '"o9"'),
    ("items/bank.toml", "difficulty = 1", "difficulty = 7", "difficulty = 7"),
    ("items/bank.toml", 'en = "b a" }, correct', 'en = "" }, correct', 'en = "" }'),
    ("lessons/01-part-1.zh.md", "minutes = 7", "minutes = 12", "minutes = 12"),
    ("lessons/01-part-1.zh.md", "::: check TST-C01", "::: check TST-C77", "TST-C77"),
    ("lessons/01-part-1.zh.md", "::: check TST-C01", "::: check TST-001", "TST-001"),
    ("lessons/01-part-1.zh.md", "[^spec-2017]", "[^made-up]", "[^made-up]"),
    ("lessons/01-part-1.zh.md", "media/flow.svg", "media/gone.svg", "gone"),
    ("lessons/01-part-1.zh.md", "![流程]", "![]", "![]"),
    ("lessons/01-part-1.zh.md", "## 先歇", "# 先歇", "# 先歇"),
    ("lessons/01-part-1.zh.md", "量两次", "<script>x</script>", "<script>"),
    ("lessons/01-part-1.zh.md", "量两次", "量 2*3 次", "2*3"),
    ("lessons/01-part-1.zh.md", "::: emg", "::: boo", "::: boo"),
    ("lessons/01-part-1.zh.md", "量两次", "[x](javascript:x)", "javascript"),
    ("lessons/01-part-1.zh.md", "| 结果 | 做法 |\n|---|--:|", "|a|b|c|d|\n|-|-|-|-|", "|a|b|c|d|"),
]


@pytest.mark.parametrize(("path", "old", "new", "needle"), SPOILED)
def test_it_names_file_and_line_of_a_fault(path: str, old: str, new: str, needle: str | None) -> None:
    files = replaced(path, old, new)
    found = report(files)
    assert found.package is None
    where = {(one.file, one.line) for one in found.problems if one.severity is Severity.ERROR}
    if needle is not None:
        assert (path, line_of(files, path, needle)) in where, where
    assert any(file == path for file, _ in where)


def test_a_second_item_of_the_same_code_is_named_on_its_own_line() -> None:
    files = replaced("items/bank.toml", 'code = "TST-002"', 'code = "TST-001"')
    second = files["items/bank.toml"].index('code = "TST-001"', 40)
    line = files["items/bank.toml"][:second].count("\n") + 1
    assert [(one.file, one.line) for one in report(files).problems] == [("items/bank.toml", line)]


def test_a_missing_language_is_an_error() -> None:
    files = good_files()
    del files["lessons/02-part-2.en.md"]
    found = report(files)
    assert [(one.file, one.line) for one in found.problems] == [("lessons/02-part-2.zh.md", 0)]


def test_a_lesson_without_a_self_check_is_refused() -> None:
    files = good_files(lessons=1)
    files["lessons/01-part-1.zh.md"] = lesson_md("一", 1, "只有字[^spec-2017]。\n")
    found = report(files)
    assert found.package is None


def test_positions_must_follow_each_other() -> None:
    files = good_files()
    for language in ("zh", "en"):
        files[f"lessons/04-part-2.{language}.md"] = files.pop(f"lessons/02-part-2.{language}.md")
    assert report(files).package is None


def test_a_second_emergency_box_and_a_third_key_box_are_refused() -> None:
    box = "\n::: {} 题\n字\n:::\n"
    for kind, times in (("emg", 1), ("key", 3)):
        files = good_files()
        files["lessons/01-part-1.zh.md"] += box.format(kind) * times
        assert report(files).package is None, kind


def test_a_bank_that_cannot_fill_the_paper_is_refused() -> None:
    files = replaced("course.toml", "count = 15", "difficulty = 3\ncount = 15")
    assert report(files).package is None
    files = replaced("course.toml", "count = 15", "count = 17")
    assert report(files).package is None


def test_a_paper_outside_fifteen_to_twenty_items_is_refused() -> None:
    assert report(replaced("course.toml", "count = 15", "count = 5")).package is None


def test_generous_hours_are_a_warning_only() -> None:
    found = report(replaced("course.toml", 'hours = "1"', 'hours = "6"'))
    assert found.package is not None
    assert [one.severity for one in found.problems] == [Severity.WARNING]


def test_what_is_not_toml_is_named_with_its_line() -> None:
    files = good_files()
    files["items/bank.toml"] += '\n[[item]\ncode = "x"\n'
    found = report(files)
    line = files["items/bank.toml"].count("\n") - 1
    assert ("items/bank.toml", line) in {(one.file, one.line) for one in found.problems}


def test_deep_nesting_and_giant_numbers_are_only_faults() -> None:
    for text in ("a = " + "[" * 5000 + "]" * 5000, "a = " + "9" * 100_000, "a = 0x" + "f" * 9):
        files = good_files()
        files["course.toml"] = text
        assert report(files).package is None


def test_what_is_not_utf8_is_named_with_its_line() -> None:
    files: dict[str, str | bytes] = dict(good_files())
    text = good_files()["lessons/01-part-1.zh.md"].encode()
    files["lessons/01-part-1.zh.md"] = text + "\n高血压".encode("gb18030")
    found = check(tree(files), today=TODAY)
    lines = text.count(b"\n") + 2
    first = next(one for one in found.problems if one.file == "lessons/01-part-1.zh.md")
    assert (first.line, found.package) == (lines, None)


def test_a_megabyte_of_toml_is_refused_unread() -> None:
    files = good_files()
    files["items/bank.toml"] = "#" * 1_000_000
    found = report(files)
    assert [one.file for one in found.problems if one.file == "items/bank.toml"]
    assert found.package is None


def test_hidden_characters_are_refused() -> None:
    assert report(replaced("lessons/01-part-1.zh.md", "量两次", "量\u202e两次")).package is None


def test_without_course_toml_there_is_one_problem() -> None:
    found = check({})
    assert (len(found.problems), found.package) == (1, None)


@pytest.mark.parametrize(
    "svg",
    [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>x</script></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="x()"/>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="https://evil.example/x.png"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><use href="https://evil.example/x.svg#a"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        "<style>@import url(https://evil.example/x.css)</style></svg>",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        '<rect style="fill:url(https://evil.example/x)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><foreignObject/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"/>',
        '<svg viewBox="0 0 9 9"/>',
        "<svg",
        "not a picture",
    ],
)
def test_an_svg_that_is_more_than_a_drawing_is_refused(svg: str) -> None:
    files = good_files()
    files["media/flow.svg"] = svg
    found = report(files)
    assert found.package is None
    assert any(one.file == "media/flow.svg" for one in found.problems)


def test_a_language_variant_needs_its_sister() -> None:
    files = good_files()
    files["media/flow.zh.svg"] = files.pop("media/flow.svg")
    found = report(files)
    assert found.package is None
    files["media/flow.en.svg"] = files["media/flow.zh.svg"]
    assert report(files).package is not None


def test_a_knowledge_test_is_small_ticked_and_about_every_goal() -> None:
    def problems(text: str, **changed: str) -> list[tuple[str, str]]:
        found = report({**good_files(), "items/knowledge.toml": text, **changed}).problems
        return [(one.severity.name, str(one.message)) for one in found]

    for number in (3, 10):
        assert problems(knowledge_toml(number)) == []
    for number in (2, 11):
        (told,) = problems(knowledge_toml(number))
        assert (told[0], "小测要有 3 到 10 题" in told[1]) == ("ERROR", True)
    told = problems(knowledge_toml(3) + item("TST-K09", "knowledge", "ordering"))
    assert any("小测只能用" in said for _, said in told)
    goal = '[[objectives]]\nid = "o2"\ntext = { zh = "记好", en = "Write it down" }\n'
    told = problems(knowledge_toml(3), **{"course.toml": course_toml() + goal})
    assert ("HINT", "小测没有问到目标 o2") in told
    lesson = good_files()["lessons/01-part-1.zh.md"].replace("TST-C01", "TST-K01")
    told = problems(knowledge_toml(3), **{"lessons/01-part-1.zh.md": lesson})
    assert any("TST-K01 是小测题" in said for _, said in told)


def test_a_table_that_is_none_is_told() -> None:
    files = good_files()
    files["lessons/01-part-1.zh.md"] += "\n| [[a|甲]] | 乙 |\n|---|---|\n| 一 | 二 |\n"
    assert any("表格没有成形" in str(one.message) for one in check(tree(files)).problems)
