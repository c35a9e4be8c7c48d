"""A county of invented doctors on their ways, with records drawn by chance."""

from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid5

from cast import Cast, id_number
from flask import Flask

from lms.kernel import bulk, clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.pathways.county import keeping
from lms.pathways.models import Following, PersonRecord
from lms.pathways.rules.stopping import WHYS
from lms.people.bulk import NewPerson, add_people
from lms.people.rules import Population

NAMES = UUID("0b1d9f5e-6f0a-4a53-9d0a-3c9f5e1b7a42")
WORKPLACES = ("LB-YL-LX-SM", "LB-YL-LX", "LB-YL-YY", "LB-ST-HW")
COUNTIES = {"LB-YL": "LB-YL", "LB-ST": "LB-ST"}
GIVEN = "安邦成达恩方光和家景"


def populate(app: Flask, cast: Cast, people: int, seed: int = 20261123) -> list[UUID]:
    """So many doctors of two counties, each with some records and ways; their ids. Standings are kept."""
    chance = Random(seed)
    with app.app_context(), unit_of_work():
        today = clock.today()
        places = organisations.cards(list(cast.places.values()))
        paths = {code: places[place].path for code, place in cast.places.items()}
        new = [_person(number, chance, cast) for number in range(people)]
        add_people(new, "-", clock.now())
        session().flush()
        ids = [one.id for one in new]
        bulk.put(PersonRecord, [row for one in new for row in _records(one.id, chance, today, paths)])
        bulk.put(Following, [row for one in new for row in _ways(one, chance, today)])
    with app.app_context(), unit_of_work():
        keeping.refresh([*ids, *(member.person_id for member in cast.members)])
    return ids


def _person(number: int, chance: Random, cast: Cast) -> NewPerson:
    workplace = chance.choice(WORKPLACES)
    county = "LB-ST" if workplace.startswith("LB-ST") else "LB-YL"
    until = chance.choice([None, date(2025, 1, 31), date(2026, 12, 20), date(2027, 4, 1), date(2029, 9, 9)])
    return NewPerson(
        id=uuid5(NAMES, f"person {number}"),
        posting_id=uuid5(NAMES, f"posting {number}"),
        name=f"钱{GIVEN[number % 10]}{GIVEN[number // 10 % 10]}",
        population=chance.choice([Population.VILLAGE_DOCTOR] * 3 + [Population.ASSISTANT_PHYSICIAN]),
        phone=f"000{90000000 + number}",
        id_number=id_number(number % 1000, f"19{60 + number // 1000}0101"),
        workplace_id=cast.places[workplace],
        employer_id=cast.places[workplace],
        authority_id=cast.places[county],
        since=date(2020, 1, 1),
        licence_until=until,
    )


def _records(person_id: UUID, chance: Random, today: date, paths: dict[str, str]) -> list[dict[str, object]]:
    drawn = [
        ("diploma", {"level": chance.choice(["secondary", "bachelor"]), "relevant": "yes"}, 4000, None),
        ("practice", {"result": "pass"}, 900, 400),
        ("employment", {"place_kind": "village_clinic"}, 800, None),
        ("declaration", {}, 100, None),
        ("assessment", {"result": chance.choice(["pass", "fail"])}, chance.choice([100, 900]), None),
        ("training", {}, chance.choice([100, 900]), None),
        ("exam_practical", {"exam": "rural_assistant", "result": "pass"}, 60, None),
        ("exam_written", {"exam": "rural_assistant", "result": chance.choice(["pass", "fail"])}, 50, None),
        ("ban", {}, 50, chance.choice([-200, 20])),
    ]
    found = []
    for kind, fields, ago, end in drawn:
        if chance.random() < (0.9 if kind == "ban" else 0.25):
            continue
        state = chance.choices(["verified", "waiting", "rejected"], [6, 2, 1])[0]
        found.append(
            {
                "id": uuid5(NAMES, f"{person_id} {kind}"), "person_id": person_id, "kind": kind,
                "on_date": today - timedelta(days=ago),
                "until": None if end is None else today - timedelta(days=end),
                "state": state, "fields": fields, "version": 1, "waiting": 2 if state == "waiting" else 0,
                "decided": 0, "number_mask": "", "search_text": "",
                "unit_path": paths["LB-YL-LX-SM"], "authority_path": paths["LB-YL"],
                "handed_in_at": clock.now(), "changed_at": clock.now(),
                "verified_at": clock.now() if state == "verified" else None,
            }
        )  # fmt: skip
    return found


def _ways(person: NewPerson, chance: Random, today: date) -> list[dict[str, object]]:
    village = person.population == Population.VILLAGE_DOCTOR
    open_to_her = ("rural-gp-assistant", "graduate-village-doctor") if village else ("physician", "gp-transfer-2010")
    found = []
    for way in open_to_her:
        drawn = chance.random()
        if drawn < 0.85:  # most of them go it still
            row = {"person_id": person.id, "pathway": way, "since": today, "stopped_on": None, "stopped_why": None}
            stopped = {"stopped_on": today, "stopped_why": chance.choice([None, *WHYS])} if drawn >= 0.7 else {}
            found.append(row | stopped)
    return found
