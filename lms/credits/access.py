"""Who may see and decide what. An auditor acts in her area; another area's awards do not exist. Of her own and of her
own institution's people she sees the awards and decides none: no policy of the house allows more."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import current_app

from lms.credits.rules.audits import Audit, takes_two
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.settings import Settings
from lms.kernel.text import Message, msg
from lms.people import access as people_access
from lms.people import queries as people
from lms.people.queries import PersonCard

LEVELS = {Role.COUNTY_AUDITOR: 1, Role.CITY_AUDITOR: 2, Role.PROVINCE_AUDITOR: 3}
TOP = max(LEVELS.values())
FINAL = frozenset({"approved", "reversed"})
# What may follow a state. What is reversed can only be restored, by approving it again.
NEXT = {
    "granted": ("approve", "return", "reverse"),
    "returned": ("approve", "return", "reverse"),
    "approved": ("return", "reverse"),
    "reversed": ("approve",),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an award, what decides who may act on it. `colleague`: its doctor is of the actor's own institution;
    `recorded_by`: who entered the activity for her."""

    person_id: UUID
    authority_path: str
    state: str
    decided_level: int
    colleague: bool = False
    recorded_by: UUID | None = None


def same_institution(mine: PersonCard | None, hers: PersonCard | None) -> bool:
    """Whether two people have a workplace or an employer in common today."""
    if mine is None or hers is None:
        return False
    return bool(({mine.workplace_id, mine.employer_id} - {None}) & {hers.workplace_id, hers.employer_id})


def takes_two_here(chain: Audit | None, credits: Decimal) -> bool:
    """Whether two persons must agree on an award or a claim of this size in this house."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    return takes_two(chain, credits, settings.second_person_above)


def level(actor: Actor, path: str) -> int:
    """The highest level at which she audits a place; 0 if she does not."""
    return max((rank for role, rank in LEVELS.items() if actor.holds(role, path)), default=0)


def require_area(actor: Actor, award: Standing) -> int:
    """Her level for this award; NotFound outside her area."""
    rank = level(actor, award.authority_path)
    require_in_place(rank > 0)
    return rank


def hindrance(actor: Actor, award: Standing) -> Message | None:
    """Why she may see the award but not decide on it; None if she may decide."""
    rank = level(actor, award.authority_path)
    if actor.person_id is not None and actor.person_id == award.person_id:
        return msg("这是您自己的学分，要由别的审核人员来审。")
    if actor.person_id is not None and actor.person_id == award.recorded_by:
        return msg("这次活动是您登记的，学分要由别的审核人员来审。")
    if award.colleague:
        return msg("这位医生和您在同一单位，这条学分要由别的单位的审核人员来审。")
    if award.decided_level > rank:
        return msg("上一级已经审过这条学分，这里不能再改。")
    if award.state in FINAL and award.decided_level == rank < TOP:
        return msg("这条学分已经审定。还要改，请上一级来办。")
    return None


def actions(actor: Actor, award: Standing) -> tuple[str, ...]:
    """What she may decide now. A higher level may also approve what a lower one has approved: it stands then with
    the higher one, as when a sample finds it in order."""
    if hindrance(actor, award) is not None:
        return ()
    above = award.state == "approved" and level(actor, award.authority_path) > award.decided_level
    return ("approve", *NEXT[award.state]) if above else NEXT[award.state]


def require_may_decide(actor: Actor, award: Standing, action: str) -> int:
    """Her level, if she may take this action now; else NotFound or NotAllowed with the reason."""
    rank = require_area(actor, award)
    why = hindrance(actor, award)
    require(why is None, why)
    require(action in actions(actor, award), msg("这条学分现在的状态不能这样处理。"))
    return rank


def works_here(actor: Actor, card: PersonCard) -> bool:
    """Whether somebody works today in a place that the actor administers."""
    return bool(card.workplace_path) and actor.holds(Role.ADMINISTRATOR, card.workplace_path)


def require_may_enter(actor: Actor, person_ids: Collection[UUID]) -> None:
    """NotAllowed unless she is an administrator and none of these people: nobody enters what she did herself."""
    require(actor.system or actor.has(Role.ADMINISTRATOR))
    require(actor.person_id not in person_ids, msg("自己的活动要请别的管理员登记。"))


def require_sees(actor: Actor, person_id: UUID) -> PersonCard:
    """The card of a doctor for her unit: for who audits her today, or administers a place of hers;
    NotFound for anybody else."""
    card = require_found(people.person(person_id))
    audits = bool(card.authority_path) and level(actor, card.authority_path) > 0
    require_in_place(audits or people_access.may_see(actor, person_id))
    return card
