"""A TOML file in parts that can be changed, moved and taken out while the rest stays letter for letter. Pure.

A part is a table's header with what stands under it, the comments right above it and the blank lines below it; what
stands before the first header is the head. Whoever puts parts together anew reads the whole again afterwards: a file
may be written in ways that this module does not follow.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

Toml = str | int | date | list[str]
Name = tuple[str, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]', re.DOTALL
)
_HEADER = re.compile(r"[ \t]*(\[\[?)([^\]\n]+)\]")
_ABOVE = re.compile(r"(?:^[ \t]*#[^\n]*\n)+\Z", re.MULTILINE)
_BELOW = re.compile(r"(?:^[ \t]*\n)+\Z", re.MULTILINE)


class OddlyWrittenError(ValueError):
    """The file says it in a way that cannot be changed part by part."""


@dataclass(frozen=True, slots=True)
class Block:
    """A table with its header; `many`: one of an array of tables."""

    name: Name
    many: bool
    lead: str
    text: str
    tail: str

    def __str__(self) -> str:
        return self.lead + self.text + self.tail


def split(text: str) -> tuple[str, list[Block]]:
    """The head and the blocks; put together again they are the text."""
    starts = [*_headers(text), (len(text), (), False)]
    head_end = starts[0][0]
    head, lead = _cut(text[:head_end], _ABOVE) if len(starts) > 1 else (text, "")
    blocks = []
    for (start, name, many), (end, _, _) in pairwise(starts):
        chunk, above = _cut(text[start:end], _ABOVE) if end < len(text) else (text[start:end], "")
        body, tail = _cut(chunk, _BELOW)
        blocks.append(Block(name, many, lead, body, tail))
        lead = above
    return head, blocks


def joined(head: str, blocks: Sequence[Block]) -> str:
    """The file of a head and blocks."""
    return head + "".join(map(str, blocks))


def _cut(text: str, end: re.Pattern[str]) -> tuple[str, str]:
    found = end.search(text)
    return (text[: found.start()], found.group()) if found else (text, "")


def _headers(text: str) -> Iterator[tuple[int, Name, bool]]:
    """Where each table begins. A table inside the one before belongs to it."""
    above: Name = ()
    depth, line = 0, 0
    passed = -1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.start() < passed:
            continue
        if token == "\n":
            line = match.end()
        elif token in "{}]":
            depth += 1 if token == "{" else -1
        elif token == "[":
            header = _HEADER.match(text, line) if depth == 0 and not text[line : match.start()].strip() else None
            if header is None:
                depth += 1
                continue
            many = header[1] == "[["
            passed = header.end() + many
            name = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if many or not above or name[: len(above)] != above:
                yield line, name, many
                above = name


def edited(text: str, table: Name, many: bool, path: Name, value: Toml | None) -> str:
    """A part in which `path` of its table says `value`, or nothing any more. Raises OddlyWrittenError."""
    try:
        document = tomlkit.parse(text)
        node: Any = document
        for key in table:
            node = node[key]
        if many:
            node = node[0]
        for key in path[:-1]:
            if value is None and key not in node:
                return text
            if not isinstance(node.get(key), dict):
                node[key] = _words()
            node = node[key]
        if value is not None:
            node[path[-1]] = value
        elif path[-1] in node:
            del node[path[-1]]
        return document.as_string()
    except (TOMLKitError, KeyError, IndexError, TypeError, AttributeError) as fault:
        raise OddlyWrittenError from fault


def _words() -> tomlkit.items.InlineTable:
    """Words that are not written yet, in both languages."""
    words = tomlkit.inline_table()
    words.update({"zh": "", "en": ""})
    return words


def inserted(head: str, blocks: Sequence[Block], at: int, new: Block) -> list[Block]:
    """The blocks with one more, a blank line above it."""
    before = joined(head, blocks[:at])
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    tail = "\n" if at < len(blocks) else ""
    return [*blocks[:at], Block(new.name, new.many, gap + new.lead, new.text, tail), *blocks[at:]]
