"""Amounts, people and places of a policy as words; pure, translated at the edge."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from lms.credits.rules.policy import Words
from lms.kernel.i18n import short_date
from lms.kernel.quantities import format_hours
from lms.kernel.text import N_, Message, msg
from lms.people.rules import POPULATION_NAMES

ONE = Decimal(1)
# What a quantity is counted in, for one and for any other number; `times` is an event.
UNIT_WORDS = {
    "hours": (N_("1 学时"), N_("{n} 学时")),
    "characters": (N_("1 字"), N_("{n} 字")),
    "items": (N_("1 项"), N_("{n} 项")),
    "months": (N_("1 个月"), N_("{n} 个月")),
    "times": (N_("1 次"), N_("{n} 次")),
    "credits": (N_("1 学分"), N_("{n} 学分")),
}
ROLE_WORDS = {
    "attendee": N_("参加者"),
    "lecturer": N_("主讲人"),
    "host": N_("主持人"),
    "author_1": N_("第一作者"),
    "author_2": N_("第二作者"),
    "author_3": N_("第三作者"),
    "author_4": N_("第四作者"),
    "author_5": N_("第五作者"),
}
# Choices that are words; a choice named by its credits is said as it is written.
CHOICE_WORDS = {
    "theory": N_("理论培训"),
    "practice": N_("实践培训"),
    "foreign": N_("国外期刊"),
    "issn_cn": N_("有 ISSN 和 CN 刊号的期刊"),
    "national": N_("国家级"),
    "provincial": N_("省级"),
    "provincial_ministerial": N_("省部级"),
    "municipal": N_("市级"),
}
# ISO 3166-2.
PLACE_NAMES: Mapping[str, Words] = {
    "CN": Words("全国", "Whole country"),
    "CN-AH": Words("安徽", "Anhui"),
    "CN-BJ": Words("北京", "Beijing"),
    "CN-CQ": Words("重庆", "Chongqing"),
    "CN-FJ": Words("福建", "Fujian"),
    "CN-GD": Words("广东", "Guangdong"),
    "CN-GS": Words("甘肃", "Gansu"),
    "CN-GX": Words("广西", "Guangxi"),
    "CN-GZ": Words("贵州", "Guizhou"),
    "CN-HA": Words("河南", "Henan"),
    "CN-HB": Words("湖北", "Hubei"),
    "CN-HE": Words("河北", "Hebei"),
    "CN-HI": Words("海南", "Hainan"),
    "CN-HL": Words("黑龙江", "Heilongjiang"),
    "CN-HN": Words("湖南", "Hunan"),
    "CN-JL": Words("吉林", "Jilin"),
    "CN-JS": Words("江苏", "Jiangsu"),
    "CN-JX": Words("江西", "Jiangxi"),
    "CN-LN": Words("辽宁", "Liaoning"),
    "CN-NM": Words("内蒙古", "Inner Mongolia"),
    "CN-NX": Words("宁夏", "Ningxia"),
    "CN-QH": Words("青海", "Qinghai"),
    "CN-SC": Words("四川", "Sichuan"),
    "CN-SD": Words("山东", "Shandong"),
    "CN-SH": Words("上海", "Shanghai"),
    "CN-SN": Words("陕西", "Shaanxi"),
    "CN-SX": Words("山西", "Shanxi"),
    "CN-TJ": Words("天津", "Tianjin"),
    "CN-XJ": Words("新疆", "Xinjiang"),
    "CN-XZ": Words("西藏", "Tibet"),
    "CN-YN": Words("云南", "Yunnan"),
    "CN-ZJ": Words("浙江", "Zhejiang"),
}


def amount(number: Decimal, unit: str) -> Message:
    """So many of a unit (hours, characters, items, months, times, credits), as a rule says it: 10, 0.5."""
    one, many = UNIT_WORDS[unit]
    return msg(one) if number == ONE else Message(many, {"n": format_hours(number)})


def credits_of(number: Decimal) -> Message:
    """So many credits."""
    return amount(number, "credits")


def text(words: Words) -> Message:
    """A text of the policy, in the reader's language."""
    return Message("{text}", {"text": words.both()})


def listed(items: Sequence[Message]) -> Message:
    """One after the other, as one message; at least one."""
    first, *rest = items
    return msg("{first}、{rest}", first=first, rest=listed(rest)) if rest else first


def role_words(roles: Sequence[str]) -> Message:
    return listed([msg(ROLE_WORDS[role]) for role in roles])


def choice_word(choice: str) -> Message:
    """What was chosen; a policy may name its choices as it likes."""
    return msg(CHOICE_WORDS[choice]) if choice in CHOICE_WORDS else msg("“{choice}”", choice=choice)


# Groups that only some rule sets speak of.
OTHER_POPULATIONS = {
    "provincial_unit_staff": N_("省级单位的人员"),
    "tertiary_hospital_staff": N_("三级医院的人员"),
}


def population_words(populations: Sequence[str]) -> Message:
    """Groups of people; a policy may speak of groups this house does not know."""
    return listed([_population(one) for one in populations])


def _population(name: str) -> Message:
    known = {one.value: word for one, word in POPULATION_NAMES.items()} | OTHER_POPULATIONS
    return msg(known[name]) if name in known else Message("{name}", {"name": name})


def place_word(jurisdiction: str) -> Message:
    """The name of a nation or province; its code where there is none."""
    known = PLACE_NAMES.get(jurisdiction)
    return text(known) if known else Message("{code}", {"code": jurisdiction})


def day_of_year(month: int, day: int) -> Message:
    """A day of every year: 12月31日 / 31 Dec."""
    # A year without a 29 February, as for the file.
    found = date(2025, month, day)
    return Message("{day}", {"day": {"zh": short_date(found, "zh"), "en": short_date(found, "en")}})

