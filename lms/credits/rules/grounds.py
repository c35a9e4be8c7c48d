"""What every line of a policy rests on: its source, how sure we are of it, for whom and when it holds."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from lms.kernel.text import N_

KINDS = (
    "recommended_project", "promotion_project", "national_project", "provincial_project",
    "municipal_project", "unit_activity", "unit_lecture", "case_discussion", "ward_round",
    "self_study", "self_study_review", "paper", "research", "further_study", "degree_study",
    "government_task", "counterpart_support", "practice",
)  # fmt: skip
UNITS = ("hours", "characters", "items", "months")
ROLES: tuple[str, ...] = (
    "attendee", "lecturer", "host", "author_1", "author_2", "author_3", "author_4", "author_5",
)  # fmt: skip
EVERYBODY = "*"


class Certainty(StrEnum):
    """How sure we are of a line; the last two are labelled wherever they are shown."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    PRACTICE = "practice"
    ASSUMED = "assumed"

    @property
    def labelled(self) -> bool:
        return self in (Certainty.PRACTICE, Certainty.ASSUMED)


CERTAINTY_WORDS = {
    Certainty.OFFICIAL: N_("原文"),
    Certainty.SECONDARY: N_("转载"),
    Certainty.PRACTICE: N_("各地做法"),
    Certainty.ASSUMED: N_("暂定"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the policy in both languages."""

    zh: str
    en: str

    def both(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Source:
    """A text the policy rests on."""

    id: str
    title: Words
    issuer: Words
    year: int


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a line holds, for whom, and from when until when (both days included)."""

    source: str
    citation: Words
    certainty: Certainty
    effective_from: date
    effective_until: date | None
    populations: tuple[str, ...]
    exempt: tuple[str, ...] = ()

    def hold_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def hold_for(self, population: str | None) -> bool:
        if population in self.exempt:
            return False
        return EVERYBODY in self.populations or population in self.populations


class Rule(Protocol):
    """What every line of a policy has, whatever its shape."""

    @property
    def id(self) -> str: ...

    @property
    def grounds(self) -> Grounds: ...


class Measure(StrEnum):
    """What a requirement is measured in."""

    CREDITS = "credits"
    HOURS = "hours"
    AWARDS = "awards"


@dataclass(frozen=True, slots=True)
class Selection:
    """Some kinds, some categories, or both (either is enough); neither: everything."""

    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def takes(self, kind: str | None, category: str | None) -> bool:
        if not self.kinds and not self.categories:
            return True
        return kind in self.kinds or category in self.categories
