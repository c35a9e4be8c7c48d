"""Pages of the writing room: a draft's lessons, one lesson in both languages, any other file, two texts that meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.courses import checks, studio
from lms.courses.access import WRITERS, may_write
from lms.courses.forms import FactsForm, LessonForm, StartForm
from lms.courses.media.listing import things_of
from lms.courses.packages.lesson_files import FILE
from lms.courses.packages.package import Package
from lms.courses.reviewing import queries
from lms.courses.rules import BOX_NAMES
from lms.courses.views import typed as typing
from lms.courses.views.blueprint import bp
from lms.courses.writing import bank, lessons, presence, room, saving, starting, typed
from lms.courses.writing.saving import Base, Saved
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import in_locale, translate
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.kernel.web import current_actor, form_page, render, roles, see_other, tell, wants_json
from lms.organisations.queries import OrganisationCard


@bp.get("/studio/new", who=roles(*WRITERS))
def studio_new() -> ResponseReturnValue:
    return render("studio/new.html", form=_start_form(), centres=_writes_at())


@bp.post("/studio/new", who=roles(*WRITERS))
def studio_start() -> ResponseReturnValue:
    form = _start_form(request.form)
    begin = form.begin.data or ""
    try:
        if not form.validate():
            raise Invalid(fields={})
        draft_id = starting.start(
            current_actor(),
            centre_id=UUID(form.centre.data),
            title=form.title.data or "",
            title_en=form.title_en.data or "",
            subject=form.subject.data,
            template=begin if begin not in ("copy", "nothing") else "",
            copy=form.course.data or "" if begin == "copy" else "",
            sent=made_with_form(form.sent.data),
        )
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return form_page("studio/new.html", form, centres=_writes_at())
    return see_other("courses.studio_draft", draft_id=draft_id)


def _start_form(given: MultiDict[str, str] | None = None) -> StartForm:
    centres = _writes_at()
    copies = starting.copies(current_actor())
    wanted = request.args.get("copy", "")
    title = next((in_locale(titles, "zh") for slug, titles in copies if slug == wanted), "")
    begun = {"begin": "nothing", "sent": str(new_id())}
    if title:
        begun |= {"begin": "copy", "course": wanted, "title": translate(msg("{title}（另一门）", title=title))}
    form = StartForm(given, data=begun)
    form.offer([(str(card.id), card.name) for card in centres], [(slug, in_locale(said)) for slug, said in copies])
    return form


def made_with_form(text: str | None) -> UUID:
    """An id that was made with a form. Raises Invalid."""
    try:
        return UUID(text or "")
    except ValueError:
        raise Invalid(msg("这一页不完整。请再提交一次。")) from None


def _writes_at() -> list[OrganisationCard]:
    actor = current_actor()
    return [card for card in studio.centres(actor) if may_write(actor, card.path) and not card.closed_on]


@bp.post("/studio/courses/<slug>/revise", who=roles(*WRITERS))
def studio_revise(slug: str) -> ResponseReturnValue:
    draft_id = starting.revise(current_actor(), slug)
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/write", who=roles(*WRITERS))
def studio_take_up(draft_id: UUID) -> ResponseReturnValue:
    starting.take_up(current_actor(), draft_id)
    return see_other("courses.studio_draft", draft_id=draft_id)


def room_page(draft_id: UUID, form: LessonForm | None = None) -> str:
    """A draft as it is written."""
    found = room.room(current_actor(), draft_id)
    counted = bank.counts(draft_id)
    return render(
        "studio/room.html", room=found, draft=found.draft, counts=counted, form=form or LessonForm(), new_id=new_id,
        comments=queries.comments(current_actor(), draft_id),
        unsaved=typed.waiting(current_actor(), typed.of_draft(draft_id)),
    )  # fmt: skip


@bp.post("/studio/drafts/<uuid:draft_id>/lessons", who=roles(*WRITERS))
def studio_add_lesson(draft_id: UUID) -> ResponseReturnValue:
    form = LessonForm(request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        slug = lessons.add_lesson(
            current_actor(), draft_id, title=form.title.data or "", title_en=form.title_en.data or ""
        )
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return room_page(draft_id, form), 422
    return see_other("courses.studio_lesson", draft_id=draft_id, slug=slug)


@bp.post("/studio/drafts/<uuid:draft_id>/lessons/<slug>/move", who=roles(*WRITERS))
def studio_move_lesson(draft_id: UUID, slug: str) -> ResponseReturnValue:
    to = request.form.get("to", "")
    place = int(to) if to.isascii() and to.isdigit() and len(to) <= 3 else None
    lessons.move_lesson(current_actor(), draft_id, slug, place)
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/lessons/<slug>/remove", who=roles(*WRITERS))
def studio_remove_lesson(draft_id: UUID, slug: str) -> ResponseReturnValue:
    lessons.remove_lesson(current_actor(), draft_id, slug, sure=request.form.get("sure") == "y")
    tell(msg("这一课删掉了，后面的课往前排。"))
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.get("/studio/drafts/<uuid:draft_id>/lessons/<slug>/write", who=roles(*WRITERS))
def studio_lesson(draft_id: UUID, slug: str) -> ResponseReturnValue:
    return _lesson_page(draft_id, slug)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that was not taken, and why."""

    file_id: UUID
    text: str
    message: Message


