"""A file of questions cut at its questions: one of them changes, goes or moves, and every other byte stays. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import tomlkit

from lms.courses.packages.fields import Document, Findings
from lms.courses.writing.item_tables import Table, same, value_of, written

_HEADER = re.compile(r"\s*\[\[\s*item\s*\]\]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Unlike(ValueError):
    """A file that is not written as one `[[item]]` after the other, or not readable at all."""


@dataclass(frozen=True, slots=True)
class Block:
    """One question: its lines with the comment right above it, what stands behind it, and its table."""

    core: str
    tail: str
    table: Table
    first_line: int  # of the core, from 1

    @property
    def last_line(self) -> int:
        return self.first_line + self.core.count("\n") + self.tail.count("\n") - 1


@dataclass(frozen=True, slots=True)
class Blocks:
    """A file: what stands before the first question, and the questions."""

    head: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return self.head + "".join(block.core + block.tail for block in self.blocks)

    def changed(self, index: int, table: Table) -> str:
        """The text with another table in a question's place."""
        block = self.blocks[index]
        core = _changed(block, table)
        return self._with(index, (replace(block, core=core, table=table),))

    def without(self, index: int) -> str:
        """The text without a question; comments behind it stay."""
        block = self.blocks[index]
        rest = block.tail.lstrip("\n") if not self.head and not index else block.tail.removeprefix("\n")
        before, after = self.blocks[:index], self.blocks[index + 1 :]
        text = Blocks(self.head, before).text + rest + Blocks("", after).text
        return _certain(text, [one.table for one in (*before, *after)])

    def copied(self, index: int, table: Table) -> str:
        """The text with one more question right behind another."""
        block = self.blocks[index]
        copy = Block("\n" + _ended(_changed(block, table)), block.tail, table, 0)
        return self._with(index, (replace(block, core=_ended(block.core), tail=""), copy))

    def moved(self, index: int, to: int) -> str:
        """The text with a question at another's place, those between them one place on; what is between questions
        stays where it is."""
        order = list(self.blocks)
        order.insert(to, order.pop(index))
        blocks = tuple(
            one if one is here else replace(one, core=_ended(one.core), tail=here.tail)
            for one, here in zip(order, self.blocks, strict=True)
        )
        return _certain(Blocks(self.head, blocks).text, [block.table for block in blocks])

    def appended(self, tables: list[Table]) -> str:
        """The text with more questions behind the last."""
        text = _ended(self.text) if self.text else ""
        for table in tables:
            text += ("\n" if text and not text.endswith("\n\n") else "") + written(table)
        return _certain(text, [*(block.table for block in self.blocks), *tables])

    def _with(self, index: int, new: tuple[Block, ...]) -> str:
        blocks = (*self.blocks[:index], *new, *self.blocks[index + 1 :])
        return _certain(Blocks(self.head, blocks).text, [block.table for block in blocks])


def _ended(core: str) -> str:
    return core if core.endswith("\n") else core + "\n"


def read(text: str) -> tuple[Table, ...]:
    """The tables of a file, as far as they are tables. Raises Unlike where it cannot be read."""
    return tuple(_tables(Document("", text, Findings())))


def _tables(document: Document) -> list[Table]:
    rows = document.data.get("item", []) if document.data is not None else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unlike
    return rows


@lru_cache(maxsize=60)
def cut(text: str) -> Blocks:
    """A file cut at its questions; kept for the next page, for it takes reading each of them. Raises Unlike."""
    document = Document("", text, Findings())
    tables = _tables(document)
    lines = _LINES.findall(text)
    starts = [document.line(("item", index)) - 1 for index in range(len(tables))]
    if starts != sorted(set(starts)) or not all(_HEADER.match(lines[start]) for start in starts):
        raise Unlike
    firsts: list[int] = []
    for start in starts:
        floor = firsts[-1] + 1 if firsts else 0
        first = _above(lines, start, floor)
        firsts.append(first if _whole(lines[floor - 1 if floor else 0 : first]) else start)
    blocks = []
    for index, first in enumerate(firsts):
        end = firsts[index + 1] if index + 1 < len(firsts) else len(lines)
        last = _behind(lines, first, end)
        last = last if _whole(lines[first:last]) else end
        blocks.append(Block("".join(lines[first:last]), "".join(lines[last:end]), tables[index], first + 1))
    return Blocks("".join(lines[: firsts[0]] if firsts else lines), tuple(blocks))


def _above(lines: list[str], start: int, floor: int) -> int:
    """The first line of the comment right above a header, or the header's own."""
    while start > floor and lines[start - 1].startswith("#"):
        start -= 1
    return start


def _behind(lines: list[str], first: int, end: int) -> int:
    """Where a question ends: before the empty lines and comments behind it."""
    while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _whole(lines: list[str]) -> bool:
    """Whether these lines can be read by themselves: what looks like a comment may be the end of a long text."""
    return Document("", "".join(lines), Findings()).data is not None


def _changed(block: Block, table: Table) -> str:
    """The lines of a question with what is new in its table; what says the same stays as it is written."""
    old = block.table
    new = {key: value for key, value in table.items() if not same(key, old, table)}
    gone = [key for key in old if key not in table and not same(key, old, table)]
    if not new and not gone:
        return block.core
    document = tomlkit.parse(block.core)
    item: Any = document["item"][0]
    for key, value in new.items():
        item[key] = tomlkit.value(value_of(key, value))
    for key in gone:
        item.remove(key)
    core = tomlkit.dumps(document)
    try:
        _certain(core, [table])
    except Unlike:
        # Written in a way that cannot be changed in part, say with tables of its own: it is written anew.
        core = written(table)
    return core if block.core.endswith("\n") or block.tail == "" else _ended(core)


def _certain(text: str, expected: list[Mapping[str, Any]] | list[Table]) -> str:
    """The text, if it says exactly this. Raises Unlike."""
    found = read(text)
    if len(found) != len(expected) or not all(
        all(same(key, one, other) for key in {*one, *other}) for one, other in zip(found, expected, strict=True)
    ):
        raise Unlike
    return text

