"""A standing as plain data, for the shell (docs/pathways.md). Pure."""

from collections.abc import Callable
from datetime import date
from typing import Any

from lms.kernel.text import Message
from lms.pathways.rules.clocks import ClockState, clocks, words
from lms.pathways.rules.judging import PathwayStanding, RequirementState
from lms.pathways.rules.modules import ModuleState


def answer(standing: PathwayStanding, say: Callable[[Message], str]) -> dict[str, Any]:
    """All of a standing; `say` turns a message into a sentence."""
    first = standing.first
    return {
        "pathway": standing.pathway.id,
        "fingerprint": standing.pathway.fingerprint,
        "on": standing.day.isoformat(),
        "asked": len(standing.asked),
        "verified": standing.verified,
        "waiting": standing.waiting,
        "complete": standing.complete,
        "stage": standing.stage,
        "next": first.code if first else None,
        "requirements": [_line(one, standing.day, say) for one in standing.states],
        "clocks": [_clock(one, say) for one in clocks([standing])],
    }


def _line(one: RequirementState, on: date, say: Callable[[Message], str]) -> dict[str, Any]:
    judged = one.judged
    return {
        "code": one.code,
        "state": str(one.state),
        "reason": say(judged.reason) if judged.reason else None,
        "record": judged.record,
        "failed": judged.failed,
        "until": _day(judged.until),
        "renew_from": _day(judged.renew_from),
        "due": judged.due(on),
        "applied": str(judged.applied) if judged.applied else None,
        "lacking": dict(zip(("months", "days"), judged.lacking, strict=True)) if judged.lacking else None,
        "blocked_by": list(one.blocked_by),
        "asks": [str(kind) for kind in one.asks],
        "certainty": str(one.requirement.grounds.certainty),
        "modules": [_module(part) for part in one.modules],
    }


def _module(part: ModuleState) -> dict[str, Any]:
    return {
        "code": part.module.code,
        "state": str(part.state),
        "amount": str(part.module.amount),
        "unit": str(part.module.unit),
        "signed": str(part.done.signed),
        "waiting": str(part.done.waiting),
        "lacking": str(part.lacking),
        "exempt": part.exempt,
    }


def _clock(one: ClockState, say: Callable[[Message], str]) -> dict[str, Any]:
    return {
        "clock": str(one.clock),
        "phase": str(one.phase),
        "first": one.first.code,
        "due": _day(one.due),
        "ends": _day(one.ends),
        "days_left": one.days_left,
        "words": [say(sentence) for sentence in words(one)],
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
