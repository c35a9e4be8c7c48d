"""What the lines of a policy beyond its conversions may not say; each fault names its key."""

from pathlib import Path

import pytest
from credit_door import HOUR, STUDY, annual, refused, year
from credit_rules import GROUNDS, conversion, line, policy

from lms.credits.rules.reading import FaultyFileError

SHARE = 'shape = "share"\nmeasure = "hours"\nkinds = ["practice"]\nshare = '
MIN = 'shape = "period_min"\nmeasure = "credits"\nminimum = "10"\nyears = '
AVERAGE = 'shape = "period_average"\nmeasure = "credits"\naverage = "25"\nyears = '
AWAY = 'states = ["leave"]\nshape = '
CHAIN = 'kinds = ["paper"]\nlevels = '
THERE = 'kinds = ["paper"]\nshape = "attendance"\nminimum = '
MARK = 'kinds = ["paper"]\nshape = "pass_mark"\nminimum = '
PAPERS = 'kinds = ["paper"]\nshape = "evidence"\nevidence = '


def faults(*lines: str) -> dict[str, str]:
    with pytest.raises(FaultyFileError) as caught:
        policy(*lines)
    return {fault.key: str(fault.message) for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("table", "body", "key"),
    [
        ("conditions", THERE + '"1.01"', "minimum"),
        ("conditions", THERE + '"0"', "minimum"),
        ("conditions", THERE + '"80%"', "minimum"),
        ("conditions", 'kinds = ["paper"]\nshape = "attendance"', "minimum"),
        ("conditions", MARK + '"101"', "minimum"),
        ("conditions", MARK + '"0"', "minimum"),
        ("conditions", PAPERS + "[]", "evidence"),
        ("conditions", PAPERS + '["feather"]', "evidence"),
        ("conditions", 'kinds = ["paper"]\nshape = "evidence"', "evidence"),
        ("conditions", 'kinds = ["paper"]\nshape = "signed"\nminimum = "1"', "minimum"),
        ("conditions", 'kinds = ["paper"]\nshape = "sworn"', "shape"),
        ("caps", 'kinds = ["paper"]\nshape = "max_per_activity"', "maximum"),
        ("caps", 'kinds = ["paper"]\nshape = "max_per_activity"\nmaximum = "0"', "maximum"),
        ("repeats", 'shape = "once_a_year"\nkinds = ["picnic"]', "kinds"),
        ("repeats", 'shape = "once_a_year"\nkinds = []', "kinds"),
        ("requirements", SHARE + '"4/3"', "share"),
        ("requirements", SHARE + '"1.001"', "share"),
        ("requirements", SHARE + '"0/3"', "share"),
        ("requirements", SHARE + '"2/0"', "share"),
        ("requirements", SHARE + '"two thirds"', "share"),
        ("requirements", SHARE + "0.5", "share"),
        ("requirements", SHARE.replace("hours", "awards") + '"2/3"', "measure"),
        ("requirements", 'shape = "share"\nmeasure = "hours"\nshare = "2/3"', "kinds"),
        ("requirements", MIN + "0", "years"),
        ("requirements", MIN + "41", "years"),
        ("requirements", MIN + '"appointment"', "years"),
        ("requirements", MIN.replace("minimum", "average") + "5", "minimum"),
        ("requirements", MIN + '5\nkinds = ["picnic"]', "kinds"),
        ("requirements", MIN + '5\nfloor = "2"', "floor"),
        ("requirements", AVERAGE + "0", "years"),
        ("requirements", AVERAGE + '"career"', "years"),
        ("requirements", AVERAGE + '3\nfloor = "26"', "floor"),
        ("requirements", AVERAGE + '3\nfloor = "0"', "floor"),
        ("requirements", 'shape = "annual_min"\nmeasure = "awards"\nminimum = "1"', "measure"),
        ("exemptions", AWAY + '"absent_days"', "days"),
        ("exemptions", AWAY + '"absent_days"\ndays = 0', "days"),
        ("exemptions", AWAY + '"absent_days"\ndays = 367', "days"),
        ("exemptions", AWAY + '"absent_months"\nmonths = 13', "months"),
        ("exemptions", AWAY + '"absent_months"\ndays = 30', "days"),
        ("exemptions", AWAY + '"absent_any_day"\ndays = 30', "days"),
        ("exemptions", 'shape = "absent_any_day"\nstates = ["asleep"]', "states"),
        ("exemptions", 'shape = "absent_any_day"\nstates = []', "states"),
        ("carry_over", 'maximum = "0"\nyears = 1', "maximum"),
        ("carry_over", 'maximum = "5"\nyears = 0', "years"),
        ("carry_over", 'maximum = "5"', "years"),
        ("windows", 'closes = "02-29"', "closes"),
        ("windows", 'closes = "2026-03-31"', "closes"),
        ("windows", "", "closes"),
        ("audits", CHAIN + '["county", "unit"]', "levels"),
        ("audits", CHAIN + '["unit", "unit"]', "levels"),
        ("audits", CHAIN + '["village"]', "levels"),
        ("audits", CHAIN + "[]", "levels"),
        ("audits", CHAIN + '["unit"]\nsampled = "1.5"', "sampled"),
        ("audits", CHAIN + '["unit"]\nsecond_person_above = "-1"', "second_person_above"),
        ("audits", CHAIN + '["unit"]\nexempt = ["staff"]', "populations"),
    ],
)
def test_each_fault_is_named_with_its_key(table: str, body: str, key: str):
    assert f"{table}[0].{key}" in faults(line(table, "x", body))


