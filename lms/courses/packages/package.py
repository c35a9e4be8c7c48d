"""A checked course package: what an edition is made of. Frozen; two languages everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.courses.packages.recording import ENDINGS, Recording
from lms.items.base import Item

LANGUAGES = ("zh", "en")
SUBJECTS = (
    "chronic-disease",
    "maternal-child",
    "infectious",
    "mental",
    "emergency",
    "medicines",
    "elderly",
    "public-health",
)
AUDIENCES = (
    "village_doctor",
    "assistant_physician",
    "physician",
    "general_practitioner",
    "nurse",
    "staff",
)
SHOW_ANSWERS = ("never", "after_pass", "after_last", "after_submit")
CERTAINTIES = ("official", "secondary")
NO_REVIEWER = "none"
"""Value of `reviewer` that says: demonstration content, not clinically reviewed."""

Text = Mapping[str, str]
"""The same words in every language: {"zh": …, "en": …}."""


@dataclass(frozen=True)
class Objective:
    """What a learner can do afterwards, in a form that can be tested."""

    id: str
    text: Text


@dataclass(frozen=True)
class Topic:
    """A drawer of the item bank."""

    id: str
    title: Text


@dataclass(frozen=True)
class Source:
    """Where a figure or duty is written. `secondary` = read in a reprint or a text quoting it."""

    id: str
    title: Text
    issuer: Text
    year: int
    section: Text
    url: str
    certainty: str


@dataclass(frozen=True)
class Term:
    """A word that lessons explain: `[[id]]` in a text shows `word`, and below the lesson stands `meaning`."""

    id: str
    word: Text
    meaning: Text


@dataclass(frozen=True)
class DrawRule:
    """`count` items of `topic`, of one difficulty if it says so."""

    topic: str
    difficulty: int | None
    count: int


@dataclass(frozen=True)
class Assessment:
    """How the final paper is drawn, timed, passed and shown."""

    title: Text
    minutes: int
    pass_mark: int
    attempts: int
    cooldown_minutes: int
    show_answers: str
    draw: tuple[DrawRule, ...]

    @property
    def item_count(self) -> int:
        return sum(rule.count for rule in self.draw)


@dataclass(frozen=True)
class LessonText:
    """One lesson in one language. `first_line` is the line of the file on which `body` begins."""

    file: str
    title: str
    body: str
    first_line: int


@dataclass(frozen=True)
class Lesson:
    """A lesson; minutes, objectives and sources are the same in every language."""

    position: int
    slug: str
    minutes: int
    objectives: tuple[str, ...]
    sources: tuple[str, ...]
    texts: Mapping[str, LessonText]

    @property
    def titles(self) -> Text:
        return {language: text.title for language, text in self.texts.items()}


@dataclass(frozen=True)
class Medium:
    """A picture; `name` is its file name under media/, width and height are CSS pixels."""

    name: str
    sha: str
    mime: str
    width: int
    height: int
    size: int

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.mime]

    @property
    def address(self) -> str:
        """Where a browser finds it: by content, so it may be kept for ever."""
        return f"/media/{self.sha}.{self.extension}"


EXTENSIONS = ENDINGS
CARD = "card"
"""How the pocket card is named among the lessons."""


@dataclass(frozen=True)
class Statement:
    """What a lesson (by its slug, or the card) states in our words, and where its source says so. `reading`: what a
    second, independent reading of the source found on a day (empty: nobody has read it a second time); what was
    removed stands in the lesson no more."""

    lesson: str
    source: str
    place: str
    says: str
    certainty: str
    reading: str = ""
    read_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Example:
    """Numbers of an invented case, or of a sum done aloud: they have no source."""

    lesson: str
    says: str


@dataclass(frozen=True)
class Stated:
    """All of a package."""

    statements: tuple[Statement, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def standing(self) -> tuple[Statement, ...]:
        """Those that were not removed."""
        return tuple(one for one in self.statements if one.reading != "removed")


@dataclass(frozen=True)
class Package:
    """Everything an edition freezes."""

    code: str
    slug: str
    centre: str
    subject: str
    audience: tuple[str, ...]
    hours: Decimal
    prerequisites: tuple[str, ...]
    languages: tuple[str, ...]
    reviewer: str
    review_by: date
    title: Text
    summary: Text
    objectives: tuple[Objective, ...]
    topics: tuple[Topic, ...]
    sources: tuple[Source, ...]
    terms: tuple[Term, ...]
    assessment: Assessment | None
    lessons: tuple[Lesson, ...]
    items: tuple[Item, ...]
    media: tuple[Medium, ...]
    content_hash: str
    recordings: tuple[Recording, ...] = ()
    card: Lesson | None = None
    stated: Stated | None = None

    @property
    def reviewed(self) -> bool:
        """Whether a named person checked the content clinically."""
        return self.reviewer != NO_REVIEWER

    @property
    def knowledge(self) -> tuple[Item, ...]:
        """The knowledge test: the same questions before the course, after it and three months later."""
        return tuple(item for item in self.items if item.use == "knowledge")

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.code == code), None)
