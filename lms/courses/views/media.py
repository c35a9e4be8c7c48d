"""The media page of a draft: take files in, see what becomes of them, put them into lessons."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses.access import WRITERS
from lms.courses.media import listing, taking
from lms.courses.packages.captions import MOST_BYTES
from lms.courses.packages.players import megabytes
from lms.courses.reviewing import queries
from lms.courses.views.blueprint import bp
from lms.courses.writing.lessons import lessons_of
from lms.kernel.cleaning.kinds import TEACHING
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.uploads.forms import sent_uploads


@bp.get("/studio/drafts/<uuid:draft_id>/media", who=roles(*WRITERS))
def studio_media(draft_id: UUID) -> ResponseReturnValue:
    return _page(draft_id)


def _page(draft_id: UUID, errors: tuple[Message, ...] = ()) -> str:
    page = listing.media_page(current_actor(), draft_id)
    return render(
        "studio/media.html", page=page, draft=page.draft, lessons=lessons_of(draft_id), megabytes=megabytes,
        errors=errors, new_id=new_id,
        comments=[one for one in queries.comments(current_actor(), draft_id) if one.file.kind == "captions"],
    )  # fmt: skip


@bp.post("/studio/drafts/<uuid:draft_id>/media", who=roles(*WRITERS), own_units=True)
def studio_add_media(draft_id: UUID) -> ResponseReturnValue:
    """Files that were sent with the form, or that the page's script has sent before."""
    actor = current_actor()
    with unit_of_work(write=False):
        listing.media_page(actor, draft_id)  # before anything is received for a draft that is not hers
    try:
        uploads = sent_uploads(actor, "files", TEACHING)
        if not uploads:
            raise Invalid(msg("请先选一个文件。"))
        name, replaces = request.form.get("name", ""), request.form.get("replaces", "")
        made = []
        for upload_id in uploads[:1] if replaces else uploads:
            this = taking.arrived(actor, upload_id)
            with unit_of_work():
                made.append(taking.take(actor, draft_id, this, name=name, replaces=replaces))
    except (Invalid, Conflict, Gone) as refused:
        said = refused.fields.get("files", refused.message) if isinstance(refused, Invalid) else refused.message
        with unit_of_work(write=False):
            return _page(draft_id, (said,)), refused.status
    if any(one.endswith((".film", ".audio")) for one in made):
        tell(msg("收下了。录像和录音正在转换，做好会出现在下面。"))
    else:
        tell(msg("收下了，在下面。"))
    return see_other("courses.studio_media", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/media/remove", who=roles(*WRITERS))
def studio_remove_media(draft_id: UUID) -> ResponseReturnValue:
    try:
        taking.remove(current_actor(), draft_id, request.form.get("name", ""))
    except Conflict as refused:
        return _page(draft_id, (refused.message,)), 409
    tell(msg("删掉了。"))
    return see_other("courses.studio_media", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/media/retry", who=roles(*WRITERS))
def studio_retry_media(draft_id: UUID) -> ResponseReturnValue:
    try:
        transcode_id = UUID(request.form.get("id", ""))
    except ValueError:
        raise NotFound from None
    taking.retry(current_actor(), draft_id, transcode_id)
    return see_other("courses.studio_media", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/media/captions", who=roles(*WRITERS))
def studio_captions(draft_id: UUID) -> ResponseReturnValue:
    file = request.files.get("captions")
    data = file.stream.read(MOST_BYTES + 1) if file else b""
    try:
        if not data:
            raise Invalid(msg("请先选一个文件。"))
        name, language = request.form.get("name", ""), request.form.get("language", "")
        taking.set_captions(current_actor(), draft_id, name, language, data)
    except Invalid as refused:
        return _page(draft_id, (refused.message,)), 422
    tell(msg("字幕收下了，学员先看到的文字稿就是它。"))
    return see_other("courses.studio_media", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/media/place", who=roles(*WRITERS))
def studio_place_media(draft_id: UUID) -> ResponseReturnValue:
    """Show a file at the end of a lesson."""
    try:
        lesson = UUID(request.form.get("lesson", ""))
    except ValueError:
        raise NotFound from None
    try:
        taking.put_into_lesson(
            current_actor(), draft_id, lesson, request.form.get("name", ""), said=request.form.get("said", ""),
            caption=request.form.get("caption", ""),
        )  # fmt: skip
    except Invalid as refused:
        return _page(draft_id, (refused.fields.get("text", refused.message),)), 422
    tell(msg("放在这一课的最后了，可以在课文里挪到别处。"))
    return see_other("courses.studio_media", draft_id=draft_id)
