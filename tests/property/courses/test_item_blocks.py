"""Files of questions are changed at one question; every other byte of every shipped course stays."""

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from course_packages import SHIPPED
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.writing.item_blocks import Unlike, cut, read
from lms.courses.writing.item_tables import alike, judge, next_code

FILES = sorted(file for path in SHIPPED for file in path.glob("items/*.toml"))
TRICKY = '''# all of it
[[item]]
code = "A-001" # one
stem = """
[[item]]
# not a comment"""

# --- the second part ---

# about two
[[item]]
code = "A-002"
[item.stem]
zh = "二"
[[item.options]]
id = "a"
[[ item ]]
code = "A-003"'''
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_every_other_byte_of_a_shipped_course_stays(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    blocks = cut(text)
    assert blocks.text == text
    for index, block in enumerate(blocks.blocks):
        judge(block.table)
        assert blocks.changed(index, block.table) == text, "saved as it was opened"
        new = blocks.changed(index, block.table | {"stem": {"zh": "换了", "en": ""}})
        before, _, after = text.partition(block.core)
        assert new.startswith(before)
        assert new.endswith(after)
        core = new[len(before) : len(new) - len(after)].split("\n")
        assert [one for one in core if one not in block.core.split("\n")] == ['stem = { zh = "换了", en = "" }']
        assert blocks.without(index) in (before.rstrip("\n") + after, before + after.removeprefix("\n"), before + after)
        if index:
            assert cut(blocks.moved(0, index)).moved(index, 0) == text


def test_comments_and_strings_that_look_like_headers_are_left_alone() -> None:
    blocks = cut(TRICKY)
    assert blocks.text == TRICKY
    assert [block.table["code"] for block in blocks.blocks] == ["A-001", "A-002", "A-003"]
    gone = blocks.without(1)
    assert "# --- the second part ---" in gone
    assert "# about two" not in gone
    moved = blocks.moved(0, 1)
    assert [one["code"] for one in read(moved)] == ["A-002", "A-001", "A-003"]
    assert "# about two\n[[item]]\ncode = \"A-002\"" in moved
    changed = blocks.changed(1, {"code": "A-002", "stem": {"zh": "两", "en": ""}, "options": []})
    assert changed.startswith(TRICKY.partition("# about two")[0])
    assert changed.endswith('[[ item ]]\ncode = "A-003"')
    assert [one["code"] for one in read(blocks.copied(2, blocks.blocks[2].table | {"code": "A-004"}))][-1] == "A-004"


@given(texts, texts, st.integers(1, 3), st.booleans())
def test_whatever_is_typed_is_read_again(zh: str, en: str, difficulty: int, correct: bool) -> None:
    table: dict[str, Any] = {
        "code": "A-001", "type": "single_choice", "difficulty": difficulty, "sources": ["s"],
        "stem": {"zh": zh, "en": en},
        "options": [{"id": "a", "text": {"zh": en, "en": zh}, "correct": correct}],
    }  # fmt: skip
    text = cut("# first\n").appended([table])
    assert alike(tomllib.loads(text)["item"][0], table)
    again = cut(text).changed(0, table | {"stem": {"zh": en, "en": zh}})
    assert alike(tomllib.loads(again)["item"][0], table | {"stem": {"zh": en, "en": zh}})


@given(st.text(st.sampled_from('[]item=#"\'\n{}. a1'), max_size=60))
def test_any_text_is_cut_into_itself_or_refused(text: str) -> None:
    with suppress(Unlike):
        assert cut(text).text == text


def test_codes_go_on_from_those_that_are_there() -> None:
    assert next_code([], "C26-ABC", "assessment") == "C26-ABC-001"
    assert next_code([], "C26-ABC", "check") == "C26-ABC-C01"
    assert next_code(["HTN-001", "HTN-045", "HTN-C10", "odd"], "XL-HTN", "assessment") == "HTN-046"
    assert next_code(["HTN-001", "HTN-045", "HTN-C10", "odd"], "XL-HTN", "check") == "HTN-C11"
