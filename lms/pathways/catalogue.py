"""The pathways of the house: read from `content/pathways` once a process."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import current_app, has_app_context

from lms.credits.rules.reading import Fault, FaultyFileError
from lms.kernel.text import msg
from lms.organisations.queries import jurisdiction_of
from lms.pathways.rules.loading import load_pathway
from lms.pathways.rules.pathway import Pathway

FOLDER = Path(__file__).parent.parent.parent / "content" / "pathways"
NATION = "CN"


def folder() -> Path:
    """Where the pathways of this house lie: the folder its settings name, else the one it comes with."""
    named = current_app.extensions["xinglin.settings"].pathways if has_app_context() else ""
    return Path(named) if named else FOLDER


def library() -> dict[str, Pathway]:
    """All pathways by id; raises FaultyFileError if one of them cannot be used."""
    return _read(folder())


@lru_cache(maxsize=8)
def _read(place: Path) -> dict[str, Pathway]:
    return together((file.name, load_pathway(file.read_bytes(), file.name)) for file in sorted(place.glob("*.toml")))


def together(files: Iterable[tuple[str, Pathway]]) -> dict[str, Pathway]:
    """Pathways of several files by id; raises FaultyFileError where two have the same."""
    found: dict[str, Pathway] = {}
    for name, one in files:
        if one.id in found:
            raise FaultyFileError(name, [Fault("id", msg("“{id}”用了两次", id=one.id))])
        found[one.id] = one
    return found


def known(pathway_id: str) -> Pathway | None:
    """A pathway by its id; None if the house has none of it."""
    return library().get(pathway_id)


def duties(population: str) -> tuple[Pathway, ...]:
    """What everybody of a population keeps up."""
    return tuple(one for one in library().values() if one.duty and one.is_for(population))


def ways(population: str, authority_path: str) -> tuple[Pathway, ...]:
    """The ways open to somebody: the nation's, and those of her province or of the county that made its own."""
    place = None
    found = []
    for one in library().values():
        if one.duty or not one.is_for(population):
            continue
        if one.jurisdiction != NATION:
            place = place if place is not None else jurisdiction_of(authority_path)
            if one.jurisdiction != place:
                continue
        found.append(one)
    return tuple(found)
