"""Lines of one name at one workplace: the same person under two phones, unless identity numbers tell two apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.kernel.text import N_, folded, msg
from lms.people.rosters.entries import Entry, flag
from lms.people.rosters.looking import Known, namesakes

NAME_TWICE = N_("第 {lines} 行同名、同单位，可能是同一个人：写上身份证号，或者只留一行。")
REGISTERED = msg("这个单位已经有同名的人：如果是同一个人，请用登记的号码；不是，请写身份证号。")
UNNUMBERED = msg("这个单位已经有同名的人，登记的没有身份证号：是同一个人，请用登记的号码；不是，先给那位补上身份证号。")


@dataclass(frozen=True, slots=True)
class Named:
    """A line, who is registered under one of its numbers, and where she is to work (None: that is not clear)."""

    entry: Entry
    known: Known | None
    workplace_id: UUID | None

    @property
    def numbered(self) -> bool:
        """Whether her identity number is known, by this line or since before."""
        return bool(self.entry.values.get("id_number")) or (self.known is not None and self.known.has("id_number"))

    @property
    def key(self) -> tuple[UUID | None, str]:
        """Her workplace and her name, as it is kept folded."""
        return self.workplace_id, folded(self.entry.values["name"])[:80]


def flag_namesakes(rows: Sequence[Named]) -> None:
    """Flag lines that may be one person, then those that would register somebody who may be registered already."""
    groups: dict[tuple[UUID | None, str], list[Named]] = {}
    for one in rows:
        if one.workplace_id is not None:
            groups.setdefault(one.key, []).append(one)
    for group in groups.values():
        if len(group) > 1:
            flag([one.entry for one in _doubtful(group)], "name", NAME_TWICE)
    _flag_registered([one for one in rows if one.known is None and one.workplace_id and not one.entry.faults], rows)


def _doubtful(group: Sequence[Named]) -> Sequence[Named]:
    """Those of a group of one name and place whom no number tells apart: two registered people are two."""
    if all(one.known is not None for one in group):
        return ()
    if any(one.known is None and not one.numbered for one in group):
        return group
    if any(one.known is not None and not one.numbered for one in group):
        return [one for one in group if one.known is None or not one.numbered]
    return ()


def _flag_registered(fresh: Sequence[Named], rows: Iterable[Named]) -> None:
    there = namesakes({one.key for one in fresh})
    numbered_now = {one.known.id for one in rows if one.known is not None and one.numbered}
    for one in fresh:
        others = there.get(one.key, ())
        if others and not one.numbered:
            one.entry.wrong("name", REGISTERED)
        elif any(not has_number and person_id not in numbered_now for person_id, has_number in others):
            one.entry.wrong("name", UNNUMBERED)
