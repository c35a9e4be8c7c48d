"""Pasted questions: what was written comes out, any text is read without a crash, and in linear time."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.writing.pasting import MOST, Pasted, read

COMMON: dict[str, Any] = {"use": "assessment", "topic": "t", "difficulty": 1, "objective": "o", "sources": []}
WORDS = "血压高低先看脚趾缝再问病人测量随访转诊饭后空腹"
words = st.text(st.sampled_from(WORDS), min_size=1, max_size=12)
MARKS = (
    *("1. ", "2、", "A. ", "B、", "（C）", "Ｄ．", "答案：", "Answer: b", "【解析】", "解析:"),
    *("（ A ）", "\n", "\r\n", "\n\n", "对", "√", "\x0b"),
)
LINES = st.lists(st.one_of(st.sampled_from(MARKS), words, st.text(max_size=8)), max_size=40).map("".join)


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    """A question that makes sense."""
    kind = draw(st.sampled_from(("single_choice", "multiple_response", "true_false")))
    found: dict[str, Any] = {"type": kind, "stem": draw(words), "explanation": draw(st.one_of(st.just(""), words))}
    if kind == "true_false":
        return found | {"right": draw(st.booleans())}
    lowest, highest = (3, 5) if kind == "single_choice" else (4, 6)
    found["options"] = draw(st.lists(words, min_size=lowest, max_size=highest, unique=True))
    places = st.integers(0, len(found["options"]) - 1)
    size = 1 if kind == "single_choice" else draw(st.integers(2, 4))
    return found | {"right": draw(st.sets(places, min_size=size, max_size=size))}


def written(one: dict[str, Any], number: int, style: int) -> str:
    """A question as somebody types it."""
    dot, colon = (". ", "：") if style % 2 else ("、", ":")
    lines = [f"{number}{dot}{one['stem']}" if style < 2 else one["stem"]]
    if one["type"] == "true_false":
        answer = "对" if one["right"] else "错"
    else:
        lines += [f"{'ABCDEF'[place]}{dot}{option}" for place, option in enumerate(one["options"])]
        answer = ("" if style % 2 else "、").join("ABCDEF"[place] for place in sorted(one["right"]))
    lines.append(f"答案{colon}{answer}")
    if one["explanation"]:
        lines.append(f"解析{colon}{one['explanation']}")
    return "\n".join(lines) + ("\n" if style < 2 else "\n\n")


def said(found: Pasted) -> dict[str, Any]:
    """What was understood, as it was asked."""
    table = found.table
    one = {"type": table["type"], "stem": table["stem"]["zh"], "explanation": table["explanation"]["zh"]}
    if table["type"] == "true_false":
        return one | {"right": table["answer"]}
    right = {place for place, option in enumerate(table["options"]) if option["correct"]}
    return one | {"options": [option["text"]["zh"] for option in table["options"]], "right": right}


@given(st.lists(asked(), min_size=1, max_size=6), st.integers(0, 3))
def test_what_was_written_comes_out(questions: list[dict[str, Any]], style: int) -> None:
    text = "".join(written(one, number, style) for number, one in enumerate(questions, 1))
    found = read(text, COMMON)
    assert [one.faults for one in found] == [()] * len(questions)
    assert [said(one) for one in found] == questions


@given(LINES)
def test_any_text_is_read_and_every_fault_has_a_line_of_it(text: str) -> None:
    most = len(text.splitlines())
    for one in read(text, COMMON):
        assert 1 <= one.line <= most
        assert all(1 <= line <= most for line, _ in one.faults)
        assert {**one.table, **COMMON} == one.table


def test_options_on_one_line_and_an_answer_in_brackets_are_understood() -> None:
    (one,) = read("高血压先看什么？（ B ）\nA. 脚　B. 血压 C、维生素 A. 片  D．年龄", COMMON)
    assert one.faults == ()
    assert [option["text"]["zh"] for option in one.table["options"]] == ["脚", "血压", "维生素 A. 片", "年龄"]
    assert [option["correct"] for option in one.table["options"]] == [False, True, False, False]
    assert one.table["stem"]["zh"] == "高血压先看什么？"


def test_faults_name_the_line() -> None:
    text = "1. 没有答案的题\nA. 甲\nB. 乙\nC. 丙\n\n2. 两项一样\nA. 甲\nB. 乙\nC. 甲\n答案：B\n\n3. 没写完的题"
    assert [[line for line, _ in one.faults] for one in read(text, COMMON)] == [[1], [9], [12]]


PIECES = (
    *("A. ", "答案：B\n", "1. ", "1.\n", "(", "（A,", "A.x\n", "【 "),
    *(" ", "\n", "a\n(A ", "（A）", "解析：\n", "A、　", "题干。", "第 "),
)


@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_linear_time(piece: str) -> None:
    text = ("题\n" + piece * MOST)[:MOST]
    started = time.process_time()
    read(text, COMMON)
    assert time.process_time() - started < 2  # seconds; a square of the length takes minutes
