"""What is done of programmes, read from rotations and practice logs, in each module's own unit."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.pathways import catalogue
from lms.pathways.rules.modules import Unit
from lms.pathways.rules.months import joined, length
from lms.pathways.rules.records import Done
from lms.teaching import queries as teaching
from lms.teaching.queries import ModuleDone
from lms.teaching.rules import Span


def done_by(person_ids: Collection[UUID], day: date) -> dict[UUID, dict[tuple[str, str], Done]]:
    """What people have done by (pathway, module) until a day; a module the house no longer has is left out. Two
    statements, however many people."""
    return {
        person_id: {
            key: _done(unit, one, day) for key, one in modules.items() if (unit := _unit(*key)) is not None
        }
        for person_id, modules in teaching.module_totals(person_ids).items()
    }


def _unit(programme: str, code: str) -> Unit | None:
    pathway = catalogue.known(programme)
    modules = pathway.modules if pathway is not None else ()
    return next((one.unit for one in modules if one.code == code), None)


def _done(unit: Unit, one: ModuleDone, day: date) -> Done:
    match unit:
        case Unit.HOURS:
            return Done(one.hours_signed, one.hours_waiting)
        case Unit.CASES | Unit.CREDITS:
            return Done(Decimal(one.cases_signed), Decimal(one.cases_waiting))
        case Unit.WEEKS | Unit.MONTHS:
            signed, all_ = _whole(unit, one.passed, day), _whole(unit, (*one.passed, *one.planned), day)
            return Done(signed, all_ - signed)


def _whole(unit: Unit, spans: Iterable[Span], day: date) -> Decimal:
    """Whole weeks or months of spans until a day."""
    begun = [(one.first, min(one.last, day)) for one in spans if one.first <= day]
    if unit is Unit.MONTHS:
        return Decimal(length(begun)[0])
    return Decimal(sum((end - start).days + 1 for start, end in joined(begun)) // 7)
