"""What was typed into a form and is not saved yet: kept for its writer alone, until she saves it or throws it away.

Each page that shows a form has an id, and writes a row of its own; it goes on with another page's row only as long as
nobody has written that one since. So two tabs never write over each other: each text stays, and the other is shown.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from lms.courses.writing.models import TypedForm
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg

KEPT = timedelta(days=90)
MOST = 150_000  # characters of one form, names and values together
MOST_FIELDS = 2000
MOST_OF_FORM = 8  # texts of one person for one form
MOST_OF_PERSON = 60  # of one person, all forms together
MOST_NUMBER = 2**53
OURS = frozenset({"csrf_token", "typed", "typed_from"})
_LONELY = re.compile("[\ud800-\udfff]")  # halves of a sign: no database keeps them

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a page showed when it was opened: a kept text, as its page had written it by then."""

    page: UUID
    number: int

    def __str__(self) -> str:
        return f"{self.page}.{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Begun | None":
        """What a page names; None for nothing, and for what is none."""
        page, _, number = text.rpartition(".")
        try:
            return cls(UUID(page), int(number)) if re.fullmatch("[0-9]{1,16}", number) else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that waits to be saved."""

    page: UUID
    number: int
    form: str
    fields: Fields
    at: datetime

    @property
    def begun(self) -> Begun:
        return Begun(self.page, self.number)


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of what a page sent. `taken`: the house has it; else a later writing (`number`) of that page is
    there already, or (`done`) what the page showed was saved or thrown away."""

    number: int
    taken: bool
    done: bool = False


def of_draft(draft_id: UUID) -> str:
    """The place of a draft's forms."""
    return f"drafts/{draft_id}"


def read(text: str) -> Fields:
    """The fields as a page sends them: JSON, a list of names and values. Raises Invalid."""
    try:
        found = json.loads(text)
        pairs = [(name, value) for name, value in found if isinstance(name, str) and isinstance(value, str)]
        whole = isinstance(found, list) and len(pairs) == len(found)
    except (TypeError, ValueError, RecursionError):
        whole = False
    if not whole:
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    if len(pairs) > MOST_FIELDS or sum(len(name) + len(value) for name, value in pairs) > MOST:
        raise Invalid(msg("太长了，草稿存不下：最多 {most} 个字。", most=MOST))
    return [(_plain(name), _plain(value)) for name, value in pairs if name not in OURS]


def _plain(text: str) -> str:
    return _LONELY.sub("\ufffd", text.replace("\0", ""))


def keep(
    actor: Actor, place: str, form: str, *, page: UUID, number: int, begun: Begun | None, fields: Fields
) -> Noted:
    """Keep what a page has typed, unless it has kept something later. Who may write there has been judged.

    Raises NotFound (nobody is signed in), Conflict (the id is another page's), Invalid (too many wait already).
    """
    person_id = require_found(actor.person_id)
    text = json.dumps(list(fields), ensure_ascii=False)
    known = _known(page)
    if known is None and begun is not None and _gone_on(person_id, place, form, (begun, page), number, text):
        return Noted(number, taken=True)
    if known is None:
        _require_room(person_id, place, form)
        values = {"id": page, "person_id": person_id, "place": place, "form": form, "number": number, "fields": text,
                  "at": clock.now()}  # fmt: skip
        if insert_once(TypedForm, values, ["id"]):
            return Noted(number, taken=True)
    _update(
        *_hers(person_id, place), TypedForm.form == form, TypedForm.id == page, TypedForm.number < number,
        number=number, fields=text, at=clock.now(),
    )  # fmt: skip
    known = require_found(_known(page))
    if (known.person_id, known.place, known.form) != (person_id, place, form):
        raise Conflict
    return Noted(known.number, taken=known.fields == text, done=known.fields is None)


def _known(page: UUID) -> Any:
    return session().execute(select(TypedForm.__table__).where(TypedForm.id == page)).one_or_none()


