"""Two thousand learners beside the demonstration county: rows as commands would have left them.

Courses, approvals and one sign-in go through the real doors. The learners themselves are copied
straight into the tables, because two thousand forms would take longer than the bench.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from lms.assessments.bank import Bank, bank
from lms.assessments.rules.drawing import Form, draw, form_to_json
from lms.courses import editions
from lms.courses import queries as course_queries
from lms.credits.ledger import leaves
from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.crypto import lookup_hash
from lms.kernel.ids import new_id, new_token
from lms.kernel.text import folded
from lms.kernel.uow import unit_of_work
from lms.people import identity, rules, sessions
from tests.bench.exams import SOURCE, approve, as_response, publish_exam, right_values, some_values

SAVING, FAILING, PASSING = "bench-saving", "bench-failing", "bench-passing"
EXAMS = (SAVING, FAILING, PASSING)
LESSONS_DONE = 3
CLONED = ("activity", "award", "ledger_entry", "certificate")
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "春夏秋冬桂芳德福清和文静海燕远山"
FIRST_SERIAL = 500_000


@dataclass(slots=True)
class Sitting:
    """An open attempt and what it asks."""

    id: UUID
    form: Form


@dataclass(slots=True)
class Learner:
    """One of the two thousand, signed in on one phone."""

    id: UUID
    name: str
    token: str
    csrf: str
    cookie: str
    studying: UUID
    sittings: dict[str, Sitting] = field(default_factory=dict)


@dataclass
class Town:
    """Everything that requests are made from."""

    learners: list[Learner]
    lessons: Sequence[str]
    banks: Mapping[str, Bank]
    tokens: Sequence[str]


class Copier:
    """Rows go into the tables by COPY."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """What a query finds."""
        return self.connection.execute(statement.encode(), values).fetchall()

    def put(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Copy rows that all have the same columns."""
        rows = list(rows)
        names = list(rows[0])
        statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row([_plain(row[name]) for name in names])

    def settle(self) -> None:
        """Statistics and a checkpoint, so that no row of the bench pays for the seeding."""
        self.connection.execute("VACUUM ANALYZE")
        self.connection.execute("CHECKPOINT")


def _plain(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict | list) else value


def build_town(app: Flask, dsn: str, doctor_phone: str, pattern: Mapping[str, Any], size: int) -> Town:
    """Add `size` learners to a demonstration county.

    `pattern` is the content of the cookie of a real sign-in: theirs differ in nothing but the secrets.
    """
    chance = Random(20_261_121)
    copier = Copier(dsn)
    with app.app_context():
        with unit_of_work():
            found = {slug: publish_exam(slug) for slug in EXAMS}
        with unit_of_work():
            approve(PASSING)
        with unit_of_work(write=False):
            banks = {slug: bank(edition_id) for slug, edition_id in found.items()}
            learners = _people(app, copier, pattern, size, chance)
            _clone_history(copier, learners, doctor_phone)
            lessons = _enrol(copier, learners)
            for slug in EXAMS:
                _seat(copier, learners, slug, banks[slug], chance)
    tokens = [row["token"] for row in copier.rows("SELECT token FROM certificate WHERE revoked_at IS NULL")]
    copier.settle()
    copier.connection.close()
    return Town(learners, lessons, banks, tokens)


def _people(app: Flask, copier: Copier, pattern: Mapping[str, Any], size: int, chance: Random) -> list[Learner]:
    clinics = copier.rows(
        "SELECT clinic.id, clinic.path, county.id AS county FROM organisation clinic JOIN organisation county "
        "ON county.kind = 'county' AND starts_with(clinic.path, county.path) WHERE clinic.kind = 'village_clinic'"
    )
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    now, whole = clock.now(), timedelta(days=app.extensions["xinglin.settings"].session_days)
    tables: dict[str, list[dict[str, Any]]] = {}
    learners = []
    for number in range(size):
        name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
        token, csrf, clinic = new_token(), new_token(), clinics[number % len(clinics)]
        cookie = signer.dumps({**pattern, "_user_id": token, "csrf": csrf})
        learner = Learner(new_id(), name, token, csrf, f"xinglin={cookie}", new_id())
        learners.append(learner)
        for table, row in {
            "person": _person(learner, FIRST_SERIAL + number),
            "posting": {"id": new_id(), "person_id": learner.id, "employer_id": clinic["id"],
                        "workplace_id": clinic["id"], "authority_id": clinic["county"], "starts_on": date(2024, 1, 1)},
            "role_grant": {"id": new_id(), "person_id": learner.id, "role": Role.LEARNER,
                           "organisation_id": clinic["id"], "path": clinic["path"], "granted_at": now},
            "consent": {"person_id": learner.id, "notice_version": sessions.NOTICE, "at": now},
            "user_session": {"id": new_id(), "token_hash": sessions.hashed(token), "person_id": learner.id,
                             "created_at": now, "last_seen_at": now, "idle_until": now + whole / 4,
                             "expires_at": now + whole, "shared": False, "device": "phone", "address": "127.0.0.1"},
        }.items():  # fmt: skip
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        copier.put(table, rows)
    return learners


