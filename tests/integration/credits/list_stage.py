"""Attendance lists: doctors who come to a lecture, and the list that is entered for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from cast import Cast, Member, id_number
from credit_stage import LECTURE, writing
from flask import Flask

from lms.credits import commands
from lms.credits.listing import ListRecorded
from lms.kernel.actor import SYSTEM
from lms.people import commands as people
from lms.people.rules import Population

FIRST, BORN = 400, "19750701"


def doctors(
    app: Flask, cast: Cast, count: int, first: int = FIRST, starts_on: date = date(2024, 1, 1)
) -> list[Member]:
    """So many more doctors of the village, sorted by id."""
    made = []
    with writing(app):
        for serial in range(first, first + count):
            name, phone = f"钱春{chr(0x4E00 + serial)}", f"000{serial:08d}"
            number = id_number(serial % 1000, f"197507{1 + serial // 1000:02d}")
            person_id = people.add_person(
                SYSTEM, name=name, workplace_id=cast.places["LB-YL-LX-SM"], phone=phone, id_number=number,
                population=Population.VILLAGE_DOCTOR, starts_on=starts_on,
            )  # fmt: skip
            made.append(Member(f"doctor-{serial}", name, phone, person_id))
    return sorted(made, key=lambda member: member.person_id)


def enter(
    app: Flask, cast: Cast, members: Sequence[Member], list_id: UUID | None = None, **facts: Any
) -> ListRecorded:
    """Enter a list (of a lecture unless something else is told) as the county's administrator does."""
    with writing(app):
        return commands.record_list(
            cast.admin.actor, person_ids=[one.person_id for one in members], list_id=list_id or uuid4(),
            **(facts or LECTURE),
        )  # fmt: skip
