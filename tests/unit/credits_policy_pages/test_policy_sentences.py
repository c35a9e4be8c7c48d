"""Every shape a line of a policy may have is said in words, with figures that the engine computes."""

import re
import sys
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "credits"))

from credit_rules import GROUNDS, conversion, line, policy

from lms.credits import policies
from lms.credits.explaining import Explanation, Line, Point, explain
from lms.credits.rules.checking import groups
from lms.credits.rules.policy import KINDS, ROLES, Policy
from lms.credits.rules.rates import Rate
from lms.credits.saying import ROLE_WORDS, UNIT_WORDS, place_word
from lms.kernel.i18n import translate

LINEAR = 'shape = "linear"\nunit = "hours"\nquantity = "3"\ncredits = "1"\nrounding = "half_up"\ndecimals = 2'
STEPS = """shape = "steps"
unit = "hours"
steps = [ { above = "0", credits = "0.2" }, { from = "6", credits = "1" }, { above = "6", credits = "1.2" },
          { from = "12", credits = "2" } ]"""
OVER = "超过 6 学时"
KNOWN = [known.policy for known in policies.library()]
CHINESE = re.compile(r"[\u3400-\u9fff]")


def worth(body: str, *more: str, language: str = "zh") -> tuple[list[str], list[str]]:
    """Sentences and figures of the one conversion of a policy."""
    (point,) = explain(policy(conversion(body), *more)).worth
    return [translate(one, language) for one in point.says], [translate(one, language) for one in point.figures]


def said(point: Point, language: str = "zh") -> str:
    title = translate(point.title, language) + "：" if point.title else ""
    return title + " ".join(translate(one, language) for one in point.says)


def test_a_rate_in_proportion_is_said_with_its_rounding():
    assert worth(LINEAR) == (
        ["每 3 学时计 1 学分。", "保留 2 位小数，四舍五入。"],
        ["6 学时 → 2 学分", "10 学时 → 3.33 学分"],
    )
    assert worth(LINEAR, language="en") == (
        ["1 credit for every 3 hours.", "Rounded half up, decimals kept: 2."],
        ["6 hours → 2 credits", "10 hours → 3.33 credits"],
    )
    floor = LINEAR.replace("half_up", "floor")
    assert worth(floor) == (
        ["每 3 学时计 1 学分。", "保留 2 位小数，后面的不计。"],
        ["6 学时 → 2 学分", "10 学时 → 3.33 学分"],
    )
    assert worth(floor.replace("decimals = 2", "decimals = 0"))[0][1] == "只计整数，零头不计。"
    assert worth(LINEAR.replace("decimals = 2", "decimals = 0")) == (
        ["每 3 学时计 1 学分。", "四舍五入到整数。"],
        ["6 学时 → 2 学分", "10 学时 → 3 学分"],
    )


@pytest.mark.parametrize(
    ("unit", "figure"),
    [("hours", "8 学时"), ("characters", "8 字"), ("items", "8 项"), ("months", "8 个月")],
)
def test_every_unit_is_said(unit: str, figure: str):
    body = f'shape = "linear"\nunit = "{unit}"\nquantity = "4"\ncredits = "1"\nrounding = "floor"\ndecimals = 1'
    assert worth(body)[1][0] == f"{figure} → 2 学分"


def test_a_rate_for_each_event_is_said():
    body = 'shape = "fixed"\ncredits = "0.5"'
    assert worth(body) == (["每次计 0.5 学分。"], ["2 次 → 1 学分"])
    assert worth(body, language="en") == (["0.5 credits each time."], ["2 times → 1 credit"])


def test_a_rate_by_role_names_each_role():
    rules = policy(conversion('kinds = ["paper"]\nshape = "by_role"\nrates = { author_1 = "6", author_2 = "5" }'))
    (point,) = explain(rules).worth
    assert said(point) == "论文：第一作者：每次 6 学分。 第二作者：每次 5 学分。"
    assert [str(one) for one in point.figures] == ["第一作者，2 次 → 12 学分"]


def test_a_rate_by_choice_names_each_choice():
    body = 'shape = "choice"\nrates = { practice = "0.5", "1" = "1" }'
    assert worth(body) == (
        ["登记时选一种。", "实践培训：每次 0.5 学分。", "“1”：每次 1 学分。"],
        ["实践培训，2 次 → 1 学分"],
    )


