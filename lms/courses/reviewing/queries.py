"""What is shown of reviewing: comments with the passages they are on, the pages on which one comments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.courses.access import may_review, may_see_studio
from lms.courses.models import Draft
from lms.courses.packages import front
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.lesson_files import FILE
from lms.courses.packages.recording_files import CAPTIONS as SPOKEN
from lms.courses.reviewing.models import Review, ReviewComment, ReviewReply
from lms.courses.reviewing.passages import Passage, label_at, locate, passages_of, readable
from lms.courses.reviewing.texts import Texts, texts_of
from lms.courses.writing.lessons import said_of
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.people import queries as people


@dataclass(frozen=True, slots=True)
class FileName:
    """A file as people call it. kind: lesson · captions · questions · course."""

    path: str
    kind: str
    number: int = 0
    slug: str = ""
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReplyCard:
    """What was said to a comment."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CommentCard:
    """A comment. standing: there · near (the words were changed a little) · changed (the passage was changed);
    `line` counts as the lesson's editor shows it, 0 where there is none; `label`: the question, or when it is said."""

    id: UUID
    file: FileName
    quote: str
    standing: str
    line: int
    by: str
    at: datetime
    text: str
    replies: Sequence[ReplyCard]
    resolved_by: str
    resolved_at: datetime | None
    may_reopen: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A judgement that was given; `current`: of what the draft holds now."""

    verdict: str
    by: str
    at: datetime
    note: str
    current: bool


@dataclass(frozen=True, slots=True)
class CommentingPage:
    """A file with its passages, and the other files one may comment on."""

    file: FileName
    passages: Sequence[Passage]
    files: Sequence[tuple[FileName, int]]
    comments: Sequence[CommentCard]


def comments(actor: Actor, draft_id: UUID, paths: Collection[str] = ()) -> list[CommentCard]:
    """Comments on a draft of her centres, on these files or on all; those that wait come first."""
    draft = _draft(actor, draft_id)
    return _cards(actor, draft, texts_of(draft), paths)


def _draft(actor: Actor, draft_id: UUID) -> Draft:
    draft = require_found(session().scalar(select(Draft).where(Draft.id == draft_id)))
    require_in_place(may_see_studio(actor, draft.centre_path))
    return draft


def _cards(actor: Actor, draft: Draft, texts: Texts, paths: Collection[str] = ()) -> list[CommentCard]:
    statement = select(ReviewComment).where(ReviewComment.draft_id == draft.id)
    if paths:
        statement = statement.where(ReviewComment.path.in_(paths))
    rows = session().scalars(statement.order_by(ReviewComment.at, ReviewComment.id)).all()
    if not rows:
        return []
    replies = session().scalars(
        select(ReviewReply)
        .where(ReviewReply.comment_id.in_([row.id for row in rows]))
        .order_by(ReviewReply.at, ReviewReply.id)
    ).all()  # fmt: skip
    ids = {row.by for row in rows} | {row.by for row in replies} | {row.resolved_by for row in rows if row.resolved_by}
    names = {person_id: card.name for person_id, card in people.cards(ids).items()}
    may_reopen = draft.state == "in_review" and may_review(actor, draft.centre_path, draft.uploaded_by)
    said: dict[UUID, list[ReplyCard]] = {}
    for one in replies:
        said.setdefault(one.comment_id, []).append(ReplyCard(names.get(one.by, ""), one.at, one.text))
    cards = [_card(row, texts, names, said.get(row.id, []), may_reopen) for row in rows]
    return sorted(cards, key=lambda card: card.resolved_at is not None)


def _card(
    row: ReviewComment, texts: Texts, names: Mapping[UUID, str], replies: Sequence[ReplyCard], may_reopen: bool
) -> CommentCard:
    text = texts.get(row.path)
    searched = readable(row.path, text) if text is not None else ""
    place = locate(searched, row.quote, row.before, row.after)
    line = 0
    if place is not None and text is not None and row.path.endswith(".md"):
        line = max(searched.count("\n", 0, place.start) + 1 - hidden_lines(text), 0)
    standing = "changed" if place is None else "there" if place.exact else "near"
    return CommentCard(
        row.id, file_name(row.path, text or ""), row.quote, standing, line, names.get(row.by, ""), row.at, row.text,
        replies, names.get(row.resolved_by, "") if row.resolved_by else "", row.resolved_at,
        may_reopen and row.resolved_at is not None, label_at(row.path, text, place) if place and text else "",
    )  # fmt: skip


def hidden_lines(text: str) -> int:
    """How many lines of a lesson's file its editor does not show: the front matter with its fences."""
    parts = front.split(text)
    return parts[0].count("\n") + 2 if parts else 0


def file_name(path: str, text: str) -> FileName:
    """What people call a file."""
    match = FILE.fullmatch(path)
    if match is not None:
        title = str(said_of(text).get("title", ""))
        return FileName(path, "lesson", int(match["position"]), match["slug"], match["language"], title)
    spoken = SPOKEN.fullmatch(path)
    if spoken is not None:
        return FileName(path, "captions", language=spoken["language"], title=spoken["stem"])
    return FileName(path, "course" if path == COURSE_FILE else "questions", title=path.rpartition("/")[2])


def reviews(actor: Actor, draft_id: UUID) -> list[ReviewCard]:
    """Judgements of a draft of her centres, newest first."""
    draft = _draft(actor, draft_id)
    rows = session().scalars(select(Review).where(Review.draft_id == draft_id).order_by(Review.at.desc())).all()
    names = people.cards({row.by for row in rows}) if rows else {}
    return [
        ReviewCard(
            row.verdict, names[row.by].name if row.by in names else "", row.at, row.note,
            row.content_hash == draft.content_hash,
        )
        for row in rows
    ]  # fmt: skip


def commenting_page(actor: Actor, draft_id: UUID, path: str) -> CommentingPage:
    """A file of a draft of her centres with its passages; the first lesson where no file is named. NotFound."""
    draft = _draft(actor, draft_id)
    texts = texts_of(draft)
    names = sorted((file_name(one, text) for one, text in texts.items()), key=_order)
    path = path or (names[0].path if names else "")
    text = require_found(texts.get(path))
    every = _cards(actor, draft, texts)
    waiting = [card.file.path for card in every if card.resolved_at is None]
    return CommentingPage(
        file_name(path, text),
        passages_of(path, text),
        [(name, waiting.count(name.path)) for name in names],
        [card for card in every if card.file.path == path],
    )


def _order(name: FileName) -> tuple[int, int, str, bool, str]:
    """Lessons first, each in Chinese and in English; then captions, questions, the course."""
    kind = ("lesson", "captions", "questions", "course").index(name.kind)
    return kind, name.number, name.title if name.kind == "captions" else "", name.language != "zh", name.path
