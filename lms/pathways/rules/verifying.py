"""The chain of a record: whose turn it is, who may act. Pure.

Levels, turns and what follows from a decision are those of claims (credits.claims.rules): a level's word stands for
those below, a higher one need not wait for a lower one, nobody decides on her own. Other than a claim, what is
verified may still turn out wrong: the level that verified it, or one above, rejects it then."""

from dataclasses import dataclass, replace

from lms.credits.claims import rules as chain
from lms.credits.claims.rules import COUNTY, LEVEL_NAMES, TOP, UNIT, Decider, acting_level
from lms.kernel.text import Message, msg

SHOWN = ("waiting", "verified", "rejected")
"""What verifiers see: what was withdrawn is as if it had never been told."""
_AS_CLAIM = {"verified": "approved", "rejected": "refused"}
_AS_RECORD = {claim: record for record, claim in _AS_CLAIM.items()}


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a record is: its state, whose turn it is (0: nobody's), the highest level that has acted. `entered`: by
    an office, not by the person."""

    state: str
    levels: tuple[int, ...]
    waiting: int = 0
    decided: int = 0
    entered: bool = False


def begun(levels: tuple[int, ...], decided: int = 0) -> Turn:
    """Handed in, or in again: then it goes to the level that rejected it."""
    return Turn("waiting", levels, max(decided, levels[0]), decided)


def entered(levels: tuple[int, ...], level: int, who: object) -> Turn:
    """Entered by an office of this level: its own word, verified unless a higher level must say so too."""
    return decided(Turn("waiting", levels, levels[0], entered=True), "verify", level, who)


def may_withdraw(turn: Turn) -> bool:
    """While nobody has decided anything."""
    return turn.state == "waiting" and not turn.decided and not turn.entered


def may_correct(turn: Turn) -> bool:
    """What an office entered is the office's to mend."""
    return turn.state == "rejected" and not turn.entered


def hindrance(turn: Turn, decider: Decider) -> Message | None:
    """Why she may see the record but not decide on it now; None if she may."""
    level = acting_level(decider)
    if decider.own:
        return msg("这是您自己的材料，要由别的审核人员来核实。")
    if level == 0:
        return msg("这位医生和您在同一单位，要由别的单位的审核人员来核实。")
    if turn.state == "rejected":
        return msg("没有通过，已经作废。") if turn.entered else msg("没有通过，等医生改好再交。")
    if turn.decided > level:
        return msg("上一级已经看过，这里不能再改。")
    if turn.state == "waiting" and level < turn.waiting:
        above = msg(LEVEL_NAMES[turn.waiting])
        if turn.decided == level:
            return msg("您这一级已经核实过，现在由{level}核实。", level=above)
        return msg("这一份由{level}核实，不用您这一级核实。", level=above)
    return None


def actions(turn: Turn) -> tuple[str, ...]:
    """What may be decided where nothing hinders."""
    return ("verify", "reject") if turn.state == "waiting" else ("reject",)


def reopened(turn: Turn) -> Turn:
    """Verified, and doubted since: it waits for the level that had the last word."""
    return replace(turn, state="waiting", waiting=max(turn.decided, turn.levels[-1]))


def told_of(turn: Turn, kind: Message) -> Message | None:
    """What the person hears of the last word; None while a higher level has yet to look."""
    match turn.state:
        case "verified":
            return msg("您的{what}已经核实。", what=kind)
        case "rejected" if turn.entered:
            return msg("登记在您名下的{what}已经作废，请看原因。", what=kind)
        case "rejected":
            return msg("您的{what}没有通过，请看原因，改好可以再交。", what=kind)
    return None


def decided(turn: Turn, action: str, level: int, who: object) -> Turn:
    """What a decision leads to."""
    before = chain.Standing(
        state=_AS_CLAIM.get(turn.state, turn.state), levels=turn.levels, waiting=turn.waiting, decided=turn.decided
    )
    after = chain.decided(before, "approve" if action == "verify" else "refuse", level, who)
    return Turn(_AS_RECORD.get(after.state, after.state), turn.levels, after.waiting, after.decided, turn.entered)


__all__ = [
    "COUNTY", "LEVEL_NAMES", "SHOWN", "TOP", "UNIT", "Decider", "Turn", "acting_level", "actions", "begun", "decided",
    "entered", "hindrance", "may_correct", "may_withdraw", "reopened",
    "told_of",
]  # fmt: skip
