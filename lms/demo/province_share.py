"""One share of an invented province's doctors: their ledger and their last weeks, written in batches.

A process of its own where there are several: judging and hashing is work for more than one core.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from random import Random

from lms.assessments.bank import bank
from lms.courses import editions
from lms.courses import queries as course_queries
from lms.credits.approvals.queries import valid_approval
from lms.credits.ledger.bulk import Account, Books
from lms.demo.history import COURSES
from lms.demo.province import County, Doctor, Ids, Province
from lms.demo.province_study import Evenings, Offered
from lms.demo.province_years import Project, outside, programme
from lms.kernel.bulk import trust_references
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.queries import PersonCard
from lms.people.rules import mask_id_number, mask_phone

BATCH = 60  # doctors to a transaction: some thousand lines


@dataclass
class Share:
    """Writes the history of some of the doctors."""

    made: Province
    evenings: Evenings
    books: Books = field(default_factory=lambda: Books(waiting=False))  # all lines are put into the log at the end
    _programmes: dict[tuple[int, int], tuple[Project, ...]] = field(default_factory=dict)

    def write(self, doctors: Iterator[Doctor], tell: Callable[[int], None]) -> int:
        """Everything of these doctors; `tell` hears after each transaction how many lines it entered. The sum."""
        total = 0
        while batch := list(islice(doctors, BATCH)):
            with unit_of_work():
                for doctor in batch:
                    self._live(doctor)
                trust_references()
                self.evenings.write()
                lines = self.books.write()
            total += lines
            tell(lines)
        return total

    def _live(self, doctor: Doctor) -> None:
        """Her five years, one after the other; the platform's courses lie in the last weeks of them."""
        made, seed = self.made, f"{self.made.seed}/{doctor.number}"
        chance = Random(seed)  # noqa: S311 - invented history, no secrets
        ids = Ids(made.base, doctor.number, chance)
        # Invented people have no secret to keep: their keys follow from the seed, so that the ledger is the same
        # each time. A real key is made of the system's chance.
        key = hmac.new(b"invented learner", seed.encode(), sha256).digest()
        account: Account = self.books.open(card_of(doctor), key, made.begun)
        studied = self.evenings.of(doctor, chance, ids)
        for year in made.years:
            here = [fact for fact in studied if fact["on_date"].year == year]
            held = self._programme(doctor.county, year)
            facts = outside(made, doctor, year, held, chance, ids, len(here)) + here
            for fact in sorted(facts, key=lambda one: one["recorded_at"]):
                self.books.book(account, fact, ids(), chance.randbytes(16))

    def _programme(self, county: County, year: int) -> tuple[Project, ...]:
        known = self._programmes.get((county.number, year))
        if known is None:
            known = self._programmes[county.number, year] = programme(self.made, county, year)
        return known


def share_of(made: Province, part: int, parts: int) -> Iterator[Doctor]:
    """The `part`-th of so many shares (from 1), neighbours together."""
    size = -(-len(made.doctors) // parts)
    return iter(made.doctors[(part - 1) * size : part * size])


def open_share(made: Province) -> Share:
    """A share that knows the courses and approvals of this house."""
    with unit_of_work(write=False):
        offered = []
        for slug in COURSES:
            course = course_queries.by_slug(slug)
            assert course is not None
            edition = editions.edition(course.edition_id)
            approval = session().scalar(valid_approval(course.code, made.today))
            offered.append(Offered(edition, bank(edition.id), approval))
    return Share(made, Evenings(made, tuple(offered)))


def card_of(doctor: Doctor) -> PersonCard:
    """The doctor as `people.queries.person` will show her."""
    one, place, county = doctor.person, doctor.workplace, doctor.county.place
    up = place.parent
    assert up is not None
    return PersonCard(
        id=one.id, name=one.name, id_number_mask=mask_id_number(one.id_number), phone_mask=mask_phone(one.phone),
        population=str(one.population), name_drawable=True, workplace_id=place.id, workplace_name=place.name,
        workplace_path=place.path, employer_id=one.employer_id,
        employer_name=up.name if one.employer_id == up.id else place.name, authority_id=county.id,
        authority_name=county.name, authority_path=county.path, contact_name=up.contact_name, contact_phone=up.phone,
        licence_from=one.licence_from, licence_until=one.licence_until, disabled=False,
    )  # fmt: skip
