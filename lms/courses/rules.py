"""Judgements of courses without a database: what a search looks for, when a course may be taken again."""

import re
from collections.abc import Iterable
from datetime import datetime

from lms.kernel import clock
from lms.kernel.text import Message, folded, msg

MOST_TERMS = 12
SHORTEST_PREFIX = 2
LONGEST_TERM = 24

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_CJK}]+|[a-z0-9]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def terms(texts: Iterable[str]) -> set[str]:
    """What a course is found by: characters and pairs of Chinese, beginnings of Latin words."""
    found: set[str] = set()
    for text in texts:
        for run in _RUN.findall(folded(text)):
            if _IS_CJK.match(run):
                found.update(run)
                found.update(run[at : at + 2] for at in range(len(run) - 1))
            else:
                word = run[:LONGEST_TERM]
                found.update(word[:end] for end in range(SHORTEST_PREFIX, len(word)))
                found.add(word)
    return found


def wanted_terms(query: str) -> list[str]:
    """The terms that a course must all have. Empty where the query has no letters at all."""
    wanted: dict[str, None] = {}
    for run in _RUN.findall(folded(query)):
        if not _IS_CJK.match(run):
            wanted[run[:LONGEST_TERM]] = None
        elif len(run) == 1:
            wanted[run] = None
        else:
            wanted.update((run[at : at + 2], None) for at in range(len(run) - 1))
    return list(wanted)[:MOST_TERMS]


def may_start_again(last_finished: datetime, now: datetime) -> bool:
    """A finished course brings nothing new in the same year; the next round starts in a later one."""
    return clock.year_of(last_finished) < clock.year_of(now)


BOX_NAMES: dict[str, Message] = {
    "emg": msg("先打 120"),
    "key": msg("记住"),
    "law": msg("法规"),
    "local": msg("各地不同"),
    "note": msg("说明"),
}
"""Boxes that the tools of a lesson offer, and their first titles."""
SUBJECT_NAMES: dict[str, Message] = {
    "chronic-disease": msg("慢性病"),
    "maternal-child": msg("妇幼保健"),
    "infectious": msg("传染病"),
    "mental": msg("精神卫生"),
    "emergency": msg("急救"),
    "medicines": msg("合理用药"),
    "elderly": msg("老年健康"),
    "public-health": msg("公共卫生"),
}

AUDIENCE_NAMES: dict[str, Message] = {
    "village_doctor": msg("乡村医生"),
    "assistant_physician": msg("执业助理医师"),
    "physician": msg("执业医师"),
    "general_practitioner": msg("全科医生"),
    "nurse": msg("护士"),
    "staff": msg("其他工作人员"),
}

CERTAINTY_NAMES: dict[str, Message] = {"official": msg("原文"), "secondary": msg("转载或引用")}

ANSWERS_SHOWN: dict[str, Message] = {
    "never": msg("不公布答案"),
    "after_pass": msg("通过以后"),
    "after_last": msg("通过以后，或者机会用完以后"),
    "after_submit": msg("交卷以后"),
}

HOURS_RANGES: dict[str, tuple[int, int]] = {
    "short": (0, 2000),
    "middle": (2001, 6000),
    "long": (6001, 10**9),
}
"""Filter by length: up to 2 hours, up to 6, more; thousandths, both ends included."""
