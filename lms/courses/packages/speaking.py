"""A lesson as a script to be read aloud, by a person or a machine: sentences only, tables row by row, figures by their
descriptions, units and signs as words."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from markdown_it.token import Token

from lms.courses.packages import blocks, markdown
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
# These are numbers to call, said digit by digit, unless something is counted: what stands before and after then.
_CALLED = r"(?P<called>110|119|120|123\d\d)"
_DIGITS = {
    "zh": ("", "零幺二三四五六七八九"),
    "en": (" ", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")),
}
_NOT_AFTER = (
    r"(?<![\d.])(?<![到至于过约为比压乘])(?<![到至于过约为比压乘]\s)"
    r"(?<![3-9]0或)(?<![3-9]0\s或)(?<![3-9]0\s或\s)"
)
_COUNTS = "及?以上|次|分钟|毫|厘米|秒|天|人|学|克|斤|%|％|mm|mg|m[lL]|cm|[比到]\\s*\\d"
_BEFORE = (
    r"\d to", "[3-9]0 or", "least", "most", "below", "above", "over", "about", "equals", "times", "is", "tolic",
)  # fmt: skip
_NOT_AFTER_EN = r"(?<![\d.])" + "".join(f"(?<!{one} )" for one in _BEFORE)
_COUNTS_EN = (
    "or (?:more|over|above|higher)|a? ?minute|second|milli|times|per|hour|day|people|meetings|mm|mg|m[lL]|cm|%|"
    r"(?:over|to) \d"
)


def _called(language: str, match: re.Match[str]) -> str:
    between, words = _DIGITS[language]
    return between.join(words[int(digit)] for digit in match["called"])


# In this order: what is longer or more particular stands first.
_SIGNS: Mapping[str, tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = {
    "zh": tuple(
        (re.compile(pattern), words)
        for pattern, words in (
            (r"(\d)\s*[—–~～-]\s*(\d)", r"\1 到 \2"),
            (r"(\d)\s*/\s*(\d)", r"\1 比 \2"),
            (r"[≥⩾]\s*", "大于等于 "), (r"[≤⩽]\s*", "小于等于 "), (r"<\s*(?=\d)", "小于 "), (r">\s*(?=\d)", "大于 "),
            (r"±\s*", "正负 "), (r"≈\s*", "约等于 "), (r"\s*×\s*", " 乘 "), (r"\s*÷\s*", " 除以 "),
            (r"\s*=\s*", " 等于 "),
            (rf"{_NOT_AFTER}\s*{_CALLED}(?!\d|\.\d|\s*(?:{_COUNTS})) ?", partial(_called, "zh")),
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
            (rf"{_NOT_AFTER_EN}{_CALLED}(?!\d|\.\d|\s*(?:{_COUNTS_EN}))", partial(_called, "en")),
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
    for pattern, words in _SIGNS[language]:
        text = pattern.sub(words, text)
    text = " ".join(text.replace("\u00a0", " ").split())
    return text if text.endswith(_ENDS) else text + _STOP[language]
