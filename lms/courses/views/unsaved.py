"""Everything that a writer has typed into the forms of a draft and not saved, also where its page is gone by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from lms.courses import studio
from lms.courses.access import WRITERS
from lms.courses.packages.package import Package
from lms.courses.views import questions, settings, writing
from lms.courses.views import typed as typing
from lms.courses.views.blueprint import bp
from lms.courses.views.typed import Read, Shown, given
from lms.courses.writing import room
from lms.courses.writing import settings as course_file
from lms.courses.writing import typed as keeping
from lms.courses.writing.bank import Bank, bank
from lms.courses.writing.course_fields import PAGES
from lms.courses.writing.lessons import DraftLesson, lessons_of
from lms.courses.writing.saving import Base
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
    """One text that waits: in which form, where that is (None: it is gone), and what is in it; `drop`: the address that
    throws it away."""

    title: Message
    address: str | None
    drop: str
    shown: Shown


class Forms:
    """What the forms of a draft stand on, each read once however many texts wait."""

    def __init__(self, draft_id: UUID, waiting: Sequence[Kept]) -> None:
        self._draft_id, self._waiting = draft_id, waiting

    @cached_property
    def bank(self) -> Bank:
        return bank(current_actor(), self._draft_id)

    @cached_property
    def lessons(self) -> list[DraftLesson]:
        return lessons_of(self._draft_id)

    @cached_property
    def package(self) -> Package | None:
        return room.package_of(self._draft_id)

    @cached_property
    def course(self) -> course_file.Opened:
        bases = {Base.parse(given(one).get("base", "")) for one in self._waiting if one.form.startswith("settings/")}
        return course_file.with_begun(course_file.opened(self._draft_id), {one for one in bases if one})

    def find(self, form: str) -> tuple[Message, Read | None]:
        """What a form is called, and what makes it of what was typed: nothing where it is gone."""
        match form.split("/"):
            case ["new", kind]:
                read: Read | None = partial(questions.read_question, self.bank, kind, None)
                return msg("下一题：{kind}", kind=translate(LABELS[kind])), read
            case ["question", code, kind]:
                one = self.bank.question(code)
                title = msg("改 {code}", code=code)
                if one is None or not one.loose or one.type not in TYPES:
                    return title, None
                return title, partial(questions.read_question, self.bank, questions.kind_of(one, kind), one)
            case ["settings", name]:
                title = msg("课程说明：{name}", name=translate(NAMES[name]))
                return title, partial(settings.read_beside, self.course, PAGES[name]) if self.course.data else None
            case ["facts", slug]:
                lessons = [one for one in self.lessons if one.slug == slug]
                title = msg("课文的说明：{title}", title=in_locale(lessons[0].titles) if lessons else slug)
                return title, partial(writing.read_facts, self.package, lessons[0]) if lessons else None
        return msg("一次粘贴多题"), partial(questions.read_paste, self.bank)


@bp.get("/studio/drafts/<uuid:draft_id>/typed", who=roles(*WRITERS))
def studio_unsaved(draft_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    typing.require_writer_of(draft_id)
    draft = studio.draft(actor, draft_id)
    waiting = keeping.waiting(actor, keeping.of_draft(draft_id))
    forms = Forms(draft_id, waiting)
    found = [_unsaved(draft_id, forms, one) for one in waiting]
    return render("studio/unsaved.html", draft=draft, found=found)


def _unsaved(draft_id: UUID, forms: Forms, kept: Kept) -> Unsaved:
    title, read = forms.find(kept.form)
    page = typing.address(draft_id, kept.form)
    address = url_for(**page, typed=kept.page) if read else None
    said = typing.said_in(kept, read) if read else [(N_("写的"), value) for _, value in kept.fields if value.strip()]
    return Unsaved(title, address, url_for("courses.studio_drop_typed", draft_id=draft_id), Shown(kept, said))
