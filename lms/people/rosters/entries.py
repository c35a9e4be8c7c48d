"""A line of a table as it is judged, and lines that are about one and the same person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lms.kernel.text import N_, Message
from lms.people.rosters.looking import FIELDS
from lms.sheets.incoming.tables import Fault

MOST_LINES_TOLD = 10
ID_TWICE = N_("第 {lines} 行是同一个身份证号。一个人只写一行。")
PHONE_TWICE = N_("第 {lines} 行是同一个手机号。每个人要用自己的手机号。")
EMAIL_TWICE = N_("第 {lines} 行是同一个邮箱。每个人要用自己的邮箱。")
PERSON_TWICE = N_("第 {lines} 行是同一个已经登记的人。一个人只写一行。")


@dataclass(slots=True)
class Entry:
    """A line with its numbers made plain, what is wrong with it so far, and who it is about if she is registered."""

    line: int
    values: dict[str, Any]
    faults: list[Fault]
    person_id: UUID | None = None

    def wrong(self, column: str, message: Message) -> None:
        """One more fault of this line."""
        self.faults.append(Fault(self.line, column, message))


def shared_number(entries: Sequence[Entry]) -> None:
    """Flag every line that shares a number with another one: whoever stands there twice is one person or a mistake."""
    said = {
        "id_number": ID_TWICE,
        "phone": PHONE_TWICE,
        "email": EMAIL_TWICE,
    }
    for name in FIELDS:
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.values.get(name):
                groups.setdefault(entry.values[name], []).append(entry)
        for group in groups.values():
            flag(group, name, said[name])


def same_person(entries: Sequence[Entry]) -> None:
    """Flag lines that found the same person by different numbers."""
    groups: dict[UUID, list[Entry]] = {}
    for entry in entries:
        if entry.person_id is not None and not entry.faults:
            groups.setdefault(entry.person_id, []).append(entry)
    for group in groups.values():
        flag(group, "name", PERSON_TWICE)


def flag(group: Sequence[Entry], column: str, sentence: str) -> None:
    """A fault in every line of a group of two or more; `sentence` has a gap for their {lines}."""
    if len(group) < 2:
        return
    lines = tuple(one.line for one in group[:MOST_LINES_TOLD])
    for entry in group:
        entry.wrong(column, Message(sentence, {"lines": lines}))
