"""What must be shown before an activity earns anything: that one passed, was there, signed, has papers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.because import NOTHING, Reason, said
from lms.credits.rules.facts import Fact
from lms.credits.rules.grounds import ROLES, Grounds


class Proof(StrEnum):
    """The shapes of a condition."""

    ASSESSED = "assessed"
    ATTENDANCE = "attendance"
    PASS_MARK = "pass_mark"
    SIGNED = "signed"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be shown before these kinds earn anything in these roles. `minimum`: the share of
    the time attended (0–1) or the score (0–100); `evidence`: the kinds of papers, all of them."""

    id: str
    kinds: tuple[str, ...]
    grounds: Grounds
    roles: tuple[str, ...] = ROLES
    proof: Proof = Proof.ASSESSED
    minimum: Decimal = NOTHING
    evidence: tuple[str, ...] = ()

    def binds(self, fact: Fact, population: str | None) -> bool:
        """Whether this must be shown of a fact."""
        named = fact.kind in self.kinds and fact.role in self.roles
        return named and self.grounds.hold_on(fact.date) and self.grounds.hold_for(population)


def unmet(conditions: Iterable[Condition], fact: Fact, population: str | None) -> tuple[Reason, ...]:
    """Everything that a fact still has to show; what is not known of it is not shown."""
    return tuple(
        reason
        for condition in conditions
        if condition.binds(fact, population)
        for reason in _lacking(condition, fact)
    )  # fmt: skip


def _lacking(condition: Condition, fact: Fact) -> Iterator[Reason]:
    match condition.proof:
        case Proof.ASSESSED if not fact.assessed:
            yield Reason("not_assessed", condition.id)
        case Proof.ATTENDANCE if fact.attendance is None or fact.attendance < condition.minimum:
            yield _short("attendance", condition, fact.attendance)
        case Proof.PASS_MARK if fact.score is None or fact.score < condition.minimum:
            yield _short("score", condition, fact.score)
        case Proof.SIGNED if not fact.signed:
            yield Reason("not_signed", condition.id)
        case Proof.EVIDENCE:
            for kind in condition.evidence:
                if kind not in fact.evidence:
                    yield Reason("evidence_missing", condition.id, (("evidence", kind),))


def _short(what: str, condition: Condition, found: Decimal | None) -> Reason:
    params = [("least", said(condition.minimum))]
    if found is not None:
        params.append((what, said(found)))
    return Reason(f"{what}_short", condition.id, tuple(params))
