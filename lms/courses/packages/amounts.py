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
    "hour": r"个?小时|hours?",
    "second": r"秒钟?|seconds?",
    "day": r"天|日(?!期|常|志)|days?",
    "week": r"周(?!岁|围)|weeks?",
    "month": r"个月|月龄|months?",
    "year": r"周?岁|年内?(?!级|初|底|末|版|龄|中|轻)|years?(?: old| of age)?",
    "milligram": r"毫克|mg",
    "microgram": r"微克|[µμ]g",
    "kilogram": r"公斤|千克|kg",
    "millilitre": r"毫升|m[lL]",
    "centimetre": r"厘米|cm",
    "millimetre": r"毫米(?!汞)|mm(?!Hg|ol)",
    "kilometre": r"公里|千米|km",
    "percent": r"[%％]",
    "permille": r"‰",
    "degree": r"℃|°C",
    "drop": r"滴|drops?",
    "yuan": r"元|yuan",
    "joule": r"焦耳|J(?!\w)",
    "point": r"分(?!钟|开|清|别|类|成|为|级|给|工|歧|析|之|泌|散|布|享|钱|量|期|娩)|points?",
    "gram": r"克|g",
    "litre": r"升|L(?!\w)|litres?",
    "metre": r"米|m|metres?",
}
_NUMBER = r"\d+(?:[.,]\d+)?"
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in UNITS.items())
_AMOUNT = re.compile(
    rf"(?<![\d.A-Za-z/])(?P<first>{_NUMBER})(?:\s*(?:[–—~～至到-]|to)\s*(?P<last>{_NUMBER}))?[\s-]*"
    rf"(?:{_UNIT})(?![A-Za-z])"
)
_NO_AMOUNTS = re.compile(r"《[^《》]*》|\[\^[\w-]+\]|\d{4}\s*年|media/\S+|\*")
"""Titles of texts, marks of sources, years of the calendar, addresses and emphasis."""
_PRESSURE = re.compile(rf"({_NUMBER})\s*/\s*({_NUMBER})\s*mmHg")
_CALENDAR = Decimal(1000)


def amounts(text: str) -> set[Amount]:
    """Every number with a unit; of a range (5—10 分钟) both ends, of a pressure (140/90 mmHg) both numbers. A year of
    the calendar is none."""
    found: set[Amount] = set()
    plain = _PRESSURE.sub(r"\1 mmHg \2 mmHg", _NO_AMOUNTS.sub(" ", text))
    for match in _AMOUNT.finditer(plain):
        unit = str(match.lastgroup)
        for number in (match["first"], match["last"]):
            if number is not None:
                value = Decimal(number.replace(",", ""))
                if unit != "year" or value < _CALENDAR:
                    found.add((value, unit))
    return found


def shown(text: str, amount: Amount) -> str:
    """An amount as it is written in a text, for a sentence about it."""
    plain = _PRESSURE.sub(r"\1 mmHg \2 mmHg", _NO_AMOUNTS.sub(" ", text))
    matches = (match[0] for match in _AMOUNT.finditer(plain) if amount in amounts(match[0]))
    return next(matches, str(amount[0]))
