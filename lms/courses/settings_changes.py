"""Two people on one page of the settings: what the other changed, and what is still to be saved of hers. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lms.courses.settings_forms import LABELS, in_words
from lms.courses.writing.course_fields import Cells, Page, Rows, Values
from lms.courses.writing.planning import GONE
from lms.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that somebody else changed; `number`: in which row as it was, 0 outside rows."""

    label: str
    number: int
    before: str
    now: str


def changes(page: Page, before: Values, now: Values) -> list[Change]:
    """What is not as it was when the page was opened."""
    if before.on != now.on:
        words = {True: N_("有"), False: N_("没有")}
        return [Change(N_("这门课有考试"), 0, words[before.on], words[now.on])]
    found = list(_cells(page.name, 0, before.cells, now.cells))
    for rows in page.lists:
        old, new = _by_name(before.rows[rows.name]), _by_name(now.rows[rows.name])
        for number, name in enumerate([*old, *(one for one in new if one not in old)], 1):
            found += _cells(rows.name, number, old.get(name, {}), new.get(name, {}))
        if [one for one in old if one in new] != [one for one in new if one in old]:
            found.append(Change(N_("先后顺序"), 0, "", ""))
    return found


def _cells(group: str, number: int, before: Cells, now: Cells) -> Iterator[Change]:
    for cell, label in LABELS[group].items() if group in LABELS else ():
        was, stands = before.get(cell, ""), now.get(cell, "")
        if was != stands:
            yield Change(label, number, in_words(cell, was), in_words(cell, stands))


def _by_name(rows: Sequence[Cells]) -> Mapping[tuple[str, int], Cells]:
    """Rows by id, and the how-manieth of that id; rows without ids by their place."""
    found: dict[tuple[str, int], Cells] = {}
    for row in rows:
        name = row.get("id", "")
        found[name, sum(known == name for known, _ in found)] = row
    return found


def taken_over(page: Page, before: Values, now: Values, typed: Values) -> Values:
    """What a page shows once somebody else has changed it: what she typed where she typed something, else what stands
    now. Rows behind those that stand now are hers."""
    if page.table and not (before.on and now.on and typed.on):
        return Values(typed.cells if typed.on else now.cells, typed.rows if typed.on else now.rows, typed.on)
    cells = _hers(before.cells, now.cells, typed.cells)
    return Values(cells, {rows.name: _rows(rows, before, now, typed) for rows in page.lists})


def _hers(before: Cells, now: Cells, typed: Cells) -> dict[str, str]:
    changed = {name for name, said in typed.items() if said != before.get(name)}
    return {name: typed[name] if name in changed else said for name, said in now.items()}


def _rows(rows: Rows, before: Values, now: Values, typed: Values) -> list[Cells]:
    old, new = _by_name(before.rows[rows.name]), _by_name(now.rows[rows.name])
    sent = typed.rows[rows.name]
    mine = dict(zip(old, sent, strict=False))
    found: list[Cells] = []
    for name, row in new.items():
        hers = {cell: said for cell, said in mine.get(name, {}).items() if cell not in ("id", GONE)}
        found.append(_hers(old.get(name, {}), row, hers))
    lost = [mine[name] for name in old if name not in new and _differs(old[name], mine[name])]
    return [*found, *(one for one in [*lost, *sent[len(old) :]] if any(one[cell] for cell in rows.said))]


def _differs(before: Cells, typed: Cells) -> bool:
    return any(typed.get(cell) != said for cell, said in before.items() if cell != "id")
