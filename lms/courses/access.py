"""Who may do what in the studio. Learners reach only their own enrolments; queries see to that."""

from uuid import UUID

from lms.kernel.access import require, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.text import msg

STUDIO = (Role.AUTHOR, Role.REVIEWER, Role.CENTRE_ADMIN)
WRITERS = (Role.AUTHOR, Role.CENTRE_ADMIN)


def may_see_studio(actor: Actor, centre_path: str) -> bool:
    return any(actor.holds(role, centre_path) for role in STUDIO)


def may_write(actor: Actor, centre_path: str) -> bool:
    return any(actor.holds(role, centre_path) for role in WRITERS)


def may_review(actor: Actor, centre_path: str, uploaded_by: UUID) -> bool:
    """A reviewer of the centre, and somebody else than the author."""
    return actor.holds(Role.REVIEWER, centre_path) and actor.person_id != uploaded_by


def require_writer(actor: Actor, centre_path: str) -> None:
    """NotFound outside her centres, NotAllowed without the author's role."""
    require_in_place(may_see_studio(actor, centre_path))
    require(may_write(actor, centre_path), msg("这一步由本中心的作者来做。"))


def require_reviewer(actor: Actor, centre_path: str, uploaded_by: UUID) -> None:
    """NotFound outside her centres, NotAllowed without the role or for one's own work."""
    require_in_place(may_see_studio(actor, centre_path))
    require(
        not actor.system and actor.person_id != uploaded_by,
        msg("自己上传的课程要由另一位审核人来审。"),
    )
    require(may_review(actor, centre_path, uploaded_by), msg("这一步由本中心的审核人来做。"))
