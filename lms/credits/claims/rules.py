"""The chain of a claim: whose turn it is, who may act, what follows from it. Pure.

Levels are ranks from 1 (unit) to 4 (province), as in provincial systems. Once a higher level acted, a lower one
cannot; what is approved or refused is not edited; after the closing date only the province acts.

A higher level may act before a lower one has. That is no hole in the chain: the systems read for domain.md §5.2 lock
downwards only ("once a higher level acted, the lower cannot"), which says something only where the higher one need
not wait, and they have no state in which a claim waits for a lower level's leave. Its approval stands for those below
and is on record with its level; above a limit two different people must still have approved. Many clinics have nobody
who audits, and a claim must not wait for ever.
"""

from dataclasses import dataclass, replace

from lms.credits.rules.audits import LEVELS, Audit
from lms.kernel.text import N_, Message, msg

UNIT, COUNTY, CITY, PROVINCE = RANKS = tuple(range(1, len(LEVELS) + 1))
TOP = PROVINCE
# Where a policy names no levels: the unit that knows her, then the county.
USUAL = (UNIT, COUNTY)

STATES = ("draft", "waiting", "returned", "refused", "approved", "not_counted", "withdrawn")
EDITABLE = frozenset({"draft", "returned"})
# What deciders see at all: a draft is hers alone, and what she withdrew is as if never told.
SHOWN = tuple(state for state in STATES if state not in ("draft", "withdrawn"))
BECOMES = {"approve": "approved", "return": "returned", "refuse": "refused", "not_count": "not_counted"}
LEVEL_NAMES = {UNIT: N_("本单位"), COUNTY: N_("县级"), CITY: N_("市级"), PROVINCE: N_("省级")}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claim is. `waiting`: the level whose turn it is (0: nobody's); `decided`: the highest that has
    acted; `approvers`: who approved since it was last handed in; `two`: two different people must."""

    state: str
    levels: tuple[int, ...] = USUAL
    waiting: int = 0
    decided: int = 0
    answered: bool = False
    may_answer: bool = True
    two: bool = False
    approvers: frozenset[object] = frozenset()


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody before a claim. `level`: the highest at which she audits it; `unit`: whether she audits its unit."""

    who: object
    level: int
    unit: bool = False
    own: bool = False
    took_part: bool = False
    colleague: bool = False


def levels_of(audit: Audit | None) -> tuple[int, ...]:
    """The levels that must approve, lowest first. Where nobody needs to look at automatic awards, somebody must at
    what a doctor tells herself."""
    named = tuple(sorted(LEVELS.index(level) + 1 for level in audit.levels)) if audit else ()
    return named or USUAL


def handed_in(standing: Standing) -> Standing:
    """Handed in, or handed in again: then it goes to the level that returned it."""
    first = max(standing.decided, standing.levels[0])
    return replace(standing, state="waiting", waiting=first, approvers=frozenset())


def withdrawn(standing: Standing) -> Standing:
    return replace(standing, state="withdrawn", waiting=0)


def may_withdraw(standing: Standing) -> bool:
    """While nobody has decided anything."""
    return standing.state in ("draft", "waiting") and not standing.decided


def answered(standing: Standing) -> Standing:
    """She answered a refusal: once, to the level above (the province to itself)."""
    above = min(TOP, standing.decided + 1)
    return replace(standing, answered=True, may_answer=False, waiting=above)


def may_answer(standing: Standing) -> bool:
    return standing.state == "refused" and standing.may_answer


def acting_level(decider: Decider) -> int:
    """The level at which she may act: of her own institution's people only the unit's."""
    if decider.colleague:
        return UNIT if decider.unit else 0
    return decider.level


def hindrance(standing: Standing, decider: Decider, *, closed: bool) -> Message | None:
    """Why she may see the claim but not decide on it now; None if she may."""
    level = acting_level(decider)
    if decider.own:
        return msg("这是您自己的申报，要由别的审核人员来审。")
    if level == 0:
        return msg("申报人和您在同一单位，这条申报要由别的单位的审核人员来审。")
    if decider.took_part and level == UNIT:
        return msg("这项活动您自己也参加了，要由别的审核人员来审。")
    if closed and level < TOP:
        return msg("这一年的学分已经截止，只有省级还能处理。")
    if standing.decided > level:
        return msg("上一级已经审过这条申报，这里不能再改。")
    return _by_state(standing, decider, level)


def _by_state(standing: Standing, decider: Decider, level: int) -> Message | None:
    if standing.state == "returned":
        return msg("已经退回给医生，等医生改好再交。")
    if standing.state == "refused" and standing.answered:
        below = level < standing.waiting
        return msg("医生对不通过有说明，由{level}审核人员来看。", level=_name(standing.waiting)) if below else None
    if standing.state != "waiting":
        return msg("这条申报已经审定，不能再改。")
    if level < standing.waiting:
        return msg("您这一级已经审过，现在由{level}审核。", level=_name(standing.waiting))
    if decider.who in standing.approvers:
        return msg("您已经通过这条申报，还要由另一位审核人员来审。")
    return None


def _name(level: int) -> Message:
    return msg(LEVEL_NAMES[level])


def actions(standing: Standing) -> tuple[str, ...]:
    """What may be decided where nothing hinders."""
    return ("approve", "return", "refuse", "not_count")


def decided(standing: Standing, action: str, level: int, who: object) -> Standing:
    """What a decision leads to. An approval stands for all levels below; the last level's is final."""
    after = replace(standing, decided=level, answered=False, waiting=0)
    if action != "approve":
        return replace(after, state=BECOMES[action])
    approvers = standing.approvers | {who}
    after = replace(after, approvers=approvers)
    above = next((one for one in standing.levels if one > level), None)
    if above is not None:
        return replace(after, state="waiting", waiting=above)
    if standing.two and len(approvers) < 2:
        return replace(after, state="waiting", waiting=level)
    return replace(after, state="approved")
