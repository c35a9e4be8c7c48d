"""What must be shown before an activity earns anything, through the shell command."""

from pathlib import Path
from typing import Any

import pytest
from credit_door import STUDY, ask, codes, refused, study, year
from credit_rules import line

from lms.kernel.i18n import translate
from lms.kernel.text import Message


def condition(shape: str, more: str = "", identity: str = "shown") -> str:
    return line("conditions", identity, f'shape = "{shape}"\nkinds = ["self_study"]\n{more}')


THERE = condition("attendance", 'minimum = "0.8"')
MARK = condition("pass_mark", 'minimum = "60"')
SIGNED = condition("signed")
PAPERS = condition("evidence", 'evidence = ["notice", "photo"]')


@pytest.mark.parametrize(
    ("rule", "shown", "found"),
    [
        (THERE, {"attendance": "0.8"}, []),
        (THERE, {"attendance": "1"}, []),
        (THERE, {"attendance": "0.799"}, ["attendance_short"]),
        (THERE, {"attendance": "0"}, ["attendance_short"]),
        (THERE, {}, ["attendance_short"]),
        (THERE, {"attendance": None}, ["attendance_short"]),
        (MARK, {"score": "60"}, []),
        (MARK, {"score": 100}, []),
        (MARK, {"score": "59.9"}, ["score_short"]),
        (MARK, {}, ["score_short"]),
        (MARK, {"assessed": True}, ["score_short"]),
        (SIGNED, {"signed": True}, []),
        (SIGNED, {"signed": False}, ["not_signed"]),
        (SIGNED, {}, ["not_signed"]),
        (PAPERS, {"evidence": ["photo", "notes", "notice"]}, []),
        (PAPERS, {"evidence": ["photo", "something else"]}, ["evidence_missing"]),
        (PAPERS, {"evidence": []}, ["evidence_missing", "evidence_missing"]),
        (PAPERS, {}, ["evidence_missing", "evidence_missing"]),
    ],
)
def test_what_is_not_shown_earns_nothing_and_is_named(
    tmp_path: Path, rule: str, shown: dict[str, Any], found: list[str]
):
    answer = ask(tmp_path, STUDY + rule, year(study(**shown)))
    line_ = answer["lines"][0]
    assert codes(answer)[1:] == found
    assert line_["computed"] == "10.0"
    assert (line_["awarded"], line_["hours"]) == (("0.0", "0") if found else ("10.0", "10"))
    assert all(reason["rule"] == "shown" for reason in line_["reasons"][1:])


def test_every_condition_that_is_not_met_is_told_at_once(tmp_path: Path):
    rules = STUDY + condition("signed", identity="a") + condition("attendance", 'minimum = "0.5"', "b")
    assert codes(ask(tmp_path, rules, year(study())))[1:] == ["not_signed", "attendance_short"]
    assert codes(ask(tmp_path, rules, year(study(signed=True))))[1:] == ["attendance_short"]
    assert codes(ask(tmp_path, rules, year(study(signed=True, attendance="0.5"))))[1:] == []


def test_the_sentences_say_the_numbers_and_the_papers(tmp_path: Path):
    def said(rule: str, **shown: Any) -> str:
        text: str = ask(tmp_path, STUDY + rule, year(study(**shown)))["lines"][0]["reasons"][-1]["text"]
        return text

    assert said(THERE, attendance="0.755") == "出勤 75.5%，不到 80%，不计学分。"
    assert said(THERE) == "没有出勤记录。出勤要满 80%，才能计学分。"
    assert said(MARK, score="59.5") == "考核 59.5 分，不到 60 分，不计学分。"
    assert said(MARK) == "没有考核成绩。成绩要满 60 分，才能计学分。"
    assert said(PAPERS, evidence=["photo"]) == "缺少证明材料：通知文件。补上以后才能计学分。"


def test_a_word_within_a_sentence_is_translated_too():
    paper = Message("缺少证明材料：{evidence}。补上以后才能计学分。", {"evidence": Message("通知文件")})
    assert translate(paper, "en") == "A paper is missing: notice. Credit needs it."


def test_a_condition_not_met_does_not_stand_in_the_way_of_a_later_session(tmp_path: Path):
    rules = STUDY + SIGNED + line("repeats", "once", 'shape = "once_a_year"')
    first, second = study("a", activity="A"), study("b", activity="A", day="2025-04-01", signed=True)
    answer = ask(tmp_path, rules, year(first, second))
    assert [one["awarded"] for one in answer["lines"]] == ["0.0", "10.0"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attendance", "1.1"), ("attendance", "80%"), ("attendance", True), ("attendance", "-0.5"),
        ("score", "101"), ("score", "A"), ("signed", "yes"), ("signed", 1),
        ("evidence", "photo"), ("evidence", [1]), ("evidence", [""]), ("recorded_on", "soon"),
    ],
)  # fmt: skip
def test_a_faulty_datum_is_named_with_its_field(tmp_path: Path, field: str, value: Any):
    assert f"facts[0].{field}" in refused(tmp_path, STUDY, year(study(**{field: value})))
