"""What must hold for every year under conditions, shared caps, absences, windows and several years."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lms.credits.rules.absences import STATES, Absence, Stretch, stretches
from lms.credits.rules.answers import answer
from lms.credits.rules.counting import Compliance, Held, count
from lms.credits.rules.deciding import Decision, decide
from lms.credits.rules.facts import Case, Fact, OwnMinimum, Person
from lms.credits.rules.history import Past
from lms.credits.rules.loading import load_policy
from lms.credits.rules.periods import PeriodState

GROUNDS = """source = "s"
citation = { zh = "某条", en = "Some article" }
certainty = "assumed"
effective_from = 2000-01-01
populations = ["*"]
"""
HEAD = """id = "CN-2025"
jurisdiction = "CN"
first_year = 2025
credit_class = "general"
year_ends = "12-31"
title = { zh = "试验", en = "Trial" }
[[sources]]
id = "s"
year = 2025
title = { zh = "来源", en = "Source" }
issuer = { zh = "某处", en = "Somewhere" }
"""
HOUR = 'shape = "linear"\nunit = "hours"\nquantity = "3"\ncredits = "1"\nrounding = "half_up"\ndecimals = 2\n'
LINES = [
    ("conversions", "a", HOUR + 'roles = ["attendee"]\nkinds = ["self_study", "unit_lecture", "practice"]'),
    ("conversions", "b", HOUR + 'roles = ["attendee"]\nkinds = ["paper"]\ncategory = "one"'),
    ("categories", "one", 'title = { zh = "类", en = "Class" }\nminimum = "2"\nmaximum = "6"'),
    ("conditions", "there", 'shape = "attendance"\nkinds = ["practice"]\nminimum = "0.8"'),
    ("conditions", "mark", 'shape = "pass_mark"\nkinds = ["practice"]\nminimum = "60"'),
    ("conditions", "signed", 'shape = "signed"\nkinds = ["practice"]'),
    ("conditions", "papers", 'shape = "evidence"\nkinds = ["paper"]\nevidence = ["publication"]'),
    ("caps", "series", 'shape = "max_per_activity"\nkinds = ["unit_lecture", "practice"]\nmaximum = "7"'),
    ("caps", "year", 'shape = "max_per_year"\nkinds = ["self_study"]\nmaximum = "10"'),
    ("caps", "day", 'shape = "max_per_day"\nkinds = ["unit_lecture"]\nmaximum = "4"'),
    ("repeats", "once", 'shape = "once_a_year"\nkinds = ["self_study", "paper"]'),
    ("requirements", "credits", 'shape = "annual_min"\nmeasure = "credits"\nminimum = "25"'),
    ("requirements", "hours", 'shape = "annual_min"\nmeasure = "hours"\nminimum = "90"'),
    ("requirements", "share", 'shape = "share"\nmeasure = "hours"\nshare = "2/3"\nkinds = ["practice", "paper"]'),
    ("requirements", "five", 'shape = "period_min"\nmeasure = "credits"\nminimum = "30"\nyears = 5\nkinds = ["paper"]'),
    ("requirements", "two", 'shape = "period_min"\nmeasure = "awards"\nminimum = "1"\nyears = 2'),
    ("requirements", "mean", 'shape = "period_average"\nmeasure = "credits"\naverage = "25"\nfloor = "20"\nyears = "appointment"'),  # noqa: E501
    ("exemptions", "days", 'shape = "absent_days"\nstates = ["leave"]\ndays = 180'),
    ("exemptions", "months", 'shape = "absent_months"\nstates = ["long_illness"]\nmonths = 6'),
    ("exemptions", "gone", 'shape = "absent_any_day"\nstates = ["retired", "cancelled"]'),
    ("exemptions", "moved", 'shape = "absent_on_deadline"\nstates = ["moved", "not_in_post"]'),
    ("carry_over", "carry", 'maximum = "5"\nyears = 2'),
    ("windows", "window", 'closes = "03-31"'),
    ("audits", "chain", 'kinds = ["paper"]\nlevels = ["unit", "county"]'),
]  # fmt: skip
POLICY = load_policy(
    (HEAD + "".join(f'[[{table}]]\nid = "{name}"\n{body}\n{GROUNDS}' for table, name, body in LINES)).encode(), "p.toml"
)

DAYS = st.integers(-200, 600).map(lambda days: date(2025, 1, 1) + timedelta(days=days))
KINDS = st.sampled_from(["self_study", "unit_lecture", "practice", "paper"])
TENTHS = st.integers(0, 600).map(lambda tenths: Decimal(tenths) / 10)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    hours = Decimal(draw(st.integers(1, 60)))
    return Fact(
        id=str(draw(st.uuids())),
        kind=draw(KINDS),
        activity=draw(st.sampled_from([None, "A", "B", "C"])),
        project=None,
        date=date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 364))),
        quantity=hours,
        unit="hours",
        hours=hours,
        attendance=draw(st.sampled_from([None, Decimal("0.79"), Decimal("0.8"), Decimal(1)])),
        score=draw(st.sampled_from([None, Decimal(59), Decimal(60), Decimal(100)])),
        signed=draw(st.booleans()),
        evidence=draw(st.sampled_from([(), ("photo",), ("publication", "photo")])),
        recorded_on=draw(st.none() | DAYS),
    )


ABSENCES = st.builds(
    lambda state, first, length: Absence(state, first, None if length is None else first + timedelta(days=length)),
    st.sampled_from(STATES),
    DAYS,
    st.none() | st.integers(0, 400),
)
PEOPLE = st.builds(
    Person,
    jurisdiction=st.just("CN-HE"),
    population=st.sampled_from(["village_doctor", None]),
    absences=st.lists(ABSENCES, max_size=3).map(tuple),
    appointed_on=st.none() | st.dates(date(2018, 1, 1), date(2026, 12, 31)),
    own_minimum=st.none() | st.builds(OwnMinimum, st.none() | TENTHS, st.none() | TENTHS),
)
HISTORY = st.builds(
    Past,
    year=st.integers(2016, 2024),
    kind=st.none() | KINDS,
    category=st.sampled_from([None, "one"]),
    credits=TENTHS,
    hours=TENTHS,
    awards=st.integers(0, 3),
    excess=TENTHS,
)
YEARS = st.lists(facts(), max_size=10, unique_by=lambda fact: fact.id)
HISTORIES = st.lists(HISTORY, max_size=8)


def decided(found: list[Fact], person: Person, history: list[Past], as_of: date = date(2025, 12, 31)) -> Decision:
    return decide(POLICY, Case(2025, as_of, person, tuple(found), tuple(history)))


@given(YEARS, PEOPLE)
def test_no_cap_is_exceeded_and_nothing_grows_on_the_way(found: list[Fact], person: Person):
    by_id = {fact.id: fact for fact in found}
    series: dict[str, Decimal] = {}
    days: dict[date, Decimal] = {}
    self_study = class_one = Decimal(0)
    for line in decided(found, person, []).lines:
        fact = by_id[line.fact]
        assert 0 <= line.counted <= line.awarded <= line.computed
        if fact.kind in ("unit_lecture", "practice"):
            key = fact.activity or fact.id
            series[key] = series.get(key, Decimal(0)) + line.awarded
        if fact.kind == "unit_lecture":
            days[fact.date] = days.get(fact.date, Decimal(0)) + line.counted
        self_study += line.counted if fact.kind == "self_study" else 0
        class_one += line.counted if fact.kind == "paper" else 0
    assert all(amount <= 7 for amount in series.values())
    assert all(amount <= 4 for amount in days.values())
    assert self_study <= 10
    assert class_one <= 6


@given(YEARS, PEOPLE)
def test_nothing_is_awarded_without_what_its_conditions_ask_for(found: list[Fact], person: Person):
    by_id = {fact.id: fact for fact in found}
    for line in decided(found, person, []).lines:
        fact = by_id[line.fact]
        shown = {
            "practice": fact.signed and (fact.attendance or 0) >= Decimal("0.8") and (fact.score or 0) >= 60,
            "paper": "publication" in fact.evidence,
        }
        open_ = fact.recorded_on is None or fact.recorded_on <= date(2026, 3, 31)
        assert not line.awarded or (shown.get(fact.kind, True) and open_)
        assert line.late == (bool(line.awarded or line.hours) and open_ and (fact.recorded_on or date.min).year == 2026)
        if line.counted < line.computed:
            assert len(line.reasons) >= 2


@given(YEARS, PEOPLE, HISTORIES, st.randoms())
def test_a_replay_in_any_order_is_the_same_byte_for_byte(
    found: list[Fact], person: Person, history: list[Past], chance
):
    first = json.dumps(answer(decided(found, person, history)), ensure_ascii=False)
    assert json.dumps(answer(decided(found, person, history)), ensure_ascii=False) == first
    mixed, earlier, away = list(found), list(history), list(person.absences)
    for one in (mixed, earlier, away):
        chance.shuffle(one)
    same = replace(person, absences=tuple(away))
    assert json.dumps(answer(decided(mixed, same, earlier)), ensure_ascii=False) == first


@given(YEARS, PEOPLE, HISTORIES)
def test_an_excused_year_is_never_a_fail_and_loses_no_credit(found: list[Fact], person: Person, history: list[Past]):
    decision = decided(found, person, history)
    there = decided(found, replace(person, absences=()), history)
    assert (decision.counted, decision.lines) == (there.counted, there.lines)
    excused = any(reason.code.startswith("excused") for reason in decision.reasons)
    if excused:
        assert decision.compliance in (Compliance.NOT_REQUIRED, Compliance.UNKNOWN)
        assert (decision.gap_credits, decision.gap_hours) == (0, 0)
    else:
        assert decision.compliance is there.compliance
    assert (decision.compliance is Compliance.NOT_REQUIRED) == (excused and person.population is not None)


@given(YEARS, PEOPLE, HISTORIES, HISTORY, st.dates(date(2025, 1, 1), date(2025, 12, 31)))
def test_a_longer_history_never_lowers_what_there_is(
    found: list[Fact], person: Person, history: list[Past], more: Past, as_of: date
):
    before, after = decided(found, person, history, as_of), decided(found, person, [*history, more], as_of)
    for short, long in zip(before.periods, after.periods, strict=True):
        assert (short.id, short.need) == (long.id, long.need)
        assert long.have >= short.have
        assert long.gap <= short.gap
        # What was enough stays enough; only what was not known may turn into a verdict.
        if short.state is PeriodState.PASS:
            assert long.state is PeriodState.PASS
    assert (after.carried or 0) >= (before.carried or 0)
    assert after.gap_credits <= before.gap_credits
    assert after.lines == before.lines


@given(YEARS, PEOPLE, HISTORIES, st.dates(date(2025, 1, 1), date(2025, 12, 31)))
def test_rules_over_several_years_never_touch_the_year(
    found: list[Fact], person: Person, history: list[Past], as_of: date
):
    one_year = replace(POLICY, requirements=POLICY.requirements[:3])
    case = Case(2025, as_of, person, tuple(found), tuple(history))
    with_them = decide(POLICY, case)
    assert replace(with_them, periods=()) == decide(one_year, case)
    for period in with_them.periods:
        if period.state is PeriodState.OPEN:
            assert as_of < period.deadline
        if period.state is PeriodState.PASS:
            assert period.gap == 0


@given(YEARS, PEOPLE, HISTORIES)
def test_the_gaps_are_what_is_lacking_of_the_stricter_minimum(found: list[Fact], person: Person, history: list[Past]):
    decision = decided(found, replace(person, absences=()), history)
    own = person.own_minimum or OwnMinimum()
    need = max(Decimal(25), own.credits or Decimal(0))
    total = decision.counted + min(Decimal(5), sum(one.excess for one in history if one.year >= 2023))
    assert decision.gap_credits == max(Decimal(0), need - total, decision.categories[0].gap)
    share = decision.shares[0]
    hours = max(Decimal(0), max(Decimal(90), own.hours or Decimal(0)) - decision.hours)
    assert decision.gap_hours == max(hours, share.gap)
    if person.population is not None:
        lacking = bool(decision.gap_credits or decision.gap_hours)
        assert decision.compliance is (Compliance.FAIL if lacking else Compliance.PASS)


@given(YEARS, st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50))
def test_a_share_is_exact_and_its_gap_just_enough(found: list[Fact], part: Fraction):
    lines = tuple(replace(one, share=part) if one.id == "share" else one for one in POLICY.requirements)
    policy, person = replace(POLICY, requirements=lines), Person("CN", "village_doctor")
    held = [Held(one.id, one.kind, one.date, Decimal(1), one.hours) for one in found]
    share = count(policy, person, 2025, held).shares[0]
    assert (share.gap == 0) == (Fraction(share.have) >= part * Fraction(share.total))
    for gap, met in ((share.gap, True), (share.gap - Decimal("0.001"), False)):
        if share.gap:
            more = Held("~", "paper", date(2025, 12, 31), Decimal(1), gap)
            assert (count(policy, person, 2025, [*held, more]).shares[0].gap == 0) is met


@given(st.lists(ABSENCES, max_size=5), st.integers(2024, 2026))
def test_days_away_are_counted_once_each(found: list[Absence], year: int):
    whole = Stretch(date(year, 1, 1), date(year, 12, 31))
    days = {
        day
        for day in (whole.first + timedelta(days=n) for n in range(whole.days))
        if any(one.from_day <= day and (one.until is None or day <= one.until) for one in found)
    }
    away = stretches(found, whole)
    assert sum(one.days for one in away) == len(days)
    assert all(one.last + timedelta(days=1) < other.first for one, other in pairwise(away))
    assert all(0 <= one.months <= 12 for one in away)
    assert all(28 * one.months <= one.days <= 31 * (one.months + 1) for one in away)
