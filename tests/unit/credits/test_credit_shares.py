"""A share of the year that must be of certain kinds, through the shell command."""

from pathlib import Path

import pytest
from credit_door import HOUR, THREE, annual, ask, study, year
from credit_rules import conversion, line


def share(of: str, measure: str = "hours", more: str = 'kinds = ["promotion_project", "practice"]') -> str:
    return line("requirements", "professional", f'shape = "share"\nmeasure = "{measure}"\nshare = "{of}"\n{more}')


def hours(professional: str, other: str) -> list[dict[str, object]]:
    found = [study("p", professional, kind="promotion_project")] if professional != "0" else []
    return found + ([study("s", other)] if other != "0" else [])


@pytest.mark.parametrize(
    ("professional", "other", "gap", "verdict"),
    [
        ("60", "30", "0", "pass"),
        ("59.999", "30", "0.001", "fail"),
        ("50", "40", "30", "fail"),
        ("0", "1", "2", "fail"),
        ("1", "0", "0", "pass"),
        ("0", "0", "0", "pass"),
    ],
)
def test_two_thirds_are_exact(tmp_path: Path, professional: str, other: str, gap: str, verdict: str):
    # Two thirds of 89.999 are no decimal: nothing may be rounded on the way.
    found = ask(tmp_path, THREE + share("2/3"), year(*hours(professional, other)))
    assert (found["gap_hours"], found["shares"][0]["gap"]) == (gap, gap)
    assert (found["compliance"], found["gap_credits"]) == (verdict, "0.0")


def test_what_it_lacks_added_is_enough(tmp_path: Path):
    rules = THREE + share("2/7")
    found = ask(tmp_path, rules, year(*hours("10", "90")))
    assert found["shares"] == [
        {"id": "professional", "measure": "hours", "share": "2/7", "have": "10", "total": "100", "gap": "26"}
    ]
    more = study("more", "26", kind="practice")
    assert ask(tmp_path, rules, year(*hours("10", "90"), more))["compliance"] == "pass"
    more = study("more", "25.999", kind="practice")
    assert ask(tmp_path, rules, year(*hours("10", "90"), more))["compliance"] == "fail"


def test_a_gap_that_is_no_decimal_is_rounded_up(tmp_path: Path):
    rules = THREE + share("2/5")
    assert ask(tmp_path, rules, year(*hours("0", "5")))["gap_hours"] == "3.334"
    assert ask(tmp_path, rules, year(*hours("3.334", "5")))["compliance"] == "pass"
    assert ask(tmp_path, rules, year(*hours("3.333", "5")))["compliance"] == "fail"


def test_the_larger_gap_is_the_years(tmp_path: Path):
    rules = THREE + share("2/3") + annual("90", "hours")
    assert ask(tmp_path, rules, year(*hours("10", "30")))["gap_hours"] == "50"
    assert ask(tmp_path, rules, year(*hours("10", "70")))["gap_hours"] == "130"
    assert ask(tmp_path, rules, year())["gap_hours"] == "90"


def test_where_all_must_be_of_a_kind_the_rest_is_the_gap(tmp_path: Path):
    assert ask(tmp_path, THREE + share("1"), year(*hours("40", "7")))["gap_hours"] == "7"


def test_a_share_of_credits_goes_by_what_counts_and_by_category(tmp_path: Path):
    rules = (
        conversion(HOUR + '\ncategory = "tcm"\nkinds = ["practice"]', "a")
        + conversion(HOUR, "b")
        + line("categories", "tcm", 'title = { zh = "中医", en = "TCM" }\nmaximum = "4"')
        + share("0.5", "credits", 'categories = ["tcm"]')
    )
    found = ask(tmp_path, rules, year(study("a", "9", kind="practice"), study("b", "6")))
    assert (found["shares"][0]["have"], found["shares"][0]["total"]) == ("4.0", "10.0")
    assert (found["gap_credits"], found["gap_hours"], found["compliance"]) == ("2.0", "0", "fail")
