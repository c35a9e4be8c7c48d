"""What is on record about a person: one dated thing each, and how far it is believed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.kernel.text import N_


class Kind(StrEnum):
    """What a record is of."""

    DIPLOMA = "diploma"
    VILLAGE_LICENCE = "village_licence"
    RENEWAL = "renewal"
    TRAINING = "training"
    ASSESSMENT = "assessment"
    EMPLOYMENT = "employment"
    PRACTICE = "practice"
    DECLARATION = "declaration"
    BAN = "ban"
    EXAM_PRACTICAL = "exam_practical"
    EXAM_WRITTEN = "exam_written"
    QUALIFICATION = "qualification"
    REGISTRATION = "registration"
    CATCH_UP_TRAINING = "catch_up_training"
    PERIODIC_ASSESSMENT = "periodic_assessment"
    EXEMPTION = "exemption"
    FINAL_ASSESSMENT = "final_assessment"
    GP_CERTIFICATE = "gp_certificate"
    RESIDENCY_CERTIFICATE = "residency_certificate"
    SERVICE = "service"


AGREED_YEARS = "agreed_years"
"""Of a service: for how many years it was agreed upon, where the record says so."""


class Standing(StrEnum):
    """How far a record is believed. What she says of herself looks different from what was verified."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"


KIND_NAMES = {
    Kind.DIPLOMA: N_("毕业证"),
    Kind.VILLAGE_LICENCE: N_("乡村医生执业证书"),
    Kind.RENEWAL: N_("再注册申请"),
    Kind.TRAINING: N_("参加培训"),
    Kind.ASSESSMENT: N_("乡村医生考核"),
    Kind.EMPLOYMENT: N_("在岗证明"),
    Kind.PRACTICE: N_("试用期考核"),
    Kind.DECLARATION: N_("未在禁考期的声明"),
    Kind.BAN: N_("禁考记录"),
    Kind.EXAM_PRACTICAL: N_("实践技能考试成绩"),
    Kind.EXAM_WRITTEN: N_("医学综合考试成绩"),
    Kind.QUALIFICATION: N_("医师资格证书"),
    Kind.REGISTRATION: N_("医师执业证书"),
    Kind.CATCH_UP_TRAINING: N_("注册前的培训"),
    Kind.PERIODIC_ASSESSMENT: N_("医师定期考核"),
    Kind.EXEMPTION: N_("免修"),
    Kind.FINAL_ASSESSMENT: N_("结业考核"),
    Kind.GP_CERTIFICATE: N_("全科医生转岗培训合格证"),
    Kind.RESIDENCY_CERTIFICATE: N_("住院医师规范化培训合格证书"),
    Kind.SERVICE: N_("定向服务"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One thing on record. `on`: its day, or the first day of its span; `until`: the last day it holds, or of the
    span; None: without end. `fields`: what its kind asks (level, result, ...), as stored. `turn`: the rank of the level
    that is to verify it, `acted`: of the highest that has decided anything, 0 where none or where it is not known;
    `entered`: by an office, not by herself."""

    id: str
    kind: Kind
    on: date
    until: date | None
    standing: Standing
    fields: Mapping[str, str] = field(default_factory=dict)
    turn: int = 0
    acted: int = 0
    entered: bool = False

    @property
    def verified(self) -> bool:
        return self.standing is Standing.VERIFIED

    def holds_on(self, day: date) -> bool:
        """Whether it has begun and not ended."""
        return self.on <= day and (self.until is None or day <= self.until)

    def span(self, day: date) -> tuple[date, date]:
        """Its days until the day of judgement, both counted; it must have begun."""
        return self.on, min(self.until or day, day)


@dataclass(frozen=True, slots=True)
class Done:
    """How much of a module is done, in the module's own unit: signed by the supervisor, and waiting for it."""

    signed: Decimal = Decimal(0)
    waiting: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is judged of a person. `years`: compliance of credit years (pass, fail, unknown, not_required);
    `modules`: what is done of programmes, by (pathway, module)."""

    records: tuple[Record, ...] = ()
    years: Mapping[int, str] = field(default_factory=dict)
    modules: Mapping[tuple[str, str], Done] = field(default_factory=dict)
