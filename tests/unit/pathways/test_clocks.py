"""The clocks of duties: which line decides, which day matters, what is said."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lms.credits.claims.rules import CITY, COUNTY, UNIT
from lms.kernel.i18n import translate
from lms.pathways import catalogue
from lms.pathways.rules.clocks import ClockState, Phase, clocks, words
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.pathway import Clock, Verifier
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.pathways.rules.states import State

VILLAGE = catalogue.library()["village-doctor-duties"]
PHYSICIAN = catalogue.library()["physician-duties"]
ISSUED, ENDS = date(2022, 1, 1), date(2026, 12, 31)
OPENS = date(2026, 9, 30)


def record(kind: str, on: date, until: date | None = None, standing: str = "verified", **fields: str) -> Record:
    return Record(f"{kind} {on} {standing}", Kind(kind), on, until, Standing(standing), fields)


LICENCE = record("village_licence", ISSUED, ENDS)


def standing(day: date, *records: Record, year: str = "fail") -> PathwayStanding:
    return judge(VILLAGE, Facts(records, {day.year: year}), day)


def clock(which: Clock, day: date, *records: Record, year: str = "fail") -> ClockState:
    return next(one for one in clocks([standing(day, *records, year=year)]) if one.clock is which)


def said(one: ClockState) -> str:
    return "".join(translate(sentence) for sentence in words(one))


def test_a_village_doctor_has_three_clocks_and_a_physician_two() -> None:
    day = date(2026, 6, 1)
    assert [one.clock for one in clocks([standing(day)])] == [Clock.YEAR, Clock.CYCLE, Clock.LICENCE]
    others = clocks([judge(PHYSICIAN, Facts(), day)])
    assert [one.clock for one in others] == [Clock.YEAR, Clock.PERIODIC]


@pytest.mark.parametrize(
    ("day", "phase", "due", "ends", "left"),
    [
        (date(2026, 9, 29), Phase.KEPT, OPENS, ENDS, 1),
        (OPENS, Phase.TO_DO, ENDS, None, 92),
        (ENDS, Phase.TO_DO, ENDS, None, 0),
        (date(2027, 1, 1), Phase.TO_DO, ENDS, None, -1),
    ],
)
def test_a_licence_counts_down_to_the_application_then_to_its_end(
    day: date, phase: Phase, due: date, ends: date | None, left: int
) -> None:
    found = clock(Clock.LICENCE, day, LICENCE)
    assert (found.phase, found.due, found.ends, found.days_left) == (phase, due, ends, left)


def test_a_licence_is_urged_earlier_never_later() -> None:
    before = said(clock(Clock.LICENCE, date(2026, 9, 1), LICENCE))
    assert before == "2026年9月30日 起申请再注册，还有 29 天，当天就办最稳。证书有效到 2026年12月31日。"
    after = said(clock(Clock.LICENCE, date(2026, 10, 1), LICENCE))
    assert after == "现在就到县里申请再注册，越早越稳。证书有效到 2026年12月31日，还有 91 天。"


@pytest.mark.parametrize(("state", "phase"), [("submitted", Phase.WAITING), ("verified", Phase.KEPT)])
def test_what_is_applied_for_is_urged_no_more(state: str, phase: Phase) -> None:
    day = date(2026, 11, 1)
    found = clock(Clock.LICENCE, day, LICENCE, record("renewal", date(2026, 10, 1), standing=state))
    licence = next(one for one in found.lines if one.code == "V1")
    assert licence.judged.due(day)
    assert not licence.judged.urges(day)
    assert licence.judged.applied == State(state)
    assert (found.phase, found.due, found.applied) == (phase, ENDS, True)
    assert "越早越稳" not in said(found)


def test_an_application_that_was_not_accepted_is_urged_again() -> None:
    day = date(2026, 11, 1)
    found = clock(Clock.LICENCE, day, LICENCE, record("renewal", date(2026, 10, 1), standing="rejected"))
    assert next(one for one in found.lines if one.code == "V1").judged.urges(day)
    assert found.phase is Phase.TO_DO


def test_an_application_for_the_last_licence_says_nothing_of_this_one() -> None:
    old = record("renewal", date(2021, 10, 1))
    assert not clock(Clock.LICENCE, date(2026, 11, 1), LICENCE, old).applied


@pytest.mark.parametrize("made", [ISSUED + timedelta(1), OPENS - timedelta(1)])
def test_an_application_before_its_months_silences_nothing(made: date) -> None:
    found = clock(Clock.LICENCE, OPENS, LICENCE, record("renewal", made))
    assert (found.phase, found.applied) == (Phase.TO_DO, False)
    assert "越早越稳" in said(found)
    assert clock(Clock.LICENCE, OPENS, LICENCE, record("renewal", OPENS)).applied
    after = ENDS + timedelta(1)
    assert clock(Clock.LICENCE, after, LICENCE, record("renewal", ENDS)).applied
    assert not clock(Clock.LICENCE, after, LICENCE, record("renewal", after)).applied


def test_the_cycle_runs_until_the_earlier_of_training_and_assessment() -> None:
    trained, assessed = record("training", date(2025, 9, 1)), record("assessment", date(2024, 2, 29), result="pass")
    found = clock(Clock.CYCLE, date(2025, 12, 31), trained, assessed)
    assert (found.phase, found.due, found.days_left) == (Phase.KEPT, date(2026, 2, 28), 59)
    late = clock(Clock.CYCLE, date(2026, 3, 1), trained, assessed)
    assert (late.phase, late.first.code, late.days_left) == (Phase.TO_DO, "V3", -1)
    assert said(late) == "上一次的算到 2026年2月28日，要补新的。"


def test_a_second_assessment_is_the_day_that_matters_though_training_is_long_over() -> None:
    failed = record("assessment", date(2026, 5, 31), result="fail")
    found = clock(Clock.CYCLE, date(2026, 11, 1), record("training", date(2020, 1, 1)), failed)
    assert (found.first.code, found.due, found.days_left) == ("V3", date(2026, 11, 30), 29)
    assert said(found) == "考核没有合格，可以在期限前申请再次考核。最晚 2026年11月30日，还有 29 天。"


def test_a_pass_after_failing_for_good_is_what_the_county_recorded() -> None:
    days = date(2025, 1, 10), date(2025, 5, 1)
    failed = [record("assessment", day, result="fail") for day in days]
    assert standing(date(2026, 1, 1), *failed).state("V3") is State.REJECTED
    healed = [*failed, record("assessment", date(2025, 12, 1), result="pass")]
    assert standing(date(2026, 1, 1), *healed).state("V3") is State.VERIFIED


def test_what_waits_is_somebody_elses_turn() -> None:
    waiting = record("training", date(2026, 5, 1), standing="submitted")
    passed = record("assessment", date(2025, 5, 20), result="pass")
    found = clock(Clock.CYCLE, date(2026, 6, 1), waiting, passed)
    assert found.phase is Phase.WAITING
    assert said(found) == "已交，等所在单位核实。其他已核实的算到 2027年5月20日，还有 353 天。"


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ({"turn": UNIT}, "已交，等所在单位核实。"),
        ({"turn": COUNTY, "acted": UNIT}, "所在单位已核实，等县级卫生健康部门核实。"),
        # The county rejected it, she corrected it: nobody has verified what it says now.
        ({"turn": COUNTY, "acted": COUNTY}, "已交，等县级卫生健康部门核实。"),
        ({"turn": CITY, "acted": COUNTY, "entered": True}, "审核机关已登记，等市级卫生健康部门核实。"),
    ],
)
def test_it_is_said_who_told_it_who_agreed_and_whose_turn_it_is(chain: dict[str, Any], text: str) -> None:
    trained = replace(record("training", date(2026, 5, 1), standing="submitted"), **chain)
    passed = record("assessment", date(2026, 5, 20), result="pass")
    assert said(clock(Clock.CYCLE, date(2026, 6, 1), trained, passed)).startswith(text)


def test_an_exam_points_word_is_entered_by_the_county() -> None:
    way = catalogue.library()["assistant-physician"]
    diploma = record("diploma", date(2020, 7, 1), standing="submitted", level="bachelor", relevant="yes")
    facts = Facts((replace(diploma, turn=COUNTY),))
    [line] = [one for one in judge(way, facts, date(2026, 6, 1)).states if one.code == "E1"]
    assert line.turn is Verifier.EXAM_POINT


@pytest.mark.parametrize(
    ("year", "phase", "text"),
    [
        ("fail", Phase.TO_DO, "2026年12月31日 前补齐，还有 213 天。"),
        ("unknown", Phase.TO_DO, "2026年12月31日 前补齐，还有 213 天。"),
        ("pass", Phase.KEPT, "今年够了。"),
        ("not_required", Phase.NOT_ASKED, "现在没有要求。"),
    ],
)
def test_the_year(year: str, phase: Phase, text: str) -> None:
    found = clock(Clock.YEAR, date(2026, 6, 1), year=year)
    assert (found.phase, said(found)) == (phase, text)


def test_the_year_ends_when_her_policy_says() -> None:
    found = clocks([standing(date(2026, 6, 1))], date(2026, 11, 30))[0]
    assert (found.due, found.days_left) == (date(2026, 11, 30), 182)


def test_the_next_thing_is_what_ends_soon_then_what_can_be_done() -> None:
    way, day = catalogue.library()["rural-gp-assistant"], date(2026, 11, 1)

    def first(*records: Record) -> str | None:
        found = judge(way, Facts(records), day).first
        return found.code if found else None

    school = record("diploma", date(2001, 7, 1), level="secondary", relevant="yes")
    assert first() == "V1"
    assert first(LICENCE) == "V1"
    applied = record("renewal", date(2026, 10, 2), standing="submitted")
    assert first(LICENCE, applied) == "E1"
    assert first(LICENCE, applied, school) == "E2"
    served = record("practice", date(2002, 1, 1), date(2002, 12, 31), result="pass")
    place = record("employment", date(2003, 1, 1), place_kind="village_clinic")
    ban = record("ban", date(2026, 1, 1), date(2027, 12, 31))
    assert first(LICENCE, applied, school, served, ban) == "E3", "nothing of hers ends a ban"
    assert first(LICENCE, applied, school, served, place, ban) == "E4", "and where nothing else is open it is told"


def test_what_a_doctor_is_asked_for_is_what_is_lacking_of_several_ways() -> None:
    way = catalogue.library()["physician"]
    diploma = record("diploma", date(2010, 7, 1), level="bachelor", relevant="yes")
    found = judge(way, Facts((diploma,)), date(2026, 1, 1))
    line = next(one for one in found.states if one.code == "P1")
    assert line.asks == (Kind.PRACTICE,)


def test_who_is_banned_is_not_sent_to_the_examination_whatever_she_has_passed() -> None:
    ban = record("ban", date(2026, 1, 1), date(2027, 1, 1))
    for name, exam in (
        ("rural-gp-assistant", "rural_assistant"), ("graduate-village-doctor", "rural_assistant"),
        ("assistant-physician", "assistant"), ("physician", "physician"),
    ):  # fmt: skip
        practical = record("exam_practical", date(2025, 6, 1), exam=exam, result="pass")
        found = judge(catalogue.library()[name], Facts((practical, ban)), date(2026, 11, 1))
        lines = {one.code: one for one in found.states}
        assert "E4" in lines["E6"].blocked_by, name
        assert "E5" not in lines["E6"].blocked_by, name
        assert not lines["E6"].open, name
        assert lines["E4"].judged.barred, name
        nothing = {one.code: one for one in judge(catalogue.library()[name], Facts(), date(2026, 11, 1)).states}
        assert nothing["E6"].blocked_by == ("E5",), "what that waits for is said there"


def test_who_has_passed_both_is_not_kept_from_the_certificate_by_a_ban() -> None:
    """Article 12: who passes gets the certificate; the conditions are those for entering."""
    both = [
        record(kind, date(2025, 6, 1), exam="assistant", result="pass") for kind in ("exam_practical", "exam_written")
    ]
    ban = record("ban", date(2026, 1, 1), date(2027, 1, 1))
    found = judge(catalogue.library()["assistant-physician"], Facts((*both, ban)), date(2026, 11, 1))
    assert next(one for one in found.states if one.code == "L1").open
