"""A file is rehearsed first: what it would become is kept and shown. Taken, it becomes a draft, whole or not at all."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from lms.courses.access import require_writer
from lms.courses.imports import making
from lms.courses.imports.brought import Brought, refuse, row_of, shown
from lms.courses.imports.models import ImportRehearsal
from lms.courses.media import keeping, transcoding
from lms.courses.media.carrying import heavy_of
from lms.courses.models import Draft
from lms.courses.packages.package import LANGUAGES
from lms.courses.packages.problem import Problem
from lms.courses.packages.recording import MB, MediaFile
from lms.courses.packages.tree import MAX_ARCHIVE, Tree, pack, read_zip
from lms.courses.studio import problem_of
from lms.courses.writing import starting
from lms.courses.writing.files import checked
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.organisations import queries as organisations

KEPT = timedelta(days=3)
"""How long a rehearsal waits to be taken (house practice)."""
MOST = 5
"""Rehearsals of one person that are kept; an older one makes room."""
MOST_WAITING = 400 * MB
"""Bytes of hand-outs, sounds and films in them; the newest is kept whatever it holds, as a course may."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a file would become: lessons by title with their letters, questions by type, losses."""

    id: UUID
    name: str
    kind: str
    language: str
    title: str
    centre_name: str
    lessons: Sequence[tuple[str, int]]
    questions: Mapping[str, int]
    pictures: int
    attached: int
    notes: int
    losses: Sequence[Problem]
    more: int
    to_mend: int
    made_at: datetime


def rehearse(actor: Actor, brought: Brought, *, centre_id: UUID, name: str, language: str) -> UUID:
    """Keep what a file would become; the rehearsal's id. Raises NotFound, NotAllowed, Invalid, BadPackageError."""
    if language not in LANGUAGES:
        raise Invalid(fields={"language": msg("请从列出的几项里选一项。")})
    code, course_file = starting.prepare(actor, centre_id=centre_id, title=brought.title, language=language)
    tree = making.tree_of(brought, language, course_file, code)
    package = pack(tree)
    if len(package) > MAX_ARCHIVE:
        raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MAX_ARCHIVE // 1024**2), name)
    _require_room(brought, name)
    keeping.know(_heavy(brought), again=True)
    rehearsal_id, person_id = new_id(), require_found(actor.person_id)
    heavy = sum(one.size for one in _heavy(brought))
    _make_room(person_id, heavy)
    session().execute(
        insert(ImportRehearsal).values(
            id=rehearsal_id, person_id=person_id, centre_id=centre_id, name=name[:120], language=language,
            report={**report_of(brought, tree), "waiting": _waiting(brought), "heavy": heavy}, package=package,
            made_at=clock.now(),
        )
    )  # fmt: skip
    return rehearsal_id


def report_of(brought: Brought, tree: Tree) -> dict[str, Any]:
    """What a rehearsal says, as it is kept."""
    return {
        "kind": brought.kind,
        "title": brought.title,
        "lessons": [[lesson.title, len(lesson.body)] for lesson in brought.lessons],
        "questions": dict(Counter(str(item["type"]) for item in brought.items)),
        "pictures": len(brought.media),
        "attached": len(brought.recordings) + len(brought.waiting),
        "notes": len(brought.notes),
        "losses": [row_of(one) for one in brought.losses.told()],
        "more": brought.losses.more,
        "to_mend": len(checked(tree).problems),
    }


def _heavy(brought: Brought) -> list[MediaFile]:
    """The stored files that a draft of it would have: ready ones, and those that are still to be made smaller."""
    return [*(file for one in brought.recordings for file in one.stored), *(one.file for one in brought.waiting)]


def _waiting(brought: Brought) -> list[list[Any]]:
    return [[one.name, one.file.sha, one.file.mime, one.file.size, shown(one.source)] for one in brought.waiting]


