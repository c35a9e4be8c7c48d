"""Many facts, awards and lines at once: an attendance list, or an invented province.

Each is judged by the engine and made by the pure functions that one award is made by (`rows`, `entries`, `leaves`);
only the writing differs. Where somebody else may be entering lines for these learners, a unique constraint refuses
what was written too late, and the whole is judged anew (`credits.listing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from lms.credits import policies
from lms.credits.ledger import leaves
from lms.credits.ledger.entries import Tip, entry_values, line_of, pending_values
from lms.credits.ledger.learners import Learner, known, learner_values, new_learner
from lms.credits.ledger.looking import Seen, judged
from lms.credits.ledger.rows import award_values, earlier_of, fact_of, refusal_values
from lms.credits.log.models import LogPending
from lms.credits.models import Activity, Award, LearnerKey, LedgerEntry, RefusedActivity
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import Earlier, Judgement, judge
from lms.credits.rules.policy import Policy
from lms.kernel import bulk
from lms.people.queries import PersonCard

# In the order in which rows refer to each other, which is that of one award too (`awarding`): whoever waits for
# somebody else's row then holds none that the other still needs.
TABLES = (Activity, Award, LearnerKey, LedgerEntry, LogPending, RefusedActivity)
UNTOLD: dict[str, Any] = dict.fromkeys(leaves.FACTS)


@dataclass(slots=True)
class Account:
    """A learner while her lines are made: where they end, and what the year that runs has seen."""

    card: PersonCard
    person: Person
    owner: Learner
    tip: Tip
    year: int = 0
    earlier: list[Earlier] = field(default_factory=list)
    reversed_codes: frozenset[str] = frozenset()
    # Her key while it is not stored: it is with her first line.
    unkept: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What a fact was worth; `award` (its columns by their names) is None when it earned nothing."""

    judgement: Judgement
    award: Award | None


@dataclass
class Books:
    """Gathers rows until they are written. `waiting`: whether lines wait for the log, as they must unless whoever
    writes them puts all there are into it (`sequencer.place_everything`)."""

    waiting: bool = True
    tables: dict[type, bulk.Rows] = field(default_factory=lambda: {model: bulk.Rows(model) for model in TABLES})
    _policies: dict[tuple[str | None, int], Policy] = field(default_factory=dict)

    def open(self, card: PersonCard, key: bytes, at: datetime) -> Account:
        """The account of a learner who has none, under a key that is nobody's secret."""
        owner, sealed = new_learner(card.id, key)
        self.tables[LearnerKey].add(learner_values(owner, sealed, at))
        return Account(card, policies.person_of(card), owner, Tip(None, None, sealed))

    def resume(self, card: PersonCard, person: Person, policy: Policy, seen: Seen, year: int, at: datetime) -> Account:
        """The account of a learner in a year, behind what is there; facts of that year are judged under `policy`."""
        self._policies[person.jurisdiction, year] = policy
        tip, unkept = seen.tip, None
        if tip.key_sealed:
            owner = known(card.id, tip.key_sealed)
        else:
            owner, sealed = new_learner(card.id)
            unkept = learner_values(owner, sealed, at)
        return Account(card, person, owner, tip, year, list(seen.earlier), seen.reversed_codes, unkept)

    def book(self, account: Account, activity: Mapping[str, Any], award_id: UUID, salt: bytes) -> Booked:
        """Record a fact (an activity's columns, but for those that are empty) and give what it is worth, behind what
        is there already.

        A learner's facts come in the order in which they were recorded. Raises RefusedError for one without a
        rule, LookupError for a year without a policy.
        """
        recorded = cast(Activity, SimpleNamespace(**{**UNTOLD, **activity}))
        year = recorded.on_date.year
        if account.year != year:
            account.year, account.earlier, account.reversed_codes = year, [], frozenset()
        policy, at = self._policy(account.person, year), recorded.recorded_at
        fact = fact_of(recorded)
        judgement = judged(judge, policy, account.person, fact, account.earlier, account.reversed_codes)
        self.tables[Activity].add(activity)
        if not judgement.awarded:
            self.tables[RefusedActivity].add(refusal_values(recorded, policy, account.person, judgement, at))
            return Booked(judgement, None)
        values = award_values(recorded, account.card, policy, account.person, judgement, award_id, at)
        award = cast(Award, SimpleNamespace(**values))
        self.tables[Award].add(values)
        account.earlier.append(earlier_of(award))
        self._enter(account, award, recorded, at, salt)
        return Booked(judgement, award)

    def _enter(self, account: Account, award: Award, recorded: Activity, at: datetime, salt: bytes) -> None:
        if account.unkept is not None:
            self.tables[LearnerKey].add(account.unkept)
            account.unkept = None
        leaf = line_of(award, recorded, account.card, account.owner, account.tip, 1, at, salt)
        line = entry_values(award, 1, leaf)
        self.tables[LedgerEntry].add(line)
        if self.waiting:
            self.tables[LogPending].add(pending_values(line))
        account.tip = Tip(line["person_sequence"], line["leaf"], account.tip.key_sealed)

    def _policy(self, person: Person, year: int) -> Policy:
        known = self._policies.get((person.jurisdiction, year))
        if known is None:
            known = policies.remembered(person.jurisdiction or policies.NATION, year)
            if known is None:
                raise LookupError(f"no policy for {year}")
            self._policies[person.jurisdiction, year] = known
        return known

    def write(self) -> int:
        """Write what was gathered into the open unit of work; how many lines."""
        return {model: rows.write() for model, rows in self.tables.items()}[LedgerEntry]
