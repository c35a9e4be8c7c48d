"""Whether a policy decides anything is said in words, for the year in which it is read."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "credits"))

from credit_rules import policy

from lms.credits.force import STATUS_WORDS, force, last_year, years
from lms.credits.rules.policy import Policy, Status
from lms.credits.saying import day_of_year, place_word
from lms.kernel.i18n import translate

NATION = policy()
SUCCESSOR = replace(NATION, id="CN-2028", first_year=2028)
PROVINCE = replace(NATION, id="CN-HI-2025", jurisdiction="CN-HI")


def said(one: Policy, year: int, governing: Policy | None) -> tuple[str, str, str]:
    found = force(one, year, governing)
    return found.kind, translate(found.title), translate(found.why)


def test_what_governs_says_so():
    assert said(NATION, 2026, NATION) == (
        "ok", "这个规则集正在执行。", "全国的学分按它算；省里另有规则集在执行的，按省里的。",
    )  # fmt: skip
    assert said(PROVINCE, 2026, PROVINCE)[2] == "海南的学分按它算。"


def test_what_is_yet_to_come_and_what_was_replaced_say_so():
    kind, title, why = said(SUCCESSOR, 2026, NATION)
    assert (kind, title) == ("wait", "这个规则集从 2028 年起执行。")
    assert "不决定任何人的学分" in why
    assert said(NATION, 2028, SUCCESSOR)[:2] == ("", "这个规则集已经用完，换了新的。")


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.IN_FORCE])
def test_every_other_status_decides_nobodys_credits_and_says_why(status: Status):
    _, title, why = said(replace(PROVINCE, status=status), 2026, NATION)
    assert "不决定任何人的学分" in title
    assert why
    found = force(replace(PROVINCE, status=status), 2026, NATION)
    assert "decides nobody's credits" in translate(found.title, "en")


def test_every_status_has_a_word():
    assert set(STATUS_WORDS) == set(Status)


def test_years_end_where_the_policy_or_its_successor_says():
    known = [NATION, SUCCESSOR, PROVINCE]
    assert (last_year(NATION, known), last_year(SUCCESSOR, known), last_year(PROVINCE, known)) == (2027, None, None)
    assert translate(years(NATION, known)) == "2025 至 2027 年"
    assert translate(years(SUCCESSOR, known)) == "2028 年起"
    assert translate(years(replace(NATION, last_year=2025)), "en") == "2025"
    trial = replace(SUCCESSOR, status=Status.UNCONFIRMED)
    assert last_year(NATION, [NATION, trial]) is None


def test_places_and_days_are_said_in_both_languages():
    assert (translate(place_word("CN-HI"), "zh"), translate(place_word("CN-HI"), "en")) == ("海南", "Hainan")
    assert translate(place_word("CN-ZZ")) == "CN-ZZ"
    assert (translate(day_of_year(12, 31)), translate(day_of_year(12, 31), "en")) == ("12月31日", "31 Dec")