def _require_room(brought: Brought, name: str) -> None:
    """Raise BadPackageError where it brings more than a course may have: it could never be taken."""
    size = sum(len(data) for data in brought.media.values()) + sum(one.size for one in _heavy(brought))
    if size > keeping.quota():
        said = msg("里面的图片和附件合起来 {size} MB，一门课最多 {most} MB，没有收下。",
                   size=f"{size / MB:.1f}", most=keeping.quota() // MB)  # fmt: skip
        raise refuse(said, name)


def _make_room(person_id: UUID, heavy: int) -> None:
    """Let older rehearsals go, of which there are too many beside one that holds so many bytes of heavy files."""
    of = ImportRehearsal
    rows = session().execute(
        select(of.id, of.report).where(of.person_id == person_id).order_by(of.made_at.desc(), of.id)
    )
    over = []
    for number, row in enumerate(rows, 1):
        heavy += row.report.get("heavy", 0)
        if number >= MOST or heavy > MOST_WAITING:
            over.append(row.id)
    session().execute(delete(of).where(of.id.in_(over)))


def rehearsal(actor: Actor, rehearsal_id: UUID) -> Rehearsal:
    """A rehearsal of her own; NotFound for any other, and once it was taken or is over."""
    of = ImportRehearsal
    row = require_found(
        session().execute(
            select(of.id, of.name, of.language, of.centre_id, of.report, of.made_at)
            .where(of.id == rehearsal_id, of.person_id == actor.person_id)
        ).one_or_none()
    )  # fmt: skip
    centre = require_found(organisations.organisation(row.centre_id))
    require_writer(actor, centre.path)
    said = row.report
    return Rehearsal(
        row.id, row.name, said["kind"], row.language, said["title"], centre.name,
        [(title, size) for title, size in said["lessons"]], said["questions"], said["pictures"],
        said.get("attached", 0), said["notes"],
        [problem_of(one) for one in said["losses"]], said["more"], said["to_mend"], row.made_at,
    )  # fmt: skip


def taken(actor: Actor, rehearsal_id: UUID) -> bool:
    """Whether a draft was made of a rehearsal of hers."""
    of = select(Draft.id).where(Draft.id == rehearsal_id, Draft.uploaded_by == actor.person_id)
    return session().scalar(of) is not None


def take(actor: Actor, rehearsal_id: UUID) -> UUID:
    """Make the draft; its id, which is the rehearsal's. Taken twice it is the same draft.

    Raises NotFound, NotAllowed, Invalid where its course would have more than its quota.
    """
    row = session().execute(
        delete(ImportRehearsal)
        .where(ImportRehearsal.id == rehearsal_id, ImportRehearsal.person_id == actor.person_id)
        .returning(ImportRehearsal.centre_id, ImportRehearsal.package, ImportRehearsal.report)
        .execution_options(synchronize_session=False)
    ).one_or_none()  # fmt: skip
    if row is None:
        require_found(True if taken(actor, rehearsal_id) else None)
        return rehearsal_id
    tree = read_zip(row.package)
    starting.begin_with(actor, rehearsal_id, row.centre_id, tree)
    draft = keeping.lock_course(rehearsal_id)
    keeping.match(draft, set(heavy_of(tree)))
    person_id = require_found(actor.person_id)
    for name, sha, mime, size, source in row.report.get("waiting", ()):
        transcoding.enqueue(rehearsal_id, name, MediaFile(sha, mime, size), shown(source), person_id)
    keeping.require_room(draft, 0)
    audit.record(actor, "draft.imported", "draft", rehearsal_id)
    return rehearsal_id


def drop(actor: Actor, rehearsal_id: UUID) -> None:
    """Forget a rehearsal of hers; one that is no more changes nothing."""
    of = ImportRehearsal
    session().execute(delete(of).where(of.id == rehearsal_id, of.person_id == actor.person_id))


def expire() -> None:
    """Forget rehearsals that nobody took for KEPT."""
    session().execute(delete(ImportRehearsal).where(ImportRehearsal.made_at < clock.now() - KEPT))


def forget(person_id: UUID) -> None:
    """Forget all rehearsals of a person whose account is closed."""
    session().execute(delete(ImportRehearsal).where(ImportRehearsal.person_id == person_id))


def pasted(text: str) -> str:
    """What was pasted, as a page: HTML as it is, plain text with a paragraph a line."""
    if not text.strip():
        return ""
    if re.search(r"<(?:p|div|h[1-6]|table|ul|ol|br|html|body|span|li)\b[^<>]{0,2000}>", text, re.IGNORECASE):
        return f"<div>{text}</div>"
    return "<div>" + "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()) + "</div>"
