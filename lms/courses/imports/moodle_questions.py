"""The question bank of a Moodle backup (questions.xml, of Moodle 2 to 4): its categories and their questions."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lms.courses.imports.brought import Losses
from lms.courses.imports.questions import Asked, words
from lms.courses.imports.xml import every, text_at
from lms.kernel.text import msg

FILE = "questions.xml"


def read_questions(root: Element, losses: Losses) -> Iterator[tuple[str, list[Asked]]]:
    """Each category by its name with its questions."""
    for category in every(root, "question_category"):
        asked = [_asked(one, losses) for one in _latest(category)]
        found = [one for one in asked if one is not None]
        if found:
            yield text_at(category, "name") or "—", found


def _latest(category: Element) -> Iterator[Element]:
    """The questions of a category; of a question with versions the last one."""
    entries = list(every(category, "question_bank_entry"))
    if not entries:
        yield from every(category, "question")
        return
    for entry in entries:
        versions = [one for one in every(entry, "question_versions") if next(every(one, "question"), None) is not None]
        if versions:
            yield next(every(max(versions, key=_version), "question"))


def _version(element: Element) -> int:
    said = text_at(element, "version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def _asked(question: Element, losses: Losses) -> Asked | None:
    sort = text_at(question, "qtype")
    if sort in ("random", "description") or text_at(question, "parent") not in ("", "0"):
        return None

    def said(element: Element | None, path: str) -> str:
        return words((element.findtext(path) if element is not None else "") or "", FILE, losses)

    asked = Asked(
        name=text_at(question, "name")[:60], stem=said(question, "questiontext"), sort="", named=sort[:40],
        explanation=said(question, "generalfeedback"),
    )  # fmt: skip
    whole = [one for one in every(question, "answer") if one.find("answertext") is not None]
    answers = [(one, said(one, "answertext")) for one in whole]
    if sort == "multichoice":
        single = next(((one.text or "").strip() for one in every(question, "single")), "1")
        asked.sort = "single_choice" if single != "0" else "multiple_response"
        asked.options = [(text, _fraction(one) > 0) for one, text in answers]
        asked.partly = asked.sort == "multiple_response"
        if asked.sort == "single_choice" and any(0 < _fraction(one) < 0.999 for one, _ in answers):
            asked.options = [(text, _fraction(one) > 0.999) for one, text in answers]
            asked.losses.append(msg("答对一部分的分没有带来"))
    elif sort == "truefalse":
        right = next((text_at(one, "trueanswer") for one in every(question, "truefalse")), "")
        best = max((one for one, _ in answers), key=_fraction, default=None)
        asked.sort = "true_false"
        asked.answer = best.get("id") == right if best is not None and right else ""
    elif sort == "numerical":
        _numerical(asked, question, answers)
    elif sort == "match":
        pairs = [(said(one, "questiontext"), said(one, "answertext")) for one in every(question, "match")]
        asked.sort = "matching"
        asked.pairs = [(left, right) for left, right in pairs if left]
        if len(asked.pairs) < len(pairs):
            asked.losses.append(msg("配对题里多出来的选项没有带来"))
    elif sort == "ordering":
        asked.sort = "ordering"
        asked.steps = [text for _, text in sorted(answers, key=lambda pair: _fraction(pair[0]))]
    return asked


def _numerical(asked: Asked, question: Element, answers: list[tuple[Element, str]]) -> None:
    best = max(answers, key=lambda pair: _fraction(pair[0]), default=None)
    if best is None or best[1] == "*":
        return
    tolerances = {text_at(one, "answer"): text_at(one, "tolerance") for one in every(question, "numerical_record")}
    asked.sort, asked.answer = "numeric", best[1]
    asked.tolerance = tolerances.get(best[0].get("id", ""), "") or "0"
    asked.losses.append(msg("填数题没有单位，收进来以后请补上"))


def _fraction(answer: Element) -> float:
    try:
        return float(text_at(answer, "fraction") or "0")
    except ValueError:
        return 0.0
