"""Pasted questions: what was written comes out, any text is read without a crash, and in linear time."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.courses.writing.pasting import EXAMPLES, MOST, Pasted, read
from lms.items.registry import TYPES

COMMON: dict[str, Any] = {"use": "assessment", "topic": "t", "difficulty": 1, "objective": "o", "sources": []}
WORDS = "血压高低先看脚趾缝再问病人测量随访转诊饭后空腹"
words = st.text(st.sampled_from(WORDS), min_size=1, max_size=12)
MARKS = (
    *("1. ", "2、", "A. ", "B、", "（C）", "Ｄ．", "答案：", "Answer: b", "【解析】", "解析:"),
    *("英文：", "【排序】", "【配对】", " = ", " | a", "单位：次", "误差：1", "① ", "- ", "3.5"),
    *("（ A ）", "\n", "\r\n", "\n\n", "对", "√", "\x0b"),
)
LINES = st.lists(st.one_of(st.sampled_from(MARKS), words, st.text(max_size=8)), max_size=40).map("".join)


LATIN = st.text(st.sampled_from("bloodpresurfet"), min_size=1, max_size=10)
LISTS = {"single_choice": (3, 5), "multiple_response": (4, 6), "matching": (3, 6), "ordering": (3, 6)}
NUMBERS = st.decimals(-999, 999, places=1).map(lambda number: f"{number:.1f}")
NAMES = {"numeric": "填数", "matching": "配对", "ordering": "排序"}


@st.composite
def said_in(draw: st.DrawFn, english: bool) -> dict[str, str]:
    """A text, with its English if it is to have one."""
    return {"zh": draw(words), "en": draw(LATIN) if english else ""}


def unlike(english: bool, fewest: int, most: int) -> st.SearchStrategy[list[dict[str, str]]]:
    """Texts that differ in each language."""
    def differ(texts: list[dict[str, str]]) -> bool:
        return all(len({text[one] for text in texts}) == len(texts) for one in ("zh", "en")[: 1 + english])

    return st.lists(said_in(english), min_size=fewest, max_size=most).filter(differ)


@st.composite
def asked(draw: st.DrawFn, english: bool = False) -> dict[str, Any]:
    """A question that makes sense, of any type, as its table."""
    kind = draw(st.sampled_from(TYPES))
    explained = draw(st.booleans())
    found: dict[str, Any] = {
        "type": kind, "stem": draw(said_in(english)),
        "explanation": draw(said_in(english)) if explained else {"zh": "", "en": ""},
    }  # fmt: skip
    if kind == "true_false":
        return found | {"answer": draw(st.booleans())}
    if kind == "numeric":
        tolerance = draw(st.sampled_from(("0", "0.5", "12")))
        return found | {"answer": draw(NUMBERS), "tolerance": tolerance, "unit": draw(said_in(english))}
    rows = draw(unlike(english, *LISTS[kind]))
    if kind == "ordering":
        return found | {"steps": [{"id": "abcdef"[at], "text": text} for at, text in enumerate(rows)]}
    if kind == "matching":
        right = draw(unlike(english, len(rows), len(rows)))
        pairs = zip("abcdef", rows, right, strict=False)
        return found | {"pairs": [{"id": name, "left": one, "right": two} for name, one, two in pairs]}
    size = 1 if kind == "single_choice" else draw(st.integers(2, 4))
    right = draw(st.sets(st.integers(0, len(rows) - 1), min_size=size, max_size=size))
    return found | {
        "options": [{"id": "abcdef"[at], "text": text, "correct": at in right} for at, text in enumerate(rows)]
    }


def written(one: dict[str, Any], number: int, style: int, *, below: bool = False) -> str:
    """A question as somebody types it; its English behind each line, or in a block `below`."""
    dot, colon = (". ", "：") if style % 2 else ("、", ":")

    def line(text: dict[str, str], language: str) -> str:
        beside = f" | {text['en']}" if text["en"] and not below and language == "zh" else ""
        return text[language] + beside

    def lines(language: str) -> list[str]:
        mark = f"【{NAMES[one['type']]}】" if one["type"] in NAMES and language == "zh" and style != 3 else ""
        found = [mark + line(one["stem"], language)]
        for place, option in enumerate(one.get("options", ())):
            found.append(f"{'ABCDEF'[place]}{dot}{line(option['text'], language)}")
        for pair in one.get("pairs", ()):
            found.append(f"{line(pair['left'], language)} = {line(pair['right'], language)}")
        for place, step in enumerate(one.get("steps", ()), 1):
            found.append(f"({place}) {line(step['text'], language)}")
        return found

    def ends(language: str) -> list[str]:
        found = []
        if "unit" in one:
            found.append(f"{'单位' if language == 'zh' else 'Unit'}{colon}{line(one['unit'], language)}")
        if one["explanation"]["zh"]:
            found.append(f"{'解析' if language == 'zh' else 'Explanation'}{colon}{line(one['explanation'], language)}")
        return found

    found = lines("zh")
    if style < 2:
        found[0] = f"{number}{dot}{found[0]}"
    answer = ""
    if one["type"] == "true_false":
        answer = "对" if one["answer"] else "错"
    elif "options" in one:
        letters = ["ABCDEF"[at] for at, option in enumerate(one["options"]) if option["correct"]]
        answer = ("" if style % 2 else "、").join(letters)
    elif one["type"] == "numeric":
        answer = f"{one['answer']} ± {one['tolerance']}" if style % 2 else one["answer"]
        found += [] if style % 2 else [f"误差{colon}{one['tolerance']}"]
    found += [f"答案{colon}{answer}"] if answer else []
    found += ends("zh")
    if below:
        english = lines("en")
        found += [f"英文{colon}{english[0]}", *english[1:], *ends("en")]
    # Rows could go on with the next number: an empty line ends them.
    return "\n".join(found) + ("\n" if style < 2 and "pairs" not in one and "steps" not in one else "\n\n")


def said(found: Pasted) -> dict[str, Any]:
    """What was understood, without what is said of all questions."""
    return {key: value for key, value in found.table.items() if key not in (*COMMON, "code")}


@given(st.lists(asked(), min_size=1, max_size=6), st.integers(0, 3))
def test_what_was_written_comes_out(questions: list[dict[str, Any]], style: int) -> None:
    text = "".join(written(one, number, style) for number, one in enumerate(questions, 1))
    found = read(text, COMMON)
    assert [one.faults for one in found] == [()] * len(questions)
    assert [said(one) for one in found] == questions


@settings(max_examples=50)
@given(st.lists(asked(english=True), min_size=1, max_size=3), st.integers(0, 3), st.booleans())
def test_the_english_comes_out_beside_or_below(questions: list[dict[str, Any]], style: int, below: bool) -> None:
    text = "".join(written(one, number, style, below=below) for number, one in enumerate(questions, 1))
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


def test_faults_of_all_types_name_the_line() -> None:
    text = """【配对】配一配
