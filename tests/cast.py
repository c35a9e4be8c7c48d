"""The cast: the same nine people in every test, in two counties of one province.

All invented: identity numbers begin with 000000, phones with 000.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flask import Flask
from sqlalchemy import delete

from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.outbox import OutboxRow
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations
from lms.organisations import queries as organisation_queries
from lms.people import commands as people
from lms.people import passwords
from lms.people.rules import Population, check_character

PASSWORD = "xinglin-demo"


@dataclass(frozen=True)
class Member:
    """One of the cast."""

    key: str
    name: str
    phone: str
    person_id: UUID
    grants: tuple[Grant, ...] = ()

    @property
    def actor(self) -> Actor:
        """Her as the one who acts, for calling commands and queries directly."""
        return Actor(person_id=self.person_id, name=self.name, grants=self.grants)


@dataclass(frozen=True)
class Cast:
    """Everybody, and the places they belong to (ids by code)."""

    learner: Member
    colleague: Member
    author: Member
    reviewer: Member
    county_auditor: Member
    province_auditor: Member
    admin: Member
    stranger: Member
    places: dict[str, UUID] = field(default_factory=dict)

    @property
    def members(self) -> tuple[Member, ...]:
        return (
            self.learner,
            self.colleague,
            self.author,
            self.reviewer,
            self.county_auditor,
            self.province_auditor,
            self.admin,
            self.stranger,
        )


PLACES = (
    ("province", "LB", "岭北省", None),
    ("city", "LB-YZ", "云州市", "LB"),
    ("county", "LB-YL", "云岭县", "LB-YZ"),
    ("commission", "LB-YL-WJ", "云岭县卫生健康局", "LB-YL"),
    ("medical_community", "LB-YL-YGT", "云岭县医共体", "LB-YL"),
    ("county_hospital", "LB-YL-YY", "云岭县人民医院", "LB-YL-YGT"),
    ("training_centre", "TC-DEMO", "云岭县基层卫生培训中心", "LB-YL"),
    ("township_centre", "LB-YL-LX", "柳溪镇卫生院", "LB-YL-YY"),
    ("village_clinic", "LB-YL-LX-SM", "石门沟村卫生室", "LB-YL-LX"),
    ("county", "LB-ST", "石塘县", "LB-YZ"),
    ("training_centre", "TC-OTHER", "石塘县培训中心", "LB-ST"),
    ("village_clinic", "LB-ST-HW", "河湾村卫生室", "LB-ST"),
)

PEOPLE: tuple[tuple[str, str, str, tuple[tuple[Role, str], ...]], ...] = (
    ("learner", "赵桂芳", "LB-YL-LX-SM", ((Role.LEARNER, "LB-YL-LX-SM"),)),
    ("colleague", "李春生", "LB-YL-LX-SM", ((Role.LEARNER, "LB-YL-LX-SM"),)),
    ("author", "陈望舒", "TC-DEMO", ((Role.AUTHOR, "TC-DEMO"),)),
    ("reviewer", "林清和", "LB-YL-YY", ((Role.REVIEWER, "TC-DEMO"),)),
    ("county_auditor", "何文静", "LB-YL-WJ", ((Role.COUNTY_AUDITOR, "LB-YL"),)),
    ("province_auditor", "周远山", "LB-YL-WJ", ((Role.PROVINCE_AUDITOR, "LB"),)),
    ("admin", "孙海燕", "LB-YL-WJ", ((Role.ADMINISTRATOR, "LB-YL"),)),
    (
        "stranger",
        "吴德福",
        "LB-ST-HW",
        (
            (Role.LEARNER, "LB-ST-HW"),
            (Role.AUTHOR, "TC-OTHER"),
            (Role.REVIEWER, "TC-OTHER"),
            (Role.COUNTY_AUDITOR, "LB-ST"),
            (Role.ADMINISTRATOR, "LB-ST"),
        ),
    ),
)


def id_number(serial: int, born: str = "19750612") -> str:
    """An invented identity number of region 000000 with a right check character."""
    digits = f"000000{born}{serial:03d}"
    return digits + check_character(digits)


def add_places() -> dict[str, UUID]:
    """The tree of both counties; ids by code."""
    ids: dict[str, UUID] = {}
    for kind, code, name, parent in PLACES:
        ids[code] = organisations.add_organisation(
            SYSTEM,
            kind=kind,
            code=code,
            name=name,
            name_en="",
            parent_id=ids[parent] if parent else None,
            phone="0000-555 0142" if kind == "township_centre" else "",
            contact_name="孙海燕" if kind == "township_centre" else "",
        )
    return ids


def add_member(
    key: str,
    name: str,
    serial: int,
    places: dict[str, UUID],
    workplace: str,
    roles: tuple[tuple[Role, str], ...],
    hashed: str,
) -> Member:
    """One person with her roles, who has read the privacy notice."""
    phone = f"000{serial:08d}"
    person_id = people.add_person(
        SYSTEM,
        name=name,
        workplace_id=places[workplace],
        phone=phone,
        id_number=id_number(serial),
        population=Population.VILLAGE_DOCTOR if roles[0][0] is Role.LEARNER else Population.STAFF,
        starts_on=date(2024, 1, 1),
        password_hash=hashed,
    )
    for role, place in roles:
        people.grant_role(SYSTEM, person_id, role, places[place])
    people.give_consent(person_id)
    cards = organisation_queries.cards([places[place] for _, place in roles])
    grants = tuple(Grant(role, cards[places[place]].path) for role, place in roles)
    return Member(key, name, phone, person_id, grants)


def make_cast(app: Flask) -> Cast:
    """Register everybody in an empty house."""
    hashed = passwords.hash_password(PASSWORD)
    with app.app_context(), unit_of_work():
        places = add_places()
        members = {
            key: add_member(key, name, serial, places, workplace, roles, hashed)
            for serial, (key, name, workplace, roles) in enumerate(PEOPLE, start=1)
        }
    # What registering them leaves to be done behind the pages is nothing a test of something else should meet.
    with app.app_context(), unit_of_work():
        session().execute(delete(OutboxRow))
    return Cast(**members, places=places)
