"""What pathways do when something happened below, in the same transaction."""

from lms.kernel.events import Bus
from lms.pathways.county import keeping
from lms.people.events import LicencesChanged, ManyPosted, PersonPosted, PopulationChanged
from lms.teaching.events import ManyRotationsMoved, PracticeDecided, RotationMoved


def register(bus: Bus) -> None:
    """Wait for what changes where somebody stands, or who may see it."""
    bus.on(PersonPosted, _changed)
    bus.on(ManyPosted, lambda happened: keeping.changed(*happened.person_ids))
    bus.on(PopulationChanged, _changed)
    bus.on(LicencesChanged, lambda happened: keeping.changed(*happened.person_ids))
    bus.on(PracticeDecided, lambda happened: keeping.changed(*happened.person_ids))
    bus.on(RotationMoved, _changed)
    bus.on(ManyRotationsMoved, lambda happened: keeping.changed(*happened.person_ids))


def _changed(happened: PersonPosted | PopulationChanged | RotationMoved) -> None:
    keeping.changed(happened.person_id)
