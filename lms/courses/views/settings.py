"""Pages of a course's settings: what it is, what it promises, what it rests on, how it ends."""

import re
from collections import Counter
from functools import partial
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses.access import WRITERS
from lms.courses.packages.package import Package
from lms.courses.settings_changes import Change, changes, taken_over
from lms.courses.settings_forms import settings_form, typed_in
from lms.courses.views import typed as typing
from lms.courses.views.blueprint import bp
from lms.courses.writing import room, saving, settings
from lms.courses.writing.course_fields import PAGES, Page, Values
from lms.courses.writing.course_text import shown
from lms.courses.writing.files import EDITABLE
from lms.courses.writing.planning import Move
from lms.courses.writing.saving import Base
from lms.courses.writing.settings import ChangedMeanwhileError
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Invalid
from lms.kernel.forms import Form
from lms.kernel.i18n import in_locale
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell


@bp.get("/studio/drafts/<uuid:draft_id>/settings/<page>", who=roles(*WRITERS))
def studio_settings(draft_id: UUID, page: str) -> ResponseReturnValue:
    asked = require_found(PAGES.get(page))
    held, now = typing.of_draft(draft_id, _name(asked)), settings.opened(draft_id)
    if held.given is None or now.data is None:
        return _page(draft_id, asked, held=held)
    try:
        form, base, before = read_settings(now, asked, held.given)
    except Invalid:
        # What she began with is forgotten: to put hers over what stands now could lose what others wrote.
        return _page(draft_id, asked, held=held.beside())
    return _page(draft_id, asked, form=form, opened_on=(base, before), held=held)


def _name(page: Page) -> str:
    """The name of a page's form (`typed.FORMS`)."""
    return f"settings/{page.name}"


def read_settings(now: settings.Opened, page: Page, given: typing.Given) -> tuple[Form, Base | None, Values]:
    """The form of a page with what was typed into it, and what the page showed when it was opened. Raises Invalid
    where nobody knows that any more."""
    base = Base.parse(given.get("base", ""))
    begun = settings.begun_with(now, base)
    before = shown(page, begun)
    return settings_form(page, before, topics=_topics(begun), given=given), base, before


@bp.post("/studio/drafts/<uuid:draft_id>/settings/<page>", who=roles(*WRITERS))
def studio_set(draft_id: UUID, page: str) -> ResponseReturnValue:
    actor, asked = current_actor(), require_found(PAGES.get(page))
    saving.open_draft(actor, draft_id)
    form, base, before = read_settings(settings.opened(draft_id), asked, request.form)
    typed = typed_in(form, asked)
    move = _move(request.form.get("move", ""))
    try:
        if not form.validate():
            raise Invalid(fields={})
        settings.set_page(actor, draft_id, asked, base=base, typed=typed, move=move)
    except ChangedMeanwhileError as changed:
        mine = taken_over(asked, changed.before, changed.now, typed)
        said = changes(asked, changed.before, changed.now)
        return _page(draft_id, asked, mine=mine, told=said), changed.status
    except Invalid as refusal:
        if refusal.fields or not form.errors:
            form.absorb(refusal)
        return _page(draft_id, asked, form=form, opened_on=(base, before)), 422
    typing.saved_in(draft_id, _name(asked))
    tell(msg("存好了，{time}。", time=f"{clock.local(clock.now()):%H:%M}"))
    anchor = f"{move.rows}-{move.number + move.by}" if move else None
    return see_other("courses.studio_settings", draft_id=draft_id, page=page, _anchor=anchor)


def _move(said: str) -> Move | None:
    """What a button sends (`sources-2-up`), or who drags (`sources-2-0`: to the place of the first)."""
    found = re.fullmatch(r"(objectives|topics|sources)-([0-9]{1,3})-(up|down|[0-9]{1,3})", said)
    if found is None:
        return None
    by = {"up": -1, "down": 1}.get(found[3])
    return Move(found[1], int(found[2]), by if by is not None else int(found[3]) - int(found[2]))


def _topics(data: settings.Data) -> list[tuple[str, str]]:
    return [(name, in_locale(titles) or name) for name, titles in settings.topics_of(data).items()]


def _page(
    draft_id: UUID,
    page: Page,
    *,
    form: Form | None = None,
    opened_on: tuple[Base | None, Values] | None = None,
    mine: Values | None = None,
    told: list[Change] | None = None,
    held: typing.Typing | None = None,
) -> str:
    """A page as it stands; as it was sent and refused (`form`); or with what somebody else has changed (`told`)."""
    found = room.room(current_actor(), draft_id)
    now = settings.opened(draft_id)
    context = {"room": found, "draft": found.draft, "page": page.name, "now": now, "told": told or ()}
    if now.data is None:
        return render("studio/settings_unreadable.html", **context)
    base, values = opened_on or (now.base, shown(page, now.data))
    topics = _topics(now.data)
    held = held or typing.of_draft(draft_id, _name(page))
    return render(
        f"studio/settings_{page.name}.html",
        **context,
        form=form or settings_form(page, mine or values, topics=topics),
        base=base,
        rows=values.rows,
        may_save=found.draft.state in EDITABLE,
        topics=topics,
        bank=_bank(room.package_of(draft_id)) if page.name == "exam" else {},
        centre=now.data.get("centre", ""),
        typing=held,
        beside=held.shown(partial(read_beside, now, page)),
    )


def read_beside(now: settings.Opened, page: Page, given: typing.Given) -> Form:
    """What was typed, against what it began with, or (where nobody knows that any more) against what stands now."""
    try:
        return read_settings(now, page, given)[0]
    except Invalid:
        return settings_form(page, shown(page, now.data or {}), topics=_topics(now.data or {}), given=given)


def _bank(package: Package | None) -> dict[tuple[str, int], int]:
    """How many questions of a topic there are for exams, of each difficulty, and of all (0)."""
    items = [item for item in package.items if item.use == "assessment"] if package else []
    return Counter((item.topic, grade) for item in items for grade in (0, item.difficulty))
