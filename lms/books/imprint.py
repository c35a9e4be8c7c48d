"""What a book says of itself, and what it is made of. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms.courses.packages.package import Package, Text
from lms.courses.packages.tree import Tree

EPUB, PDF = "epub", "pdf"
FORMS = (EPUB, PDF)
READERS = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
"""Which languages a book is in, by the word for it in addresses."""
MAKER = 3
"""Goes up when books are made differently: those that are kept are made anew."""


@dataclass(frozen=True)
class Imprint:
    """Whose book this is. `number`: the edition's, None for a draft; `at`: when it was published or began."""

    owner: UUID
    number: int | None
    at: datetime
    centre: Text
    content_hash: str

    def key(self, form: str, reader: str) -> str:
        """The same for the same book, for ever."""
        said = (MAKER, form, reader, self.number, self.at.isoformat(), sorted(self.centre.items()), self.content_hash)
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass(frozen=True)
class Book:
    """A course to be made into a book."""

    imprint: Imprint
    package: Package
    tree: Tree
    languages: tuple[str, ...]
