"""Everything that a writer has typed into the forms of a draft and not saved, also where its page is gone by now."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from lms.courses import studio
from lms.courses.access import WRITERS
from lms.courses.views import questions, settings, writing
from lms.courses.views import typed as typing
from lms.courses.views.blueprint import bp
from lms.courses.views.typed import Read, Shown, Typing
from lms.courses.writing import room
from lms.courses.writing import settings as course_file
from lms.courses.writing import typed as keeping
from lms.courses.writing.bank import bank
from lms.courses.writing.course_fields import PAGES
from lms.courses.writing.typed import Kept
from lms.items.registry import LABELS, TYPES
from lms.kernel.i18n import in_locale, translate
from lms.kernel.text import N_, Message, msg
from lms.kernel.web import current_actor, render, roles

NAMES = {
    "course": N_("这门课"), "goals": N_("目标和主题"), "sources": N_("课程依据"), "terms": N_("词语"),
    "exam": N_("考试"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsaved:
    """One text that waits: in which form, where that is (None: it is gone), and what is in it."""

    title: Message
    address: str | None
    typing: Typing
    shown: Shown


@bp.get("/studio/drafts/<uuid:draft_id>/typed", who=roles(*WRITERS))
def studio_unsaved(draft_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    typing.require_writer_of(draft_id)
    draft = studio.draft(actor, draft_id)
    found = [_unsaved(draft_id, one) for one in keeping.waiting(actor, keeping.of_draft(draft_id))]
    return render("studio/unsaved.html", draft=draft, found=found)


def _unsaved(draft_id: UUID, kept: Kept) -> Unsaved:
    title, read = _form(draft_id, kept.form)
    page = typing.address(draft_id, kept.form)
    address = url_for(**page, typed=kept.page) if read else None
    said = typing.said_in(kept, read) if read else [(N_("写的"), value) for _, value in kept.fields if value.strip()]
    return Unsaved(title, address, typing.of_draft(draft_id, kept.form), Shown(kept, said))


def _form(draft_id: UUID, form: str) -> tuple[Message, Read | None]:
    """What a form is called, and what makes it of what was typed: nothing where it is gone."""
    actor = current_actor()
    match form.split("/"):
        case ["new", kind]:
            read: Read | None = partial(questions.read_question, bank(actor, draft_id), kind, None)
            return msg("下一题：{kind}", kind=translate(LABELS[kind])), read
        case ["question", code, kind]:
            found = bank(actor, draft_id)
            one = found.question(code)
            title = msg("改 {code}", code=code)
            if one is None or not one.loose or one.type not in TYPES:
                return title, None
            return title, partial(questions.read_question, found, questions.kind_of(one, kind), one)
        case ["settings", name]:
            now, page = course_file.opened(draft_id), PAGES[name]
            title = msg("课程说明：{name}", name=translate(NAMES[name]))
            return title, partial(settings.read_beside, now, page) if now.data else None
        case ["facts", slug]:
            lessons = [one for one in room.room(actor, draft_id).lessons if one.slug == slug]
            title = msg("课文的说明：{title}", title=in_locale(lessons[0].titles) if lessons else slug)
            return title, partial(writing.read_facts, room.package_of(draft_id), lessons[0]) if lessons else None
    return msg("一次粘贴多题"), partial(questions.read_paste, bank(actor, draft_id))
