"""Whole courses out and in: any edition or draft of a centre as a package; a package rehearsed, then taken in."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import select

from lms.courses import drafts
from lms.courses.access import may_see_studio
from lms.courses.media.carrying import heavy_of, write_whole_zip
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.arrival import Arrival, compare
from lms.courses.packages.checker import Report, load
from lms.courses.packages.package import Package
from lms.courses.packages.tree import Tree, Unpacked, not_taken, pack, read_zip
from lms.courses.writing.files import has_files, tree_of
from lms.kernel import files
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.kernel.ids import new_id
from lms.uploads.receiving import work_folder

PART = "package-"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A package on its way out, with its films and hand-outs: what to call the file, and the open file."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What taking a package in would do; nothing of it is done. `number`: the edition that it is compared with."""

    package: Package
    report: Report
    arrival: Arrival
    number: int | None
    left: Unpacked


def edition_parcel(actor: Actor, slug: str, number: int | None = None) -> Parcel:
    """An edition of a course of her centres (the current one, unless a number says which), byte for byte as it was
    frozen. Raises NotFound."""
    course = require_found(session().scalar(select(Course).where(Course.slug == slug)))
    require_in_place(may_see_studio(actor, course.centre_path))
    which = Edition.id == course.current_edition_id if number is None else Edition.number == number
    row = (
        session()
        .execute(select(Edition.number, Edition.package_hash).where(Edition.course_id == course.id, which))
        .one_or_none()
    )
    row = require_found(row)
    return Parcel(f"{slug}-{row.number}.zip", _whole(read_zip(files.read(row.package_hash))))


def draft_parcel(actor: Actor, draft_id: UUID) -> Parcel:
    """A draft of her centres as it stands now. Raises NotFound."""
    draft = require_found(session().scalar(select(Draft).where(Draft.id == draft_id)))
    require_in_place(may_see_studio(actor, draft.centre_path))
    return Parcel(f"{draft.slug}-draft.zip", _whole(draft_tree(draft)))


def size_of(package_hash: str, package: Package) -> int:
    """Bytes of a stored package as it goes out, without building it: the archive and its films and hand-outs."""
    heavy = {one.sha: one.size for found in package.recordings for one in found.stored}
    return files.size(package_hash) + sum(heavy.values())


def _whole(tree: Tree) -> BinaryIO:
    """A package of texts and pictures lies in memory; films need not fit, so with them it is a file."""
    if not heavy_of(tree):
        return io.BytesIO(pack(tree))
    out: BinaryIO = TemporaryFile(dir=work_folder())  # noqa: SIM115 - closed by whoever sends it
    write_whole_zip(tree, out)
    out.seek(0)
    return out


def draft_tree(draft: Draft) -> Tree:
    """The files of a draft: as they are written here, or as they were uploaded."""
    return tree_of(draft.id) if has_files(draft.id) else read_zip(files.read(draft.package_hash))


def rehearse(
    actor: Actor, data: bytes | BinaryIO, tree: Tree, report: Report, brought: Collection[str], language: str
) -> Rehearsal:
    """What taking in this checked package would bring. Raises BadPackageError as `drafts.take_in` would."""
    package, _ = drafts.accepted(report, actor, brought, [require_found(actor.person_id)], as_draft=True)
    current = session().execute(
        select(Edition.number, Edition.package_hash)
        .join(Course, Course.current_edition_id == Edition.id)
        .where(Course.code == package.code)
    ).one_or_none()  # fmt: skip
    old = None
    if current is not None:
        old_tree = read_zip(files.read(current.package_hash))
        old = (old_tree, load(old_tree))
    return Rehearsal(
        package=package,
        report=report,
        arrival=compare(old, (tree, package), language),
        number=current.number if current else None,
        left=not_taken(data),
    )


def draft_id_of(actor: Actor, sent: UUID | None, data: BinaryIO) -> UUID:
    """The id of the draft that a package becomes which is taken in as it is sent: the same for the same form (`sent`)
    with the same package."""
    said = (require_found(actor.person_id), files.digest(data))
    return uuid5(sent, repr(said)) if sent else new_id()


def lay_by(actor: Actor, draft_id: UUID, data: BinaryIO) -> None:
    """Keep a rehearsed package until she decides; within the hour it may be swept away."""
    data.seek(0)
    files.keep_part(draft_id, _part(actor), data)


def laid_by(actor: Actor, draft_id: UUID) -> BinaryIO:
    """The package that she rehearsed under this id, to be closed. Raises NotFound for another's, and when it is
    gone."""
    try:
        return files.open_part(draft_id, _part(actor))
    except FileNotFoundError:
        raise NotFound from None


def drop(actor: Actor, draft_id: UUID) -> None:
    """She has decided: what was kept for it goes."""
    try:
        files.open_part(draft_id, _part(actor)).close()
    except FileNotFoundError:
        return
    files.drop_parts(draft_id)


def taken_already(actor: Actor, draft_id: UUID) -> UUID | None:
    """Her own draft that was made of this id, the last if there are more (`drafts.again`): the button was pressed
    twice."""
    made = None
    while session().scalar(select(Draft.uploaded_by).where(Draft.id == draft_id)) == require_found(actor.person_id):
        made, draft_id = draft_id, drafts.again(draft_id)
    return made


def _part(actor: Actor) -> str:
    return f"{PART}{require_found(actor.person_id)}"
