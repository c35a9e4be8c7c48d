"""Saving what is typed: nobody's words are written over, and what was acknowledged is never lost.

Each save names the text that its writer began from. If others have changed the file since, both changes are put
together; where they meet, the file stays as it is, the writer's text is kept beside it, and she is shown both.
"""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased

from lms.courses.access import require_writer
from lms.courses.models import Draft
from lms.courses.packages import front
from lms.courses.writing.files import EDITABLE
from lms.courses.writing.merging import Merged, merge
from lms.courses.writing.models import DraftFile, DraftSave
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg

KEPT = timedelta(days=7)
OVER = ("published", "withdrawn")
MOST = 60_000  # characters of a lesson; the checker wants fewer, but what is typed is kept first
MOST_FILE = 130_000  # characters of any other text: as many bytes as the checker takes
MOST_DRAFT = 8 * 1024 * 1024  # bytes of all texts of a draft


@dataclass(frozen=True, slots=True)
class Base:
    """The text a writer began from: what was saved under an id, or (`whole`) the file after that save."""

    save_id: UUID
    whole: bool

    def __str__(self) -> str:
        return f"{self.save_id}.{'w' if self.whole else 't'}"

    @classmethod
    def parse(cls, text: str) -> "Base | None":
        """The base that a page names; None for what is none."""
        name, _, which = text.rpartition(".")
        try:
            return cls(UUID(name), which == "w") if which in ("w", "t") else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. `whole` is the file as it stands; `base` is what the next save begins from: the writer's
    own text, as long as she has not taken over what others wrote."""

    file_id: UUID
    text: str
    whole: str
    merged: Merged
    base: Base

    @property
    def disputed(self) -> bool:
        return not self.merged.clean


def save(
    actor: Actor, draft_id: UUID, file_id: UUID, *, save_id: UUID, base: Base, text: str, body: bool = False
) -> Saved:
    """Put a text into a file, together with what others have put there since `base`. `body`: the text is a lesson
    without its front matter, which stays as it was in `base`.

    Idempotent by `save_id`. Raises NotFound, NotAllowed, Conflict (the draft is not open for writing, or this id was
    used for another text), Invalid (too long).
    """
    file = _locked(actor, draft_id, file_id)
    begun = file.text if base.save_id == (file.save_id or file.id) and base.whole else begun_from(file_id, base)
    text = cleaned(text, lesson=file.path.startswith("lessons/"))
    _require_room(draft_id, file, text)
    if body:
        text = _with_front(text, begun if begun is not None else file.text)
    known = session().get(DraftSave, save_id)
    if known is not None and (known.file_id, known.person_id, known.text) != (file.id, actor.person_id, text):
        raise Conflict
    if known is not None and known.merged:
        whole = text if known.whole is None else known.whole
        return Saved(file_id, text, whole, merge(text, text, whole), Base(save_id, whole=False))
    merged = merge(begun or "", text, file.text)
    whole = merged.text if merged.clean else file.text
    _keep(file, save_id, require_found(actor.person_id), base, (text, whole), merged.clean)
    return Saved(file_id, text, whole, merged, Base(save_id, whole=False) if merged.clean else base)


def forget_old() -> None:
    """Forget saves that nobody goes on from any more: those put in more than a week ago that their writer has followed
    by others (that she has written here stays known), and all of drafts that are over."""
    long_ago, later = clock.now() - KEPT, aliased(DraftSave)
    followed = exists().where(
        later.file_id == DraftSave.file_id, later.person_id == DraftSave.person_id, later.at > DraftSave.at
    )
    over = select(DraftFile.id).join(Draft, Draft.id == DraftFile.draft_id).where(Draft.state.in_(OVER))
    session().execute(
        delete(DraftSave)
        .where(DraftSave.at < long_ago, DraftSave.file_id.in_(over) | (DraftSave.merged & followed))
        .execution_options(synchronize_session=False)
    )


def rewrite(actor: Actor, draft_id: UUID, file_id: UUID, change: Callable[[str], str]) -> None:
    """Change a file as it stands by a form that knows a part of it; whoever is typing the rest goes on from what she
    began with. Raises NotFound, NotAllowed, Conflict, and what `change` raises."""
    file = _locked(actor, draft_id, file_id)
    text = change(file.text)
    if text != file.text:
        _keep(file, new_id(), require_found(actor.person_id), Base(file.save_id or file.id, True), (text, text), True)


def _with_front(body: str, of: str) -> str:
    parts = front.split(of)
    return front.joined(parts[0], body) if parts else body


def cleaned(text: str, *, lesson: bool = True) -> str:
    """A text as it is kept: NFC, Unix line ends. Raises Invalid for one that is too long."""
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if lesson and len(kept) > MOST:
        raise Invalid(fields={"text": msg("一课最多 {most} 个字，这里有 {count} 个。分成两课更好读。",
                                          most=MOST, count=len(kept))})  # fmt: skip
    if len(kept) > MOST_FILE:
        raise Invalid(fields={"text": msg("一个文件最多 {most} 个字，这里有 {count} 个。",
                                          most=MOST_FILE, count=len(kept))})  # fmt: skip
    return kept


def _require_room(draft_id: UUID, file: "_File", text: str) -> None:
    """Raises Invalid where all texts of a draft would grow beyond what one may have."""
    more = len(text.encode()) - len(file.text.encode())
    if more <= 0:
        return
    texts = DraftFile.draft_id == draft_id, DraftFile.text.is_not(None)
    total = session().scalar(select(func.sum(DraftFile.size)).where(*texts)) or 0
    if total + more > MOST_DRAFT:
        raise Invalid(fields={"text": msg("这门课的文字合起来最多 {most} MB，再写就放不下了。请分成两门课。",
                                          most=MOST_DRAFT // 1024**2)})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A text file, read under its lock."""

    id: UUID
    path: str
    text: str
    save_id: UUID | None
    changed_at: datetime
    changed_by: UUID | None


