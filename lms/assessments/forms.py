"""The shape of a posted answer. What it says, the question itself judges."""

from contextlib import suppress
from uuid import UUID

from werkzeug.datastructures import MultiDict

from lms.assessments.commands import Given
from lms.kernel.errors import Invalid
from lms.kernel.text import msg

MOST_QUESTIONS = 999
MOST_SEQ = 10**6
MOST_IDS = 20


def given_answer(posted: MultiDict[str, str]) -> Given:
    """The answer in a posted form. Raises Invalid for a form that is not ours."""
    position = _number(posted.get("position"), MOST_QUESTIONS)
    if position is None:
        raise Invalid(msg("这一页不完整，没有存上。请重新打开本页再答。"))
    try:
        answer_id = UUID(posted.get("answer_id", ""))
    except ValueError:
        raise Invalid(msg("这一页不完整，没有存上。请重新打开本页再答。")) from None
    return Given(
        id=answer_id,
        position=position,
        values=posted.to_dict(flat=False),
        flagged=posted.get("flagged") == "1",
        base=_number(posted.get("base"), MOST_SEQ),
        mine=_ids(posted.get("mine", "")),
    )


def _ids(text: str) -> frozenset[UUID]:
    """The ids in a comma-separated list; what is none is left out."""
    found = set()
    for one in text.split(",")[:MOST_IDS]:
        with suppress(ValueError):
            found.add(UUID(one))
    return frozenset(found)


def position_asked(text: str | None) -> int | None:
    """The question an address asks for: None without one, -1 for what is no number."""
    if text is None:
        return None
    number = _number(text, MOST_QUESTIONS)
    return -1 if number is None else number


def _number(text: str | None, highest: int) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 7:
        return None
    return int(text) if int(text) <= highest else None