def _person(learner: Learner, serial: int) -> dict[str, Any]:
    """The row of an invented person; her numbers cannot be anybody's."""
    digits = f"000000{1950 + serial % 50}{1 + serial % 12:02d}{1 + serial % 28:02d}{serial % 1000:03d}"
    columns = identity.phone_columns(f"000{serial:08d}", {})
    # Two thousand people share a thousand serial numbers: the hash, not the mask, must differ.
    hashed = identity.id_number_columns(digits + rules.check_character(digits), {})
    hashed["id_number_hash"] = columns["phone_hash"]
    return {
        "id": learner.id,
        "name": learner.name,
        "name_folded": folded(learner.name),
        "name_drawable": True,
        "population": "village_doctor",
        "email_mask": "",
        "created_at": clock.now(),
        **columns,
        **hashed,
    }


def _clone_history(copier: Copier, learners: Sequence[Learner], phone: str) -> None:
    """Give everybody the two years of the demonstration's doctor."""
    hashed = lookup_hash(identity.account_of(phone).plain, "phone")
    doctor = copier.rows("SELECT id FROM person WHERE phone_hash = %s", hashed)[0]["id"]
    history = {table: copier.rows(f"SELECT * FROM {table} WHERE person_id = %s", doctor) for table in CLONED}
    for table, rows in history.items():
        made = [_cloned(row, table, learner) for learner in learners for row in rows]
        if made:
            copier.put(table, made)


def _cloned(row: Mapping[str, Any], table: str, learner: Learner) -> dict[str, Any]:
    """A row of the doctor as one of the learner: every id that points inside her history moves along."""

    def moved(one: UUID | None) -> UUID | None:
        return UUID(int=one.int ^ (learner.studying.int & (1 << 62) - 1)) if one else None

    inside = {"id", "activity_id", "award_id"}
    copied = {name: moved(value) if name in inside else value for name, value in row.items()}
    copied["person_id"] = learner.id
    if copied.get("state") == "returned":
        copied["state"] = "granted"  # what the auditor wrote to the doctor is hers alone
    if "enrolment_id" in copied:
        copied["enrolment_id"] = None
    if table == "ledger_entry":
        # A line of her own for the pages; its leaf stays the doctor's, and the log never hears of it.
        copied["id"] = leaves.entry_id(leaves.award_key(copied["award_id"], row["sequence"]))
    if table == "certificate":
        copied["number"] = f"B{copied['id'].hex[-16:]}"
        copied["token"] = new_token()
    return copied


def _enrol(copier: Copier, learners: Sequence[Learner]) -> list[str]:
    """Everybody is in the middle of the hypertension course; the slugs of its lessons."""
    course = course_queries.by_slug(SOURCE)
    assert course is not None
    lessons = editions.edition(course.edition_id).lessons
    copier.put("enrolment", (_enrolment(one.studying, one.id, course) for one in learners))
    copier.put(
        "lesson_progress",
        (
            {"enrolment_id": one.studying, "lesson_id": lesson.id, "finished_at": clock.now()}
            for one in learners
            for lesson in lessons[:LESSONS_DONE]
        ),
    )
    return [lesson.slug for lesson in lessons]


def _enrolment(enrolment_id: UUID, person_id: UUID, course: course_queries.CourseCard) -> dict[str, Any]:
    return {
        "id": enrolment_id,
        "person_id": person_id,
        "course_id": course.id,
        "edition_id": course.edition_id,
        "round": 1,
        "started_at": clock.now() - timedelta(days=3),
    }


def _seat(copier: Copier, learners: Sequence[Learner], slug: str, found: Bank, chance: Random) -> None:
    """Everybody has read a course of the bench and sits at its paper.

    At the saving one half is answered; at the others all is, by chance or rightly.
    """
    course = course_queries.by_slug(slug)
    assert course is not None
    now = clock.now()
    lessons = [lesson.id for lesson in editions.edition(course.edition_id).lessons]
    enrolments, progress, attempts, answers = [], [], [], []
    for learner in learners:
        enrolment_id, seed = new_id(), chance.getrandbits(48)
        sitting = Sitting(new_id(), draw(found.items.values(), found.paper.draw, seed))
        learner.sittings[slug] = sitting
        enrolments.append(_enrolment(enrolment_id, learner.id, course))
        progress += [{"enrolment_id": enrolment_id, "lesson_id": one, "finished_at": now} for one in lessons]
        attempts.append({
            "id": sitting.id, "enrolment_id": enrolment_id, "paper_id": found.paper_id,
            "edition_id": course.edition_id, "person_id": learner.id, "number": 1, "seed": seed,
            "form": form_to_json(sitting.form), "state": "open", "started_at": now,
            "deadline": now + timedelta(minutes=found.paper.minutes),
        })  # fmt: skip
        for position, asked in enumerate(sitting.form, 1):
            if slug == SAVING and position % 2:
                continue
            item = found.items[asked.code]
            values = right_values(item, asked) if slug == PASSING else some_values(item, asked, chance)
            answers.append({
                "id": new_id(), "attempt_id": sitting.id, "position": position, "seq": 1,
                "response": Jsonb(as_response(item, asked, values)), "flagged": False, "at": now,
            })  # fmt: skip
    copier.put("enrolment", enrolments)
    copier.put("lesson_progress", progress)
    copier.put("attempt", attempts)
    copier.put("answer", answers)
