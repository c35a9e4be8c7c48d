"""Lessons as HTML: right beside Chinese punctuation, and never anything an author smuggled in."""

import pytest
from course_packages import good_files, tree

from lms.courses.packages import markdown
from lms.courses.packages.checker import check
from lms.courses.packages.lesson_html import render_lesson


def page() -> markdown.Page:
    return markdown.Page(lambda address: None, "表格", "依据")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**高血压（定义）**是指", "<strong>高血压（定义）</strong>是指"),
        ("**“重点”**内容", "<strong>“重点”</strong>内容"),
        ("**他说：“好”**然后**走了。**", "<strong>他说：“好”</strong>然后<strong>走了。</strong>"),
        ("与 **血压≥140**，", "与 <strong>血压≥140</strong>，"),
        ("a * b * c", "a * b * c"),
        ("**bold** text", "<strong>bold</strong> text"),
        ("收缩压 180 mmHg", "收缩压 180&nbsp;mmHg"),
        ("歇 5 分钟", "歇 5&nbsp;分钟"),
        ("第一行\n第二行", "第一行第二行"),
        ("one\ntwo", "one\ntwo"),
        ("<140/90", "&lt;140/90"),
    ],
)
def test_text_comes_out_as_chinese_wants_it(text: str, html: str) -> None:
    assert markdown.render(text, page()).strip() == f"<p>{html}</p>"


def test_marks_are_numbered_in_order_of_first_use() -> None:
    one = page()
    html = markdown.render("甲[^b]乙[^a]丙[^b]", one)
    assert one.marks == ["b", "a"]
    assert html.count('href="#s1"') == 2
    assert html.count('href="#s2"') == 1


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    '[x](https://a.example/"onmouseover="alert(1))',
    "![x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "<a href='javascript:x'>x</a>",
    "::: emg <img src=x onerror=alert(1)>",
    "| <b onclick=x> |\n|---|\n| <svg onload=x> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "```html\n<script>\n```",
    '[^"><script>]',
    "<!-- --><iframe src=x>",
    "<style>@import 'x'</style>",
    "[a]: javascript:x\n\n[a]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text: str) -> None:
    html = markdown.render(text, page())
    for bad in ("<script", "<img", "<iframe", "<svg", "<style", 'href="javascript', 'evil.example/x.png"'):
        assert bad not in html.lower()
    for handler in ("onerror=", "onclick=", "onload=", "onmouseover="):
        assert f" {handler}" not in html.replace("&lt;img src=x onerror", "").replace("&lt;b onclick", "").replace(
            "&lt;svg onload", ""
        )


def test_the_allow_list_is_a_wall_of_its_own() -> None:
    html = markdown.clean(
        '<p onclick="x" style="color:red">a<script>b</script>'
        '<img src="data:x" onerror="y"><a href="javascript:z">c</a><form><input></form></p>'
    )
    for bad in ("onclick", "style", "script", "onerror", "javascript", "form", "input", "data:"):
        assert bad not in html


def test_a_lesson_is_cut_at_its_self_checks() -> None:
    package = check(tree(good_files())).package
    assert package is not None
    parts = render_lesson(package, package.lessons[0], "zh")
    assert len(parts) == 3
    assert parts[1] == "TST-C01"
    assert '<div class="call emg no">' in parts[0]
    assert 'href="tel:120"' in parts[0]
    sha = package.media[0].sha
    assert f'<img src="/media/{sha}.svg" width="320" height="120" alt="流程" loading="lazy"' in parts[0]
    assert "<figcaption>图 1　流程</figcaption>" in parts[0]
    assert '<li id="s1">《服务规范》，卫生部门，2017年，第三章。' in parts[2]
    assert "读自原文" in parts[2]
    english = render_lesson(package, package.lessons[0], "en")
    assert "Sources of this lesson" in english[2]
    assert "read in the original" in english[2]


def test_tables_scroll_by_themselves_and_carry_no_style() -> None:
    html = markdown.render("## 看\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n", page())
    assert '<div class="scroll" tabindex="0" role="region" aria-label="看"><table>' in html
    assert '<td class="r num">2</td>' in html
    assert "style" not in html
