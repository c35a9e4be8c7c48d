"""A pathway: what it asks, in stages, on what ground. Frozen, read from `content/pathways`. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.credits.claims.rules import CITY, COUNTY, PROVINCE, UNIT
from lms.credits.rules.grounds import Grounds, Source, Words
from lms.kernel.text import N_
from lms.pathways.rules.modules import Module
from lms.pathways.rules.shapes import Shape


class Verifier(StrEnum):
    """Who says whether evidence is right. In this house an exam point's word is entered by the county."""

    UNIT = "unit"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    EXAM_POINT = "exam_point"
    HOUSE = "house"


VERIFIER_NAMES = {
    Verifier.UNIT: N_("所在单位"),
    Verifier.COUNTY: N_("县级卫生健康部门"),
    Verifier.CITY: N_("市级卫生健康部门"),
    Verifier.PROVINCE: N_("省级卫生健康部门"),
    Verifier.EXAM_POINT: N_("考点"),
    Verifier.HOUSE: N_("学分账自动计算"),
}

OF_RANK = {UNIT: Verifier.UNIT, COUNTY: Verifier.COUNTY, CITY: Verifier.CITY, PROVINCE: Verifier.PROVINCE}
"""The verifier that a level of the chain is."""


class Clock(StrEnum):
    """The clocks that a duty belongs to."""

    YEAR = "year"
    CYCLE = "cycle"
    LICENCE = "licence"
    PERIODIC = "periodic"


CLOCK_NAMES = {
    Clock.YEAR: N_("今年的学分"),
    Clock.CYCLE: N_("两年一次的培训和考核"),
    Clock.LICENCE: N_("五年一换的执业证书"),
    Clock.PERIODIC: N_("三年一次的定期考核"),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing a pathway asks. `needs`: codes of what comes first; `by`: who verifies, the first that does so here;
    `evidence`: what is to be shown; `covers`: once it is verified, nothing is asked any more of what comes before it: a
    certificate is given to who has met the conditions."""

    code: str
    stage: str
    title: Words
    shape: Shape
    shape_name: str
    by: tuple[Verifier, ...]
    evidence: Words
    grounds: Grounds
    needs: tuple[str, ...] = ()
    clock: Clock | None = None
    note: Words | None = None
    covers: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the way, in order."""

    id: str
    title: Words


@dataclass(frozen=True, slots=True)
class Pathway:
    """A way, or (`duty`) what everybody of a population must do all the time."""

    id: str
    title: Words
    summary: Words
    jurisdiction: str
    duty: bool
    populations: tuple[str, ...]
    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]
    requirements: tuple[Requirement, ...]
    modules: tuple[Module, ...] = ()
    fingerprint: str = ""

    def on(self, day: date) -> tuple[Requirement, ...]:
        """What it asks on a day, in the order of its stages and lines."""
        order = {stage.id: place for place, stage in enumerate(self.stages)}
        asked = (one for one in self.requirements if one.grounds.hold_on(day))
        return tuple(sorted(asked, key=lambda one: order[one.stage]))

    def source(self, source_id: str) -> Source:
        return next(one for one in self.sources if one.id == source_id)

    def is_for(self, population: str) -> bool:
        return "*" in self.populations or population in self.populations

