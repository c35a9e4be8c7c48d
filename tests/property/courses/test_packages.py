"""Whatever comes in, the checker answers with problems or a package, never with a fault."""

import tomllib

from course_packages import good_files, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.courses.packages import markdown
from lms.courses.packages.checker import check
from lms.courses.packages.lines import LineIndex
from lms.courses.packages.problem import BadPackageError
from lms.courses.packages.tree import read_zip

GOOD = good_files()
SCRAPS = st.sampled_from(
    ["[[", "]]", '"""', "'", "=", "{", "}", "\n", "+++\n", ":::", "::: emg x\n", "[^", "](", "**", "\\"]
) | st.text(max_size=12)


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(sorted(GOOD)), data=st.data())
def test_a_spoiled_package_is_judged_without_a_fault(path: str, data: st.DataObject) -> None:
    text = GOOD[path]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 40))
    spoiled = text[:at] + data.draw(SCRAPS) + text[at + cut :]
    found = check(tree({**GOOD, path: spoiled.encode("utf-8", "surrogatepass")}))
    for one in found.problems:
        assert one.line >= 0
        assert str(one.message)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_random_bytes_are_refused(data: bytes) -> None:
    try:
        read_zip(data)
    except BadPackageError:
        return
    raise AssertionError("random bytes were taken for a package")


@settings(max_examples=150, deadline=None)
@given(st.lists(SCRAPS, max_size=30).map("".join))
def test_html_of_any_text_keeps_to_the_allow_list(text: str) -> None:
    html = markdown.render(text, markdown.Page(lambda address: None, "t", "s"))
    assert markdown.clean(html) == html


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_the_lines_of_any_toml_lie_inside_it(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    index = LineIndex(text)
    for key in data:
        assert 1 <= index.line(key) <= text.count("\n") + 1
