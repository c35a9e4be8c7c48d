"""Who may see a certificate's file: its holder, the auditors and administrators of her place."""

from uuid import UUID

from lms.kernel.actor import AUDITORS, Actor, Role


def may_download(actor: Actor, person_id: UUID, authority_path: str, place_path: str) -> bool:
    """Whether the actor may have the file, which shows the whole name."""
    if actor.person_id == person_id and actor.signed_in:
        return True
    if any(actor.holds(role, authority_path) for role in AUDITORS):
        return True
    return may_administer(actor, place_path)


def may_administer(actor: Actor, place_path: str) -> bool:
    """Whether the actor may send a waiting certificate to be drawn again."""
    return actor.holds(Role.ADMINISTRATOR, place_path)
