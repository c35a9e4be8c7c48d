"""What credits puts onto pages below, and the places it leaves open for features above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from lms.courses import parts as courses
from lms.courses.editions import EditionData
from lms.courses.parts import CourseValue
from lms.credits import policies
from lms.credits.approvals.queries import ValidApproval, valid_approval_of, valid_approvals, valid_approvals_of
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.compliance import commands as compliance
from lms.credits.log import standing
from lms.credits.rules.facts import Person
from lms.credits.suggestions import still_counting, would_award
from lms.kernel import health
from lms.kernel.actor import Actor
from lms.kernel.parts import Slot
from lms.kernel.quantities import from_milli
from lms.kernel.text import N_, Message
from lms.people import parts as people


@dataclass(frozen=True, slots=True)
class AwardLink:
    """Where to see the certificate of an award."""

    label: Message
    url: str


def _no_links(award_ids: Collection[UUID]) -> dict[UUID, AwardLink]:
    return {}


award_links: Slot[[Collection[UUID]], dict[UUID, AwardLink]] = Slot(_no_links)
"""Certificates by award, for the awards given; one statement. Filled by certificates."""

@dataclass(frozen=True, slots=True)
class YearTurn:
    """Something the turn of a year asks for in a place (its names): what, of how many people, and where they are
    listed."""

    place: Mapping[str, str]
    label: Message
    people: int
    url: str


def _no_turns(actor: Actor) -> list[YearTurn]:
    return []


year_turns: Slot[[Actor], list[YearTurn]] = Slot(_no_turns)
"""What the turn of a year asks for in the actor's places; filled by pathways (licences that end)."""

MENU = (
    people.MenuEntry(
        "/admin/ledger",
        "warn",
        N_("学分账或公开日志有问题"),
        N_("授分暂停了，或者日志不再签名。请点开看"),
        standing.alarmed,
    ),
    people.MenuEntry("/reports/compliance", "chart", N_("学分达标"), N_("各单位谁够了、谁还差多少、为什么")),
    people.MenuEntry("/reports/filings", "file", N_("上报主管部门"), N_("每年每季的文件，回复，退回要改的")),
    people.MenuEntry("/admin/history", "upload", N_("导入历史学分"), N_("从别的系统，先预演，可以整批收回")),
    people.MenuEntry("/admin/approvals", "shield", N_("课程批准"), N_("哪门课、由谁批准、什么编号、计多少学时")),
    people.MenuEntry("/admin/rollover", "today", N_("年度结转"), N_("年底到期的批准，一次登记到新的一年")),
    people.MenuEntry("/admin/activities", "plus", N_("登记活动"), N_("面授项目、讲座、病例讨论、自学")),
    people.MenuEntry("/credits/policies", "scales", N_("学分规则"), N_("全国和各省怎么算，哪些在执行，依据是什么")),
    people.MenuEntry("/admin/ledger", "shield", N_("学分账和公开日志"), N_("核对的结果，日志、签名和见证人")),
)
PERSON_LINK = people.PersonLink("/audit/people/{id}/credits", "receipt", N_("学分明细"))


def fill() -> None:
    """Fill the slots; called by app.py. A policy that cannot be used is refused here, at start."""
    people.derived["year_result"] = compliance.forget
    policies.library()
    courses.course_values.fill(_values)
    courses.edition_value.fill(_edition_value)
    courses.editions_with_credit.fill(_editions_with_credit)
    courses.lacking.fill(still_counting)
    courses.with_credit.fill(_with_credit)
    courses.unreviewed_carries.fill(unreviewed_may_carry)
    health.standings.update(ledger=standing.ledger_health, log=standing.log_health)
    health.gauges["credits"] = standing.gauges
    people.admin_menu.extend(entry for entry in MENU if entry not in people.admin_menu)
    people.person_links[:] = [PERSON_LINK]


def _values(codes: Collection[str], on: date) -> dict[str, CourseValue]:
    """What approved courses bring on a day under the national policy."""
    folder = policies.folder()
    values = {code: value_of(approval, on, folder) for code, approval in valid_approvals(on, codes).items()}
    return {code: value for code, value in values.items() if value is not None}


def _edition_value(edition: EditionData, on: date) -> CourseValue | None:
    """What an edition brings on a day under the national policy; as awarding looks at it."""
    if not edition.reviewed and not unreviewed_may_carry():
        return None
    approval = valid_approval_of(edition.course_code, edition.id, on)
    return value_of(approval, on, policies.folder()) if approval else None


def _editions_with_credit(editions: Collection[EditionData], on: date) -> set[UUID]:
    """Which of these editions of one course bring something on a day; the same rule for several at once."""
    carrying = [one for one in editions if one.reviewed or unreviewed_may_carry()]
    if not carrying:
        return set()
    found = valid_approvals_of(carrying[0].course_code, {one.id for one in carrying}, on)
    folder = policies.folder()
    return {edition_id for edition_id, approval in found.items() if value_of(approval, on, folder) is not None}


@lru_cache(maxsize=2000)
def value_of(approval: ValidApproval, on: date, _folder: Path) -> CourseValue | None:
    """What an approval brings on a day; the policies of a folder do not change while the process lives."""
    policy = policies.governing(policies.NATION, on.year)
    if policy is None:
        return None
    award = would_award(policy, Person(policies.NATION, None), approval, on)
    if award is None:
        return None
    return CourseValue(award.awarded, from_milli(approval.hours_milli), approval.project_number)


def _with_credit(on: date) -> set[str] | None:
    return set(valid_approvals(on))
