"""A lesson as a script to be read aloud, by a person or a machine: sentences only, tables row by row, figures by their
descriptions, units and signs as words."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from markdown_it.token import Token

from lms.courses.packages import blocks, markdown
from lms.courses.packages.amounts import UNITS
from lms.courses.packages.fields import Findings
from lms.courses.packages.package import Lesson, Package

_STOP = {"zh": "。", "en": "."}
_ENDS = tuple("。！？；：.!?;:")
_WORDS = {
    "zh": {
        "lesson": "第 {} 课",
        "figure": "图：",
        "check": "这里有一道自测题，请在手机上做。",
        "colon": "，",
        "then": "；",
    },
    "en": {
        "lesson": "Lesson {}",
        "figure": "Figure: ",
        "check": "Here is a self-check: do it on the phone.",
        "colon": ", ",
        "then": "; ",
    },
}
_CALLED = re.compile(r"(?<![\d.])\s*(?P<called>110|119|120|123\d\d)(?!\d|\.\d) ?")
"""Numbers to call. They are said digit by digit, unless something is counted or measured: what stands before and after
then."""
_MEASURED = "|".join(UNITS.values())
_SIGN = r"[—–~～/≥⩾≤⩽<>=×÷±≈-]"
_BEFORE = {
    "zh": re.compile(rf"(?:{_SIGN}|\d\s?[到至比]|[3-9]0\s?或|[于约乘]|超过|压到?)\s?$"),
    "en": re.compile(
        rf"(?:{_SIGN}|\d to|[3-9]0 or|least|most|below|above|about|equals|times|tolic|(?:pulse|pressure) of)\s?$"
    ),
}
_AFTER = {
    "zh": re.compile(rf"\s*(?:{_SIGN}\s*\d|及?以[上下]|[次秒人个名户条]|[到至比]\s*\d|(?:{_MEASURED})(?![A-Za-z]))"),
    "en": re.compile(
        rf"\s*(?:{_SIGN}\s*\d|or (?:more|over|above|higher)|times|people|meetings|(?:to|over) \d|"
        rf"(?:{_MEASURED})(?![A-Za-z]))"
    ),
}
_DIGITS = {
    "zh": ("", "零幺二三四五六七八九"),
    "en": (" ", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")),
}


# In this order: what is longer or more particular stands first.
_SIGNS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "zh": tuple(
        (re.compile(pattern), words)
        for pattern, words in (
            (r"(\d)\s*[—–~～-]\s*(\d)", r"\1 到 \2"),
            (r"(\d)\s*/\s*(\d)", r"\1 比 \2"),
            (r"[≥⩾]\s*", "大于等于 "), (r"[≤⩽]\s*", "小于等于 "), (r"<\s*(?=\d)", "小于 "), (r">\s*(?=\d)", "大于 "),
            (r"±\s*", "正负 "), (r"≈\s*", "约等于 "), (r"\s*×\s*", " 乘 "), (r"\s*÷\s*", " 除以 "),
            (r"\s*=\s*", " 等于 "),
            (r"(\d+(?:\.\d+)?)\s*[%％]", r"百分之 \1"), (r"mmHg", "毫米汞柱"), (r"mmol/L", "毫摩尔每升"),
            (r"mg/kg", "毫克每公斤"), (r"mg/ml", "毫克每毫升"), (r"次/分", "次每分钟"), (r"L/min", "升每分钟"),
            (r"(?<=\d)\s*mg\b", " 毫克"), (r"(?<=\d)\s*m[lL]\b", " 毫升"), (r"(?<=\d)\s*cm\b", " 厘米"),
            (r"(?<=\d)\s*mm\b", " 毫米"), (r"(?<=\d)\s*kg\b", " 公斤"), (r"(?<=\d)\s*g\b", " 克"), (r"℃|°C", "摄氏度"),
        )
    ),
    "en": tuple(
        (re.compile(pattern), words)
        for pattern, words in (
            (r"(\d)\s*[—–~-]\s*(\d)", r"\1 to \2"),
            (r"(\d)\s*/\s*(\d)", r"\1 over \2"),
            (r"[≥⩾]\s*", "at least "), (r"[≤⩽]\s*", "at most "), (r"<\s*(?=\d)", "below "), (r">\s*(?=\d)", "above "),
            (r"±\s*", "plus or minus "), (r"≈\s*", "about "), (r"\s*×\s*", " times "), (r"\s*÷\s*", " divided by "),
            (r"\s*=\s*", " equals "),
            (r"(?<=\d)\s*%", " percent"), (r"mmHg", "millimetres of mercury"),
            (r"mmol/L", "millimoles per litre"), (r"mg/kg", "milligrams per kilogram"),
            (r"mg/ml", "milligrams per millilitre"), (r"L/min", "litres a minute"), (r"(?<=\d)\s*mg\b", " milligrams"),
            (r"(?<=\d)\s*m[lL]\b", " millilitres"), (r"(?<=\d)\s*cm\b", " centimetres"),
            (r"(?<=\d)\s*mm\b", " millimetres"), (r"(?<=\d)\s*kg\b", " kilograms"), (r"(?<=\d)\s*g\b", " grams"),
            (r"°C|℃", " degrees Celsius"),
        )
    ),
}  # fmt: skip


def script(package: Package, lesson: Lesson, language: str) -> str:
    """The script of a lesson: a line for each thing that is said, none of Markdown's marks in it."""
    text, words = lesson.texts[language], _WORDS[language]
    said = [words["lesson"].format(lesson.position), text.title]
    terms = {term.id: term.word[language] for term in package.terms}
    for block in blocks.split(text.body, text.file, text.first_line, Findings()):
        if isinstance(block, blocks.Check):
            said.append(words["check"])
            continue
        if isinstance(block, blocks.CallOut):
            said.append(block.title)
        said += _said(markdown.parse(block.text), terms, language)
    return "\n".join(_sentence(one, language) for one in said if one.strip()) + "\n"