def test_steps_are_said_range_by_range():
    says, figures = worth(STEPS)
    assert says == [
        "不满 6 学时：0.2 学分。",
        "正好 6 学时：1 学分。",
        "超过 6 学时、不满 12 学时：1.2 学分。",
        "满 12 学时：2 学分。",
    ]
    assert figures == ["5 学时 → 0.2 学分", "7 学时 → 1.2 学分", "24 学时 → 2 学分"]
    assert worth(STEPS, language="en")[0] == [
        "less than 6 hours: 0.2 credits.", "exactly 6 hours: 1 credit.",
        "more than 6 hours, less than 12 hours: 1.2 credits.", "12 hours or more: 2 credits.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ('{ above = "0", credits = "1" }, { above = "6", credits = "2" }', ["6 学时以内", OVER]),
        ('{ from = "3", credits = "1" }, { above = "6", credits = "2" }', ["满 3 学时、不超过 6 学时", OVER]),
        ('{ above = "3", credits = "1" }, { above = "6", credits = "2" }', ["超过 3 学时、不超过 6 学时", OVER]),
        ('{ from = "3", credits = "1" }, { from = "6", credits = "2" }', ["满 3 学时、不满 6 学时", "满 6 学时"]),
        ('{ from = "0", credits = "1" }', ["满 0 学时"]),
    ],
)
def test_each_range_of_steps_is_said_as_its_bounds_are(steps: str, said: list[str]):
    says, figures = worth(f'shape = "steps"\nunit = "hours"\nsteps = [ {steps} ]')
    assert [one.partition("：")[0] for one in says] == said
    assert figures


def test_steps_that_go_on_say_how():
    onward = '\nonward = { quantity = "6", credits = "1", rounding = "floor", decimals = 1 }'
    says, figures = worth(STEPS + onward)
    assert says[-2:] == ["超过 12 学时的部分，每 6 学时再加 1 学分。", "保留 1 位小数，后面的不计。"]
    assert figures[-1] == "24 学时 → 4 学分"


def test_what_stands_for_a_year_is_said():
    study = 'kinds = ["degree_study"]\nshape = "deemed"\ncredits = "25"'
    assert worth(study) == (["顶一整年的要求，计 25 学分。"], ["1 次 → 25 学分"])
    assert worth(study + '\nunit = "months"\nquantity = "6"') == (
        ["满 6 个月，顶一整年的要求，计 25 学分。"],
        ["6 个月 → 25 学分"],
    )


def test_a_figure_says_what_a_cap_leaves():
    cap = line("caps", "cap", 'shape = "max_per_award"\nkinds = ["self_study"]\nmaximum = "1"')
    assert worth(LINEAR, cap)[1][0] == "6 学时 → 2 学分，最多计 1 学分"


def test_figures_do_not_depend_on_what_an_award_needs():
    need = line("conditions", "need", 'shape = "assessed"\nkinds = ["self_study"]')
    assert worth(LINEAR, need) == worth(LINEAR)


@pytest.mark.parametrize(
    ("per", "sentence"),
    [
        ("award", "每次最多计 4 学分。"),
        ("project", "同一个项目编号最多计 4 学分。"),
        ("day", "一天最多计 4 学分。 这几类合在一起算。"),
        ("year", "一年最多计 4 学分。 这几类合在一起算。"),
    ],
)
def test_every_cap_is_said(per: str, sentence: str):
    body = f'shape = "max_per_{per}"\nkinds = ["self_study", "paper"]\nmaximum = "4"'
    (point,) = explain(policy(line("caps", "cap", body))).limits
    assert said(point) == f"计划自学、论文：{sentence}"
    assert not CHINESE.search(said(point, "en"))


def test_requirements_conditions_repeats_and_remarks_are_said():
    need = line("requirements", "r", 'shape = "annual_min"\nmeasure = "credits"\nminimum = "25"')
    hours = line("requirements", "h", 'shape = "annual_min"\nmeasure = "hours"\nminimum = "90"')
    condition = line("conditions", "c", 'shape = "assessed"\nkinds = ["national_project"]\nroles = ["attendee"]')
    once = line("repeats", "o", 'shape = "once_a_year"')
    remark = line("remarks", "m", 'text = { zh = "还没有定。", en = "Open." }')
    found = explain(policy(need, hours, condition, once, remark))
    assert [said(one) for one in found.requires] == ["一年至少 25 学分。", "一年至少 90 学时。"]
    assert [said(one) for one in found.needs] == ["国家级项目（参加者）：要有考核合格的记录，才计学分。"]
    assert [said(one) for one in found.limits] == ["同一课程或项目，每人一年只计一次。"]
    assert [said(one, "en") for one in found.open] == ["Open."]


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        ('minimum = "5"\nmaximum = "10"', "一年至少 5 学分，最多计 10 学分。"),
        ('minimum = "5"', "一年至少 5 学分。"),
        ('maximum = "10"', "一年最多计 10 学分。"),
        ("", "单独记，没有上限和下限。"),
    ],
)
def test_every_category_is_said_and_named_by_what_goes_into_it(bounds: str, sentence: str):
    book = line("categories", "class_1", f'title = {{ zh = "I类", en = "Class I" }}\n{bounds}')
    found = explain(policy(conversion('category = "class_1"\n' + LINEAR), book))
    assert said(found.books[0]) == f"I类：{sentence}"
    assert str(translate(found.worth[0].book or "", "en")) == "Class I"