def _lesson_page(
    draft_id: UUID, slug: str, form: FactsForm | None = None, *, show: str = "", typed: Typed | None = None,
    differing: Sequence[tuple[str, str, str]] = (),
) -> str:
    actor = current_actor()
    found = room.room(actor, draft_id)
    lesson = require_found(next((one for one in found.lessons if one.slug == slug), None))
    package = room.package_of(draft_id)
    paths = [text.path for text in lesson.texts.values()]
    held = typing.of_draft(draft_id, f"facts/{slug}")
    read = partial(read_facts, package, lesson)
    if form is None and held.given:
        form = read(held.given)
        if form.seen.data != lesson.digest and "typed" not in request.args:
            # Somebody else has changed the facts since: hers is shown beside them, and put over them if she asks.
            form, held = None, held.beside()
    return render(
        "studio/lesson.html",
        room=found,
        draft=found.draft,
        lesson=lesson,
        package=package,
        sheets={language: room.sheet(actor, draft_id, text.file_id) for language, text in lesson.texts.items()},
        problems=found.problems_of(*paths),
        hidden=found.hidden,
        comments=queries.comments(actor, draft_id, paths),
        form=form or read_facts(package, lesson),
        typing=held,
        beside=held.shown(read),
        differing=differing,
        new_id=new_id,
        open_facts=form is not None or not lesson.objectives,
        show=show or _show(lesson),
        checks=bank.self_checks(draft_id),
        typed=typed,
        most=saving.MOST,
        boxes=BOX_NAMES,
        media=things_of(draft_id),
    )


def _show(lesson: lessons.DraftLesson) -> str:
    """Which languages the page is asked to show; the first that there is otherwise."""
    wanted = request.args.get("show", "")
    return wanted if wanted == "both" or wanted in lesson.texts else next(iter(lesson.texts))


def read_facts(
    package: Package | None, lesson: lessons.DraftLesson, given: MultiDict[str, str] | None = None
) -> FactsForm:
    """The form of what is said of a lesson: as it is saved, or with what was typed into it."""
    kept = {
        "title": lesson.titles.get("zh", ""), "title_en": lesson.titles.get("en", ""), "minutes": lesson.minutes,
        "objectives": list(lesson.objectives), "sources": list(lesson.sources), "seen": lesson.digest,
    }  # fmt: skip
    form = FactsForm(given, data=kept)
    form.offer(package)
    if given is not None:
        form.seen.data = given.get("seen", "")  # what names no version is not taken for the one that stands
    return form


