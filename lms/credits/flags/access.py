"""Who reviews a flag: the auditors of the area, but nobody one on herself or on people of her own house."""

from collections.abc import Iterable

from lms.credits.access import level, same_institution
from lms.kernel.access import require_in_place
from lms.kernel.actor import Actor
from lms.kernel.text import Message, msg
from lms.people import queries as people
from lms.people.queries import PersonCard


def require_area(actor: Actor, authority_path: str) -> None:
    """NotFound outside her area."""
    require_in_place(level(actor, authority_path) > 0)


def hindrance(actor: Actor, named: Iterable[PersonCard]) -> Message | None:
    """Why she may see the flag but not decide; None if she may."""
    mine = people.person(actor.person_id) if actor.person_id else None
    for card in named:
        if card.id == actor.person_id:
            return msg("这条提示和您自己有关，要由别的审核人员来看。")
        if same_institution(mine, card):
            return msg("这条提示和您单位的同事有关，要由别的单位的审核人员来看。")
    return None
