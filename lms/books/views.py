"""Pages where a course can be had as a book: the learner's own, and the centre's of any edition or draft."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from lms.books import making
from lms.books.imprint import EPUB, PDF
from lms.books.making import Of
from lms.courses.access import STUDIO
from lms.kernel.errors import NotFound
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, FeatureBlueprint, current_actor, render, roles, see_other, tell

bp = FeatureBlueprint("books", __name__)
MIMES = {EPUB: "application/epub+zip", PDF: "application/pdf"}


@bp.get("/books/<uuid:enrolment_id>", who=SIGNED_IN)
def own(enrolment_id: UUID) -> ResponseReturnValue:
    return _page(making.of_enrolment(current_actor(), enrolment_id), "own", {"enrolment_id": enrolment_id})


@bp.post("/books/<uuid:enrolment_id>", who=SIGNED_IN)
def ask_own(enrolment_id: UUID) -> ResponseReturnValue:
    return _ask(making.of_enrolment(current_actor(), enrolment_id), "own", {"enrolment_id": enrolment_id})


@bp.get("/books/<uuid:enrolment_id>/<name>", who=SIGNED_IN)
def own_file(enrolment_id: UUID, name: str) -> ResponseReturnValue:
    return _file(making.of_enrolment(current_actor(), enrolment_id), name)


@bp.get("/studio/drafts/<uuid:draft_id>/books", who=roles(*STUDIO))
def draft(draft_id: UUID) -> ResponseReturnValue:
    return _page(making.of_draft(current_actor(), draft_id), "draft", {"draft_id": draft_id})


@bp.post("/studio/drafts/<uuid:draft_id>/books", who=roles(*STUDIO))
def ask_draft(draft_id: UUID) -> ResponseReturnValue:
    return _ask(making.of_draft(current_actor(), draft_id), "draft", {"draft_id": draft_id})


@bp.get("/studio/drafts/<uuid:draft_id>/books/<name>", who=roles(*STUDIO))
def draft_file(draft_id: UUID, name: str) -> ResponseReturnValue:
    return _file(making.of_draft(current_actor(), draft_id), name)


@bp.get("/studio/courses/<slug>/editions/<int:number>/books", who=roles(*STUDIO))
def edition(slug: str, number: int) -> ResponseReturnValue:
    found = making.of_edition(current_actor(), slug, number)
    return _page(found, "edition", {"slug": slug, "number": number})


@bp.post("/studio/courses/<slug>/editions/<int:number>/books", who=roles(*STUDIO))
def ask_edition(slug: str, number: int) -> ResponseReturnValue:
    found = making.of_edition(current_actor(), slug, number)
    return _ask(found, "edition", {"slug": slug, "number": number})


@bp.get("/studio/courses/<slug>/editions/<int:number>/books/<name>", who=roles(*STUDIO))
def edition_file(slug: str, number: int, name: str) -> ResponseReturnValue:
    return _file(making.of_edition(current_actor(), slug, number), name)


def _page(of: Of, page: str, address: Mapping[str, Any]) -> str:
    backs = {"own": ("courses.course", {"slug": of.slug}), "draft": ("courses.studio_draft", address)}
    back = backs.get(page, ("courses.studio_course", {"slug": of.slug}))
    return render(
        "books/books.html", of=of, volumes=making.volumes(of), page=page, address=address, back=back
    )  # fmt: skip


def _ask(of: Of, page: str, address: Mapping[str, Any]) -> ResponseReturnValue:
    reader, form = _split(request.form.get("book", ""))
    making.ask(of, form, reader)
    tell(msg("正在做，一般几秒钟就好。过一会儿再看这一页。"))
    return see_other(f"books.{page}", **address)


def _file(of: Of, name: str) -> ResponseReturnValue:
    reader, form = _split(name)
    response: Response = make_response(making.opened(of, form, reader))
    response.content_type = MIMES[form]
    number = "draft" if of.number is None else str(of.number)
    response.headers["Content-Disposition"] = f'attachment; filename="{of.slug}-{number}-{reader}.{form}"'
    return response


def _split(name: str) -> tuple[str, str]:
    reader, dot, form = name.partition(".")
    if not dot:
        raise NotFound
    return reader, form
