"""Books of editions and drafts: which there are, asking for one, making it. Made books are no records: they lie among
the files that can be made again, under the edition or draft they are of, and their name says what they were made of."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from lms.books import epub
from lms.books.imprint import EPUB, FORMS, PDF, READERS, Book, Imprint
from lms.courses import editions, exchange, studio
from lms.courses import queries as courses
from lms.courses.access import may_see_studio
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.checker import load
from lms.courses.packages.package import EXTENSIONS, Text
from lms.courses.packages.tree import Tree, content_hash, read_zip
from lms.kernel import clock, files, outbox
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.cleaning.notes import without_notes
from lms.kernel.db import session
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.text import msg
from lms.organisations import queries as organisations

MAKE = "books.make"
Kind = Literal["edition", "draft"]


@dataclass(frozen=True, slots=True)
class Of:
    """An edition or a draft that somebody may have as a book."""

    kind: Kind
    id: UUID
    titles: Text
    slug: str
    number: int | None
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Volume:
    """One book that there is or may be: `size` in bytes once it is made; `asked` while it is being made."""

    form: str
    reader: str
    size: int | None
    asked: bool

    @property
    def name(self) -> str:
        return f"{self.reader}.{self.form}"


def of_enrolment(actor: Actor, enrolment_id: UUID) -> Of:
    """The edition that she learns. Raises NotFound for anybody else's."""
    card = require_found(courses.enrolment(enrolment_id))
    require_in_place(card.person_id == actor.person_id)
    found = editions.edition(card.edition_id)
    return Of("edition", found.id, found.titles, found.course_slug, found.number, found.reviewed)


def of_edition(actor: Actor, slug: str, number: int) -> Of:
    """An edition of a course of her centres. Raises NotFound."""
    course = require_found(session().scalar(select(Course).where(Course.slug == slug)))
    require_in_place(may_see_studio(actor, course.centre_path))
    edition_id = session().scalar(select(Edition.id).where(Edition.course_id == course.id, Edition.number == number))
    found = editions.edition(require_found(edition_id))
    return Of("edition", found.id, found.titles, slug, number, found.reviewed)


def of_draft(actor: Actor, draft_id: UUID) -> Of:
    """A draft of her centres. Raises NotFound."""
    card = studio.draft(actor, draft_id)
    return Of("draft", card.id, card.titles, card.slug, None, reviewed=False)


def volumes(of: Of) -> list[Volume]:
    """All books of it, made or not."""
    imprint = _imprint(of.kind, of.id)
    made = files.made(of.id)
    found = []
    for form in FORMS:
        for reader in READERS:
            size = made.get(_name(imprint, form, reader))
            found.append(Volume(form, reader, size, asked=size is None and outbox.waits(_key(imprint, form, reader))))
    return found


def ask(of: Of, form: str, reader: str) -> None:
    """Have a book made after this request; asked twice within the hour it is made once. Raises NotFound, Conflict for a
    draft that cannot be read yet."""
    _require_known(form, reader)
    if of.kind == "draft":
        _book(of.kind, of.id, READERS[reader])
    imprint = _imprint(of.kind, of.id)
    if _name(imprint, form, reader) not in files.made(of.id):
        key = _key(imprint, form, reader)
        outbox.send(MAKE, key=key, kind=of.kind, of=str(of.id), form=form, reader=reader)


def opened(of: Of, form: str, reader: str) -> bytes:
    """A book that is made. Raises NotFound if it is not (or no longer what it was made of)."""
    _require_known(form, reader)
    return files.read_made(of.id, _name(_imprint(of.kind, of.id), form, reader))


def make(kind: Kind, owner: UUID, form: str, reader: str) -> None:
    """Make a book and keep it in place of the older one. May run twice."""
    imprint = _imprint(kind, owner)
    name, before = _name(imprint, form, reader), files.made(owner)
    if name in before:
        return
    files.keep_made(owner, name, bound(kind, owner, form, reader))
    for other in before:
        if other.startswith(f"{form}-{reader}-"):
            files.drop_made(owner, other)


def bound(kind: Kind, owner: UUID, form: str, reader: str) -> bytes:
    """The bytes of a book. Raises NotFound, Conflict for a draft that cannot be read yet."""
    book = _book(kind, owner, READERS[reader])
    if form == EPUB:
        return epub.bind(book)
    # Only here: ReportLab and its typeface cost a process some 100 MB that who only serves pages need not spend.
    from lms.books.pdf.printing import printed  # noqa: PLC0415

    return printed(book)


def _require_known(form: str, reader: str) -> None:
    if form not in (EPUB, PDF) or reader not in READERS:
        raise NotFound


def _name(imprint: Imprint, form: str, reader: str) -> str:
    return f"{form}-{reader}-{imprint.key(form, reader)}"


def _key(imprint: Imprint, form: str, reader: str) -> str:
    """What was made may be cleared away: after an hour the same book may be asked for again."""
    return f"book:{imprint.owner}:{_name(imprint, form, reader)}:{clock.now():%Y%m%d%H}"


def _imprint(kind: Kind, owner: UUID) -> Imprint:
    if kind == "edition":
        found = editions.edition(owner)
        centre_id = session().scalar(select(Course.centre_id).where(Course.id == found.course_id))
        return Imprint(owner, found.number, found.published_at, _centre(centre_id), found.content_hash)
    draft = _draft(owner)
    tree = exchange.draft_tree(draft)
    return Imprint(owner, None, draft.uploaded_at, _centre(draft.centre_id), content_hash(tree))


def _book(kind: Kind, owner: UUID, languages: tuple[str, ...]) -> Book:
    imprint = _imprint(kind, owner)
    if kind == "edition":
        tree = read_zip(files.read(editions.edition(owner).package_hash))
    else:
        tree = exchange.draft_tree(_draft(owner))
    try:
        return Book(imprint, load(tree), shown(tree), languages)
    except ValueError:
        raise Conflict(msg("这份稿的课程说明还读不懂，先改好，再做成书。")) from None


def shown(tree: Tree) -> Tree:
    """The files of a course as learners may have them: its pictures without their notes."""
    mimes = {end: mime for mime, end in EXTENSIONS.items()}
    return {
        path: without_notes(data, mimes.get(path.rpartition(".")[2], "")) if path.startswith("media/") else data
        for path, data in tree.items()
    }


def _draft(draft_id: UUID) -> Draft:
    return require_found(session().scalar(select(Draft).where(Draft.id == draft_id)))


def _centre(centre_id: UUID | None) -> Text:
    card = organisations.organisation(require_found(centre_id))
    name = card.name if card else ""
    return {"zh": name, "en": (card.name_en if card else "") or name}
