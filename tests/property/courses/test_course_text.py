"""course.toml through the forms' eyes: what is not touched stays letter for letter, what is wanted is what it says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.writing.course_fields import PAGES, Page, Values, typed_cell
from lms.courses.writing.course_text import Row, data_of, put, shown
from lms.courses.writing.planning import plan
from lms.courses.writing.toml_blocks import OddlyWrittenError, edited, joined, split
from lms.kernel.errors import Invalid

SHIPPED = [path.read_text(encoding="utf-8") for path in Path("content/courses").glob("*/course.toml")]
COMMENTED = """# 写给同事
title = { zh = "量", en = "Measure" } # 别改短
hours = "1"

# 目标都在这里
[[objectives]]
id = "o1" # 第一条
text = { zh = "一", en = "One" }

# 第二条从指南来
[[objectives]]
id = "o2"
[objectives.text]
zh = '''二
# 不是注释
[[objectives]]'''
en = "Two"

[[objectives]]
text.zh = "三"
text.en = "Three"
id = "o3"

# 考试
[assessment]
minutes = 30 # 半小时
"""
texts = st.sampled_from([*SHIPPED, COMMENTED, "", 'title = "x"', "objectives = []\n"])
pages = st.sampled_from(list(PAGES.values()))
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


def values_of(page: Page, text: str) -> Values:
    data = data_of(text)
    assert data is not None
    return shown(page, data)


@given(text=st.one_of(texts, st.text("[]#\"'\n =ab.{}", max_size=60)))
def test_parts_put_together_are_the_text(text: str) -> None:
    assert joined(*split(text)) == text


@given(text=texts, page=pages)
def test_what_is_sent_unchanged_stays(text: str, page: Page) -> None:
    now = values_of(page, text)
    planned = plan(page, now, now)
    assert planned.says(now)
    assert put(page, text, now, planned.cells or now.cells, planned.wanted, on=planned.on) == text if now.on else True


@given(text=st.sampled_from([*SHIPPED, COMMENTED]), typed=words, cell=st.sampled_from(["title_zh", "title_en"]))
def test_one_title_changes_one_line(text: str, typed: str, cell: str) -> None:
    page = PAGES["course"]
    now = values_of(page, text)
    said = typed_cell(cell, typed)
    after = put(page, text, now, {**now.cells, cell: said}, {})
    assert values_of(page, after).cells == {**now.cells, cell: said}
    changed = [(a, b) for a, b in zip(text.split("\n"), after.split("\n"), strict=True) if a != b]
    assert len(changed) == (said != now.cells[cell])


@given(text=st.sampled_from([*SHIPPED, COMMENTED]), data=st.data())
def test_rows_come_go_and_move(text: str, data: st.DataObject) -> None:
    """Whatever becomes of the rows, the file says it, and every comment outside the rows that went is still there."""
    page = PAGES["goals"]
    now = values_of(page, text)
    old = now.rows["objectives"]
    order = data.draw(st.lists(st.integers(0, len(old) - 1), unique=True))
    rows = [Row(number, {**old[number], "zh": typed_cell("zh", data.draw(words))}) for number in order]
    rows += [Row(None, {"id": f"n{number}", "zh": "新", "en": "New"}) for number in range(data.draw(st.integers(0, 2)))]
    topics = [Row(number, row) for number, row in enumerate(now.rows["topics"])]
    after = put(page, text, now, {}, {"objectives": rows, "topics": topics})
    assert values_of(page, after).rows["objectives"] == [row.cells for row in rows]
    for comment in ("# 写给同事", "# 别改短", "# 目标都在这里", "# 考试", "# 半小时"):
        assert (comment in text) == (comment in after)
    for number, comment in ((0, "# 第一条"), (1, "# 第二条从指南来")):
        assert (comment in after) == (comment in text and number in order)


@given(text=st.sampled_from(SHIPPED))
def test_moved_there_and_back_it_is_the_same(text: str) -> None:
    page = PAGES["goals"]
    now = values_of(page, text)
    rows = [Row(number, row) for number, row in enumerate(now.rows["objectives"])]
    topics = [Row(number, row) for number, row in enumerate(now.rows["topics"])]
    there = put(page, text, now, {}, {"objectives": rows[::-1], "topics": topics})
    moved = values_of(page, there)
    back = [Row(number, row) for number, row in enumerate(moved.rows["objectives"])][::-1]
    assert put(page, there, moved, {}, {"objectives": back, "topics": topics}) == text


@pytest.mark.parametrize(
    "text", ['objectives = [{ id = "o1", text = { zh = "一", en = "One" } }]\n', "[x]\n[[x.objectives]]\n"]
)
def test_what_is_oddly_written_is_refused_or_right(text: str) -> None:
    page = PAGES["goals"]
    now = values_of(page, text)
    rows = [*(Row(number, row) for number, row in enumerate(now.rows["objectives"])),
            Row(None, {"id": "o9", "zh": "新", "en": "New"})]  # fmt: skip
    try:
        after = put(page, text, now, {}, {"objectives": rows, "topics": []})
    except OddlyWrittenError:
        return
    assert values_of(page, after).rows["objectives"] == [row.cells for row in rows]


def test_a_part_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(OddlyWrittenError):
        edited("[x]\na =\n", ("x",), False, ("a",), 1)


@given(typed=st.dictionaries(st.sampled_from([one.name for one in PAGES["course"].fields]), words))
def test_whatever_is_typed_is_taken_or_named(typed: dict[str, str]) -> None:
    """No other error than Invalid with the names of fields, and what is taken is what the file then says."""
    page, text = PAGES["course"], SHIPPED[0]
    now = values_of(page, text)
    cells = {**now.cells, **{name: typed_cell(name, said) for name, said in typed.items()}}
    try:
        planned = plan(page, now, Values(cells))
    except Invalid as refusal:
        named = set(refusal.fields)
    else:
        named = set()
    assert named <= set(cells)
    if not named:
        assert planned.says(values_of(page, put(page, text, now, planned.cells, planned.wanted)))