def _said(tokens: list[Token], terms: Mapping[str, str], language: str) -> Iterator[str]:
    words = _WORDS[language]
    heads: list[str] = []
    cells: list[str] = []
    inside = ""
    for token in tokens:
        if token.type in ("th_open", "td_open"):
            inside = token.type
        elif token.type == "figure":
            yield words["figure"] + token.content
        elif token.type == "tr_close":
            if inside == "th_open":
                heads = cells
            elif cells:
                rest = (f"{head}{words['colon']}{cell}" for head, cell in zip(heads[1:], cells[1:], strict=False))
                yield words["then"].join((cells[0], *rest))
            cells, inside = [], ""
        elif token.type == "inline":
            text = "".join(_word(child, terms) for child in token.children or [])
            if inside:
                cells.append(text)
            else:
                yield text


def _word(child: Token, terms: Mapping[str, str]) -> str:
    if child.type == "term":
        return child.content or terms.get(str(child.meta["id"]), "")
    if child.type in ("softbreak", "hardbreak"):
        return " "
    return child.content if child.type in markdown.WORDS else ""


def _sentence(text: str, language: str) -> str:
    text = _CALLED.sub(partial(_said_digits, language), text)
    for pattern, words in _SIGNS[language]:
        text = pattern.sub(words, text)
    text = " ".join(text.replace("\u00a0", " ").split())
    return text if text.endswith(_ENDS) else text + _STOP[language]


def _said_digits(language: str, match: re.Match[str]) -> str:
    text = match.string
    before, after = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 20]
    if _BEFORE[language].search(before) or _AFTER[language].match(after):
        return match[0]
    between, digits = _DIGITS[language]
    said = match[0].replace(match["called"], between.join(digits[int(digit)] for digit in match["called"]))
    return said.strip() if language == "zh" else said
