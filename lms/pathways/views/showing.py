"""How records are shown, to the person and to those who verify."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lms.credits.claims.rules import LEVEL_NAMES
from lms.kernel.i18n import in_locale, translate
from lms.pathways import catalogue
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.records.words import STEPS
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import DECLARED, FIELD_NAMES, FIELDS, SCHEMAS


def words() -> dict[str, Any]:
    """What the templates of records need besides the record."""
    return {
        "kinds": KIND_NAMES,
        "schemas": SCHEMAS,
        "levels": LEVEL_NAMES,
        "steps": STEPS,
        "declared": DECLARED,
        "said": said,
        "last_day": last_day,
    }


def last_day(step: RecordStep) -> date | None:
    """The last day that a step of the history entered."""
    said = step.content.get("until") if step.action == "ended" else None
    return date.fromisoformat(said) if said else None


def said(record: PersonRecord) -> list[tuple[str, str]]:
    """The fields of a record in the reader's language, each as its name and its word."""
    found: list[tuple[str, str]] = []
    for name, field in FIELDS[Kind(record.kind)].items():
        value = record.number_mask if field.sealed else record.fields.get(name, "")
        if value:
            found.append((translate(FIELD_NAMES[name]), _shown(name, value, record, field.words)))
    return found


def _shown(name: str, value: str, record: PersonRecord, listed: Mapping[str, str]) -> str:
    if name in ("programme", "module"):
        known = catalogue.known(record.fields.get("programme", ""))
        if known is None:
            return value
        titles = {one.code: one.title for one in known.modules} if name == "module" else {known.id: known.title}
        return in_locale(titles[value].both()) if value in titles else value
    return translate(listed[value]) if value in listed else value


def modules_of(programme: Pathway | None) -> list[tuple[str, str]]:
    """The modules from which one may be exempted, with their names."""
    exemptible = (one for one in programme.modules if one.exemptible) if programme else ()
    return [(one.code, in_locale(one.title.both())) for one in exemptible]