甲 = 乙
丙丁

【排序】排一排
A. 一
B. 二
C. 三
答案：CA

【填数】几次？
答案：很多

几个月？
答案：3

1. 选一个
A. 甲
B. 乙
C. 丙
答案：A
英文：Choose
A. one
B. two
"""
    assert [[line for line, _ in one.faults] for one in read(text, COMMON)] == [[3], [9], [12], [15], [23]]


def test_the_examples_of_the_page_are_understood() -> None:
    for kind, text in EXAMPLES.items():
        (one,) = read(text, COMMON)
        assert (one.table["type"], one.faults) == (kind, ())
        assert one.table["stem"]["en"]


def test_lettered_steps_stand_in_the_order_of_the_answer() -> None:
    text = "【排序】洗手\nA. 抹皂 | soap\nB. 打湿 | wet\nC. 冲净 | rinse\n答案：BAC"
    (one,) = read(text, COMMON)
    assert one.faults == ()
    assert [step["text"]["en"] for step in one.table["steps"]] == ["wet", "soap", "rinse"]
    assert [step["id"] for step in one.table["steps"]] == ["a", "b", "c"]


def test_faults_name_the_line() -> None:
    text = "1. 没有答案的题\nA. 甲\nB. 乙\nC. 丙\n\n2. 两项一样\nA. 甲\nB. 乙\nC. 甲\n答案：B\n\n3. 没写完的题"
    assert [[line for line, _ in one.faults] for one in read(text, COMMON)] == [[1], [9], [12]]


PIECES = (
    *("A. ", "答案：B\n", "1. ", "1.\n", "(", "（A,", "A.x\n", "【 "),
    *("a=b\n", "① a\n", "a | b\n", "英文：\n", "单位：\n", "【排序】", "= ", "答案：1"),
    *(" ", "\n", "a\n(A ", "（A）", "解析：\n", "A、　", "题干。", "第 "),
)


@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_linear_time(piece: str) -> None:
    text = ("题\n" + piece * MOST)[:MOST]
    started = time.process_time()
    read(text, COMMON)
    assert time.process_time() - started < 20  # seconds, on any machine; a square of the length takes minutes
