"""What the checker finds, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lms.kernel.text import Message


class Severity(StrEnum):
    """An error forbids handing in and publishing; a warning keeps a draft from approval until it is gone or the
    reviewer has written why it may stay (ADR 26 says which is which); a hint keeps nobody from anything."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Problem:
    """One finding. `line` counts from 1, 0 is the whole file; an empty `file` is the package.

    `unfit`: an error that forbids handing in and publishing, while the package can be read and kept as a draft.
    """

    file: str
    line: int
    message: Message
    severity: Severity = Severity.ERROR
    unfit: bool = False


class BadPackageError(Exception):
    """The archive or folder cannot be taken in at all; carries the problems, nothing was kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("bad package")
        self.problems = tuple(problems)


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def is_readable(problems: Iterable[Problem]) -> bool:
    """Whether every error is one of publishing: what has these can be a draft."""
    return all(problem.unfit for problem in problems if problem.severity is Severity.ERROR)


def has_warnings(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.WARNING for problem in problems)