def _locked(actor: Actor, draft_id: UUID, file_id: UUID) -> _File:
    """A file of a draft that she may write now; whoever saves it too waits."""
    open_draft(actor, draft_id)
    columns = (
        DraftFile.id, DraftFile.path, DraftFile.text, DraftFile.save_id, DraftFile.changed_at, DraftFile.changed_by,
    )  # fmt: skip
    row = session().execute(
        select(*columns)
        .where(DraftFile.id == file_id, DraftFile.draft_id == draft_id, DraftFile.text.is_not(None))
        .with_for_update()
    ).one_or_none()
    return _File(**require_found(row)._mapping)


def open_draft(actor: Actor, draft_id: UUID) -> Draft:
    """A draft that she may write now. Raises NotFound, NotAllowed, Conflict. Handing it in waits until this unit of
    work has ended."""
    draft = session().scalar(select(Draft).where(Draft.id == draft_id).with_for_update(read=True))
    draft = require_found(draft)
    require_writer(actor, draft.centre_path)
    if draft.state not in EDITABLE:
        raise Conflict(msg("这份稿现在不能改：它已经送审，或者已经办完。"))
    return draft


def begun_from(file_id: UUID, base: Base | None) -> str | None:
    """The text of a file that a writer began from; None if nobody keeps it any more."""
    return texts_begun_from(file_id, [base])[base] if base is not None else None


def texts_begun_from(file_id: UUID, bases: Collection[Base]) -> dict[Base, str | None]:
    """The same of many, in one reading."""
    ids = {base.save_id for base in bases}
    rows = session().scalars(select(DraftSave).where(DraftSave.id.in_(ids), DraftSave.file_id == file_id))
    saves = {save.id: save for save in rows}
    return {base: _begun(saves[base.save_id], base) if base.save_id in saves else None for base in bases}


def _begun(save: DraftSave, base: Base) -> str:
    return save.text if not base.whole or save.whole is None else save.whole


def _keep(
    file: _File, save_id: UUID, person_id: UUID, base: Base, texts: tuple[str, str], merged: bool
) -> None:
    """Keep what somebody saved (`texts`: hers, and the whole file), and put it into the file where it was merged."""
    if file.save_id is None:
        # What was there before anybody wrote here: others may have begun from it.
        first = {"id": file.id, "file_id": file.id, "person_id": file.changed_by, "base": "", "text": file.text,
                 "whole": None, "merged": True, "at": file.changed_at}  # fmt: skip
        insert_once(DraftSave, first, ["id"])
    text, whole = texts
    values = {"id": save_id, "file_id": file.id, "person_id": person_id, "base": str(base), "text": text,
              "whole": whole if merged and whole != text else None, "merged": merged, "at": clock.now()}  # fmt: skip
    if not insert_once(DraftSave, values, ["id"]):
        # Kept beside the file when it was sent first; by now it can be put in.
        session().execute(update(DraftSave).where(DraftSave.id == save_id).values(values))
    if merged:
        _put(file.id, whole, save_id, person_id)


def _put(file_id: UUID, text: str, save_id: UUID, person_id: UUID) -> None:
    """What a file holds from now on."""
    session().execute(
        update(DraftFile)
        .where(DraftFile.id == file_id)
        .values(text=text, size=len(text.encode()), save_id=save_id, changed_at=clock.now(), changed_by=person_id)
        .execution_options(synchronize_session=False)
    )
