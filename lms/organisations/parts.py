"""Slots that the pages of organisations offer to features above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A way on from an organisation's page; `address` has a gap for its {code}."""

    address: str
    name: str


place_links: list[PlaceLink] = []
