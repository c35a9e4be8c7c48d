"""A page cut at its headings into lessons. Pure."""

from collections.abc import Iterable, Sequence

from lms.courses.imports.brought import MOST_LESSONS, Lesson, Losses, refuse
from lms.courses.imports.page import Block
from lms.courses.imports.spelling import plain
from lms.courses.packages.lesson_files import MAX_BODY, MAX_BRACKETS
from lms.kernel.text import Message, msg

MOST_TITLE = 120
DEEPEST = 3
"""Headings of a lesson are ## and ###."""


def title_of(text: str) -> str:
    """A title as it is kept: one line, 120 characters at most."""
    return " ".join(text.split())[:MOST_TITLE].strip()


def cut(blocks: Sequence[Block], title: str) -> tuple[str, list[tuple[str, list[Block]]]]:
    """The title of the whole, and its lessons with their blocks.

    The highest level that stands more than once begins lessons; one that stands once, before all others, is the title
    of the whole. What stands before the first heading is a lesson by itself.
    """
    levels = [block.level for block in blocks if block.level]
    top = min(levels, default=0)
    first = next((at for at, block in enumerate(blocks) if block.level), 0)
    rest: Sequence[Block] = blocks
    if top and levels.count(top) == 1 and blocks[first].level == top and len(levels) > 1:
        title = title_of(blocks[first].text) or title
        rest = [*blocks[:first], *blocks[first + 1 :]]
        top = min(levels[1:])
    lessons: list[tuple[str, list[Block]]] = []
    for block in rest:
        if block.level and block.level == top:
            lessons.append((title_of(block.text), []))
        else:
            if not lessons:
                lessons.append((title, []))
            shift = top - 1 if top else 0
            lessons[-1][1].append(Block(block.text, block.level - shift if block.level else 0))
    return title, lessons


def written(title: str, blocks: Iterable[Block], losses: Losses, where: str = "") -> list[Lesson]:
    """A lesson; more than one where it is longer than a lesson may be."""
    pieces: list[list[str]] = [[]]
    size = brackets = 0
    for text in _texts(blocks, losses, where or title):
        for piece in _bounded(text):
            size, brackets = size + len(piece) + 2, brackets + piece.count("[")
            if pieces[-1] and (size > MAX_BODY or brackets > MAX_BRACKETS):
                pieces.append([])
                size, brackets = len(piece) + 2, piece.count("[")
            pieces[-1].append(piece)
    if len(pieces) > 1:
        losses.add(msg("“{title}”太长，分成了 {count} 课", title=title, count=len(pieces)), where)
    bodies = ["\n\n".join(piece) for piece in pieces]
    bodies = [body + "\n" if body else "" for body in bodies]
    if len(bodies) == 1:
        return [Lesson(title, bodies[0])]
    return [Lesson(f"{title[: MOST_TITLE - 5]}（{at}）", body) for at, body in enumerate(bodies, 1)]


def _texts(blocks: Iterable[Block], losses: Losses, where: str) -> Iterable[str]:
    for block in blocks:
        if not block.level:
            yield block.text
        elif block.level <= DEEPEST:
            yield "#" * max(block.level, 2) + " " + plain(block.text)
        else:
            losses.add(msg("第四级和更小的标题变成了粗体的一段"), where)
            yield f"**{plain(block.text)}**"


def _bounded(text: str) -> list[str]:
    """A text in pieces of which each fits into a lesson."""
    if len(text) <= MAX_BODY // 2 and text.count("[") <= MAX_BRACKETS // 2:
        return [text]
    found: list[str] = []
    for line in text.split("\n"):
        while line:
            end = min(len(line), MAX_BODY // 4)
            while end > 100 and line.count("[", 0, end) > MAX_BRACKETS // 4:
                end //= 2
            found.append(line[:end])
            line = line[end:]
    return found


def require_count(lessons: Sequence[object]) -> None:
    """Raises BadPackageError for more lessons than a course may have."""
    if len(lessons) > MOST_LESSONS:
        raise refuse(TOO_MANY)


TOO_MANY: Message = msg("课太多：一门课最多 {most} 课。请分成几个文件。", most=MOST_LESSONS)
