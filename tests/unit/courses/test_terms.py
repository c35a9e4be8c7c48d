"""Terms of a course: marked in lessons, explained below them without a script, checked."""

from collections.abc import Mapping
from time import perf_counter

import pytest
from course_packages import good_files, tree

from lms.courses.packages.checker import Report, check, load
from lms.courses.packages.lesson_html import render_lesson
from lms.courses.writing.merging import merge

TERMS = """
[[terms]]
id = "foot"
word = { zh = "糖尿病足", en = "diabetic foot" }
meaning = { zh = "糖尿病引起的 <脚> 病", en = "Foot & disease" }
"""


def checked(zh: str, en: str = "A [[foot]].", terms: str = TERMS) -> Report:
    files = good_files(lessons=1)
    files["course.toml"] = files["course.toml"].replace("[assessment]", f"{terms}\n[assessment]", 1)
    for language, words in (("zh", zh), ("en", en)):
        files[f"lessons/01-part-1.{language}.md"] += f"\n{words}\n"
    return check(tree(files))


def problems(report: Report) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, str(one.message)) for one in report.problems]


def test_a_term_leads_to_its_meaning_below_the_lesson() -> None:
    report = checked("看[[foot]]。再看[[foot|病脚]]。")
    assert problems(report) == []
    assert report.package is not None
    html = "".join(render_lesson(report.package, report.package.lessons[0], "zh"))
    assert '看<a class="term" href="#t1">糖尿病足</a>。再看<a class="term" href="#t1">病脚</a>。' in html
    assert '<p id="t1"><b>糖尿病足</b>：糖尿病引起的 &lt;脚&gt; 病</p>' in html
    assert html.count('id="t1"') == 1
    english = "".join(render_lesson(report.package, report.package.lessons[0], "en"))
    assert '<a class="term" href="#t1">diabetic foot</a>' in english
    assert "<b>diabetic foot</b>: Foot &amp; disease" in english


def test_a_lesson_without_terms_says_nothing_of_them() -> None:
    report = check(tree(good_files(lessons=1)))
    assert report.package is not None
    assert "本课的词" not in "".join(render_lesson(report.package, report.package.lessons[0], "zh"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("看[[fot]]。", "课程说明里没有这个词语：fot"),
        ("看[[糖尿病足]]。", "词语的写法是"),
        ("看[[foot|]]。", "词语的写法是"),
    ],
)
def test_a_term_that_there_is_not_is_an_error_of_its_line(words: str, said: str) -> None:
    report = checked(words)
    lines = good_files(lessons=1)["lessons/01-part-1.zh.md"].count("\n") + 2
    found = [one for one in problems(report) if one[0].endswith("zh.md")]
    assert [(file, line) for file, line, _ in found] == [("lessons/01-part-1.zh.md", lines)]
    assert said in found[0][2]
    assert report.package is None


def test_terms_are_judged_as_the_rest_of_the_course() -> None:
    assert "词语 foot 没有用到" in str(problems(checked("看脚。", "A foot.")))
    twice = problems(checked("看[[foot]]。", terms=TERMS + TERMS))
    assert any("重复" in said for _, _, said in twice)
    bare = problems(checked("看[[foot]]。", terms='\n[[terms]]\nid = "foot"\nword = { zh = "脚" }\nwhat = 1\n'))
    assert len(bare) >= 2
    assert all(file == "course.toml" and line > 1 for file, line, _ in bare)


@pytest.mark.parametrize(
    "hostile", ["[[foot|<script>alert(1)</script>]]", '[[foot|" onclick=x]]', "[[[foot]]](javascript:x)"]
)
def test_words_of_a_term_are_words(hostile: str) -> None:
    files = good_files(lessons=1)
    files["course.toml"] = files["course.toml"].replace("[assessment]", f"{TERMS}\n[assessment]", 1)
    files["lessons/01-part-1.zh.md"] += f"\n{hostile}\n"
    package = load(tree(files))
    html = "".join(render_lesson(package, package.lessons[0], "zh"))
    assert "<script" not in html
    assert "javascript:" not in html.replace("](javascript:x)", "")
    assert " onclick" not in html.replace("&quot; onclick", "").replace('" onclick=x</a>', "")


def test_line_ends_beside_a_term_make_no_blank_in_chinese() -> None:
    report = checked("先看\n[[foot]]\n再说。", "See\n[[foot]]\nthen.")
    assert report.package is not None
    html = "".join(render_lesson(report.package, report.package.lessons[0], "zh"))
    assert '先看<a class="term" href="#t1">糖尿病足</a>再说。' in html
    assert 'See\n<a class="term" href="#t1">diabetic foot</a>\nthen.' in "".join(
        render_lesson(report.package, report.package.lessons[0], "en")
    )


TEXTS: Mapping[str, tuple[str, str, str]] = {
    "lines": ("\n" * 50_000, "甲" + "\n" * 49_000, "\n" * 49_500 + "乙"),
    "stops": ("。" * 60_000, "。" * 30_000 + "甲。" + "。" * 29_000, "乙" + "。" * 60_000),
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_text_that_repeats_itself_is_put_together_in_time(name: str) -> None:
    """Comparing 50,000 equal lines piece by piece would take minutes."""
    base, mine, theirs = TEXTS[name]
    began = perf_counter()
    merged = merge(base, mine, theirs)
    assert perf_counter() - began < 30
    assert "甲" in merged.text
    assert "乙" in merged.text + "".join(part.theirs or "" for part in merged.parts)
