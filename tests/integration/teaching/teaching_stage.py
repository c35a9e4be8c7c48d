"""A county with two supervisors, and the days of its doctors."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from cast import PASSWORD, Cast, Member, add_member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form

from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.people import passwords
from lms.teaching import commands
from lms.teaching.commands import Planned, Written
from lms.teaching.models import PracticeEntry, Rotation


@dataclass
class Ward:
    """A house with supervisors: the county's two, and one of the other county."""

    app: Flask
    cast: Cast
    teacher: Member
    second: Member
    foreign: Member

    def browser(self, member: Member) -> FlaskClient:
        client = self.app.test_client()
        answer = post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    def written(self, **changed: Any) -> Written:
        """An ordinary day at the township's health centre."""
        said: dict[str, Any] = {
            "on_date": clock.today(), "kind": "outpatient", "place_id": self.cast.places["LB-YL-LX"],
            "supervisor_id": self.teacher.person_id, "hours": Decimal(6), "note": "给老人量血压",
        }  # fmt: skip
        return Written(**said | changed)

    def enter(self, **changed: Any) -> UUID:
        made = new_id()
        with self.app.app_context(), unit_of_work():
            assert commands.enter(self.cast.learner.actor, made, self.written(**changed))
        return made

    def planned(self, first: date, last: date, **changed: Any) -> Planned:
        said: dict[str, Any] = {
            "programme": "gp-transfer", "module": "internal", "titles": {"zh": "内科", "en": "Internal medicine"},
            "site_id": self.cast.places["LB-YL-YY"], "supervisor_id": self.teacher.person_id,
            "starts_on": first, "ends_on": last,
        }  # fmt: skip
        return Planned(**said | changed)

    def plan(self, first: int, last: int, **changed: Any) -> UUID:
        """A rotation of the learner's, days counted from today."""
        made, today = new_id(), clock.today()
        days = (today + timedelta(days=first), today + timedelta(days=last))
        with self.app.app_context(), unit_of_work():
            assert commands.plan_rotation(
                self.cast.county_auditor.actor, made, self.cast.learner.person_id, self.planned(*days, **changed)
            )
        return made

    def sign(self, entry_id: UUID, version: int = 1) -> tuple[int, int]:
        with self.app.app_context(), unit_of_work():
            return commands.sign_entries(self.teacher.actor, [(entry_id, version)])

    def entry(self, entry_id: UUID) -> PracticeEntry:
        with self.app.app_context(), unit_of_work(write=False):
            found = session().get_one(PracticeEntry, entry_id)
            session().expunge_all()
            return found

    def rotation(self, rotation_id: UUID) -> Rotation:
        with self.app.app_context(), unit_of_work(write=False):
            found = session().get_one(Rotation, rotation_id)
            session().expunge_all()
            return found


def make_ward(app: Flask, cast: Cast) -> Ward:
    hashed = passwords.hash_password(PASSWORD)
    with app.app_context(), unit_of_work():
        made = [
            add_member(key, name, serial, dict(cast.places), place, ((Role.TEACHER, place),), hashed)
            for key, name, serial, place in (
                ("teacher", "邓立新", 60, "LB-YL-YY"),
                ("second", "许明霞", 61, "LB-YL-LX"),
                ("foreign", "曹大勇", 62, "LB-ST-HW"),
            )
        ]
    return Ward(app, cast, *made)
