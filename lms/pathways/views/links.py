"""Where a requirement is worked at: her credits, a course, the form of a record."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import url_for

from lms.kernel.text import Message, msg
from lms.pathways.rules.judging import RequirementState
from lms.pathways.rules.modules import Modules
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.shapes import YearPass
from lms.pathways.rules.states import State

UNMET = (State.MISSING, State.EXPIRED, State.REJECTED)
NEW_RECORD = "/pathways/records/new"


@dataclass(frozen=True, slots=True)
class Link:
    """Something to press: an address, an icon and its words."""

    address: str
    icon: str
    words: Message


def new_record(kind: Kind, **filled: str) -> str:
    """The form of a record of a kind."""
    return f"{NEW_RECORD}?{urlencode({'kind': str(kind), **filled})}"


def links(one: RequirementState, pathway_id: str, day: date) -> tuple[Link, ...]:
    """What she can do for a requirement, the best first; nothing where nothing is lacking or others are to act. What
    waits for something else may be handed in already: who has all her papers need not come back for each."""
    if one.state not in UNMET and not one.judged.urges(day):
        return ()
    shape = one.requirement.shape
    if isinstance(shape, YearPass):
        return (Link(url_for("credits.statement"), "receipt", msg("看还差多少")),)
    if isinstance(shape, Modules):
        return (Link(f"/pathways/{pathway_id}#modules", "list", msg("看还差哪些模块")),)
    found = [_of(kind, pathway_id) for kind in one.asks]
    if Kind.TRAINING in one.asks:
        found.insert(0, Link(url_for("courses.catalogue"), "book", msg("去学一门有学分的课")))
    return tuple(found)


def _of(kind: Kind, pathway_id: str) -> Link:
    if kind is Kind.FINAL_ASSESSMENT:
        return Link(new_record(kind, programme=pathway_id), "upload", _hand_in(kind))
    return Link(new_record(kind), "upload", _hand_in(kind))


def _hand_in(kind: Kind) -> Message:
    if kind is Kind.RENEWAL:  # made at the county, not here
        return msg("申请后，在这里记日期")
    return msg("交上来：{what}", what=msg(KIND_NAMES[kind]))
