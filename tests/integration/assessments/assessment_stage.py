"""A course with an assessment of every question type, published, and somebody who has read it.

Ids and explanations carry a canary: no page may show one before the rules allow it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cast import Member
from flask import Flask
from flask.testing import FlaskClient

from lms.assessments import commands, queries
from lms.assessments.bank import bank
from lms.courses import commands as courses
from lms.courses import learning
from lms.items.base import Response
from lms.kernel.actor import SYSTEM
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

CANARY = "canary"
SLUG = "stage"

COURSE = """
code = "XL-STAGE"
slug = "stage"
centre = "TC-DEMO"
subject = "chronic-disease"
audience = ["village_doctor"]
hours = "0.5"
prerequisites = []
languages = ["zh", "en"]
reviewer = "none"
review_by = 2030-01-01
title = {{ zh = "试讲课", en = "Stage course" }}
summary = {{ zh = "只在测试里有。", en = "Only in tests." }}
[[objectives]]
id = "o1"
text = {{ zh = "能答题", en = "Can answer" }}
{topics}[[sources]]
id = "s1"
title = {{ zh = "《规范》", en = "Rules" }}
issuer = {{ zh = "某机关", en = "Some office" }}
year = 2017
section = {{ zh = "第一章", en = "Chapter 1" }}
url = ""
certainty = "official"
[assessment]
minutes = 30
pass_mark = 80
attempts = 3
cooldown_minutes = 60
show_answers = "{show_answers}"
title = {{ zh = "结业测验", en = "Final assessment" }}
{draw}
"""
KINDS = (
    "single_choice",
    "multiple_response",
    "true_false",
    "numeric",
    "matching",
    "ordering",
)
TOTAL = 18

LESSON = """+++
title = "{title}"
minutes = 5
objectives = ["o1"]
sources = ["s1"]
+++
{text}[^s1]

::: check ST-C1
:::
"""


def _item(code: str, kind: str, own: str, use: str = "assessment") -> str:
    return f"""
[[item]]
code = "{code}"
type = "{kind}"
use = "{use}"
topic = "{kind.replace("_", "-")}"
difficulty = 1
objective = "o1"
sources = ["s1"]
stem = {{ zh = "题 {code}", en = "Question {code}" }}
explanation = {{ zh = "{CANARY} 讲解 {code}", en = "{CANARY} why {code}" }}
{own}
"""


def _options(right: set[int], count: int) -> str:
    rows = [
        f'{{ id = "{CANARY}-{n}", text = {{ zh = "选项 {n}", en = "Option {n}" }},'
        f" correct = {str(n in right).lower()} }},"
        for n in range(count)
    ]
    return "options = [\n" + "\n".join(rows) + "\n]"


def _items() -> str:
    rows = range(3)
    text = '{{ zh = "{0} {2}", en = "{1} {2}" }}'
    pairs = "".join(
        f'{{ id = "{CANARY}-{n}", left = {text.format("左", "Left", n)},'
        f' right = {text.format("右", "Right", n)} }},\n'
        for n in rows
    )
    steps = "".join(f'{{ id = "{CANARY}-{n}", text = {text.format("步", "Step", n)} }},\n' for n in rows)
    numeric = 'answer = "987654"\ntolerance = "0"\nunit = { zh = "mmHg", en = "mmHg" }'
    return "".join(
        _item(f"ST-{kind.upper()[:2]}-{n}", kind, own)
        for n in range(6)
        for kind, own in (
            ("single_choice", _options({n % 4}, 4)),
            ("multiple_response", _options({0, 2}, 5)),
            ("true_false", "answer = true"),
            ("numeric", numeric),
            ("matching", f"pairs = [\n{pairs}]"),
            ("ordering", f"steps = [\n{steps}]"),
        )
    ) + _item("ST-C1", "true_false", "answer = true", use="check")


def write_package(folder: Path, show_answers: str) -> Path:
    """The package on disk; its folder."""
    root = folder / SLUG
    (root / "lessons").mkdir(parents=True)
    (root / "items").mkdir()
    names = [kind.replace("_", "-") for kind in KINDS]
    course = COURSE.format(
        show_answers=show_answers,
        topics="".join(f'[[topics]]\nid = "{name}"\ntitle = {{ zh = "{name}", en = "{name}" }}\n' for name in names),
        draw="".join(f'[[assessment.draw]]\ntopic = "{name}"\ncount = 3\n' for name in names),
    )
    (root / "course.toml").write_text(course, "utf-8")
    for lang, title, words in (("zh", "第一课", "看一看。"), ("en", "Lesson", "Look.")):
        lesson = LESSON.format(title=title, text=words)
        (root / "lessons" / f"01-look.{lang}.md").write_text(lesson, "utf-8")
    (root / "items" / "all.toml").write_text(_items(), "utf-8")
    return root


@dataclass
class Stage:
    """The published course and one learner's enrolment in it."""

    app: Flask
    member: Member
    edition_id: UUID
    enrolment_id: UUID

    def read_lessons(self) -> None:
        """Let her finish every lesson."""
        with self.app.app_context(), unit_of_work():
            for lesson in learning.editions.edition(self.edition_id).lessons:
                courses.finish_lesson(self.member.actor, self.enrolment_id, lesson.id)

    def start(self, now: datetime | None = None) -> UUID:
        with self.app.app_context(), unit_of_work():
            return commands.start_attempt(self.member.actor, self.enrolment_id, now=now)

    def right_values(self, attempt_id: UUID) -> list[dict[str, list[str]]]:
        """For each question, what a form with the right answer posts."""
        with self.app.app_context(), unit_of_work(write=False):
            found = bank(self.edition_id)
            values = []
            for asked in queries.asked(attempt_id):
                item = found.items[asked.code]
                filled = item.fill(asked.order, item.right())
                values.append({name: list(value) for name, value in filled.items()})
            return values

    def answer_all(self, attempt_id: UUID, right: int, now: datetime | None = None) -> None:
        """Answer the first `right` questions rightly, leave the others."""
        for position, values in enumerate(self.right_values(attempt_id)[:right], 1):
            with self.app.app_context(), unit_of_work():
                given = commands.Given(new_id(), position, values)
                commands.save_answer(self.member.actor, attempt_id, given, now=now)

    def submit(self, attempt_id: UUID, now: datetime | None = None) -> None:
        with self.app.app_context(), unit_of_work():
            commands.submit_attempt(self.member.actor, attempt_id, now=now)

    def responses(self, attempt_id: UUID) -> dict[int, Response]:
        """The answers that count, as the database has them."""
        with self.app.app_context(), unit_of_work(write=False):
            return {n: one.response for n, one in queries.latest(attempt_id).items()}

    def card(self, attempt_id: UUID) -> queries.AttemptCard:
        with self.app.app_context(), unit_of_work(write=False):
            return queries.own_attempt(self.member.actor, attempt_id)

    def gates(self) -> tuple[str, ...]:
        with self.app.app_context(), unit_of_work(write=False):
            return queries.own_enrolment(self.member.actor, self.enrolment_id).gates


def set_stage(app: Flask, member: Member, folder: Path, show_answers: str = "after_pass") -> Stage:
    """Publish the course and enrol the member."""
    root = write_package(folder, show_answers)
    with app.app_context():
        with unit_of_work():
            edition_id, _new = courses.publish_folder(root, SYSTEM)
        with unit_of_work():
            enrolment_id = courses.enrol(member.actor, SLUG)
    return Stage(app, member, edition_id, enrolment_id)


SignIn = Callable[[FlaskClient, Member], FlaskClient]
