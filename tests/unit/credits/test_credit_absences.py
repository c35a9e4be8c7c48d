"""Who was away is excused from the year; the answer says by which line and why."""

from pathlib import Path
from typing import Any

import pytest
from credit_door import STUDY, annual, ask, refused, study, year
from credit_rules import line

LEAVE = 'states = ["leave", "long_illness"]'


def exemption(shape: str, more: str = "", states: str = LEAVE) -> str:
    return line("exemptions", "away", f'shape = "{shape}"\n{states}\n{more}')


def away(*spans: tuple[str, str | None], state: str = "leave") -> dict[str, Any]:
    return {"absences": [{"state": state, "from": first, "until": last} for first, last in spans]}


DAYS, MONTHS = exemption("absent_days", "days = 180"), exemption("absent_months", "months = 6")
MONTH = exemption("absent_months", "months = 1")
RULES = STUDY + annual("25") + annual("90", "hours")


@pytest.mark.parametrize(
    ("rule", "person", "excused"),
    [
        (DAYS, away(("2025-01-01", "2025-06-29")), True),
        (DAYS, away(("2025-01-01", "2025-06-28")), False),
        (DAYS, away(("2024-01-01", "2025-06-28")), False),
        (DAYS, away(("2025-07-05", None)), True),
        (DAYS, away(("2025-07-06", "2026-06-30")), False),
        (DAYS, away(("2025-01-01", "2025-03-31"), ("2025-10-03", None)), True),
        (DAYS, away(("2025-01-01", "2025-03-31"), ("2025-10-04", None)), False),
        # The same days twice are the same days.
        (DAYS, away(("2025-01-01", "2025-05-31"), ("2025-03-01", "2025-06-20")), False),
        (DAYS, away(("2025-01-01", None), state="retired"), False),
        (MONTHS, away(("2025-03-15", "2025-09-14")), True),
        (MONTHS, away(("2025-03-15", "2025-09-13")), False),
        (MONTHS, away(("2025-01-31", "2025-07-30")), True),
        (MONTHS, away(("2025-08-31", "2026-02-27")), False),
        # A month from the 31st on ends before the last day of a shorter one.
        (MONTH, away(("2025-01-31", "2025-02-27")), True),
        (MONTH, away(("2025-01-31", "2025-02-26")), False),
        (MONTHS, away(("2024-07-01", "2025-06-30")), True),
        # Two stretches that follow on are one; two apart have their whole months each.
        (MONTHS, away(("2025-01-15", "2025-04-20"), ("2025-04-21", "2025-07-14")), True),
        (MONTHS, away(("2025-01-15", "2025-04-20"), ("2025-04-22", "2025-07-15")), False),
        (exemption("absent_any_day"), away(("2025-12-31", None)), True),
        (exemption("absent_any_day"), away(("2026-01-01", None)), False),
        (exemption("absent_any_day"), away(("2024-01-01", "2025-01-01")), True),
        (exemption("absent_on_deadline"), away(("2025-12-31", "2025-12-31")), True),
        (exemption("absent_on_deadline"), away(("2025-01-01", "2025-12-30")), False),
        (exemption("absent_any_day"), {}, False),
        (exemption("absent_any_day"), away(), False),
    ],
)
def test_who_was_away_long_enough_is_excused(tmp_path: Path, rule: str, person: dict[str, Any], excused: bool):
    found = ask(tmp_path, RULES + rule, year(study(), person=person))
    assert found["counted"] == "10.0"
    if excused:
        assert (found["compliance"], found["gap_credits"], found["gap_hours"]) == ("not_required", "0.0", "0")
        assert [(one["code"][:15], one["rule"]) for one in found["reasons"]] == [("excused_absent_", "away")]
    else:
        assert (found["compliance"], found["gap_credits"], found["gap_hours"]) == ("fail", "15.0", "80")
        assert "reasons" not in found


@pytest.mark.parametrize(
    ("rule", "person", "sentence"),
    [
        (DAYS, away(("2025-01-01", "2025-06-29")), "这一年请假共 180 天，满 180 天，这一年不作要求。"),
        (MONTHS, away(("2025-01-01", None), state="long_illness"),
         "这一年长期病休共 12 个月，满 6 个月，这一年不作要求。"),
        (exemption("absent_any_day", states='states = ["retired"]'), away(("2025-09-01", None), state="retired"),
         "2025-09-01起退休，这一年不作要求。"),
        (exemption("absent_on_deadline", states='states = ["moved"]'), away(("2025-10-01", None), state="moved"),
         "年度最后一天仍是“调离”（2025-10-01起），这一年不作要求。"),
    ],
)  # fmt: skip
def test_the_reason_is_a_sentence(tmp_path: Path, rule: str, person: dict[str, Any], sentence: str):
    assert ask(tmp_path, RULES + rule, year(person=person))["reasons"][0]["text"] == sentence


def test_an_excused_year_lacks_no_category_and_no_share(tmp_path: Path):
    title = 'title = { zh = "类", en = "Class" }\nminimum = "5"'
    share = 'shape = "share"\nmeasure = "hours"\nshare = "2/3"\nkinds = ["practice"]'
    rules = STUDY + line("categories", "one", title) + line("requirements", "share", share)
    gone = away(("2025-01-01", None))
    assert ask(tmp_path, rules, year(study()))["compliance"] == "fail"
    found = ask(tmp_path, rules + exemption("absent_any_day"), year(study(), person=gone))
    assert (found["compliance"], found["categories"]["one"]["gap_credits"]) == ("not_required", "0.0")
    assert "shares" not in found


def test_an_exemption_is_for_its_own_people_and_time(tmp_path: Path):
    gone = away(("2025-01-01", None))
    for more in ('exempt = ["village_doctor"]', "effective_until = 2025-06-30"):
        found = ask(tmp_path, RULES + exemption("absent_any_day", more), year(person=gone))
        assert found["compliance"] == "fail"


def test_it_gives_no_reason_where_nothing_was_required_and_no_verdict_where_none_can_be_given(tmp_path: Path):
    gone = away(("2025-01-01", None))
    found = ask(tmp_path, STUDY + exemption("absent_any_day"), year(person=gone))
    assert (found["compliance"], "reasons" in found) == ("not_required", False)
    nobody = gone | {"population": None}
    assert ask(tmp_path, RULES + exemption("absent_any_day"), year(person=nobody))["compliance"] == "unknown"


@pytest.mark.parametrize(
    ("absence", "key"),
    [
        ({"state": "asleep", "from": "2025-01-01"}, "state"),
        ({"state": "leave"}, "from"),
        ({"state": "leave", "from": "2025-02-30"}, "from"),
        ({"state": "leave", "from": "2025-03-01", "until": "2025-02-28"}, "until"),
        ({"state": "leave", "from": "2025-03-01", "to": "2025-04-01"}, "to"),
    ],
)
def test_a_faulty_absence_is_named_with_its_field(tmp_path: Path, absence: dict[str, str], key: str):
    said = refused(tmp_path, RULES, year(person={"absences": [absence]}))
    assert f"person.absences[0].{key}" in said
