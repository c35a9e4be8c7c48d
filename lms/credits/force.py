"""Whether a policy decides anybody's credits, for which years, and why not; in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from lms.credits.rules.policy import Policy, Status
from lms.credits.saying import place_word
from lms.kernel.text import N_, Message, msg

STATUS_WORDS = {
    Status.IN_FORCE: N_("执行"),
    Status.UNCONFIRMED: N_("没有核实"),
    Status.DISPUTED: N_("有争议"),
    Status.HISTORY: N_("以前的"),
}


@dataclass(frozen=True, slots=True)
class Force:
    """Whether a policy decides anybody's credits, and why not; `kind` is the colour word of a notice."""

    kind: str
    title: Message
    why: Message


def force(policy: Policy, year: int, governing: Policy | None) -> Force:
    """What stands on top of a policy's page in a year; `governing`: what decides its place's credits then."""
    place = place_word(policy.jurisdiction)
    match policy.status:
        case Status.IN_FORCE:
            return _in_force(policy, place, year, governing)
        case Status.UNCONFIRMED:
            why = msg("有些数是在{place}的系统里见到的，还没有读到正式的文件。", place=place)
            return Force("wait", msg("这个规则集没有核实，不决定任何人的学分。"), why)
        case Status.DISPUTED:
            why = msg("{place}有不止一种说法，哪一种对还没有定，每一种都留着。", place=place)
            return Force("back", msg("这个规则集有争议，不决定任何人的学分。"), why)
        case Status.HISTORY:
            why = msg("留着是为了看以前的记录，导入以前的学分。")
            return Force("", msg("这是以前的规则集，不决定任何人的学分。"), why)
        case _:
            assert_never(policy.status)


def _in_force(policy: Policy, place: Message, year: int, governing: Policy | None) -> Force:
    if governing is not None and governing.id == policy.id:
        why = msg("{place}的学分按它算。", place=place)
        if "-" not in policy.jurisdiction:
            why = msg("全国的学分按它算；省里另有规则集在执行的，按省里的。")
        return Force("ok", msg("这个规则集正在执行。"), why)
    if year < policy.first_year:
        why = msg("在那以前，它不决定任何人的学分。")
        return Force("wait", msg("这个规则集从 {year} 年起执行。", year=policy.first_year), why)
    why = msg("现在的学分不按它算，用它的那几年还按它算。")
    return Force("", msg("这个规则集已经用完，换了新的。"), why)


def last_year(policy: Policy, others: Sequence[Policy] = ()) -> int | None:
    """The last year a policy is for: its own word, or the year before its successor governs; None if open."""
    ends = [policy.last_year] if policy.last_year is not None else []
    if policy.status is Status.IN_FORCE:
        ends += [
            one.first_year - 1
            for one in others
            if one.jurisdiction == policy.jurisdiction
            and one.status is Status.IN_FORCE
            and one.first_year > policy.first_year
        ]
    return min(ends, default=None)


def years(policy: Policy, others: Sequence[Policy] = ()) -> Message:
    """The years a policy is for, in words."""
    last = last_year(policy, others)
    if last is None:
        return msg("{year} 年起", year=policy.first_year)
    if last == policy.first_year:
        return msg("{year} 年", year=last)
    return msg("{first} 至 {last} 年", first=policy.first_year, last=last)
