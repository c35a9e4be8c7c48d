"""An invented province for the bench of compliance: institutions, doctors, and years of awards by COPY."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from lms.credits.ledger.decisions import stored
from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.judging import judge
from lms.credits.rules.policy import Policy
from lms.kernel.ids import new_id
from lms.kernel.quantities import from_milli
from lms.kernel.text import folded
from lms.people.rules import check_character

CITIES = 11
DOCTORS_IN_COUNTY = 380
CLINICS_IN_TOWNSHIP = 15
AWARDS = 15
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "春夏秋冬桂芳德福清和文静海燕远山"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ACTIVITY = (
    "id", "person_id", "kind", "activity_code", "project_number", "title", "started_on", "on_date",
    "quantity_milli", "unit", "hours_milli", "role", "assessed", "holder", "note", "recorded_at",
)  # fmt: skip
AWARD = (
    "id", "person_id", "activity_id", "activity_code", "project_number", "credit_year", "kind", "credit_class",
    "on_date", "computed_milli", "awarded_milli", "hours_milli", "policy_version_id", "decision", "state",
    "decided_level", "answered", "version", "authority_path", "search_text", "lot", "awarded_at",
)  # fmt: skip
PERSON = (
    "id", "name", "name_folded", "name_drawable", "population", "phone_mask", "email_mask", "id_number_mask",
    "created_at",
)  # fmt: skip
PLACE = ("id", "kind", "name", "name_en", "code", "parent_id", "path", "region_code", "phone", "contact_name")


@dataclass(frozen=True, slots=True)
class Place:
    """One institution or region."""

    id: UUID
    kind: str
    path: str
    parent: "Place | None"
    number: int


@dataclass
class Province:
    """What was built; places by kind."""

    root: Place
    counties: list[Place] = field(default_factory=list)
    clinics: list[tuple[Place, Place]] = field(default_factory=list)
    doctors: list[UUID] = field(default_factory=list)


class Builder:
    """Rows as commands would have left them."""

    def __init__(
        self, connection: psycopg.Connection[Any], doctors: int, years: Sequence[int], policy: Policy
    ) -> None:
        self.connection, self.size, self.years, self.policy = connection, doctors, years, policy
        self.decisions: dict[tuple[str, int], Jsonb] = {}
        self.chance = Random(20_261_122)
        self.places: list[Place] = []

    def build(self) -> Province:
        """Places, people, postings, activities and awards."""
        made = Province(self._place("province", None))
        cities = [self._place("city", made.root) for _ in range(CITIES)]
        for number in range(max(1, self.size // DOCTORS_IN_COUNTY)):
            self._county(made, cities[number % CITIES])
        self._copy("organisation", PLACE, (self._place_row(one) for one in self.places))
        people = list(self._people(made))
        self._copy("person", PERSON, (row for _, _, row in people))
        self._copy(
            "posting",
            ("id", "person_id", "employer_id", "workplace_id", "authority_id", "starts_on"),
            ((new_id(), row[0], clinic.id, clinic.id, county.id, date(2020, 1, 1)) for clinic, county, row in people),
        )
        for year in self.years:
            self._year(people, year)
        self.connection.execute("VACUUM ANALYZE")
        return made

    def _place(self, kind: str, parent: Place | None) -> Place:
        path = (parent.path if parent else "/") + "".join(self.chance.choices(LETTERS, k=6)) + "/"
        made = Place(new_id(), kind, path, parent, len(self.places))
        self.places.append(made)
        return made

    def _county(self, made: Province, city: Place) -> None:
        county = self._place("county", city)
        made.counties.append(county)
        left = DOCTORS_IN_COUNTY
        while left > 0:
            township = self._place("township_centre", county)
            for _ in range(CLINICS_IN_TOWNSHIP):
                clinic = self._place("village_clinic", township)
                staff = self.chance.randint(1, 3)
                made.clinics += [(clinic, county)] * staff
                left -= staff

    def _place_row(self, one: Place) -> tuple[object, ...]:
        parent = one.parent.id if one.parent else None
        return (one.id, one.kind, f"{one.kind}{one.number}", "", f"BENCH-{one.number}", parent, one.path, None, "", "")

    def _people(self, made: Province) -> Iterator[tuple[Place, Place, tuple[Any, ...]]]:
        for number in range(self.size):
            clinic, county = made.clinics[number % len(made.clinics)]
            name = self.chance.choice(SURNAMES) + "".join(self.chance.sample(GIVEN, 2))
            digits = f"00000019{50 + number % 50}0612{number % 1000:03d}"
            mask = digits[:6] + "*" * 8 + digits[-3:] + check_character(digits)
            person_id = new_id()
            made.doctors.append(person_id)
            yield clinic, county, (person_id, name, folded(name), True, "village_doctor", "", "", mask, NOW)

    def _year(self, people: Sequence[tuple[Place, Place, tuple[Any, ...]]], year: int) -> None:
        facts = [
            (new_id(), new_id(), row[0], county.path, *self._fact(year, number))
            for _, county, row in people
            for number in range(AWARDS)
        ]
        self._copy(
            "activity",
            ACTIVITY,
            (
                (fact, person, kind, code, code, Jsonb({"zh": "活动"}), day, day, hours, "hours", hours, "attendee",
                 True, "", "", NOW)
                for fact, _, person, _, kind, code, day, hours, _ in facts
            ),
        )  # fmt: skip
        self._copy(
            "award",
            AWARD,
            (
                (award, person, fact, code, code, year, kind, "general", day, credits, credits, hours,
                 self.policy.version, self._decided(kind, hours), "granted", 0, False, 1, path,
                 "活动", 1, NOW)
                for fact, award, person, path, kind, code, day, hours, credits in facts
            ),
        )  # fmt: skip

    def _fact(self, year: int, number: int) -> tuple[str, str | None, date, int, int]:
        day = date(year, self.chance.randint(1, 10), self.chance.randint(1, 28))
        if number < 10:
            hours = self.chance.choice((3, 4, 6, 9))
            return "recommended_project", f"{year}-01-01-{number:03d}", day, hours * 1000, hours * 1000 // 3
        if number < 13:
            return "unit_lecture", None, day, 2000, 500
        return "self_study", None, day, 18_000, 6000

    def _decided(self, kind: str, hours: int) -> Jsonb:
        """A decision as the engine words it in the last of the years, which has a policy."""
        if (kind, hours) not in self.decisions:
            amount, day = from_milli(hours), date(max(self.years), 6, 1)
            by_event = kind == "unit_lecture"
            fact = Fact("bench", kind, None, "bench", day, Decimal(1) if by_event else amount,
                        "items" if by_event else "hours", amount, assessed=True)  # fmt: skip
            person = Person("CN", "village_doctor")
            found = judge(self.policy, person, fact, day.year, ())
            self.decisions[kind, hours] = Jsonb(stored(person, found))
        return self.decisions[kind, hours]

    def _copy(self, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)
