"""QTI 1.2 as Common Cartridge has it: `questestinterop` with items of the six profiles."""

from xml.etree.ElementTree import Element

from lms.courses.imports.brought import Losses
from lms.courses.imports.questions import Asked, words
from lms.courses.imports.xml import every, text_at
from lms.kernel.text import msg

_PROFILES = {
    "cc.multiple_choice": "single_choice", "cc.multiple_response": "multiple_response", "cc.true_false": "true_false",
    "cc.fib": "numeric", "cc.pattern_match": "", "cc.essay": "",
}  # fmt: skip


def read(root: Element, file: str, losses: Losses) -> list[Asked]:
    """The questions of a document in order."""
    return [_asked(item, file, losses) for item in every(root, "item")]


def title(root: Element) -> str:
    """What a test or a bank of questions is called."""
    return next((" ".join(one.get("title", "").split()) for one in every(root, "assessment", "objectbank")), "")


def _asked(item: Element, file: str, losses: Losses) -> Asked:
    fields = {text_at(one, "fieldlabel"): text_at(one, "fieldentry") for one in every(item, "qtimetadatafield")}
    profile = fields.get("cc_profile") or fields.get("question_type", "")
    named = profile.partition(".v")[0]
    presentation = item.find("presentation")
    material = next(every(presentation, "material"), None) if presentation is not None else None
    asked = Asked(
        name=" ".join(item.get("title", "").split())[:60], stem=_material(material, file, losses),
        sort=_PROFILES.get(named, ""), named=named or "?", explanation=_general(item, file, losses),
    )  # fmt: skip
    right, wrong = _answers(item)
    options = [
        (_material(next(every(label, "material"), None), file, losses), label.get("ident", "") in right - wrong)
        for label in every(item, "response_label")
    ]
    if asked.sort == "true_false":
        said = [text.casefold() for text, correct in options if correct]
        asked.answer = said[0] in ("true", "t", "对", "正确", "是") if len(said) == 1 else ""
    elif asked.sort == "numeric":
        asked.answer = next(iter(sorted(right)), "")
        if len(right) != 1 or not _is_number(str(asked.answer)):
            asked.sort = ""
        asked.losses.append(msg("填数题没有单位，收进来以后请补上"))
    else:
        asked.options = options
    return asked


def _is_number(said: str) -> bool:
    try:
        return abs(float(said)) < 1e9
    except ValueError:
        return False


def _material(material: Element | None, file: str, losses: Losses) -> str:
    if material is None:
        return ""
    texts = [words(one.text or "", file, losses) for one in every(material, "mattext")]
    return " ".join(text for text in texts if text)


def _general(item: Element, file: str, losses: Losses) -> str:
    """The feedback that is shown whatever was answered."""
    for feedback in every(item, "itemfeedback"):
        if feedback.get("ident") in ("general_fb", "general"):
            return _material(next(every(feedback, "material"), None), file, losses)
    return ""


def _answers(item: Element) -> tuple[set[str], set[str]]:
    """What is named by a condition that gives points, and what must not be chosen."""
    right: set[str] = set()
    wrong: set[str] = set()
    for condition in every(item, "respcondition"):
        if any(_points(one) for one in every(condition, "setvar")):
            for variable in every(condition, "conditionvar"):
                _named(variable, right, wrong, denied=False)
    return right, wrong


def _points(setvar: Element) -> bool:
    said = (setvar.text or "").strip()
    return setvar.get("varname", "SCORE").upper() == "SCORE" and _is_number(said) and float(said) > 0


def _named(element: Element, right: set[str], wrong: set[str], *, denied: bool) -> None:
    for child in element:
        if child.tag == "varequal":
            (wrong if denied else right).add((child.text or "").strip())
        else:
            _named(child, right, wrong, denied=denied != (child.tag == "not"))
