"""Each question type: what it takes, what it shows, what it counts, what it explains."""

import json
from fractions import Fraction
from typing import Any

import pytest

from lms.items.base import BadResponse, ItemFaults
from lms.items.registry import LABELS, TYPES, parse_item

TABLES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "options": [
            {"id": "a", "text": {"zh": "甲", "en": "A"}, "correct": True},
            {"id": "b", "text": {"zh": "乙", "en": "B"}},
            {"id": "c", "text": {"zh": "丙", "en": "C"}},
        ]
    },
    "multiple_response": {
        "options": [
            {"id": "a", "text": {"zh": "甲", "en": "A"}, "correct": True},
            {"id": "b", "text": {"zh": "乙", "en": "B"}, "correct": True},
            {"id": "c", "text": {"zh": "丙", "en": "C"}},
            {"id": "d", "text": {"zh": "丁", "en": "D"}},
        ]
    },
    "true_false": {"answer": False},
    "numeric": {"answer": "5.6", "tolerance": "0.1", "unit": {"zh": "mmol/L", "en": "mmol/L"}},
    "matching": {
        "pairs": [
            {
                "id": one,
                "left": {"zh": f"左{one}", "en": f"l{one}"},
                "right": {"zh": f"右{one}", "en": f"r{one}"},
            }
            for one in "abc"
        ]
    },
    "ordering": {
        "steps": [{"id": one, "text": {"zh": f"步{one}", "en": f"s{one}"}} for one in "abc"]
    },
}


def table(kind: str, **changes: Any) -> dict[str, Any]:
    common = {
        "code": "HTN-001",
        "type": kind,
        "use": "assessment",
        "topic": "measure",
        "difficulty": 2,
        "objective": "o1",
        "sources": ["spec-2017"],
        "stem": {"zh": "题目", "en": "Question"},
        "explanation": {"zh": "CANARY-讲解", "en": "CANARY-why"},
    }
    return {**common, **TABLES[kind], **changes}


def faults(raw: dict[str, Any]) -> set[str]:
    with pytest.raises(ItemFaults) as refused:
        parse_item(raw)
    return {fault.field for fault in refused.value.faults}


@pytest.mark.parametrize("kind", TYPES)
def test_it_reads_back_what_it_writes(kind: str) -> None:
    item = parse_item(table(kind))
    assert parse_item(json.loads(json.dumps(item.as_dict()))) == item
    assert str(LABELS[kind])


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_shown_holds_no_key_and_no_id_of_the_author(kind: str) -> None:
    item = parse_item(table(kind))
    for seed in range(20):
        shown = item.present("zh", item.shuffled(seed))
        text = repr(shown)
        assert "CANARY" not in text
        assert "correct" not in text
        assert "tolerance" not in text
        assert all(choice.value.isdigit() for choice in shown.choices)


@pytest.mark.parametrize("kind", TYPES)
def test_no_answer_scores_nothing_and_is_explained(kind: str) -> None:
    item = parse_item(table(kind))
    order = item.shuffled(1)
    assert item.read(order, {}) is None
    assert item.score(None) == 0
    opened = item.explain("en", order, None)
    assert not opened.correct
    assert opened.answer
    assert opened.explanation == "CANARY-why"


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "numeric"])
def test_it_refuses_a_place_that_is_not_on_the_page(kind: str) -> None:
    item = parse_item(table(kind))
    for value in ("9", "0", "-1", "a", "１", "1 or 1=1", "99999999999999"):
        with pytest.raises(BadResponse):
            item.read(item.shuffled(3), {"choice": [value], "blank-1": [value]})


def test_single_choice_counts_the_one_right_option() -> None:
    item = parse_item(table("single_choice"))
    order = ("c", "a", "b")
    assert item.read(order, {"choice": ["2"]}) == "a"
    assert item.score("a") == 1
    assert item.score("b") == 0
    assert item.fill(order, "a") == {"choice": ("2",)}
    opened = item.explain("zh", order, "b")
    assert [(line.mark, line.text) for line in opened.lines] == [
        ("none", "丙"),
        ("right", "甲"),
        ("wrong", "乙"),
    ]
    assert opened.answer == "甲"
    with pytest.raises(BadResponse):
        item.read(order, {"choice": ["1", "2"]})


def test_multiple_response_is_whole_by_default() -> None:
    item = parse_item(table("multiple_response"))
    assert item.score(["a", "b"]) == 1
    assert item.score(["a"]) == 0
    assert item.score(["a", "b", "c"]) == 0
    assert item.read(("d", "c", "b", "a"), {"choice": ["4", "3"]}) == ["a", "b"]
    marks = [line.mark for line in item.explain("zh", ("a", "b", "c", "d"), ["a", "c"]).lines]
    assert marks == ["right", "missed", "wrong", "none"]