GOOD = {
    "conditions": THERE + '"0.8"',
    "requirements": MIN + "5",
    "exemptions": AWAY + '"absent_any_day"',
    "carry_over": 'maximum = "5"\nyears = 1',
    "windows": 'closes = "03-31"',
    "audits": CHAIN + '["unit"]',
}


@pytest.mark.parametrize("table", GOOD)
@pytest.mark.parametrize("key", ["citation", "source", "certainty", "effective_from", "populations"])
def test_every_line_says_what_it_rests_on(table: str, key: str):
    assert getattr(policy(line(table, "x", GOOD[table])), table)
    bare = "\n".join(row for row in GROUNDS.splitlines() if not row.startswith(key))
    assert f"{table}[0].{key}" in faults(line(table, "x", GOOD[table], bare))


def test_a_category_that_is_not_there_is_named():
    both = line("requirements", "a", MIN + '5\ncategories = ["class_1"]'), line(
        "requirements", "b", SHARE + '"1/2"\ncategories = ["class_2"]'
    )
    found = faults(*both)
    assert set(found) == {"requirements.a.categories", "requirements.b.categories"}
    assert "“class_1”" in found["requirements.a.categories"]


def until(day: str) -> str:
    return f"\neffective_until = {day}"


SINCE_JULY = GROUNDS.replace("2025-01-01", "2025-07-01")


def test_two_chains_of_audit_for_one_kind_are_refused():
    one = line("audits", "one", CHAIN + '["unit"]')
    other = line("audits", "other", 'kinds = ["research", "paper"]\nlevels = ["county"]')
    found = faults(one, other)
    assert set(found) == {"audits.other.kinds"}
    assert "“paper”" in found["audits.other.kinds"]
    assert "“one”" in found["audits.other.kinds"]
    first_half = line("audits", "one", CHAIN + '["unit"]' + until("2025-06-30"))
    second_half = line("audits", "other", CHAIN + '["county"]', SINCE_JULY)
    assert len(policy(first_half, second_half).audits) == 2


@pytest.mark.parametrize("table", ["windows", "carry_over"])
def test_of_windows_and_carry_overs_one_holds_at_a_time(table: str):
    assert set(faults(line(table, "one", GOOD[table]), line(table, "other", GOOD[table]))) == {f"{table}.other"}
    doctors = GROUNDS.replace('["*"]', '["physician"]')
    others = GROUNDS.replace('["*"]', '["village_doctor"]')
    apart = policy(line(table, "a", GOOD[table], doctors), line(table, "b", GOOD[table], others))
    assert len(getattr(apart, table)) == 2


def test_a_name_is_used_once_across_all_tables():
    found = faults(line("windows", "x", GOOD["windows"]), line("audits", "x", GOOD["audits"]))
    assert set(found) == {"audits[0].id"}


TITLE = 'title = { zh = "I类", en = "Class I" }\n'
CAP = 'shape = "max_per_year"\nmaximum = "{}"\nkinds = {}'


def booked(kinds: str = '["self_study", "paper"]', more: str = "") -> str:
    return conversion(HOUR + f'\ncategory = "class_1"\nkinds = {kinds}' + more, "booked")


def class_1(minimum: str = "5", more: str = "") -> str:
    return line("categories", "class_1", f'{TITLE}minimum = "{minimum}"\n{more}')


def cap(maximum: str, kinds: str, identity: str = "cap", more: str = "") -> str:
    return line("caps", identity, CAP.format(maximum, kinds) + more)


@pytest.mark.parametrize(
    ("caps", "named"),
    [
        (cap("4.9", '["self_study", "paper"]'), "cap"),
        (cap("4.9", '["self_study", "paper", "research"]'), "cap"),
        (cap("2", '["self_study"]') + cap("2", '["paper"]', "other"), "cap, other"),
        (cap("3", '["self_study", "paper"]') + cap("20", '["paper"]', "other"), "cap"),
    ],
)
def test_a_cap_below_the_minimum_of_its_category_is_refused(caps: str, named: str):
    found = faults(booked(), class_1(), caps)
    assert set(found) == {"categories.class_1.minimum"}
    assert named in found["categories.class_1.minimum"]


@pytest.mark.parametrize(
    "caps",
    [
        cap("5", '["self_study", "paper"]'),
        cap("1", '["self_study"]'),
        cap("3", '["self_study"]') + cap("2", '["paper"]', "other"),
        cap("1", '["self_study", "paper"]', more='\nexempt = ["village_doctor"]'),
        cap("1", '["self_study", "paper"]', more=until("2025-06-30")),
        cap("1", '["self_study", "paper"]').replace("max_per_year", "max_per_award"),
    ],
)
def test_a_cap_that_leaves_a_way_is_taken(caps: str):
    assert policy(booked(), class_1(), caps).categories


def test_a_yearly_minimum_out_of_reach_is_refused():
    assert set(faults(STUDY, annual("25"), cap("20", '["self_study"]'))) == {"requirements.annual-credits.minimum"}
    books = booked() + class_1("5", 'maximum = "10"')
    found = faults(books, annual("25"))
    assert "class_1" in found["requirements.annual-credits.minimum"]
    assert policy(books, annual("10")).requirements
    deemed = conversion('shape = "deemed"\ncredits = "25"\nkinds = ["degree_study"]', "deemed")
    assert policy(books, deemed, annual("25")).requirements
    assert policy(STUDY, annual("25", "hours"), cap("20", '["self_study"]')).requirements


def test_the_shell_names_file_and_key(tmp_path: Path):
    said = refused(tmp_path, STUDY + line("windows", "w", 'closes = "soon"'), year())
    assert "CN-2025.toml: windows[0].closes" in said
