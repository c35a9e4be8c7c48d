"""The settings of a course that is being written: course.toml, page by page.

Who has opened a page names the file as it was then; if somebody has changed since what the page shows, nothing is
saved and both are shown. What the page does not show may have changed: it stays as it is now.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms.courses.models import Course, Draft
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.writing import saving
from lms.courses.writing.course_fields import PAGES, Page, Values, WrongError
from lms.courses.writing.course_text import data_of, put, shown
from lms.courses.writing.models import DraftFile
from lms.courses.writing.planning import GONE, Move, Plan, field_name, plan
from lms.courses.writing.room import package_of
from lms.courses.writing.saving import Base, begun_from, open_draft, texts_begun_from
from lms.courses.writing.toml_blocks import OddlyWrittenError
from lms.courses.writing.uses import uses_of
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import Message, msg

Data = Mapping[str, Any]
FIXED = ("code", "slug")
"""What a published course keeps for ever."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """course.toml as it stands; `data` is None where it cannot be read. `begun`: texts that were read already, from
    which somebody began."""

    file_id: UUID
    base: Base
    text: str
    data: Data | None
    published: bool
    begun: Mapping[Base, str | None] = field(default_factory=dict)


class ChangedMeanwhileError(Conflict):
    """Somebody has changed what the page shows since it was opened."""

    def __init__(self, before: Values, now: Values) -> None:
        super().__init__()
        self.before = before
        self.now = now


def opened(draft_id: UUID) -> Opened:
    """course.toml of a draft that is written here; NotFound otherwise. Whoever asks has been judged."""
    row = session().execute(
        select(DraftFile.id, DraftFile.text, DraftFile.save_id, Draft.course_id)
        .join(Draft, Draft.id == DraftFile.draft_id)
        .where(DraftFile.draft_id == draft_id, DraftFile.path == COURSE_FILE, DraftFile.text.is_not(None))
    ).one_or_none()
    row = require_found(row)
    base = Base(row.save_id or row.id, whole=True)
    return Opened(row.id, base, row.text, data_of(row.text), row.course_id is not None)


def topics_of(data: Data) -> dict[str, dict[str, str]]:
    """The topics of a course by id, with their titles."""
    rows = shown(PAGES["goals"], data).rows["topics"]
    return {row["id"]: {"zh": row["zh"], "en": row["en"]} for row in rows if row["id"]}


def set_page(
    actor: Actor, draft_id: UUID, page: Page, *, base: Base | None, typed: Values, move: Move | None = None
) -> None:
    """Save what was typed on a page that was opened on `base`; saved twice it changes nothing.

    Raises NotFound, NotAllowed, Conflict (the draft is not open), ChangedMeanwhileError, Invalid with the fields.
    """
    # For the draft's own title and address, which are saved with the file.
    session().execute(select(Draft.id).where(Draft.id == draft_id).with_for_update())
    open_draft(actor, draft_id)
    now = opened(draft_id)
    begun = begun_with(now, base)
    before = shown(page, begun)
    if page.name == "course" and now.published:
        kept = {name: before.cells[name] for name in FIXED}
        typed = Values({**typed.cells, **kept}, typed.rows, typed.on)
    planned = plan(page, before, typed, move, topics=topics_of(begun))
    saving.rewrite(actor, draft_id, now.file_id, partial(_changed, draft_id, page, before, planned))
    if page.name == "course":
        _follow(draft_id)


def begun_with(now: Opened, base: Base | None) -> Mapping[str, Any]:
    """What course.toml said when somebody opened a page of it on `base`. Raises Invalid if nobody knows any more."""
    if base == now.base:
        text: str | None = now.text
    else:
        text = now.begun[base] if base and base in now.begun else begun_from(now.file_id, base)
    data = data_of(text) if text is not None else None
    if data is None:
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    return data


def with_begun(now: Opened, bases: Collection[Base]) -> Opened:
    """The same, with all that somebody began with on these read at once."""
    return replace(now, begun=texts_begun_from(now.file_id, bases))


def _changed(draft_id: UUID, page: Page, before: Values, planned: Plan, text: str) -> str:
    data = data_of(text)
    if data is None:
        raise Conflict(msg("课程说明（course.toml）现在读不出来，请先直接改文件。"))
    now = shown(page, data)
    if planned.says(now) or planned.says(before):
        return text
    if now != before:
        raise ChangedMeanwhileError(before, now)
    faults = _faults(draft_id, before, planned)
    if faults:
        raise Invalid(fields=faults)
    try:
        changed = put(page, text, now, planned.cells, planned.wanted, on=planned.on)
    except (OddlyWrittenError, WrongError):
        raise Conflict(msg("课程说明（course.toml）的写法特别，这一处在这里改不了。请直接改文件。")) from None
    if len(changed) > max(saving.MOST, len(text)):
        raise Invalid(msg("课程说明太长了，最多 {most} 个字。", most=saving.MOST))
    return changed


def _faults(draft_id: UUID, before: Values, planned: Plan) -> dict[str, Message]:
    """What only the other files and courses know."""
    faults: dict[str, Message] = {}
    new = {name: said for name, said in planned.cells.items() if said != before.cells.get(name)}
    if "prerequisites" in new:
        faults |= _unknown_courses(new["prerequisites"].split(), planned.cells["code"])
    for name in FIXED:
        if name in new and _taken(draft_id, name, new[name]):
            faults[name] = msg("别的课程已经用了，请换一个。")
    if planned.removed:
        faults |= _still_used(draft_id, before, planned)
    return faults


def _unknown_courses(codes: list[str], own: str) -> dict[str, Message]:
    if own in codes:
        return {"prerequisites": msg("课程不能以自己为先修课")}
    known = set(session().scalars(select(Course.code).where(Course.code.in_(codes))))
    unknown = [one for one in codes if one not in known]
    return {"prerequisites": msg("没有这样的课程：{codes}", codes=" ".join(unknown))} if unknown else {}


def _taken(draft_id: UUID, name: str, value: str) -> bool:
    """Whether a course or another draft that is not over has it."""
    courses = select(Course.id).where(getattr(Course, name) == value)
    drafts = select(Draft.id).where(
        getattr(Draft, name) == value, Draft.id != draft_id, Draft.state.not_in(("withdrawn", "published"))
    )
    return session().scalar(courses) is not None or session().scalar(drafts.limit(1)) is not None


def _still_used(draft_id: UUID, before: Values, planned: Plan) -> dict[str, Message]:
    uses = uses_of(draft_id, package_of(draft_id))
    faults = {}
    for name, number in planned.removed:
        left = {row.cells["id"] for row in planned.wanted[name] if "id" in row.cells}
        gone = before.rows[name][number].get("id", "")
        used = uses.get((name, gone), []) if gone and gone not in left else []
        if used:
            first = GONE if name in ("sources", "terms") else "zh"
            names = list(used[:MOST_NAMED])
            more = len(used) - MOST_NAMED
            faults[field_name(name, number, first)] = (
                msg("还用着，不能删：{names}，另外还有 {more} 处", names=names, more=more)
                if more > 0
                else msg("还用着，不能删：{names}", names=names)
            )
    return faults


def _follow(draft_id: UUID) -> None:
    """The draft is called as its file says, unless another is called so already."""
    now = opened(draft_id)
    data = now.data or {}
    title = data.get("title")
    said = title if isinstance(title, Mapping) else {}
    zh, en = (str(said.get(language, "")).strip() for language in ("zh", "en"))
    good = [] if now.published else [name for name in FIXED if _good(name, data.get(name))]
    names = {name: data[name] for name in good if not _taken(draft_id, name, data[name])}
    titles = {"titles": {"zh": zh or en, "en": en}} if zh or en else {}
    if names or titles:
        session().execute(update(Draft).where(Draft.id == draft_id).values(**names, **titles))


def _good(name: str, value: object) -> bool:
    """Whether a code or an address is one that the draft can take over from its file."""
    field = next(one for one in PAGES["course"].fields if one.name == name)
    try:
        return isinstance(value, str) and field.read(value) == value
    except WrongError:
        return False
