"""What an authority reads before it decides: the proposed edition itself, and what is asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from lms.assessments.rules.drawing import fits
from lms.courses import editions
from lms.courses import queries as courses
from lms.courses.editions import ONE_ORDER, EditionData
from lms.courses.packages.package import Package, Source, Text
from lms.credits.proposals.models import CreditProposal
from lms.items.base import Explained, Item
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations

BEFORE_IT = ("waiting", "approved", "refused")
"""States in which an authority reads the edition; what the centre took back is no longer before it."""
SECRET = ("assessment", "knowledge")
"""Uses of questions whose keys nobody outside the centre may read: they are only counted."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A self-check with its answer, as a learner has it once she has answered."""

    code: str
    stem: str
    explained: Explained
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one goal: the numbers of questions by their use, and of lessons that serve it."""

    text: Text
    lessons: int
    checks: int
    assessment: int
    knowledge: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rule of the paper: so many questions of a topic from so many there are."""

    topic: Text
    difficulty: int | None
    count: int
    bank: int


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A proposed edition as the authority reads it."""

    proposal_id: UUID
    edition: EditionData
    centre_name: Text
    checks: Mapping[str, tuple[Opened, ...]]
    asked: tuple[Asked, ...]
    drawn: tuple[Drawn, ...]

    @property
    def package(self) -> Package:
        return self.edition.package

    @property
    def hours(self) -> Decimal:
        return from_milli(self.edition.hours_milli)

    @property
    def unseen(self) -> int:
        """Questions that are only counted."""
        return sum(item.use in SECRET for item in self.package.items)

    @property
    def sourced(self) -> int:
        """Those of them that name where they are from."""
        return sum(item.use in SECRET and bool(item.sources) for item in self.package.items)


def proposed_edition(actor: Actor, proposal_id: UUID) -> EditionData:
    """The edition of a proposal to an authority in her places. NotFound otherwise, and once it was taken back."""
    row = session().execute(
        select(CreditProposal.authority_path, CreditProposal.edition_id).where(
            CreditProposal.id == proposal_id, CreditProposal.state.in_(BEFORE_IT)
        )
    ).one_or_none()  # fmt: skip
    found = require_found(row)
    require_in_place(actor.holds(Role.ADMINISTRATOR, found.authority_path))
    return editions.edition(found.edition_id)


def reading_page(actor: Actor, proposal_id: UUID, language: str) -> ReadingPage:
    """The edition with its self-checks opened in one language; of the other questions only numbers. Raises NotFound."""
    edition = proposed_edition(actor, proposal_id)
    package = edition.package
    sources = {one.id: one for one in package.sources}
    checks = {
        lesson.slug: tuple(
            _opened(item, language, sources) for code in lesson.checks if (item := package.item(code)) is not None
        )
        for lesson in edition.lessons
    }
    course = require_found(courses.by_code(edition.course_code))
    centre = require_found(organisations.organisation(course.centre_id))
    names = {"zh": centre.name, "en": centre.name_en or centre.name}
    return ReadingPage(proposal_id, edition, names, checks, _asked(package), _drawn(package))


def _opened(item: Item, language: str, sources: Mapping[str, Source]) -> Opened:
    explained = item.explain(language, item.shuffled(ONE_ORDER), item.right())
    return Opened(
        item.code, item.stem[language], explained, tuple(sources[one] for one in item.sources if one in sources)
    )


def _asked(package: Package) -> tuple[Asked, ...]:
    def count(objective: str, use: str) -> int:
        return sum(item.objective == objective and item.use == use for item in package.items)

    return tuple(
        Asked(
            one.text, sum(one.id in lesson.objectives for lesson in package.lessons), count(one.id, "check"),
            *(count(one.id, use) for use in SECRET),
        )
        for one in package.objectives
    )  # fmt: skip


def _drawn(package: Package) -> tuple[Drawn, ...]:
    titles = {one.id: one.title for one in package.topics}
    return tuple(
        Drawn(
            titles.get(rule.topic, {"zh": rule.topic, "en": rule.topic}), rule.difficulty, rule.count,
            sum(fits(item, rule) for item in package.items),
        )
        for rule in (package.assessment.draw if package.assessment else ())
    )  # fmt: skip
