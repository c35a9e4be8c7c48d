"""Pages of files of other makers: sent, rehearsed, taken."""

import io
from pathlib import Path, PurePath
from typing import BinaryIO, cast
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.courses import studio
from lms.courses.access import WRITERS, may_write
from lms.courses.forms import ImportForm
from lms.courses.imports import reading, rehearsing
from lms.courses.imports.brought import shown
from lms.courses.media import keeping
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.recording import MB, MediaFile
from lms.courses.views.blueprint import bp
from lms.items.registry import LABELS
from lms.kernel import files
from lms.kernel.errors import Invalid
from lms.kernel.i18n import locale
from lms.kernel.text import msg, nfc
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, largest_package, render, roles, see_other, tell
from lms.organisations.queries import OrganisationCard
from lms.uploads.receiving import work_folder

PASTED = "pasted.html"


@bp.get("/studio/import", who=roles(*WRITERS))
def studio_import_page() -> ResponseReturnValue:
    return _page(_form(), ())


@bp.post("/studio/import", who=roles(*WRITERS), own_units=True, large=True)
def studio_import() -> ResponseReturnValue:
    """Read the file outside of any unit of work: it may take seconds, and nobody should wait for it."""
    actor = current_actor()
    with unit_of_work(write=False):
        form = _form(request.form)
        valid = form.validate()
    name, source = _sent()
    if source is None:
        form.absorb(Invalid(fields={"file": msg("请选一个文件，或者把内容贴在下面的框里。")}))
    if not valid or source is None:
        return _again(form, ())
    try:
        title = nfc(form.title.data or "")
        called = title or nfc(PurePath(name).stem)[:60] or "-"
        brought = reading.read(
            source, name, called, work_folder(), keep=_keep, later=True, most=largest_package()
        )
        brought.title = title or brought.title
        with unit_of_work():
            rehearsal_id = rehearsing.rehearse(
                actor, brought, centre_id=UUID(form.centre.data), name=name, language=form.language.data
            )
    except BadPackageError as bad:
        return _again(form, bad.problems)
    return see_other("courses.studio_import_rehearsal", rehearsal_id=rehearsal_id)


def _sent() -> tuple[str, BinaryIO | None]:
    """The file that was chosen, else what was pasted: as HTML, or as plain text with a paragraph a line. None where
    there is nothing in it."""
    file = request.files.get("file")
    if file is not None and file.filename:
        name, source = shown(nfc(file.filename).replace("\\", "/").rpartition("/")[2]), cast(BinaryIO, file.stream)
    else:
        text = rehearsing.pasted(request.form.get("pasted", ""))
        name, source = PASTED, io.BytesIO(text.encode("utf-8", "replace"))
    return name, source if source.seek(0, 2) and source.seek(0) == 0 else None


def _keep(file: MediaFile, path: Path) -> None:
    """Before the unit of work: a large file would keep other writers waiting. It is known before it lies there, so
    that it is swept away if nothing comes of it, whatever happens next."""
    with unit_of_work():
        keeping.know([file], again=True)
    with path.open("rb") as source:
        files.store_stream(source)


def _form(given: MultiDict[str, str] | None = None) -> ImportForm:
    form = ImportForm(given, language="zh")
    form.centre.choices = [(str(card.id), card.name) for card in _writes_at()]
    return form


def _writes_at() -> list[OrganisationCard]:
    actor = current_actor()
    return [card for card in studio.centres(actor) if may_write(actor, card.path) and not card.closed_on]


def _page(form: ImportForm, problems: tuple[Problem, ...]) -> str:
    most = largest_package() // MB
    return render("studio/import.html", form=form, problems=problems, centres=_writes_at(), most=most)


def _again(form: ImportForm, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    with unit_of_work(write=False):
        return _page(form, problems), 422


@bp.get("/studio/import/<uuid:rehearsal_id>", who=roles(*WRITERS))
def studio_import_rehearsal(rehearsal_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    if rehearsing.taken(actor, rehearsal_id):
        return see_other("courses.studio_draft", draft_id=rehearsal_id)
    found = rehearsing.rehearsal(actor, rehearsal_id)
    return render("studio/import_rehearsal.html", found=found, types=LABELS, language=locale())


@bp.post("/studio/import/<uuid:rehearsal_id>/take", who=roles(*WRITERS))
def studio_import_take(rehearsal_id: UUID) -> ResponseReturnValue:
    draft_id = rehearsing.take(current_actor(), rehearsal_id)
    tell(msg("收进来了，成了一份草稿。接着写，缺的地方这一页会标出来。"))
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.post("/studio/import/<uuid:rehearsal_id>/drop", who=roles(*WRITERS))
def studio_import_drop(rehearsal_id: UUID) -> ResponseReturnValue:
    rehearsing.drop(current_actor(), rehearsal_id)
    tell(msg("没有收，预演的内容删掉了。"))
    return see_other("courses.studio_import_page")
