"""Numbers with their units in a text of either language, so that “5 分钟” and “5 minutes” are the same amount."""

import re
from decimal import Decimal

Amount = tuple[Decimal, str]
"""A number and the name of its unit."""

# By unit, how it is written. Longer and more particular ones stand first: 次/分 before 分, mmHg before mm.
UNITS = {
    "per_minute": r"次/分|times a minute|per minute|a minute|/min",
    "litre_minute": r"升/分|L/min",
    "mmhg": r"毫米汞柱|mmHg",
    "mmol": r"mmol/L",
    "minute": r"分钟|minutes?|min",
    "hour": r"个?小时|hours?|h",
    "second": r"秒钟?|seconds?",
    "day": r"天|日(?!期|常|志)|days?",
    "week": r"周(?!岁|围)|weeks?",
    "month": r"个月|月龄|months?",
    "year": r"周?岁|年内?(?!级|初|底|末|版|龄|中|轻)|years?(?: old| of age)?",
    "milligram": r"毫克|milligrams?|mg",
    "microgram": r"微克|[µμ]g",
    "kilogram": r"公斤|千克|kg",
    "millilitre": r"毫升|millilitres?|m[lL]",
    "centimetre": r"厘米|cm",
    "millimetre": r"毫米(?!汞)|mm(?!Hg|ol)",
    "kilometre": r"公里|千米|km",
    "percent": r"[%％]|percent|per cent",
    "permille": r"‰",
    "degree": r"℃|°C",
    "drop": r"滴|drops?",
    "yuan": r"元|yuan",
    "joule": r"焦耳|J(?!\w)",
    "point": r"分(?!钟|开|清|别|类|成|为|级|给|工|歧|析|之|泌|散|布|享|钱|量|期|娩)|points?",
    "gram": r"克|grams?|g",
    "litre": r"升|L(?!\w)|litres?",
    "metre": r"米|metres?|m(?![\d²³])",
}
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,9})?"
"""Bounded, so that a row of digits costs no more than its length."""
_RANGE = r"\s*(?:[–—~～至到-]|to)\s*"
_OTHER = r"\s*(?:或|or|and)\s*"
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in UNITS.items())
_ALONE = r"(?<![\d.A-Za-z/])(?!(?<=\d,)\d{3}(?!\d))"
"""Where a number begins; after a comma between digits only if it is no group of thousands."""
_YEAR = r"(?:19|20)\d\d(?=\s*(?:或|or|and))"
_AMOUNT = re.compile(
    rf"{_ALONE}(?P<first>(?!{_YEAR}){_NUMBER})(?:\s?(?P<myriads>万)?(?:{_RANGE}|{_OTHER})(?P<last>{_NUMBER}))?"
    rf"[\s-]{{0,3}}(?P<myriad>万)?(?:{_UNIT})(?![A-Za-z])"
)
_NO_AMOUNTS = re.compile(r"《[^《》]{1,200}》|\[\^[\w-]{1,60}\]|(?<!\d)\d{4}\s?年|media/\S+|\*")
"""Titles of texts, marks of sources, years of the calendar, addresses and emphasis."""
_PRESSURE = re.compile(
    rf"{_ALONE}((?!{_YEAR}){_NUMBER})(?:(?:{_RANGE}|{_OTHER})({_NUMBER}))?\s?/\s?"
    rf"({_NUMBER})(?:{_RANGE}({_NUMBER}))?\s?(?:mmHg|毫米汞柱)"
)
_CALENDAR = Decimal(1000)
_MYRIAD = Decimal(10_000)


def amounts(text: str) -> dict[Amount, str]:
    """Every number with a unit, and how it is written; of a range (5—10 分钟) both ends, of a pressure
    (140—159/90 mmHg) each number. A year of the calendar is none."""
    found: dict[Amount, str] = {}
    plain = _PRESSURE.sub(lambda match: " ".join(f"{one} mmHg" for one in match.groups() if one), _cleaned(text))
    for match in _AMOUNT.finditer(plain):
        unit = next(name for name in UNITS if match[name] is not None)
        for end, myriads in (("first", match["myriads"] or match["myriad"]), ("last", match["myriad"])):
            if match[end] is not None:
                value = Decimal(match[end].replace(",", "")) * (_MYRIAD if myriads else 1)
                if unit != "year" or value < _CALENDAR:
                    found.setdefault((value, unit), match[0].strip())
    return found


def _cleaned(text: str) -> str:
    return _NO_AMOUNTS.sub(" ", text)
