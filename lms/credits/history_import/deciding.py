"""What a row of history is worth: what the rules of its year say where they can, else what its source says. Pure.

The engine's decision is never replaced by a claim. A claim is kept beside it; it stands alone only where the rules
know no such thing or the source tells no amount, and then the decision says that it was not recomputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lms.credits.history_import.rows import History
from lms.credits.ledger.awarding import Decide
from lms.credits.rules.because import Reason, said
from lms.credits.rules.facts import Fact, Person, RefusedError
from lms.credits.rules.judging import NOTHING, Earlier, Judgement, judge
from lms.credits.rules.policy import Policy
from lms.kernel.text import msg

GENERAL = "general"
NEEDS_CREDITS = msg("规则算不出来：请写来源的学分和学分类别（I、II 或不分类），或者写数量和单位。")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from."""

    system: str
    id: str


def decider(row: History, source: Source) -> Decide:
    """What judges a row; raises RefusedError where neither the rules nor the source can say anything."""

    def decide(policy: Policy, person: Person, fact: Fact, year: int, earlier: Sequence[Earlier]) -> Judgement:
        if row.quantity is not None:
            try:
                return _marked(judge(policy, person, fact, year, earlier), row, source)
            except RefusedError:
                if row.credits is None or not row.credit_class:
                    raise
        return _stated(row, source, fact, year, earlier)

    return decide


def recomputed(judgement: Judgement) -> bool:
    """Whether the rules decided, not the source alone."""
    return judgement.reasons[0].code != "imported_stated"


def _marked(judgement: Judgement, row: History, source: Source) -> Judgement:
    """The engine's judgement, saying where the fact comes from and what the source gave for it."""
    params = [("source", source.system), ("id", source.id)]
    if row.credits is not None:
        params.append(("claimed", said(row.credits)))
    mark = Reason("imported_from" if row.credits is None else "imported_claim", "", tuple(params))
    return replace(judgement, reasons=(judgement.reasons[0], mark, *judgement.reasons[1:]))


def _stated(row: History, source: Source, fact: Fact, year: int, earlier: Sequence[Earlier]) -> Judgement:
    if row.credits is None or not row.credit_class:
        raise RefusedError(fact.id, "credits", NEEDS_CREDITS)
    params = (("source", source.system), ("id", source.id), ("credits", said(row.credits)))
    stated = Reason("imported_stated", "", params)
    before = next((one for one in earlier if fact.activity is not None and one.activity == fact.activity), None)
    if before is not None:
        numbers = (("credits", said(before.awarded)), ("date", before.date.isoformat()))
        return Judgement(
            row.credits, NOTHING, NOTHING, (stated, Reason("already_awarded", "", numbers)), recognised=False
        )
    category = None if row.credit_class == GENERAL else row.credit_class
    return Judgement(row.credits, row.credits, fact.hours, (stated,), category)
