"""Questions of surveys: what a centre may ask, and what an answer to it is. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from lms.kernel.errors import Invalid
from lms.kernel.text import N_, Message, msg, nfc

KINDS = {
    "scale": N_("打分（1—5）"),
    "one": N_("选一项"),
    "several": N_("选几项"),
    "number": N_("填一个整数"),
    "text": N_("写几句话"),
}
MOST_QUESTIONS, MOST_OPTIONS, LONGEST_QUESTION, LONGEST_OPTION, LONGEST_TEXT = 20, 10, 200, 80, 1000
LARGEST = 9999
LANGUAGES = ("zh", "en")
Question: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = tuple[int, ...] | str


def question(kind: str, texts: Mapping[str, str], options: Mapping[str, str]) -> dict[str, Any]:
    """A question from what was typed; `options` by language, one a line (a scale: what 1 means, what 5 means).

    Raises Invalid naming the fields.
    """
    faults: dict[str, Message] = {}
    if kind not in KINDS:
        faults["kind"] = msg("请从列出的几项里选一项。")
    said = {language: nfc(texts.get(language, "")) for language in LANGUAGES}
    for language, text in said.items():
        if not text:
            faults[f"text_{language}"] = msg("中文、英文都要写。")
        elif len(text) > LONGEST_QUESTION:
            faults[f"text_{language}"] = msg("最多 {most} 个字。", most=LONGEST_QUESTION)
    found = _options(kind, {language: _lines(options.get(language, "")) for language in LANGUAGES}, faults)
    if faults:
        raise Invalid(fields=faults)
    return {"kind": kind, "text": said, "options": found}


def typed(one: Question) -> dict[str, str]:
    """What to type to get this question, by the fields of its form."""
    options = {language: "\n".join(option[language] for option in one["options"]) for language in LANGUAGES}
    return {"kind": one["kind"]} | {
        f"{what}_{language}": said[language]
        for what, said in (("text", one["text"]), ("options", options))
        for language in LANGUAGES
    }


def _lines(typed: str) -> list[str]:
    return [nfc(one) for one in typed.splitlines() if nfc(one)]


def _options(kind: str, lines: Mapping[str, Sequence[str]], faults: dict[str, Message]) -> list[dict[str, str]]:
    if kind not in ("scale", "one", "several"):
        return []
    least, most = (2, 2) if kind == "scale" else (2, MOST_OPTIONS)
    for language in LANGUAGES:
        if not least <= len(lines[language]) <= most:
            faults[f"options_{language}"] = (
                msg("打分要写两行：1 是什么意思，5 是什么意思。")
                if kind == "scale"
                else msg("一行写一项，要 {least} 到 {most} 项。", least=least, most=most)
            )
        elif any(len(one) > LONGEST_OPTION for one in lines[language]):
            faults[f"options_{language}"] = msg("最多 {most} 个字。", most=LONGEST_OPTION)
    if not faults and len(lines["zh"]) != len(lines["en"]):
        faults["options_en"] = msg("中文、英文的项数要一样。")
    return [{"zh": zh, "en": en} for zh, en in zip(lines["zh"], lines["en"], strict=False)]


def answers(questions: Sequence[Question], values: Mapping[str, Sequence[str]]) -> dict[int, Answer]:
    """What was answered, by the question's place (from 0); a question may be left out, not all of them.

    Raises Invalid naming the fields (q0, q1, …).
    """
    found: dict[int, Answer] = {}
    faults: dict[str, Message] = {}
    for place, one in enumerate(questions):
        given = [nfc(value) for value in values.get(f"q{place}", ()) if nfc(value)]
        if not given:
            continue
        fault = _fault(one, given)
        if fault is not None:
            faults[f"q{place}"] = fault
        else:
            found[place] = given[0] if one["kind"] == "text" else tuple(sorted({int(value) for value in given}))
    if faults:
        raise Invalid(fields=faults)
    if not found:
        raise Invalid(msg("一题也没有答。答一题也行，不想答就按“这次不答”。"))
    return found


def _fault(one: Question, given: Sequence[str]) -> Message | None:
    kind = one["kind"]
    if kind == "text":
        return msg("最多 {most} 个字。", most=LONGEST_TEXT) if len(given[0]) > LONGEST_TEXT else None
    if kind != "several" and len(given) > 1:
        return msg("请从列出的几项里选一项。")
    least, most = (1, 5) if kind == "scale" else (0, LARGEST if kind == "number" else len(one["options"]) - 1)
    if all(value.isascii() and value.isdigit() and len(value) <= 4 and least <= int(value) <= most for value in given):
        return None
    if kind == "number":
        return msg("请填 0 到 {most} 的整数。", most=LARGEST)
    return msg("请从列出的几项里选一项。")
