"""What a file of another maker brings: lessons, pictures, questions, and what is left behind. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lms.courses.packages.problem import BadPackageError, Problem, Severity
from lms.courses.packages.recording import MediaFile, Recording
from lms.kernel.text import Message

MOST_LESSONS = 99
MOST_MEDIA = 150
MOST_ATTACHED = 40
"""Hand-outs, sounds and films of one file: each PDF is made anew, which takes part of a second."""
MOST_LOSSES = 200
"""Lines of a report; one more says how many there were."""
LINKS = {"zh": "链接", "en": "Links"}
"""Title of the lesson that holds the links of a course."""
FILES = {"zh": "附件", "en": "Files"}
"""Title of the lesson that holds the files that no page shows."""
KINDS = ("word", "cartridge", "moodle", "page")


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote that becomes a source: its name in the lessons, and its words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson in the language in which it was written."""

    title: str
    body: str
    notes: Sequence[str] = ()

    def with_body(self, body: str) -> "Lesson":
        """The same lesson with other words."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Attached:
    """A hand-out, sound or film: what it is called where it comes from, and that without its ending. Its bytes lie in
    the child's folder until they are judged."""

    name: str
    stem: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A film or sound that is stored as it came, and made smaller when there is a draft: `name` in lessons, `source`
    what it is called where it comes from."""

    name: str
    file: MediaFile
    source: str


@dataclass(slots=True)
class Brought:
    """Everything that a file brings. Questions are tables of `lms.items` with their words under `zh`, whatever their
    language; `topics` are names of drawers by id. `attached` were judged when they are `recordings`, or `waiting` to be
    made smaller once there is a draft."""

    kind: str
    title: str
    lessons: list[Lesson] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    topics: dict[str, str] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    attached: list[Attached] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    losses: "Losses" = field(default_factory=lambda: Losses())


def file_of(number: int) -> str:
    """Where in the child's folder an attached file lies."""
    return f"attached-{number:03d}"


def address_of(number: int) -> str:
    """What a lesson says of an attached file until it was judged and has a name; as long as a name may be."""
    return f"media/attached-{number:021d}"


class Losses:
    """What is left behind, each once, with file and line where they are known."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self.more = 0

    def add(self, message: Message, file: str = "", line: int = 0) -> None:
        one = Problem(shown(file), line, message, Severity.WARNING)
        if one in self._found:
            return
        if len(self._found) < MOST_LOSSES:
            self._found[one] = None
        else:
            self.more += 1

    def told(self) -> list[Problem]:
        return list(self._found)


def shown(file: str) -> str:
    """A file's name as it may be shown: no control characters, 120 characters at most."""
    return "".join(char if char.isprintable() else "�" for char in file[:120])


def refuse(message: Message, file: str = "", line: int = 0) -> BadPackageError:
    """What to raise for a file that is not taken at all."""
    return BadPackageError([Problem(shown(file), line, message)])


def row_of(problem: Problem) -> dict[str, Any]:
    """A problem as JSON keeps it (`studio.problem_of` reads it)."""
    given = problem.message.params.items()
    params = {name: value if isinstance(value, int | list) else str(value) for name, value in given}
    return {
        "file": problem.file, "line": problem.line, "severity": problem.severity.value,
        "msgid": problem.message.msgid, "params": params,
    }  # fmt: skip


def as_json(brought: Brought) -> Mapping[str, Any]:
    """Everything but the pictures and other files."""
    return {
        "kind": brought.kind,
        "title": brought.title,
        "lessons": [[one.title, one.body, list(one.notes)] for one in brought.lessons],
        "notes": [[one.id, one.text] for one in brought.notes],
        "topics": brought.topics,
        "items": brought.items,
        "attached": [[one.name, one.stem] for one in brought.attached],
        "losses": [row_of(one) for one in brought.losses.told()],
        "more": brought.losses.more,
    }