def _gone_on(
    person_id: UUID, place: str, form: str, pages: tuple[Begun, UUID], number: int, text: str
) -> bool:
    """The text that the page began with becomes this page's, if nobody has written it since. It may be another form's:
    a question that is gone by now is typed on as a new one."""
    begun, page = pages
    return _update(
        *_hers(person_id, place), TypedForm.id == begun.page, TypedForm.number == begun.number,
        id=page, form=form, number=number, fields=text, at=clock.now(),
    )  # fmt: skip


def _require_room(person_id: UUID, place: str, form: str) -> None:
    hers = TypedForm.person_id == person_id, TypedForm.fields.is_not(None)
    here = func.count().filter(TypedForm.place == place, TypedForm.form == form)
    total, same = session().execute(select(func.count(), here).where(*hers)).one()
    if total >= MOST_OF_PERSON or same >= MOST_OF_FORM:
        raise Invalid(msg("没有保存的内容太多了，草稿存不下。先保存几份，或者丢弃几份。"))


def waiting(actor: Actor, place: str, form: str | None = None) -> list[Kept]:
    """What waits of hers, the newest first: of one form, or of all that belong to a place."""
    where = [TypedForm.person_id == actor.person_id, TypedForm.place == place, TypedForm.fields.is_not(None)]
    if form is not None:
        where.append(TypedForm.form == form)
    rows = session().execute(
        select(TypedForm.__table__).where(*where).order_by(TypedForm.at.desc(), TypedForm.id)
    )
    return [_read(row) for row in rows]


def of_page(actor: Actor, place: str, page: UUID) -> Kept | None:
    """What a page has typed at a place, in whatever form that was."""
    where = TypedForm.person_id == actor.person_id, TypedForm.place == place, TypedForm.fields.is_not(None)
    row = session().execute(select(TypedForm.__table__).where(*where, TypedForm.id == page)).one_or_none()
    return _read(row) if row else None


def _read(row: Row[Any]) -> Kept:
    fields = [(name, value) for name, value in json.loads(row.fields or "[]")]
    return Kept(row.id, row.number, row.form, fields, row.at)


def done(actor: Actor, place: str, form: str, page: UUID | None, begun: Begun | None) -> bool:
    """What a page has typed was saved, or is thrown away; so is what it began with, if nobody has written that since:
    False where somebody has, and that waits on. What the page sent and comes later changes nothing."""
    person_id = require_found(actor.person_id)
    hers = _hers(person_id, place)
    if begun is not None:
        _update(*hers, TypedForm.id == begun.page, TypedForm.number == begun.number, fields=None, at=clock.now())
    if page is not None:
        values = {"id": page, "person_id": person_id, "place": place, "form": form, "number": 0, "fields": None,
                  "at": clock.now()}  # fmt: skip
        if not insert_once(TypedForm, values, ["id"]):
            _update(*hers, TypedForm.id == page, fields=None, at=clock.now())
    return begun is None or of_page(actor, place, begun.page) is None


def end(place: str) -> None:
    """Nothing can be saved there any more: a draft was published or given up, a survey was published."""
    _remove(TypedForm.place == place)


def forget_old() -> None:
    """Forget what waited for KEPT."""
    _remove(TypedForm.at < clock.now() - KEPT)


def forget(person_id: UUID) -> None:
    """Forget all of a person whose account is closed."""
    _remove(TypedForm.person_id == person_id)


def _hers(person_id: UUID, place: str) -> tuple[ColumnElement[bool], ...]:
    return TypedForm.person_id == person_id, TypedForm.place == place, TypedForm.fields.is_not(None)


def _update(*where: ColumnElement[bool], **values: object) -> bool:
    changed = session().execute(
        update(TypedForm).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def _remove(*where: ColumnElement[bool]) -> None:
    session().execute(delete(TypedForm).where(*where).execution_options(synchronize_session=False))
