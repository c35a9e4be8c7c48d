"""All years of a learner in one: what each required, what counts of it, and every line of it."""

from dataclasses import dataclass
from uuid import UUID

from lms.credits.accounts import Account, account, entries_of
from lms.credits.lines import records_of
from lms.credits.rules.policy import Remark
from lms.credits.statements import Statement, statement_of
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.people import queries as people
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Transcript:
    """A working life in credits: the years in order, and the whole account."""

    person: PersonCard
    years: tuple[Statement, ...]
    account: Account

    @property
    def balanced(self) -> bool:
        """Whether in every year the entries of the ledger come to what the awards say."""
        return all(one.balanced for one in self.years)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is open in the policies of these years, each said once."""
        return tuple({(remark.id, remark.text): remark for one in self.years for remark in one.remarks}.values())


def transcript(person_id: UUID, card: PersonCard | None = None) -> Transcript:
    """Every year from the first with a record until this one: a year in which nothing was done is told
    too. Three statements whatever the number of years, two when her card is given."""
    card = card or require_found(people.person(person_id))
    entries = entries_of(person_id)
    records = records_of(person_id)
    this = clock.today().year
    first = min((record.year for record in records), default=this)
    last = max((record.year for record in records), default=this)
    years = tuple(range(first, max(last, this) + 1))
    return Transcript(
        person=card,
        years=tuple(
            statement_of(
                card,
                year,
                [record for record in records if record.year == year],
                [entry for entry in entries if entry.year == year],
                tuple(reversed(years)),
            )
            for year in years
        ),
        account=account(entries),
    )
