"""Which file a picture of a lesson means in one language."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from lms.courses.packages.package import LANGUAGES, Medium

FOLDER = "media/"


def by_name(media: Iterable[Medium]) -> Mapping[str, Medium]:
    return {medium.name: medium for medium in media}


M = TypeVar("M")


def resolve(address: str, language: str, media: Mapping[str, M]) -> M | None:
    """`media/name.svg` → `name.<language>.svg` if there is one, else `name.svg`."""
    if not address.startswith(FOLDER):
        return None
    name = address.removeprefix(FOLDER)
    return media.get(variant(name, language)) or media.get(name)


def variant(name: str, language: str) -> str:
    stem, _, end = name.rpartition(".")
    return f"{stem}.{language}.{end}"


def base(name: str) -> str:
    """The name lessons use: without its language."""
    stem, _, end = name.rpartition(".")
    for language in LANGUAGES:
        stem = stem.removesuffix(f".{language}")
    return f"{stem}.{end}"