@bp.post("/studio/drafts/<uuid:draft_id>/lessons/<slug>/facts", who=roles(*WRITERS))
def studio_lesson_facts(draft_id: UUID, slug: str) -> ResponseReturnValue:
    actor = current_actor()
    lesson = require_found(next((one for one in room.room(actor, draft_id).lessons if one.slug == slug), None))
    package = room.package_of(draft_id)
    form = read_facts(package, lesson, request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        facts = lessons.Facts(
            {"zh": form.title.data or "", "en": form.title_en.data or ""}, form.minutes.data or 0,
            form.objectives.data or (), form.sources.data or (),
        )  # fmt: skip
        lessons.set_facts(actor, draft_id, slug, facts, seen=form.seen.data or "")
    except lessons.FactsChangedError as met:
        # What she typed stays in the form, which now stands against what is stored: the next press is her decision.
        form = read_facts(package, met.lesson, request.form)
        form.seen.data = met.lesson.digest
        return _lesson_page(draft_id, slug, form, differing=typing.differing(form)), met.status
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return _lesson_page(draft_id, slug, form), 422
    typing.saved_in(draft_id, f"facts/{slug}")
    tell(msg("这一课的说明存好了。"))
    return see_other("courses.studio_lesson", draft_id=draft_id, slug=slug)


@bp.get("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>", who=roles(*WRITERS))
def studio_file(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    return _file_page(draft_id, file_id)


def _file_page(draft_id: UUID, file_id: UUID, typed: Typed | None = None) -> str:
    found = room.room(current_actor(), draft_id)
    sheet = room.sheet(current_actor(), draft_id, file_id)
    return render(
        "studio/file.html", room=found, draft=found.draft, sheet=sheet, problems=found.problems_of(sheet.path),
        new_id=new_id, typed=typed, most=saving.MOST_FILE,
    )  # fmt: skip


@bp.post("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>", who=roles(*WRITERS))
def studio_save(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A form without JavaScript, or what the page saves by itself: the same deed, told in HTML or JSON."""
    base = Base.parse(request.form.get("base", ""))
    text = request.form.get("text")
    if base is None or text is None:
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    save_id = made_with_form(request.form.get("save_id"))
    body = request.form.get("part") == "body"
    actor = current_actor()
    try:
        saved = saving.save(actor, draft_id, file_id, save_id=save_id, base=base, text=text, body=body)
    except Invalid as refusal:
        if wants_json():
            raise
        return _shown_again(draft_id, file_id, text, refusal)
    sheet = room.sheet(actor, draft_id, file_id)
    presence.note(actor, draft_id, presence.place_of(sheet.path))
    if wants_json():
        return _told(saved, sheet, body)
    if saved.disputed:
        tell(msg("您写的已经存下，但有几处别人也改了。请选一选。"), "back")
        return see_other("courses.studio_disputed", draft_id=draft_id, file_id=file_id)
    tell(msg("存好了，{time}。", time=f"{clock.local(clock.now()):%H:%M}"))
    return _back_to(draft_id, sheet)


def _told(saved: Saved, sheet: room.Sheet, body: bool) -> ResponseReturnValue:
    """What the page needs to go on: from what the next save begins, and the text with others' changes in it."""
    at = f"{clock.local(clock.now()):%H:%M}"
    if saved.disputed:
        said = msg("您写的存下了，有几处别人也改了，要您选一选。")
    else:
        said = msg("已保存 {time}", time=at)
    whole = room.body_of(saved.whole) if body else saved.whole
    return {
        "disputed": saved.disputed,
        "base": str(saved.base),
        "whole": whole,
        "whole_base": str(Base(saved.base.save_id, whole=True)),
        "said": translate(said),
        "others": list(sheet.others),
    }


def _shown_again(draft_id: UUID, file_id: UUID, text: str, refusal: Invalid) -> ResponseReturnValue:
    """The page with what was typed, which was not saved, and why."""
    sheet = room.sheet(current_actor(), draft_id, file_id)
    match = FILE.fullmatch(sheet.path)
    typed = Typed(file_id, text, refusal.message)
    if match and sheet.is_lesson:
        return _lesson_page(draft_id, match["slug"], show=match["language"], typed=typed), refusal.status
    return _file_page(draft_id, file_id, typed), refusal.status


@bp.post("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>/here", who=roles(*WRITERS))
def studio_here(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """What an open page asks now and then: who else is here, and the text, where it is not the one it knows."""
    actor = current_actor()
    sheet = room.sheet(actor, draft_id, file_id)
    presence.note(actor, draft_id, presence.place_of(sheet.path))
    known = Base.parse(request.form.get("base", ""))
    whole = room.text_after(sheet, known)
    if whole is not None and request.form.get("part") == "body":
        whole = room.body_of(whole)
    return {"others": list(sheet.others), "whole": whole, "whole_base": str(sheet.base)}


def _back_to(draft_id: UUID, sheet: room.Sheet) -> ResponseReturnValue:
    found = FILE.fullmatch(sheet.path)
    if found and sheet.is_lesson:
        return see_other("courses.studio_lesson", draft_id=draft_id, slug=found["slug"], show=found["language"])
    return see_other("courses.studio_file", draft_id=draft_id, file_id=sheet.file_id)


@bp.get("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>/disputed", who=roles(*WRITERS))
def studio_disputed(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    found = room.disputed(current_actor(), draft_id, file_id)
    if found is None:
        return _back_to(draft_id, room.sheet(current_actor(), draft_id, file_id))
    draft = studio.draft(current_actor(), draft_id)
    return render("studio/disputed.html", draft=draft, found=found, sheet=found.sheet, new_id=new_id)


@bp.post("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>/settle", who=roles(*WRITERS))
def studio_settle(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Her choice, place by place; whoever has saved meanwhile is asked about again."""
    actor = current_actor()
    found = room.disputed(actor, draft_id, file_id)
    if found is None:
        return _back_to(draft_id, room.sheet(actor, draft_id, file_id))
    if str(found.sheet.base) != request.form.get("base"):
        raise Conflict
    chosen = [request.form.get(f"place-{number}", "") for number, _ in found.places]
    text = found.settled(chosen)
    saved = saving.save(actor, draft_id, file_id, save_id=new_id(), base=found.sheet.base, text=text)
    assert not saved.disputed
    tell(msg("选好了，存进去了。"))
    return _back_to(draft_id, found.sheet)


@bp.get("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>/preview", who=roles(*WRITERS))
def studio_seen(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """The lesson as it is saved, as learners would see it."""
    return _phone(draft_id, file_id, room.sheet(current_actor(), draft_id, file_id).body)


@bp.post("/studio/drafts/<uuid:draft_id>/files/<uuid:file_id>/preview", who=roles(*WRITERS))
def studio_try(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """The same with what is typed. Nothing is kept."""
    return _phone(draft_id, file_id, request.form.get("text", ""))


def _phone(draft_id: UUID, file_id: UUID, body: str) -> str:
    found = room.seen(current_actor(), draft_id, file_id, body)
    if found is None:
        return render("studio/unseen.html")
    shown = checks.views(found.package.content_hash, found.package, found.parts[1::2], {}, found.language)
    return render("studio/seen.html", seen=found, checks=shown)
