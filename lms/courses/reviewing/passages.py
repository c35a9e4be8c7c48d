"""Passages of a draft's files: what a reviewer may point at, and where it stands after the file was changed. Pure."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lms.courses.packages import front
from lms.courses.packages.captions import BadCaptions, read_captions
from lms.courses.packages.package import LANGUAGES
from lms.courses.writing.merging import pieces

AROUND = 40
"""Characters kept before and after a quoted passage, to tell it from its like."""
ALIKE = 0.6
"""The share of a passage's pairs of characters that must still be there for it to be the same passage."""
SHORTEST_ALIKE = 6
"""Shorter passages are the same only letter for letter: a few characters are alike everywhere."""
MOST_QUOTE = 1000
CAPTIONS = ".vtt"
_MARKS = re.compile(r"\[\^[a-z0-9-]{1,60}\]|[*#|]")
"""What a text is marked with says nothing of what it says."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a file as it is shown to a reviewer; `label`: the question it is of, or when it is said."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands in what `readable` gives; `exact`: letter for letter."""

    start: int
    end: int
    exact: bool


def passages_of(path: str, text: str) -> list[Passage]:
    """A file cut into what one comments on: paragraphs of a lesson, single texts of a TOML file, cues of captions."""
    if path.endswith(".md"):
        parts = front.split(text)
        body = parts[1] if parts else text
        title = _title(parts[0]) if parts else ""
        found = [title] if title else []
        return [Passage(one.strip("\n")) for one in (*found, *re.split(r"\n[ \t]*\n", body)) if one.strip()]
    return list(_of(path, text))


def _title(said: str) -> str:
    try:
        title = tomllib.loads(said).get("title", "")
    except (ValueError, RecursionError):
        return ""
    return title if isinstance(title, str) else ""


def readable(path: str, text: str) -> str:
    """A file as it is searched for a passage: a lesson as it is; of TOML and captions the texts alone."""
    return text if path.endswith(".md") else "\n".join(one.text for one in _of(path, text))


def starts_of(path: str, text: str) -> list[int]:
    """Where each passage of a file begins in what `readable` gives."""
    searched, found, at = readable(path, text), [], 0
    for one in passages_of(path, text):
        at = max(searched.find(one.text, at), at)
        found.append(at)
        at += len(one.text)
    return found


def label_at(path: str, text: str, place: Place) -> str:
    """The label of the passage in which a place begins; a lesson has none."""
    if path.endswith(".md"):
        return ""
    begun = [one for one, start in zip(passages_of(path, text), starts_of(path, text), strict=True)
             if start <= place.start]  # fmt: skip
    return begun[-1].label if begun else ""


def _of(path: str, text: str) -> Iterator[Passage]:
    return _of_captions(text) if path.endswith(CAPTIONS) else _of_toml(text)


def _of_captions(text: str) -> Iterator[Passage]:
    try:
        cues = read_captions(text.encode())
    except BadCaptions:
        yield from (Passage(one) for one in text.split("\n") if one.strip())
        return
    yield from (Passage(one.text, f"{_clock(one.start)}–{_clock(one.end)}") for one in cues)


def _clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def _of_toml(text: str) -> Iterator[Passage]:
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        yield from (Passage(one) for one in text.split("\n") if one.strip())
        return
    yield from _texts(data, "")


def _texts(value: object, label: str) -> Iterator[Passage]:
    if isinstance(value, Mapping):
        code = value.get("code")
        label = code if isinstance(code, str) else label
        for key, inner in value.items():
            if key in LANGUAGES and isinstance(inner, str):
                if inner.strip():
                    yield Passage(inner, label)
            else:
                yield from _texts(inner, label)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, label)


def around(text: str, place: Place) -> tuple[str, str]:
    """What stands before and after a place, to find it again."""
    return text[max(place.start - AROUND, 0) : place.start], text[place.end : place.end + AROUND]


def locate(text: str, quote: str, before: str = "", after: str = "", near: int = 0) -> Place | None:
    """Where a passage stands now: letter for letter, else the stretch of sentences most like it; None when too little
    of it is left. Of several that are the same the one between the same words, then the first from `near` on."""
    if not quote.strip():
        return None
    exact = [Place(one.start(), one.end(), exact=True) for one in re.finditer(re.escape(quote), text)]
    if exact:
        return max(exact, key=lambda one: (_same_around(text, one, before, after), one.start >= near, -one.start))
    return _most_like(text, quote, before, after) if len(quote) >= SHORTEST_ALIKE else None


def _same_around(text: str, place: Place, before: str, after: str) -> int:
    """How many characters directly before and after are those that stood there."""
    left, right = text[: place.start][-AROUND:], text[place.end :][:AROUND]
    return _run(left[::-1], before[::-1]) + _run(right, after)


def _run(one: str, other: str) -> int:
    found = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        found += 1
    return found


def _most_like(text: str, quote: str, before: str, after: str) -> Place | None:
    wanted = _pairs(quote)
    if not wanted:
        return None
    cut = pieces(text)
    counted = [_pairs(one) for one in cut]
    starts = [0]
    for one in cut:
        starts.append(starts[-1] + len(one))
    length = len(pieces(quote))
    best: tuple[float, float, int] = (0.0, 0.0, 0)
    found = None
    for first in range(len(cut)):
        if not wanted & counted[first]:
            continue  # a stretch that begins with a sentence of none of its words begins too early
        for last in range(first + max(length - 1, 1), min(first + length + 2, len(cut) + 1)):
            here = _pairs(text[starts[first] : starts[last]])
            common = (wanted & here).total()
            kept = common / wanted.total()
            if kept < ALIKE:
                continue
            place = Place(starts[first], starts[last], exact=False)
            score = (2 * common / (wanted.total() + here.total()), kept, _same_around(text, place, before, after))
            if score > best:
                best, found = score, place
    return found


def _pairs(text: str) -> Counter[str]:
    plain = "".join(_MARKS.sub("", text).split())
    return Counter(plain[at : at + 2] for at in range(len(plain) - 1))
