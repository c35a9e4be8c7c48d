"""The pathways of the house: read from `content/pathways` once a process."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import current_app, has_app_context

from lms.credits.rules.reading import Fault, FaultyFileError
from lms.kernel.text import msg
from lms.organisations.queries import OrganisationCard, called, names_of_place
from lms.pathways.rules.loading import load_pathway, programme_in
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.places import NATION

FOLDER = Path(__file__).parent.parent.parent / "content" / "pathways"


def folder() -> Path:
    """Where the pathways of this house lie: the folder its settings name, else the one it comes with."""
    named = current_app.extensions["xinglin.settings"].pathways if has_app_context() else ""
    return Path(named) if named else FOLDER


def library() -> dict[str, Pathway]:
    """All pathways by id; raises FaultyFileError if one of them cannot be used."""
    return _read(folder())


@lru_cache(maxsize=8)
def _read(place: Path) -> dict[str, Pathway]:
    files = [(file.name, file.read_bytes()) for file in sorted(place.glob("*.toml"))]
    beside = programmes_in(content for _, content in files)
    return together((name, load_pathway(content, name, beside)) for name, content in files)


def programmes_in(contents: Iterable[bytes]) -> frozenset[str]:
    """The ids of the programmes in files: what the lines of any of them may name."""
    return frozenset(one for one in map(programme_in, contents) if one is not None)


def programmes() -> frozenset[str]:
    """The ids of the programmes of the house."""
    return frozenset(one.id for one in library().values() if one.modules)


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
    """The ways open to somebody: the nation's, and those of the county, city or province that audits her. One
    statement at most."""
    found = [one for one in library().values() if not one.duty and one.is_for(population)]
    if all(one.jurisdiction == NATION for one in found):
        return tuple(found)
    hers = {NATION, *names_of_place(authority_path)}
    return tuple(one for one in found if one.jurisdiction in hers)


def at(place: OrganisationCard) -> tuple[Pathway, ...]:
    """What people of a place may be asked or may go: the nation's, that of the places it lies in, and what places
    below it have of their own. One statement at most."""
    local = {one.jurisdiction for one in library().values()} - {NATION}
    here = {NATION}
    for one in called(local) if local else ():
        if place.path.startswith(one.path) or one.path.startswith(place.path):
            here.update(name for name in (one.code, one.region_code) if name)
    return tuple(one for one in library().values() if one.jurisdiction in here)
