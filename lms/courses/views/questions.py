"""Pages of a draft's questions: all of them with one form, and many pasted at once."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.courses.access import WRITERS
from lms.courses.question_forms import PasteForm, QuestionForm, form_for, rows_in, rows_of, typed_of
from lms.courses.views import typed as typing
from lms.courses.views.blueprint import bp
from lms.courses.writing import pasting, questions, typed
from lms.courses.writing.bank import USES, Bank, Question, bank
from lms.courses.writing.item_tables import clean
from lms.courses.writing.pasting import EXAMPLES, MOST, MOST_QUESTIONS, Pasted
from lms.courses.writing.questions import Changed
from lms.courses.writing.retyping import retyped, types_for
from lms.items.registry import CHECK_TYPES, LABELS, TYPES, types_of
from lms.kernel.access import require_found
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.paging import SIZE, Page, page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

Given = MultiDict[str, str] | None
PASTE = "paste"


@bp.get("/studio/drafts/<uuid:draft_id>/questions", who=roles(*WRITERS))
def studio_questions(draft_id: UUID) -> ResponseReturnValue:
    found = bank(current_actor(), draft_id)
    edited = require_found(found.question(request.args["edit"])) if "edit" in request.args else None
    form = None
    if edited is None:
        last = found.question(request.args.get("last", ""))
        form = _blank(found, request.args.get("type") or _wanted(draft_id, last), last)
    elif edited.loose and edited.type in TYPES:
        form = _form(found, kind_of(edited, request.args.get("as", "")), edited)
    held = typing.of_draft(draft_id, _name(form.kind, edited)) if form else None
    if form and held and held.given:
        form = read_question(found, form.kind, edited, held.given)
    return _page(found, form, edited, held=held)


def _wanted(draft_id: UUID, last: Question | None) -> str:
    """The type of the next question: of the one that waits to be saved, else of the last one."""
    waiting = [one.form for one in typed.waiting(current_actor(), typed.of_draft(draft_id)) if one.form[:4] == "new/"]
    return waiting[0].partition("/")[2] if waiting and last is None else last.type if last else ""


def _name(kind: str, edited: Question | None) -> str:
    """The name of a question's form (`typed.FORMS`)."""
    return f"question/{edited.code}/{kind}" if edited else f"new/{kind}"


def read_question(found: Bank, kind: str, edited: Question | None, given: Given) -> QuestionForm:
    """A question's form with what was typed into it."""
    return _form(found, kind, edited, given) if edited else _blank(found, kind, None, given)


def kind_of(edited: Question, wanted: str) -> str:
    """The type that a question is to become, if it may; else its own."""
    return wanted if wanted in types_for(edited.table) else edited.type