def test_for_whom_and_when_is_said_only_where_it_is_not_everybody_always():
    grounds = GROUNDS.replace('["*"]', '["village_doctor", "nurse"]') + 'exempt = ["staff"]\n'
    grounds = grounds.replace("2025-01-01", "2025-07-01\neffective_until = 2026-06-30")
    (point,) = explain(policy(conversion(LINEAR, grounds=grounds))).worth
    assert [str(translate(one)) for one in point.says[2:]] == [
        "只对乡村医生、nurse。", "管理或教学人员不在内。", "从2025年7月1日起。", "到2026年6月30日为止。",
    ]  # fmt: skip
    assert str(point.figures[0]) == "6 学时 → 2 学分"
    (plain,) = explain(policy(conversion(LINEAR))).worth
    assert len(plain.says) == 2


def test_every_line_carries_its_citation_its_certainty_and_its_source():
    for rules in KNOWN:
        found = explain(rules)
        lines = {one.id: one.grounds for name in groups(rules) for one in groups(rules)[name]}
        assert {point.id for point in found.points} == set(lines)
        assert len(found.points) == len(lines)
        for point in found.points:
            grounds = lines[point.id]
            assert (point.cites, point.certainty) == (grounds.citation, grounds.certainty)
            assert found.sources[point.source - 1].id == grounds.source
            assert point.says


def test_what_a_province_says_itself_is_told_apart_and_comes_first():
    by_id = {one.id: one for one in KNOWN}
    province, nation = by_id["CN-HI-2025"], by_id["CN-2025"]
    found = explain(province, nation)
    assert [one.id for one in found.points if one.own] == ["unit-activity"]
    assert found.worth[0].id == "unit-activity"
    assert all(one.own for one in explain(nation).points)


@pytest.mark.parametrize("rules", KNOWN, ids=lambda one: one.id)
def test_every_policy_of_the_house_is_said_in_both_languages(rules: Policy):
    found: Explanation = explain(rules)
    for point in found.points:
        for message in (*point.says, *point.figures, *(one for one in (point.title, point.book) if one)):
            assert "{" not in translate(message, "zh")
            english = translate(message, "en")
            assert english
            assert not CHINESE.search(english), english
    for point in found.worth:
        assert point.figures
        assert "0 学分" not in {str(one).rpartition("→ ")[2] for one in point.figures}
    assert not CHINESE.search(translate(place_word(rules.jurisdiction), "en"))


def test_every_shape_of_the_rules_has_words():
    """A new kind of line in a policy must be sayable; that its match is whole, the type check sees."""
    hints = get_type_hints(Policy)
    held = [one for field in fields(Policy) for one in get_args(hints[field.name])[:1]]
    kinds = {kind for one in held for kind in (get_args(one) or (one,))}
    lines = {kind for kind in kinds if is_dataclass(kind) and "grounds" in {one.name for one in fields(kind)}}
    assert lines == set(get_args(Line))
    assert set(ROLE_WORDS) == set(ROLES)
    for kind in KINDS:
        (point,) = explain(policy(conversion(f'kinds = ["{kind}"]\n{LINEAR}'))).worth
        assert point.title
        assert not CHINESE.search(translate(point.title, "en"))
    shapes = {"Linear", "Fixed", "ByRole", "Choice", "Ranks", "Steps", "Deemed"}
    assert {one.__name__ for one in get_args(Rate)} == shapes
    assert set(UNIT_WORDS) >= {"hours", "characters", "items", "months", "credits"}


def test_figures_are_those_of_the_day_the_line_holds():
    late = GROUNDS.replace("2025-01-01", "2026-01-01")
    early = GROUNDS.replace("2025-01-01", "2025-01-01\neffective_until = 2025-12-31")
    rules = policy(
        conversion(LINEAR, "early", early), conversion(LINEAR.replace('credits = "1"', 'credits = "2"'), "late", late)
    )
    first, second = explain(rules).worth
    assert (str(first.figures[0]), str(second.figures[0])) == ("6 学时 → 2 学分", "6 学时 → 4 学分")
    assert date(2026, 1, 1) == rules.conversions[1].grounds.effective_from


