"""Pages of reviewing: a draft's files passage by passage, comments on them, a lesson's faults as they stand now."""

from collections.abc import Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses import commands, studio
from lms.courses.access import STUDIO, WRITERS
from lms.courses.forms import CommentForm
from lms.courses.reviewing import commands as reviewing
from lms.courses.reviewing import queries
from lms.courses.reviewing.passages import Passage
from lms.courses.views.blueprint import bp
from lms.courses.writing import room
from lms.kernel.access import require_found
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.paging import Page, page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

ON_A_PAGE = 100
"""Passages of a file: captions of a long film have many."""


@bp.get("/studio/drafts/<uuid:draft_id>/review", who=roles(*STUDIO))
def studio_review(draft_id: UUID) -> ResponseReturnValue:
    return _review_page(draft_id, request.args.get("file", ""), _number(request.args.get("at", "")))


def _number(at: str) -> int:
    """The passage an address or a form names; 0 for none."""
    return int(at) if at.isascii() and at.isdigit() and len(at) <= 4 else 0


def _review_page(draft_id: UUID, path: str, at: int, form: CommentForm | None = None) -> str:
    """`at`: the passage that is commented on, counted from 1; its words are put into the form."""
    actor = current_actor()
    page = queries.commenting_page(actor, draft_id, path)
    if form is None and 1 <= at <= len(page.passages):
        form = CommentForm(data={"quote": page.passages[at - 1].text, "comment_id": str(new_id())})
    return render(
        "studio/review.html", draft=studio.draft(actor, draft_id), page=page, at=at, form=form, new_id=new_id,
        shown=_shown(page.passages, at),
    )  # fmt: skip


def _shown(passages: Sequence[Passage], at: int) -> Page[tuple[int, Passage]]:
    """A hundred passages, each with its number: those with the one that is commented on, else those asked for."""
    last = max(1, -(-len(passages) // ON_A_PAGE))
    number = min(-(-at // ON_A_PAGE) if at else page_number(request.args.get("page")), last)
    first = (number - 1) * ON_A_PAGE
    numbered = list(enumerate(passages, 1))[first : first + ON_A_PAGE]
    return Page(numbered, number, len(passages), ON_A_PAGE)


@bp.post("/studio/drafts/<uuid:draft_id>/comments", who=roles(*STUDIO))
def studio_comment(draft_id: UUID) -> ResponseReturnValue:
    form, path, at = CommentForm(request.form), request.form.get("file", ""), _number(request.form.get("at", ""))
    try:
        if not form.validate():
            raise Invalid(fields={})
        comment_id = _id(form.comment_id.data)
        reviewing.comment(
            current_actor(), draft_id, comment_id=comment_id, path=path, quote=form.quote.data or "",
            text=form.text.data or "", at=at,
        )  # fmt: skip
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return _review_page(draft_id, path, at, form), 422
    tell(msg("意见写好了，作者会看到。"))
    return see_other("courses.studio_review", draft_id=draft_id, file=path, _anchor=f"c-{comment_id}")


def _id(given: str | None) -> UUID:
    try:
        return UUID(given or "")
    except ValueError:
        raise Invalid(msg("这一页不完整。请再提交一次。")) from None


@bp.post("/studio/drafts/<uuid:draft_id>/comments/<uuid:comment_id>/answer", who=roles(*STUDIO))
def studio_answer_comment(draft_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    done = request.form.get("done") == "y"
    try:
        reviewing.answer(
            current_actor(), draft_id, comment_id, reply_id=_id(request.form.get("reply_id")),
            text=request.form.get("text", ""), done=done,
        )  # fmt: skip
    except Invalid as refusal:
        if not refusal.fields:
            raise
        tell(refusal.fields.get("text", msg("请填写这一项。")), "no")
    else:
        tell(msg("这条意见办完了。") if done else msg("答复写好了。"))
    return _back(draft_id, comment_id)


@bp.post("/studio/drafts/<uuid:draft_id>/comments/<uuid:comment_id>/reopen", who=roles(*STUDIO))
def studio_reopen_comment(draft_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    reviewing.reopen(current_actor(), draft_id, comment_id)
    tell(msg("这条意见又打开了。"))
    return _back(draft_id, comment_id)


def _back(draft_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    """To the page she came from: the lesson she writes, or the passages of the file."""
    actor = current_actor()
    card = next((one for one in queries.comments(actor, draft_id) if one.id == comment_id), None)
    file, anchor = require_found(card).file, f"c-{comment_id}"
    back = request.form.get("back")
    if back == "lesson" and file.kind == "lesson":
        return see_other(
            "courses.studio_lesson", draft_id=draft_id, slug=file.slug, show=file.language, _anchor=anchor
        )
    if back == "media" and file.kind == "captions":
        return see_other("courses.studio_media", draft_id=draft_id, _anchor=anchor)
    if back == "draft":
        return see_other("courses.studio_draft", draft_id=draft_id, _anchor=anchor)
    return see_other("courses.studio_review", draft_id=draft_id, file=file.path, _anchor=anchor)


@bp.post("/studio/drafts/<uuid:draft_id>/take-back", who=roles(*WRITERS))
def studio_take_back(draft_id: UUID) -> ResponseReturnValue:
    commands.take_back(current_actor(), draft_id)
    tell(msg("收回来了，可以接着改。改好以后要重新送审。"))
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.get("/studio/drafts/<uuid:draft_id>/lessons/<slug>/problems", who=roles(*WRITERS))
def studio_problems(draft_id: UUID, slug: str) -> ResponseReturnValue:
    """A lesson's faults as it is saved now, as a piece of its page: its script asks when somebody has paused."""
    found = room.room(current_actor(), draft_id)
    lesson = require_found(next((one for one in found.lessons if one.slug == slug), None))
    paths = [text.path for text in lesson.texts.values()]
    return render("studio/problems.html", problems=found.problems_of(*paths), hidden=found.hidden)
