"""The questions of a draft: read with what the checker says of each, and written one by one or many at once.

Whoever writes questions of a draft waits for whoever does so before her: two get two codes, in whichever file.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, select

from lms.courses.models import Course, Draft
from lms.courses.packages.item_files import MAX_ITEMS
from lms.courses.packages.lesson_files import FILE
from lms.courses.queries import edition_package
from lms.courses.writing.bank import Question, codes_used, question_files, questions_of
from lms.courses.writing.item_blocks import Blocks, Unlike, cut
from lms.courses.writing.item_tables import Table, alike, digest, judge, likeness, next_code, written
from lms.courses.writing.lessons import said_of
from lms.courses.writing.models import DraftFile
from lms.courses.writing.saving import open_draft, rewrite
from lms.items.base import ItemFaults
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg

FIRST_FILE = "items/questions.toml"
MOST_IN_FILE = 50_000  # characters: a file can still be opened and saved as text


class Changed(Conflict):
    """Somebody else has changed the question since it was opened; `stored` is how it stands."""

    def __init__(self, stored: Question) -> None:
        super().__init__(msg("这道题刚刚被别人改过。两边写的都在这里，看过再决定。"))
        self.stored = stored


def add(actor: Actor, draft_id: UUID, tables: Sequence[Table]) -> list[str]:
    """Put questions behind those that are there, all or none; their codes. A question that is there word for word is
    not put in again: a form sent twice adds one.

    Raises NotFound, NotAllowed, Conflict, Invalid with the fields of the table (`options[2].text.zh`).
    """
    _lock(actor, draft_id)
    for table in tables:
        _judge(table)
    known = questions_of(draft_id)
    if len(known) + len(tables) > MAX_ITEMS:
        raise Invalid(msg("一门课最多 {most} 道题。", most=MAX_ITEMS))
    there, codes, new = {likeness(one.table): one.code for one in known}, [], []
    taken, course = codes_used(known) | _published(draft_id), _course_code(draft_id)
    for table in tables:
        name = likeness(table)
        if name not in there:
            there[name] = next_code(taken, course, str(table["use"]))
            taken.add(there[name])
            new.append({**table, "code": there[name]})
        codes.append(there[name])
    for file_id, share in _shared_out(actor, draft_id, new).items():
        _rewrite(actor, draft_id, file_id, lambda blocks, share=share: blocks.appended(share))  # type: ignore[misc]
    return codes


def change(actor: Actor, draft_id: UUID, code: str, seen: str, table: Table) -> None:
    """Write a question anew; its code, and whatever says the same, stay as they are. `seen`: the digest of the
    question as it was opened. Raises NotFound, NotAllowed, Changed, Conflict, Invalid."""
    _lock(actor, draft_id)
    found = _found(draft_id, code)
    if alike(found.table, {**table, "code": code}):
        return
    if digest(found.table) != seen:
        raise Changed(found)
    _judge(table)
    new = {**table, "code": found.table["code"]}
    _rewrite(actor, draft_id, found.file_id, lambda blocks: blocks.changed(found.index, new))


def remove(actor: Actor, draft_id: UUID, code: str, *, sure: bool) -> None:
    """Take a question out. Raises NotFound, NotAllowed, Conflict (a lesson shows it), Invalid unless she is sure."""
    _lock(actor, draft_id)
    if not sure:
        raise Invalid(msg("要删掉这道题，请先勾选“确定删掉”。"))
    found = _found(draft_id, code)
    lessons = _shown_in(draft_id, code)
    if lessons:
        raise Conflict(msg("“{lesson}”里用着这道题，先把那里的自测拿掉，再来删。", lesson=lessons[0]))
    _rewrite(actor, draft_id, found.file_id, lambda blocks: blocks.without(found.index))
    audit.record(actor, "draft.question_removed", "draft", draft_id, code=code)


def copy(actor: Actor, draft_id: UUID, code: str) -> str:
    """One more question that says the same, right behind it; its code.

    Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    _lock(actor, draft_id)
    known = questions_of(draft_id)
    if len(known) >= MAX_ITEMS:
        raise Invalid(msg("一门课最多 {most} 道题。", most=MAX_ITEMS))
    found = _found(draft_id, code)
    taken = codes_used(known) | _published(draft_id)
    new = {**found.table, "code": next_code(taken, _course_code(draft_id), found.use)}
    _rewrite(actor, draft_id, found.file_id, lambda blocks: blocks.copied(found.index, new))
    return str(new["code"])