def test_multiple_response_by_option_takes_wrong_ticks_off() -> None:
    item = parse_item(table("multiple_response", scoring="per_option"))
    assert item.score(["a"]) == Fraction(1, 2)
    assert item.score(["a", "c"]) == 0
    assert item.score(["c", "d"]) == 0
    assert item.score(["a", "b", "c"]) == Fraction(1, 2)
    assert item.score(["a", "b"]) == 1


def test_true_false_does_not_take_no_answer_for_false() -> None:
    item = parse_item(table("true_false"))
    assert item.read((), {"choice": ["2"]}) is False
    assert item.score(False) == 1
    assert item.score(True) == 0
    assert item.score(None) == 0
    assert item.fill((), False) == {"choice": ("2",)}
    assert item.fill((), None) == {"choice": ()}


@pytest.mark.parametrize(
    "typed", ["5.6", "5.5", "5.7", "５.６", " 5.60 ", "5.6 mmol/L", "5.6MMOL/L", "5。6", "+5.6"]
)
def test_numeric_understands_how_people_type(typed: str) -> None:
    item = parse_item(table("numeric"))
    response = item.read((), {"number": [typed]})
    assert response == typed.strip()
    assert item.score(response) == 1


@pytest.mark.parametrize(
    "typed", ["abc", "5,6", "1e3", "NaN", "Infinity", "5.6.1", "-", "1" * 41, "--5"]
)
def test_numeric_refuses_what_is_no_number(typed: str) -> None:
    item = parse_item(table("numeric"))
    with pytest.raises(BadResponse):
        item.read((), {"number": [typed]})


def test_numeric_counts_the_edge_of_its_tolerance_exactly() -> None:
    item = parse_item(table("numeric"))
    assert item.score("5.7") == 1
    assert item.score("5.700001") == 0
    assert item.score("1,000") == 0
    assert parse_item(table("numeric", answer="1000", tolerance="0")).score("1,000") == 1


def test_matching_counts_the_share_of_right_pairs() -> None:
    item = parse_item(table("matching"))
    order = ("c", "a", "b")
    response = item.read(order, {"blank-1": ["2"], "blank-2": ["1"], "blank-3": [""]})
    assert response == {"a": "a", "b": "c"}
    assert item.score(response) == Fraction(1, 3)
    assert item.fill(order, response) == {"blank-1": ("2",), "blank-2": ("1",)}
    assert item.remark(response) is not None
    assert [line.mark for line in item.explain("zh", order, response).lines] == [
        "right",
        "wrong",
        "missed",
    ]


def test_ordering_counts_the_share_of_right_places() -> None:
    item = parse_item(table("ordering"))
    order = ("b", "c", "a")
    response = item.read(order, {"blank-1": ["2"], "blank-2": ["1"], "blank-3": ["1"]})
    assert response == {"b": 2, "c": 1, "a": 1}
    assert item.score(response) == Fraction(2, 3)
    assert item.remark(response) is not None
    assert item.remark({"a": 1, "b": 2, "c": 3}) is None
    assert item.fill(order, response) == {"blank-1": ("2",), "blank-2": ("1",), "blank-3": ("1",)}


def test_faults_name_their_field() -> None:
    assert "stem.en" in faults(table("true_false", stem={"zh": "只有中文"}))
    assert "answer" in faults(table("true_false", answer="yes"))
    assert "difficulty" in faults(table("true_false", difficulty=4))
    assert "colour" in faults(table("true_false", colour="red"))
    assert "type" in faults({**table("true_false"), "type": "essay"})
    assert "type" in faults(table("numeric", use="check"))
    assert "options" in faults(table("single_choice", options=[]))
    assert "tolerance" in faults(table("numeric", tolerance="-1"))
    assert "answer" in faults(table("numeric", answer=5.6))


def test_faults_of_sense_are_found() -> None:
    options = TABLES["single_choice"]["options"]
    two = [{**option, "correct": True} for option in options]
    assert "options" in faults(table("single_choice", options=two))
    same = [options[0], options[1], {**options[2], "id": "b"}]
    assert "options[3].id" in faults(table("single_choice", options=same))
    twins = [options[0], options[1], {**options[2], "text": options[1]["text"]}]
    assert "options[3].text.zh" in faults(table("single_choice", options=twins))
    pairs = [{**pair, "right": {"zh": "同", "en": "same"}} for pair in TABLES["matching"]["pairs"]]
    assert "pairs[2].right.zh" in faults(table("matching", pairs=pairs))


def test_all_faults_come_at_once() -> None:
    found = faults({"code": "bad code", "type": "true_false"})
    assert {
        "code",
        "use",
        "topic",
        "difficulty",
        "objective",
        "stem",
        "explanation",
        "answer",
    } <= found
