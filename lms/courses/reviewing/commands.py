"""A reviewer comments on passages; authors answer and settle. Nothing here changes a draft's state."""

from uuid import UUID

from sqlalchemy import func, select, update

from lms.courses.access import may_review, may_see_studio, may_write, require_reviewer
from lms.courses.models import Draft
from lms.courses.reviewing.models import ReviewComment, ReviewReply
from lms.courses.reviewing.passages import MOST_QUOTE, around, locate, readable, starts_of
from lms.courses.reviewing.texts import texts_of
from lms.courses.writing.files import EDITABLE, writers_of
from lms.kernel import audit, clock
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import Message, msg, nfc

MOST_TEXT = 2000
MOST_COMMENTS = 300
OPEN = (*EDITABLE, "in_review", "approved")


def comment(
    actor: Actor, draft_id: UUID, *, comment_id: UUID, path: str, quote: str, text: str, at: int = 0
) -> None:
    """Say something of a passage of a draft that is in review. Sent twice it is said once. `at`: the passage, counted
    from 1, in which the quoted words stand, where the same words stand in several.

    Raises NotFound, NotAllowed (also to whoever wrote in it), Conflict (not in review), Invalid.
    """
    draft = _locked(actor, draft_id)
    require_reviewer(actor, draft.centre_path, draft.uploaded_by)
    require(actor.person_id not in writers_of(draft_id), msg("您也写过这份稿，要由没有写过的人来审。"))
    if draft.state != "in_review":
        raise Conflict(msg("这份稿现在不在审核中。"))
    source = require_found(texts_of(draft).get(path))
    quote, text = quote.strip().replace("\r\n", "\n"), _text(text)
    searched = readable(path, source)
    starts = starts_of(path, source)
    near = starts[at - 1] if 1 <= at <= len(starts) else 0
    place = locate(searched, quote, near=near) if len(quote) <= MOST_QUOTE else None
    faults: dict[str, Message] = {}
    if len(quote) > MOST_QUOTE:
        faults["quote"] = msg("最多 {most} 个字。", most=MOST_QUOTE)
    elif place is None or not place.exact:
        faults["quote"] = msg("这个文件里没有这段话，请照原文。")
    if not text:
        faults["text"] = msg("请填写这一项。")
    if faults or place is None:
        raise Invalid(fields=faults)
    if _count(draft_id) >= MOST_COMMENTS:
        raise Conflict(msg("一份稿最多 {most} 条意见，请先退回修改。", most=MOST_COMMENTS))
    before, after = around(searched, place)
    made = insert_once(
        ReviewComment,
        {
            "id": comment_id, "draft_id": draft_id, "path": path, "quote": quote, "before": before, "after": after,
            "text": text, "by": actor.person_id, "at": clock.now(),
        },
        on=["id"],
    )  # fmt: skip
    if made:
        audit.record(actor, "draft.commented", "draft", draft_id, path=path)


def answer(actor: Actor, draft_id: UUID, comment_id: UUID, *, reply_id: UUID, text: str, done: bool = False) -> None:
    """Say something to a comment, and settle it (`done`). Who writes or reviews the draft may. Sent twice it is said
    once.

    Raises NotFound, NotAllowed, Conflict (the draft is over), Invalid (nothing said and not settled).
    """
    draft = _locked(actor, draft_id)
    _require_part(actor, draft)
    _require_comment(draft_id, comment_id)
    text = _text(text)
    if not text and not done:
        raise Invalid(fields={"text": msg("请填写这一项。")})
    if text:
        values = {"id": reply_id, "comment_id": comment_id, "text": text, "by": actor.person_id, "at": clock.now()}
        insert_once(ReviewReply, values, on=["id"])
    if done:
        session().execute(
            update(ReviewComment)
            .where(ReviewComment.id == comment_id, ReviewComment.resolved_at.is_(None))
            .values(resolved_by=actor.person_id, resolved_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        audit.record(actor, "draft.comment_settled", "draft", draft_id, comment=str(comment_id))


def reopen(actor: Actor, draft_id: UUID, comment_id: UUID) -> None:
    """A reviewer is not content with how a comment was settled. Raises NotFound, NotAllowed, Conflict."""
    draft = _locked(actor, draft_id)
    require_reviewer(actor, draft.centre_path, draft.uploaded_by)
    if draft.state != "in_review":
        raise Conflict(msg("这份稿现在不在审核中。"))
    _require_comment(draft_id, comment_id)
    session().execute(
        update(ReviewComment)
        .where(ReviewComment.id == comment_id)
        .values(resolved_by=None, resolved_at=None)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "draft.comment_reopened", "draft", draft_id, comment=str(comment_id))


def unsettled(draft_id: UUID) -> int:
    """How many comments on a draft wait for its authors."""
    return _count(draft_id, ReviewComment.resolved_at.is_(None))


def _count(draft_id: UUID, *which: object) -> int:
    statement = select(func.count()).select_from(ReviewComment).where(ReviewComment.draft_id == draft_id, *which)  # type: ignore[arg-type]
    return session().scalar(statement) or 0


def _locked(actor: Actor, draft_id: UUID) -> Draft:
    """A draft of her centres; it cannot be judged or handed in until this unit of work has ended."""
    draft = require_found(session().scalar(select(Draft).where(Draft.id == draft_id).with_for_update()))
    require_in_place(may_see_studio(actor, draft.centre_path))
    return draft


def _require_part(actor: Actor, draft: Draft) -> None:
    allowed = may_write(actor, draft.centre_path) or may_review(actor, draft.centre_path, draft.uploaded_by)
    require(allowed, msg("这一步由本中心的作者或审核人来做。"))
    if draft.state not in OPEN:
        raise Conflict(msg("这份稿已经办完。"))


def _require_comment(draft_id: UUID, comment_id: UUID) -> None:
    known = select(ReviewComment.id).where(ReviewComment.id == comment_id, ReviewComment.draft_id == draft_id)
    require_found(session().scalar(known))


def _text(typed: str) -> str:
    text = nfc(typed.strip().replace("\r\n", "\n"))
    if len(text) > MOST_TEXT:
        raise Invalid(fields={"text": msg("最多 {most} 个字。", most=MOST_TEXT)})
    return text
