"""Many organisations at once, for an invented province. Each is judged as one that a form adds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lms.kernel import bulk
from lms.organisations.models import Organisation
from lms.organisations.rules import SEGMENT, Kind, is_code, may_hang


@dataclass(frozen=True, slots=True)
class NewPlace:
    """An organisation to be; `segment` is its part of the path, unique below its parent."""

    id: UUID
    kind: Kind
    name: str
    name_en: str
    code: str
    segment: str
    parent: "NewPlace | None" = None
    region_code: str | None = None
    phone: str = ""
    contact_name: str = ""

    @property
    def path(self) -> str:
        return f"{self.parent.path if self.parent else '/'}{self.segment}/"


def add_places(places: Iterable[NewPlace]) -> int:
    """Write organisations, parents before children; how many. Raises ValueError for one that cannot stand there."""
    rows = bulk.Rows(Organisation)
    for place in places:
        rows.add(_values(place))
    return rows.write()


def _values(place: NewPlace) -> dict[str, Any]:
    if not may_hang(place.kind, place.parent.kind if place.parent else None) or not is_code(place.code):
        raise ValueError(f"{place.code}: a {place.kind} cannot stand there")
    if len(place.segment) != SEGMENT:
        raise ValueError(f"{place.code}: {place.segment}")
    return {
        "id": place.id,
        "kind": str(place.kind),
        "name": place.name,
        "name_en": place.name_en,
        "code": place.code,
        "parent_id": place.parent.id if place.parent else None,
        "path": place.path,
        "region_code": place.region_code,
        "phone": place.phone,
        "contact_name": place.contact_name,
    }
