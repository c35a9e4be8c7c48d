"""What is read of a draft's questions: each with its place, what is missing, and what the checker says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.courses import studio
from lms.courses.packages.package import Package
from lms.courses.packages.problem import Problem
from lms.courses.studio import DraftCard
from lms.courses.writing import files, room
from lms.courses.writing.item_blocks import Unlike, cut, read
from lms.courses.writing.item_tables import Table, digest, lacks_english
from lms.courses.writing.models import DraftFile
from lms.items.registry import LABELS
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.text import N_, Message

USES: Mapping[str, str] = {
    "assessment": N_("考试"), "check": N_("课内自测"), "knowledge": N_("小测（课前、课后、三个月后）"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it stands in its file; `loose`: it can be written on the page of questions."""

    file_id: UUID
    path: str
    index: int  # in its file, from 0
    count: int  # questions in its file
    first_line: int
    last_line: int
    table: Table
    loose: bool
    faults: tuple[Problem, ...] = ()

    def said(self, key: str) -> str:
        value = self.table.get(key, "")
        return value if isinstance(value, str) else ""

    @property
    def code(self) -> str:
        return self.said("code")

    @property
    def type(self) -> str:
        return self.said("type")

    @property
    def use(self) -> str:
        return self.said("use")

    @property
    def label(self) -> Message | str:
        return LABELS.get(self.type, self.type)

    @property
    def digest(self) -> str:
        return digest(self.table)

    @property
    def stem(self) -> dict[str, Any]:
        """The question in the languages in which it is written."""
        found = self.table.get("stem")
        return {key: text for key, text in found.items() if text} if isinstance(found, dict) else {}

    @property
    def lacks_english(self) -> bool:
        return lacks_english(self.table)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of questions."""

    id: UUID
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Bank:
    """All questions of a draft; `package` is None while course.toml cannot be read. `unreadable`: files of which the
    checker says that they cannot be read, or are written in another way."""

    draft: DraftCard
    questions: Sequence[Question]
    package: Package | None
    unreadable: Sequence[TextFile]

    def question(self, code: str) -> Question | None:
        return next((one for one in self.questions if one.code == code), None)

    def chosen(self, topic: str, use: str) -> list[Question]:
        """Those of a topic and a use; all where nothing is asked for."""
        return [one for one in self.questions if topic in ("", one.said("topic")) and use in ("", one.use)]

    @property
    def topics(self) -> list[str]:
        """Topics by which can be chosen: the course's, then those that only questions name."""
        known = [topic.id for topic in self.package.topics] if self.package else []
        return list(dict.fromkeys([*known, *(one.said("topic") for one in self.questions if one.said("topic"))]))


def question_files(draft_id: UUID) -> list[TextFile]:
    """The files of questions of a draft, in the order in which they are read."""
    rows = session().execute(
        select(DraftFile.id, DraftFile.path, DraftFile.text)
        .where(DraftFile.draft_id == draft_id, DraftFile.path.like("items/%.toml"), DraftFile.text.is_not(None))
    )  # fmt: skip
    return [TextFile(row.id, row.path, row.text) for row in sorted(rows, key=lambda row: str(row.path))]


def questions_of(draft_id: UUID) -> list[Question]:
    """The questions of a draft in order; files that cannot be read have none."""
    return [one for file in question_files(draft_id) for one in _in_file(file)]


def _in_file(file: TextFile) -> list[Question]:
    try:
        blocks = cut(file.text).blocks
    except Unlike:
        return _in_another_way(file)
    return [
        Question(file.id, file.path, index, len(blocks), block.first_line, block.last_line, block.table, True)
        for index, block in enumerate(blocks)
    ]


def _in_another_way(file: TextFile) -> list[Question]:
    try:
        tables = read(file.text)
    except Unlike:
        return []
    return [Question(file.id, file.path, at, len(tables), 0, -1, table, False) for at, table in enumerate(tables)]


def codes_used(questions: Sequence[Question]) -> set[str]:
    """Codes that no other question may have."""
    return {one.code.upper() for one in questions}


def bank(actor: Actor, draft_id: UUID) -> Bank:
    """The questions of a draft of her centres; NotFound otherwise."""
    draft = studio.draft(actor, draft_id)
    problems = files.checked(files.tree_of(draft_id)).problems
    found = [
        replace(one, faults=tuple(
            problem for problem in problems
            if problem.file == one.path and one.first_line <= problem.line <= one.last_line
        ))
        for one in questions_of(draft_id)
    ]  # fmt: skip
    loose = {one.file_id for one in found if one.loose}
    strange = [file for file in question_files(draft_id) if file.id not in loose and file.text.strip()]
    return Bank(draft, found, room.package_of(draft_id), strange)


def counts(draft_id: UUID) -> dict[str, int]:
    """How many questions of each use a draft has."""
    uses = [one.use for one in questions_of(draft_id)]
    return {use: uses.count(use) for use in USES}


def self_checks(draft_id: UUID) -> list[Question]:
    """The questions that a lesson may show."""
    return [one for one in questions_of(draft_id) if one.use == "check" and one.code]
