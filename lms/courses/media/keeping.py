"""Which stored files a course has, whether it may have them, and whether there is room for more."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, func, insert, or_, select, update

from lms.courses.media.models import KnownFile, PictureSize, Transcode
from lms.courses.models import Course, Draft, DraftMedium, Edition, EditionMedium
from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import read_media
from lms.courses.packages.package import Medium, Package
from lms.courses.packages.problem import Problem
from lms.courses.packages.recording import MB, MediaFile, Recording
from lms.courses.packages.recording_files import read_recordings
from lms.courses.writing.files import tree_of
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.text import msg

Sizes = dict[str, list[MediaFile]]


def quota() -> int:
    """Bytes that a course may have."""
    megabytes: int = current_app.extensions["xinglin.settings"].media_quota
    return megabytes * MB


def lock_course(draft_id: UUID) -> Draft:
    """The draft; whoever else adds to its course waits until this unit of work ends. NotFound if there is none.

    To be called before anything else locks the draft.
    """
    same = select(Draft.code, Draft.centre_id).where(Draft.id == draft_id).subquery()
    drafts = session().scalars(
        select(Draft)
        .where(Draft.code == select(same.c.code).scalar_subquery())
        .where(Draft.centre_id == select(same.c.centre_id).scalar_subquery())
        .order_by(Draft.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return require_found(next((one for one in drafts if one.id == draft_id), None))


def used(draft: Draft) -> int:
    """Bytes of everything that the course of a draft has or is waiting for, each content once."""
    drafts = select(Draft.id).where(Draft.code == draft.code, Draft.centre_id == draft.centre_id)
    own = Course.code == draft.code, Course.centre_id == draft.centre_id
    editions = select(Edition.id).join(Course, Course.id == Edition.course_id).where(*own)
    kept = session().scalar(
        select(func.coalesce(func.sum(KnownFile.size), 0)).where(
            or_(
                KnownFile.sha.in_(select(DraftMedium.sha).where(DraftMedium.draft_id.in_(drafts))),
                KnownFile.sha.in_(select(EditionMedium.sha).where(EditionMedium.edition_id.in_(editions))),
            )
        )
    )
    waiting = session().scalar(
        select(func.coalesce(func.sum(Transcode.source_size), 0)).where(Transcode.draft_id.in_(drafts))
    )
    return int(kept or 0) + int(waiting or 0)


def require_room(draft: Draft, more: int) -> None:
    """Raise Invalid where the course of a locked draft would have more than its quota."""
    have = used(draft)
    if have + more > quota():
        raise Invalid(
            msg(
                "这门课的媒体已有 {have} MB，再加 {more} MB 就超过 {most} MB 了，没有收下。请先删掉不用的。",
                have=f"{have / MB:.1f}", more=f"{more / MB:.1f}", most=quota() // MB,
            )
        )  # fmt: skip


def know(files: Iterable[MediaFile], *, again: bool = False) -> None:
    """Remember files that were made or judged here. `again`: one that is known counts as made now, so that it is not
    swept away while somebody decides about it."""
    for one in files:
        if again:
            session().execute(update(KnownFile).where(KnownFile.sha == one.sha).values(made_at=clock.now()))
        insert_once(KnownFile, {"sha": one.sha, "mime": one.mime, "size": one.size, "made_at": clock.now()}, ["sha"])


def sizes_of(shas: Collection[str]) -> Sizes:
    """The smaller files of pictures, by the picture's SHA, smallest first."""
    found: Sizes = {}
    rows = session().scalars(
        select(PictureSize)
        .where(PictureSize.picture_sha.in_(shas))
        .order_by(PictureSize.picture_sha, PictureSize.width)
    )
    for row in rows:
        file = MediaFile(row.sha, "image/webp", row.size, row.width, row.height)
        found.setdefault(row.picture_sha, []).append(file)
    return found


def pictures_of(media: Iterable[Medium]) -> list[MediaFile]:
    """The pictures of a package as files: they count like all others."""
    return [MediaFile(one.sha, one.mime, one.size, one.width, one.height) for one in media]


def files_of(media: Sequence[Medium], recordings: Sequence[Recording]) -> list[tuple[str, MediaFile]]:
    """Every stored file of a package, by a name of its own."""
    sizes = sizes_of({one.sha for one in media})
    found = list(zip((one.name for one in media), pictures_of(media), strict=True))
    for one in media:
        found += [(f"{one.name}/{size.width}", size) for size in sizes.get(one.sha, ())]
    for recording in recordings:
        found += [(f"{recording.name}/{number}", file) for number, file in enumerate(recording.stored)]
        found += [(f"{recording.name}/{language}", one.file) for language, one in recording.captions.items()]
    return found


def missing(package: Package, centre_path: str, brought: Collection[str] = ()) -> list[Problem]:
    """What a package names and may not have: files nobody made here, or of another centre. `brought`: came with it."""
    named = [(one.name, file) for one in package.recordings for file in one.stored]
    allowed = _allowed([file for _, file in named], centre_path, brought)
    said = msg("这里没有它要的文件：请把整包（带录像、录音、讲义的文件）传上来")
    names = sorted({name for name, file in named if file.sha not in allowed})
    return [Problem(f"media/{name}.toml", 0, said) for name in names]


def _allowed(files: Sequence[MediaFile], centre_path: str, brought: Collection[str]) -> set[str]:
    if not files:
        return set()
    shas = {one.sha for one in files}
    known = {
        row.sha: (row.mime, row.size) for row in session().scalars(select(KnownFile).where(KnownFile.sha.in_(shas)))
    }
    right = {one.sha for one in files if known.get(one.sha) == (one.mime, one.size)}
    public = select(EditionMedium.sha).where(EditionMedium.sha.in_(right))
    own = (
        select(DraftMedium.sha)
        .join(Draft, Draft.id == DraftMedium.draft_id)
        .where(DraftMedium.sha.in_(right), Draft.centre_path == centre_path)
    )
    return set(session().scalars(public.union(own))) | (right & set(brought))


def match(draft: Draft, brought: Collection[str] = ()) -> None:
    """Let the files that a draft may show be those that its own files name. `brought`: made just now, for it."""
    tree = {path: data for path, data in tree_of(draft.id).items() if path.startswith("media/")}
    findings = Findings()
    media, recordings = read_media(tree, findings), read_recordings(tree, findings)
    heavy = {file.sha for one in recordings for file in one.stored}
    allowed = _allowed([file for one in recordings for file in one.stored], draft.centre_path, brought)
    wanted = {file.sha: file.mime for _, file in files_of(media, recordings) if file.sha not in heavy - allowed}
    know(pictures_of(media))
    have = set(session().scalars(select(DraftMedium.sha).where(DraftMedium.draft_id == draft.id)))
    session().execute(
        delete(DraftMedium)
        .where(DraftMedium.draft_id == draft.id, DraftMedium.sha.in_(have - set(wanted)))
        .execution_options(synchronize_session=False)
    )
    rows = [{"draft_id": draft.id, "sha": sha, "mime": wanted[sha]} for sha in set(wanted) - have]
    if rows:
        session().execute(insert(DraftMedium), rows)
