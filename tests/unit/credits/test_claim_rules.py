"""The chain of a claim in single steps."""

from dataclasses import replace
from datetime import date

from lms.credits.claims import rules
from lms.credits.claims.rules import CITY, COUNTY, PROVINCE, UNIT, Decider, Standing
from lms.credits.rules.audits import Audit
from lms.credits.rules.policy import Certainty, Grounds, Words

WAITING = rules.handed_in(Standing("draft"))
UNIT_AUDITOR, COUNTY_AUDITOR = Decider("u", UNIT, unit=True), Decider("c", COUNTY)


def may(standing: Standing, decider: Decider, *, closed: bool = False) -> bool:
    return rules.hindrance(standing, decider, closed=closed) is None


def test_without_a_word_of_the_policy_unit_and_county_look() -> None:
    assert rules.levels_of(None) == (UNIT, COUNTY)
    words = Words("据", "ground")
    grounds = Grounds("s", words, Certainty.ASSUMED, date(2025, 1, 1), None, ("*",))
    assert rules.levels_of(Audit("a", ("paper",), ("province", "county"), grounds)) == (COUNTY, PROVINCE)
    assert rules.levels_of(Audit("a", ("paper",), (), grounds)) == (UNIT, COUNTY)


def test_the_unit_approves_and_the_county_ends_it() -> None:
    once = rules.decided(WAITING, "approve", UNIT, "u")
    assert (once.state, once.waiting) == ("waiting", COUNTY)
    assert not may(once, UNIT_AUDITOR)
    twice = rules.decided(once, "approve", COUNTY, "c")
    assert twice.state == "approved"
    assert not may(twice, Decider("p", PROVINCE))


def test_a_higher_level_need_not_wait_and_locks_the_lower() -> None:
    returned = rules.decided(WAITING, "return", COUNTY, "c")
    again = rules.handed_in(returned)
    assert again.waiting == COUNTY
    assert not may(again, UNIT_AUDITOR)
    assert may(again, COUNTY_AUDITOR)
    assert rules.decided(WAITING, "approve", COUNTY, "c").state == "approved"


def test_nobody_decides_her_own_and_a_colleague_only_for_the_unit() -> None:
    assert not may(WAITING, replace(COUNTY_AUDITOR, own=True))
    assert not may(WAITING, replace(COUNTY_AUDITOR, colleague=True))
    both = replace(COUNTY_AUDITOR, colleague=True, unit=True)
    assert may(WAITING, both)
    assert rules.acting_level(both) == UNIT
    assert not may(WAITING, replace(UNIT_AUDITOR, took_part=True))


def test_after_the_closing_date_only_the_province_acts() -> None:
    assert not may(WAITING, COUNTY_AUDITOR, closed=True)
    assert may(WAITING, Decider("p", PROVINCE), closed=True)


def test_a_refusal_is_answered_once_and_seen_by_the_level_above() -> None:
    refused = rules.decided(WAITING, "refuse", COUNTY, "c")
    assert not may(refused, Decider("p", PROVINCE))
    answered = rules.answered(refused)
    assert not rules.may_answer(answered)
    assert not may(answered, COUNTY_AUDITOR)
    assert may(answered, Decider("y", CITY))
    upheld = rules.decided(answered, "refuse", CITY, "y")
    assert not rules.may_answer(upheld)


def test_above_a_limit_two_people_approve() -> None:
    large = replace(WAITING, two=True)
    once = rules.decided(large, "approve", COUNTY, "c")
    assert (once.state, once.waiting) == ("waiting", COUNTY)
    assert not may(once, COUNTY_AUDITOR)
    assert may(once, Decider("d", COUNTY))
    assert rules.decided(once, "approve", COUNTY, "d").state == "approved"