def move(actor: Actor, draft_id: UUID, code: str, *, by: int = 0, place_of: str = "") -> None:
    """Let a question go some places up (-) or down in its file, or to the place of another one; beyond the ends of
    the file nothing happens.

    Raises NotFound, NotAllowed, Conflict (the other one is in another file)."""
    _lock(actor, draft_id)
    found = _found(draft_id, code)
    other = _found(draft_id, place_of) if place_of else None
    if other is not None and other.file_id != found.file_id:
        raise Conflict(msg("这两道题不在同一个题目文件里，排不到一起。"))
    to = other.index if other is not None else found.index + by
    if to != found.index and 0 <= to < found.count:
        _rewrite(actor, draft_id, found.file_id, lambda blocks: blocks.moved(found.index, to))


def _lock(actor: Actor, draft_id: UUID) -> None:
    session().execute(select(Draft.id).where(Draft.id == draft_id).with_for_update())
    open_draft(actor, draft_id)


def _found(draft_id: UUID, code: str) -> Question:
    return require_found(next((one for one in questions_of(draft_id) if one.code == code), None))


def _judge(table: Mapping[str, object]) -> None:
    try:
        judge(table)
    except ItemFaults as found:
        raise Invalid(fields={fault.field: fault.message for fault in reversed(found.faults)}) from None


def _rewrite(actor: Actor, draft_id: UUID, file_id: UUID, change: Callable[[Blocks], str]) -> None:
    def changed(text: str) -> str:
        try:
            return change(cut(text))
        except Unlike:
            raise Conflict(
                msg("这个题目文件不是一道接一道的 [[item]] 写法，在这一页改不了。请打开文件改。")
            ) from None

    rewrite(actor, draft_id, file_id, changed)


def _course_code(draft_id: UUID) -> str:
    return str(session().scalar(select(Draft.code).where(Draft.id == draft_id)))


def _published(draft_id: UUID) -> set[str]:
    """Codes of the edition that is current: an answer given there is no answer to another question."""
    edition_id = session().scalar(
        select(Course.current_edition_id).join(Draft, Draft.course_id == Course.id).where(Draft.id == draft_id)
    )
    return {item.code for item in edition_package(edition_id).items} if edition_id else set()


def _shown_in(draft_id: UUID, code: str) -> list[str]:
    """Titles of the lessons that show a question as a self-check."""
    rows = session().execute(
        select(DraftFile.path, DraftFile.text)
        .where(DraftFile.draft_id == draft_id, DraftFile.path.like("lessons/%"), DraftFile.text.is_not(None))
        .order_by(DraftFile.path.desc())
    )
    shown = re.compile(rf"^\s*:::+\s*check\s+{re.escape(code)}\s*$", re.MULTILINE)
    return [
        str(said_of(row.text).get("title") or row.path)
        for row in rows
        if FILE.fullmatch(row.path) and shown.search(row.text)
    ]


def _shared_out(actor: Actor, draft_id: UUID, tables: Sequence[Table]) -> dict[UUID, list[Table]]:
    """In which file each new question goes: with the last of its topic and use, of its use, or with the last of all;
    in a file of its own where that is full or written in another way."""
    shares: dict[UUID, list[Table]] = {}
    sizes = {file.id: len(file.text) for file in question_files(draft_id) if _takes_more(file.text)}
    places = [(one.file_id, one.table) for one in questions_of(draft_id) if one.file_id in sizes]
    for table in tables:
        size = len(written(table)) + 1
        wanted = sorted(
            enumerate(places),
            key=lambda place: (
                place[1][1].get("use") == table["use"], place[1][1].get("topic") == table["topic"], place[0],
            ),
        )  # fmt: skip
        file_id = wanted[-1][1][0] if wanted else next(iter(sizes), None)
        if file_id is None or sizes[file_id] + size > MOST_IN_FILE:
            file_id = _new_file(actor, draft_id)
            sizes[file_id] = 0
        sizes[file_id] += size
        places.append((file_id, table))
        shares.setdefault(file_id, []).append(table)
    return shares


def _takes_more(text: str) -> bool:
    try:
        return bool(cut(text).blocks) or not text.strip()
    except Unlike:
        return False


def _new_file(actor: Actor, draft_id: UUID) -> UUID:
    taken = set(session().scalars(select(DraftFile.path).where(DraftFile.draft_id == draft_id)))
    number, path = 2, FIRST_FILE
    while path in taken:
        path, number = FIRST_FILE.replace(".toml", f"-{number}.toml"), number + 1
    file_id = new_id()
    session().execute(
        insert(DraftFile).values(
            id=file_id, draft_id=draft_id, path=path, text="", size=0, changed_at=clock.now(),
            changed_by=require_found(actor.person_id),
        )
    )  # fmt: skip
    return file_id