def _page(
    found: Bank, form: QuestionForm | None, edited: Question | None = None, stored: Question | None = None,
    held: typing.Typing | None = None,
) -> str:
    if form is not None and held is None:
        held = typing.of_draft(found.draft.id, _name(form.kind, edited))
    topic, use = request.args.get("topic", ""), request.args.get("use", "")
    chosen = found.chosen(topic, use)
    number = min(page_number(request.args.get("page")), max(1, -(-len(chosen) // SIZE)))
    return render(
        "studio/questions.html",
        bank=found,
        draft=found.draft,
        page=Page(chosen[(number - 1) * SIZE : number * SIZE], number, len(chosen)),
        topic=topic,
        use=use,
        kept=_kept(),
        form=form,
        edited=edited,
        stored=stored,
        titles=_titles(found),
        types=LABELS,
        check_types=CHECK_TYPES,
        uses=USES,
        become=types_for(edited.table) if edited else (),
        last=request.args.get("last"),
        differing=_differing(form, stored) if form and stored else (),
        typing=held,
        beside=held.shown(partial(read_question, found, form.kind, edited)) if form and held else (),
        begun=_begun_kinds(found.draft.id, edited),
    )


def _begun_kinds(draft_id: UUID, edited: Question | None) -> set[str]:
    """Types for which something waits to be saved."""
    before = _name("", edited)
    waiting = typed.waiting(current_actor(), typed.of_draft(draft_id))
    return {one.form.removeprefix(before) for one in waiting if one.form.startswith(before)}


def _differing(form: QuestionForm, stored: Question) -> list[tuple[str, str, str]]:
    """Where what is typed is not what is stored: the field, what is stored, what is typed."""
    theirs, found = typed_of(stored.table), []
    for field in form:
        if field.name == "seen" or field.name.startswith("id_"):
            continue
        pair = [typing.shown_value(field, value) for value in (theirs.get(field.name), field.data)]
        if pair[0] != pair[1]:
            found.append((field.label.text, pair[0], pair[1]))
    return found


def _titles(found: Bank) -> Mapping[str, Mapping[str, str]]:
    return {topic.id: topic.title for topic in found.package.topics} if found.package else {}


def _kept() -> dict[str, Any]:
    """What stays in the address from page to page: by what is chosen."""
    return {name: request.args[name] for name in ("topic", "use", "page") if request.args.get(name)}


def _blank(found: Bank, kind: str, last: Question | None, given: Given = None) -> QuestionForm:
    """A form for the next question, which is about the same as the last one; or with what was typed."""
    before = last or (found.questions[-1] if found.questions else None)
    kind = kind if kind in TYPES else "single_choice"
    table = before.table if before else {}
    named = ("topic", "objective", "difficulty", "sources")
    data = {name: one for name, one in typed_of(table).items() if name in named}
    use = before.use if before and kind in types_of(before.use) else "assessment"
    form = form_for(kind, rows_in(given or ()))(given, data={**data, "use": use, "scoring": "all_or_nothing"})
    form.offer(found.package, table)
    return form


def _form(found: Bank, kind: str, edited: Question | None, given: Given = None) -> QuestionForm:
    table = retyped(edited.table, kind) if edited else {}
    data = {**typed_of(table), "seen": edited.digest} if edited else {}
    # What was typed may have more rows than the question has by now: none of them is lost.
    form = form_for(kind, max(len(rows_of(table)), rows_in(given or ())))(given, data=data)
    form.offer(found.package, table)
    return form


@bp.post("/studio/drafts/<uuid:draft_id>/questions", who=roles(*WRITERS))
def studio_add_question(draft_id: UUID) -> ResponseReturnValue:
    actor, kind = current_actor(), request.form.get("type", "")
    found = bank(actor, draft_id)
    form = _form(found, require_found(kind if kind in TYPES else None), None, request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        (code,) = questions.add(actor, draft_id, [form.table()])
    except Invalid as refusal:
        if refusal.fields or not form.errors:
            form.refuse(refusal)
        return _page(found, form), 422
    typing.saved_in(draft_id, _name(kind, None))
    tell(msg("{code} 存好了，接着写下一题。", code=code))
    return see_other("courses.studio_questions", draft_id=draft_id, last=code, type=kind, **_kept(), _anchor="stem")


@bp.post("/studio/drafts/<uuid:draft_id>/questions/<code>", who=roles(*WRITERS))
def studio_save_question(draft_id: UUID, code: str) -> ResponseReturnValue:
    actor = current_actor()
    found = bank(actor, draft_id)
    edited = found.question(code)
    if edited is None:
        return _gone(found)
    require_found(edited.type if edited.type in TYPES else None)
    form = _form(found, kind_of(edited, request.form.get("type", "")), edited, request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        questions.change(actor, draft_id, code, form.seen.data or "", form.table())
    except Invalid as refusal:
        if refusal.fields or not form.errors:
            form.refuse(refusal)
        return _page(found, form, edited), 422
    except Changed as met:
        # What she typed stays in the form, which now stands against what is stored: the next press is her decision.
        form.seen.data = met.stored.digest
        return _page(found, form, edited, met.stored), 409
    typing.saved_in(draft_id, _name(form.kind, edited))
    tell(msg("{code} 存好了。", code=code))
    return see_other("courses.studio_questions", draft_id=draft_id, last=code, **_kept(), _anchor=code)


def _gone(found: Bank) -> ResponseReturnValue:
    """Somebody has removed the question meanwhile: what was typed is kept, and can be saved as a new one."""
    kind = request.form.get("type", "")
    form = _form(found, require_found(kind if kind in TYPES else None), None, request.form)
    form.absorb(Invalid(msg("这道题刚刚被别人删掉了。您写的还在这里，保存就当一道新题收下。")))
    # A page of another form from now on: under its old id the house would take nothing more.
    held = replace(typing.of_draft(found.draft.id, _name(kind, None)), page=new_id())
    return _page(found, form, held=held), 409


@bp.post("/studio/drafts/<uuid:draft_id>/questions/<code>/remove", who=roles(*WRITERS))
def studio_remove_question(draft_id: UUID, code: str) -> ResponseReturnValue:
    questions.remove(current_actor(), draft_id, code, sure=request.form.get("sure") == "y")
    tell(msg("{code} 删掉了。", code=code))
    return see_other("courses.studio_questions", draft_id=draft_id, **_kept())


@bp.post("/studio/drafts/<uuid:draft_id>/questions/<code>/copy", who=roles(*WRITERS))
def studio_copy_question(draft_id: UUID, code: str) -> ResponseReturnValue:
    made = questions.copy(current_actor(), draft_id, code)
    tell(msg("照 {code} 做了一道，题号 {made}。", code=code, made=made))
    return see_other("courses.studio_questions", draft_id=draft_id, edit=made, **_kept(), _anchor="edit")


@bp.post("/studio/drafts/<uuid:draft_id>/questions/<code>/move", who=roles(*WRITERS))
def studio_move_question(draft_id: UUID, code: str) -> ResponseReturnValue:
    """By the buttons of the question's page one place up or down; dragged in the list, to the place of another."""
    to = request.form.get("to", "")
    if to in ("up", "down"):
        questions.move(current_actor(), draft_id, code, by=-1 if to == "up" else 1)
        return see_other("courses.studio_questions", draft_id=draft_id, edit=code, **_kept(), _anchor="all")
    questions.move(current_actor(), draft_id, code, place_of=require_found(to or None))
    return see_other("courses.studio_questions", draft_id=draft_id, **_kept(), _anchor=code)


@bp.get("/studio/drafts/<uuid:draft_id>/questions/paste", who=roles(*WRITERS))
def studio_paste_page(draft_id: UUID) -> ResponseReturnValue:
    found = bank(current_actor(), draft_id)
    held = typing.of_draft(draft_id, PASTE)
    return _paste(found, read_paste(found, held.given), held=held)


def read_paste(found: Bank, given: Given = None) -> PasteForm:
    """The form of many questions, with what was typed into it."""
    last = found.questions[-1].table if found.questions else {}
    named = ("use", "topic", "objective", "difficulty", "sources")
    form = PasteForm(given, data={name: one for name, one in typed_of(last).items() if name in named} if last else {})
    form.offer(found.package, last)
    return form


def _paste(
    found: Bank, form: PasteForm, understood: list[Pasted] | None = None, held: typing.Typing | None = None
) -> str:
    held = held or typing.of_draft(found.draft.id, PASTE)
    return render(
        "studio/paste.html", draft=found.draft, form=form, found=understood, bank=found, types=LABELS,
        paste_examples=EXAMPLES, typing=held, beside=held.shown(partial(read_paste, found)),
    )  # fmt: skip


@bp.post("/studio/drafts/<uuid:draft_id>/questions/paste", who=roles(*WRITERS))
def studio_paste(draft_id: UUID) -> ResponseReturnValue:
    """First what was understood is shown; what was shown is taken by a second press, all of it or nothing."""
    actor = current_actor()
    found = bank(actor, draft_id)
    form = read_paste(found, request.form)
    text = form.text.data or ""
    if not form.validate() or not clean(text) or len(text) > MOST:
        if not form.errors:
            said = msg("最多 {most} 个字。", most=MOST) if clean(text) else msg("请填写这一项。")
            form.absorb(Invalid(fields={"text": said}))
        return _paste(found, form), 422
    understood = pasting.read(text, form.common())
    faulty = any(one.faults for one in understood)
    if len(understood) > MOST_QUESTIONS:
        form.absorb(Invalid(fields={"text": msg("一次最多 {most} 题，请分几次粘贴。", most=MOST_QUESTIONS)}))
        return _paste(found, form), 422
    shown = sha256(repr((text, form.common())).encode()).hexdigest()
    if faulty or form.rehearsed.data != shown or request.form.get("step") != "take":
        form.rehearsed.data = "" if faulty else shown
        return _paste(found, form, understood), 422 if faulty else 200
    try:
        codes = questions.add(actor, draft_id, [one.table for one in understood])
    except Invalid as refusal:
        form.absorb(refusal)
        return _paste(found, form, understood), 422
    typing.saved_in(draft_id, PASTE)
    tell(msg("收下了 {count} 题，从 {first} 到 {last}。", count=len(codes), first=codes[0], last=codes[-1]))
    return see_other("courses.studio_questions", draft_id=draft_id, last=codes[-1])
