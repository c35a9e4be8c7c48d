"""The difference between two editions, or between a draft and the edition it would follow."""

from uuid import UUID

from sqlalchemy import select

from lms.courses import editions
from lms.courses.editions import EditionData
from lms.courses.models import Course, Draft, Edition
from lms.courses.moving.difference import Difference, difference
from lms.courses.packages.checker import load
from lms.courses.packages.package import Package
from lms.courses.writing.files import EDITABLE, has_files, tree_of
from lms.kernel.access import require_found
from lms.kernel.db import session


def between(before: EditionData, after: EditionData) -> Difference:
    """What changed from one edition to another."""
    return difference(before.package, after.package)


def sides(draft: Draft) -> tuple[EditionData | None, Package | None]:
    """The edition that a draft follows and the draft's package; neither for a new course, no package while it cannot
    be read. Who may see the draft the caller has judged."""
    before_id = _before(draft)
    if before_id is None:
        return None, None
    return editions.edition(before_id), draft_package(draft)


def followed(draft_id: UUID) -> EditionData | None:
    """The edition that a draft follows, None where it begins a course. NotFound if there is no such draft."""
    before_id = _before(draft_row(draft_id))
    return editions.edition(before_id) if before_id else None


def _before(draft: Draft) -> UUID | None:
    """The edition that a draft follows: the current one, or the one before it once it is published itself."""
    if draft.edition_id is None:
        # The centre's own course: a code that another centre took first shows nothing of its questions.
        own = Course.code == draft.code, Course.centre_path == draft.centre_path
        return session().scalar(select(Course.current_edition_id).where(*own))
    return _before_edition(editions.edition(draft.edition_id))


def edition_before(own: EditionData) -> EditionData | None:
    """The edition before this one, None before the first; one statement at most."""
    before_id = _before_edition(own)
    return editions.edition(before_id) if before_id else None


def _before_edition(own: EditionData) -> UUID | None:
    return session().scalar(
        select(Edition.id)
        .where(Edition.course_id == own.course_id, Edition.number < own.number)
        .order_by(Edition.number.desc())
        .limit(1)
    )


def draft_row(draft_id: UUID) -> Draft:
    """A draft; NotFound if there is none."""
    return require_found(session().get(Draft, draft_id))


def draft_package(draft: Draft) -> Package | None:
    """A draft as it stands now, None while its course.toml cannot be read."""
    if draft.state not in EDITABLE or not has_files(draft.id):
        return editions.package(draft.package_hash)
    try:
        return load(tree_of(draft.id))
    except ValueError:
        return None
