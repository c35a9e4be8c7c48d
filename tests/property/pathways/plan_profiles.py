"""Doctors made up by a seed: what counts already, what is on offer, what is still open."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

from lms.credits.rules.counting import Held
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import Fact, OwnMinimum, Person
from lms.credits.rules.grounds import Measure, Selection
from lms.credits.rules.judging import Earlier, judge
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Cap, Per, Policy
from lms.credits.rules.shares import Share
from lms.kernel.text import msg
from lms.pathways.planner.asking import Asked, Doing, Offer, Requirement, Year

FOLDER = Path(__file__).parents[3] / "content" / "policies"


def policy(name: str) -> Policy:
    return load_policy((FOLDER / f"{name}.toml").read_bytes(), name, lambda one: (FOLDER / f"{one}.toml").read_bytes())


NATION, OLD, PROVINCE = policy("CN-2025"), policy("CN-2006"), policy("CN-GD-2025")
GROUNDS = NATION.caps[0].grounds
PROFESSIONAL = ("recommended_project", "promotion_project", "unit_lecture", "case_discussion")
TWO_THIRDS = Share("two-thirds", Measure.HOURS, Fraction(2, 3), Selection(PROFESSIONAL), GROUNDS)
SHARED = replace(
    NATION,
    requirements=(*NATION.requirements, TWO_THIRDS),
    caps=(*NATION.caps, Cap("lectures", Per.YEAR, ("unit_lecture", "case_discussion"), Decimal(3), GROUNDS)),
)  # fmt: skip
KINDS = {
    NATION.id: ("recommended_project", "promotion_project", "recommended_project", "unit_lecture", "self_study"),
    PROVINCE.id: ("recommended_project", "promotion_project", "unit_activity", "unit_lecture", "self_study"),
    OLD.id: ("national_project", "provincial_project", "municipal_project", "unit_lecture", "self_study_review"),
}
HELD = {id_: tuple(kind for kind in kinds if not kind.startswith("self_study")) for id_, kinds in KINDS.items()}
UNITS = {"unit_lecture": "items", "case_discussion": "items", "self_study_review": "characters"}

SHARES = (0, 0.05, 0.1, 0.1, 0.1, 0.4)  # of the offers that are activities, one in eight on the whole


@dataclass(frozen=True, slots=True)
class Profile:
    """An asking, with the facts behind what already counts."""

    seed: int
    asked: Asked
    facts: tuple[Fact, ...]


def profile(seed: int, *, offers: int | None = None) -> Profile:
    """The profile of a seed, with so many offers (otherwise 1 to 12)."""
    random = Random(f"plan {seed}")
    chosen = random.choice((NATION, NATION, OLD, PROVINCE, SHARED, SHARED))
    year = 2024 if chosen is OLD else 2025
    population = random.choice(("village_doctor", "assistant_physician", "physician", "village_doctor", "staff"))
    own = OwnMinimum(Decimal(30), Decimal(100)) if random.random() < 0.15 else None
    person = Person(random.choice(("CN-HE", "CN-GD")), population, (), None, own)
    left = random.choice((2, 10, 30, 60, 120, 200, 200)) if offers is None else random.choice((60, 120, 200))
    day = date(year, 12, 31) - timedelta(days=left)
    facts = tuple(_fact(random, chosen, f"done{n}", _before(random, year, day)) for n in range(random.randint(0, 14)))
    number = random.choice((1, 4, 9, 10, 11, 12, 13)) if offers is None else offers
    found = _offers(random, chosen, number, day, big=offers is None)
    found = _some_held(Random(f"held {seed}"), chosen, found, day, left)
    asked = Asked(
        day=day,
        year=_year(chosen, person, year, facts, "L5" if random.random() < 0.4 else None),
        offers=tuple(found),
        requirements=tuple(_requirements(random, day)),
        finished=frozenset({"before"}),
        hours_a_day=Decimal(random.choice((2, 4, 8))),
    )
    return Profile(seed, asked, facts)


def _before(random: Random, year: int, day: date) -> date:
    return date(year, 1, 1) + timedelta(days=random.randint(0, (day - date(year, 1, 1)).days))


def _fact(
    random: Random,
    chosen: Policy,
    id_: str,
    day: date,
    *,
    big: bool = False,
    kinds: dict[str, tuple[str, ...]] = KINDS,
) -> Fact:
    kind = random.choice(kinds[chosen.id])
    unit = UNITS.get(kind, "hours")
    hours = Decimal(random.choice((3, 6, 9, 12, 18, 24, 30, 36) if big else (1, 2, 3, 4, 6, 8, 10, 12)))
    if unit == "characters":
        quantity = Decimal(random.randint(1, 8) * 1000)
    elif unit == "items":
        quantity, hours = Decimal(1), Decimal(random.choice((1, 2, 3)))
    else:
        quantity = hours
    activity = random.choice((id_, id_, id_, "same", None))
    project = random.choice((None, f"P-{id_}", f"P-{random.randint(1, 4)}")) if "project" in kind else None
    return Fact(id_, kind, activity, project, day, quantity, unit, hours, assessed=True)


def _offers(random: Random, chosen: Policy, number: int, day: date, *, big: bool) -> list[Offer]:
    found: list[Offer] = []
    for n in range(number):
        code = f"c{n:03}"
        fact = _fact(random, chosen, code, day, big=big and random.random() < 0.7)
        begun = random.random() < (0.15 if big else 0.02)
        needs: tuple[str, ...] = ()
        if found and random.random() < 0.2:
            needs = (random.choice(found).code,)
        elif random.random() < 0.04:
            needs = (random.choice(("before", "nowhere")),)
        work = fact.hours * random.choice((1, 1, 1, Decimal("0.5"), Decimal("1.25")))
        if begun:
            work = fact.hours * Decimal(random.choice(("0.1", "0.4", "0.8")))
        told = random.random() < (0.08 if big else 0.01)
        tight = random.random() < 0.15
        found.append(
            Offer(
                code=code,
                doing=Doing.TELL if told else Doing.LEARN,
                fact=fact,
                work=Decimal(0) if told else work,
                prerequisites=() if begun or told else needs,
                opens=day + timedelta(days=random.randint(-5, 20)) if tight else None,
                closes=day + timedelta(days=random.randint(3, 60)) if random.random() < 0.15 else None,
                begun=begun,
                trains=not told,
                times=2 if fact.activity is None and random.random() < 0.2 else 1,
            )
        )
    return found


def _some_held(random: Random, chosen: Policy, offers: list[Offer], day: date, left: int) -> list[Offer]:
    """The offers, with one in eight made an activity: of some doctors none, of some nearly half."""
    share = random.choice(SHARES)
    found: list[Offer] = []
    days: list[tuple[date, date]] = []
    for offer in offers:
        if random.random() >= share:
            found.append(offer)
            continue
        days.append(_days(random, day, left, days))
        fact = _fact(random, chosen, offer.code, day, big=random.random() < 0.7, kinds=HELD)
        found.append(
            Offer(
                code=offer.code,
                doing=Doing.JOIN,
                fact=fact,
                work=fact.hours * random.choice((1, 1, Decimal("0.5"), Decimal("1.25"))),
                opens=days[-1][0],
                closes=days[-1][1],
                trains=random.random() < 0.9,
            )
        )
    return found


def _days(random: Random, day: date, left: int, others: list[tuple[date, date]]) -> tuple[date, date]:
    """The days of an activity: some meet those of another, some have begun, some come with or after the year's end."""
    if others and random.random() < 0.4:
        opens = random.choice(random.choice(others))
    else:
        opens = day + timedelta(days=random.choice((-3, 0, 1, 2, left // 8, left // 4, left // 2, left - 1, left + 60)))
        opens += timedelta(days=random.randint(0, 2))
    return opens, opens + timedelta(days=random.choice((0, 0, 0, 1, 1, 2, 4, 30)))


def _requirements(random: Random, day: date) -> list[Requirement]:
    found: list[Requirement] = []
    if random.random() < 0.5:
        in_days = random.choice((None, 5, 15, 60, 300, 500, -1 if random.random() < 0.2 else 30))
        due = None if in_days is None else day + timedelta(days=in_days)
        found.append(Requirement("V2", Doing.BE_TRAINED, "county", due))
    if random.random() < 0.3:
        found.append(Requirement("L5", Doing.WAIT, "county", day + timedelta(days=random.choice((20, 60, 365)))))
    for n, doing in enumerate((Doing.HAND_IN, Doing.LOG_PRACTICE, Doing.SIT_EXAM, Doing.RENEW)):
        if random.random() < 0.4:
            needs = tuple(code for code in ("V2", "L5", "E0", "E1", "E2") if code != f"E{n}" and random.random() < 0.2)
            in_days = random.choice((None, None, 60, 90, 200, 400))
            found.append(
                Requirement(
                    code=f"E{n}",
                    doing=doing,
                    verifier="county",
                    deadline=None if in_days is None else day + timedelta(days=in_days),
                    needs=needs,
                    days=random.choice((0, 0, 1, 14, 30)),
                    opens=day + timedelta(days=random.randint(0, 40)) if random.random() < 0.2 else None,
                    blocked=msg("禁考期未满") if random.random() < 0.03 else None,
                )
            )
    return found


def _year(chosen: Policy, person: Person, year: int, facts: tuple[Fact, ...], closes: str | None) -> Year:
    """The year as the ledger would have it after these facts."""
    held: list[Held] = []
    earlier: list[Earlier] = []
    for fact in sorted(facts, key=lambda one: (one.date, one.id)):
        judgement = judge(chosen, person, fact, year, earlier)
        held.append(held_as(fact, judgement))
        if judgement.recognised:
            earlier.append(Earlier(fact.kind, fact.activity, fact.project, fact.date, judgement.awarded))
    return Year(year, chosen, person, tuple(held), tuple(earlier), (), closes)
