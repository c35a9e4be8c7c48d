"""A cap that all awards of one activity share, and how it meets the rule of once a year."""

from pathlib import Path
from typing import Any

from credit_door import HOUR, ask, codes, study, year
from credit_rules import conversion, line

BOTH = conversion(HOUR + '\nkinds = ["unit_lecture", "practice"]')
CAP = line("caps", "series", 'shape = "max_per_activity"\nkinds = ["unit_lecture"]\nmaximum = "5"')


def lecture(identity: str, hours: str, activity: str | None = "S", **more: Any) -> dict[str, Any]:
    day = f"2025-03-0{identity}"
    return study(identity, hours, day, kind=more.pop("kind", "unit_lecture"), activity=activity, **more)


def test_the_sessions_of_an_activity_share_its_cap(tmp_path: Path):
    found = ask(tmp_path, BOTH + CAP, year(*(lecture(n, "2") for n in "1234")))
    assert [one["awarded"] for one in found["lines"]] == ["2.0", "2.0", "1.0", "0.0"]
    assert codes(found, 2)[1:] == ["max_per_activity_shared"]
    assert found["lines"][2]["reasons"][-1]["text"] == (
        "同一活动一年最多计 5 学分，前面几次已计 4.0，这次多出 1.0 不计入。"
    )
    assert found["lines"][3]["hours"] == "2"


def test_one_long_session_meets_the_cap_alone(tmp_path: Path):
    found = ask(tmp_path, BOTH + CAP, year(lecture("1", "8"), lecture("2", "8", "T"), lecture("3", "8", None)))
    assert [one["awarded"] for one in found["lines"]] == ["5.0", "5.0", "5.0"]
    assert codes(found)[1:] == ["max_per_activity"]


def test_what_has_no_code_is_on_its_own_and_other_kinds_are_left_alone(tmp_path: Path):
    facts = [lecture("1", "4", None), lecture("2", "4", None), lecture("3", "9", kind="practice"), lecture("4", "5")]
    found = ask(tmp_path, BOTH + CAP, year(*facts))
    assert [one["awarded"] for one in found["lines"]] == ["4.0", "4.0", "9.0", "5.0"]


def test_once_a_year_comes_first_for_the_kinds_it_names(tmp_path: Path):
    everything = line("repeats", "once", 'shape = "once_a_year"')
    found = ask(tmp_path, BOTH + CAP + everything, year(lecture("1", "2"), lecture("2", "2")))
    assert codes(found, 1)[1:] == ["already_awarded"]
    practice = line("repeats", "once", 'shape = "once_a_year"\nkinds = ["practice"]')
    found = ask(
        tmp_path,
        BOTH + CAP + practice,
        year(
            lecture("1", "2"), lecture("2", "2"), lecture("3", "2", kind="practice"), lecture("4", "2", kind="practice")
        ),
    )
    assert [one["awarded"] for one in found["lines"]] == ["2.0", "2.0", "2.0", "0.0"]
    assert codes(found, 3)[1:] == ["already_awarded"]


def test_a_kind_that_may_be_repeated_is_not_barred_by_another_of_the_same_code(tmp_path: Path):
    practice = line("repeats", "once", 'shape = "once_a_year"\nkinds = ["practice"]')
    found = ask(tmp_path, BOTH + practice, year(lecture("1", "2", kind="practice"), lecture("2", "2")))
    assert [one["awarded"] for one in found["lines"]] == ["2.0", "2.0"]


def test_once_a_year_binds_only_the_people_it_names(tmp_path: Path):
    once = line("repeats", "once", 'shape = "once_a_year"\nexempt = ["village_doctor"]')
    both = lecture("1", "2"), lecture("2", "2")
    assert ask(tmp_path, BOTH + once, year(*both))["awarded"] == "4.0"
    assert ask(tmp_path, BOTH + once, year(*both, person={"population": "physician"}))["awarded"] == "2.0"