NEW_SHAPES = [
    (
        "requirements",
        'shape = "share"\nmeasure = "hours"\nshare = "2/3"\nkinds = ["self_study", "paper"]',
        "一年的学时里，至少 2/3 要是：计划自学、论文。",
        "Of the hours of a year, at least 2/3 must be: Planned self-study, Paper.",
    ),
    (
        "requirements",
        'shape = "period_min"\nmeasure = "awards"\nminimum = "1"\nyears = 2\nkinds = ["paper"]',
        "2 年里合计至少 1 次。只算：论文。这一条另外算，不影响当年够不够。",
        "Over 2 years, at least once in all.",
    ),
    (
        "requirements",
        'shape = "period_average"\nmeasure = "credits"\naverage = "25"\nfloor = "20"\nyears = "appointment"',
        "聘任期间，平均每年至少 25 学分。任何一年不少于 20 学分。这一条另外算，不影响当年够不够。",
        "Over the appointment, on average at least 25 credits a year.",
    ),
    (
        "conditions",
        'shape = "attendance"\nkinds = ["paper"]\nminimum = "0.8"',
        "出勤要满 80%，才计学分。",
        "No credit without an attendance of 80% at least.",
    ),
    (
        "conditions",
        'shape = "pass_mark"\nkinds = ["paper"]\nminimum = "60"',
        "考核要满 60 分，才计学分。",
        "No credit without a score of 60 at least.",
    ),
    (
        "conditions",
        'shape = "signed"\nkinds = ["paper"]',
        "签到、签退都要有，才计学分。",
        "No credit without signing in and signing out.",
    ),
    (
        "conditions",
        'shape = "evidence"\nkinds = ["paper"]\nevidence = ["notice", "photo"]',
        "要交齐这些证明材料，才计学分：通知文件、现场照片。",
        "No credit without all of these papers:",
    ),
    (
        "caps",
        'shape = "max_per_activity"\nkinds = ["paper"]\nmaximum = "2"',
        "同一个活动一年最多计 2 学分。",
        "At most 2 credits a year for the same activity.",
    ),
    (
        "exemptions",
        'shape = "absent_months"\nstates = ["leave", "retired"]\nmonths = 6',
        "一年里满 6 个月，这一年不作要求。",
        "From 6 months in a year on, nothing is required of that year.",
    ),
    (
        "exemptions",
        'shape = "absent_days"\nstates = ["leave"]\ndays = 90',
        "一年里满 90 天，这一年不作要求。",
        "From 90 days in a year on",
    ),
    (
        "exemptions",
        'shape = "absent_any_day"\nstates = ["retired"]',
        "一年里有一天，这一年就不作要求。",
        "With one such day in a year",
    ),
    (
        "exemptions",
        'shape = "absent_on_deadline"\nstates = ["moved"]',
        "年度最后一天还是这样，这一年不作要求。",
        "Where it still is so on the last day of the year",
    ),
    ("carry_over", 'maximum = "5"\nyears = 1', "前 1 年多出来的，最多结转 5 学分，只抵总学分。", "at most 5 credits"),
    ("windows", 'closes = "03-31"', "上一年度的补录，到3月31日截止；过了这一天不再计入。", "until 31 Mar of the next"),
    (
        "audits",
        'kinds = ["paper"]\nlevels = ["unit", "county"]\nsecond_person_above = "5"\nsampled = "0.05"',
        "依次由这几级审核：单位、县级。一次超过 5 学分，要两个人分别审过。自动计入，事后抽查 5%。",
        "Audited at these levels, one after the other:",
    ),
]


@pytest.mark.parametrize(("group", "body", "zh", "en"), NEW_SHAPES, ids=lambda one: str(one)[:40].partition("\n")[0])
def test_each_shape_beyond_a_rate_is_said(group: str, body: str, zh: str, en: str):
    told = explain(policy(conversion(LINEAR), line(group, "x", body)))
    (point,) = [one for one in told.points if one.id == "x"]
    assert zh == "".join(translate(one, "zh") for one in point.says)
    assert en in said(point, "en")
    assert not CHINESE.search(said(point, "en"))


def test_a_rank_table_is_said_rank_by_rank():
    body = (
        'kinds = ["paper"]\nshape = "ranks"\ndefault = "national"\n'
        'rates = { foreign = { author_1 = "10", author_2 = "9" }, national = { author_1 = "6" } }'
    )
    assert worth(body) == (
        ["国外期刊：第一作者 10 学分、第二作者 9 学分。", "国家级：第一作者 6 学分。", "没有写明的，按国家级算。"],
        ["国外期刊、第一作者，2 次 → 20 学分"],
    )
