"""Whether what an authority says of a course can be entered. Pure: whoever enters one approval or a hundred asks here,
of what `looking` has read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.courses.queries import TaughtEdition
from lms.credits.approvals.queries import AUTHORITY_KINDS, COURSE_KINDS
from lms.kernel.text import Message, msg
from lms.organisations.queries import OrganisationCard

MOST_YEARS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """An approval that is to be entered; `edition_id` None: for every edition."""

    course_code: str
    edition_id: UUID | None
    authority_id: UUID
    project_number: str
    kind: str
    hours: Decimal
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Held:
    """An approval of a course; `ended`: by hand, so that it holds no more."""

    course_id: UUID
    edition_id: UUID | None
    authority_id: UUID
    project_number: str
    valid_from: date
    valid_until: date
    ended: bool = False

    def meets(self, course_id: UUID, wanted: Wanted) -> bool:
        """Whether both hold for one edition on one day: one edition may be approved while another is; what holds for
        all overlaps with each."""
        if self.ended:
            return False
        same = self.edition_id is None or wanted.edition_id is None or self.edition_id == wanted.edition_id
        days = self.valid_from <= wanted.valid_until and self.valid_until >= wanted.valid_from
        return self.course_id == course_id and same and days

    def is_on_record_as(self, course_id: UUID, wanted: Wanted) -> bool:
        """Whether both are one: of one course, authority and number from one day on, whatever the edition."""
        mine = (self.course_id, self.authority_id, self.project_number, self.valid_from)
        return mine == (course_id, wanted.authority_id, wanted.project_number, wanted.valid_from)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known while approvals are judged: the editions they are about by course code and edition (None: the
    current one), the authorities by id, what holds already, what a year's credits are called where it has a policy,
    whether courses without clinical review may carry credit, the day."""

    editions: Mapping[tuple[str, UUID | None], TaughtEdition]
    authorities: Mapping[UUID, OrganisationCard]
    held: list[Held]
    classes: Mapping[int, str]
    unreviewed_may: bool
    today: date

    def edition(self, wanted: Wanted) -> TaughtEdition | None:
        return self.editions.get((wanted.course_code, wanted.edition_id))

    def hold(self, wanted: Wanted) -> None:
        """From now on this one holds too: of several entered together, the next is judged beside it."""
        edition = self.editions[wanted.course_code, wanted.edition_id]
        self.held.append(
            Held(
                edition.course_id, wanted.edition_id, wanted.authority_id, wanted.project_number, wanted.valid_from,
                wanted.valid_until,
            )
        )  # fmt: skip


def faults(known: Known, wanted: Wanted) -> dict[str, Message]:
    """What is wrong with it, by the name of the field; nothing: it can be entered."""
    edition = known.edition(wanted)
    if edition is None:
        return {"course_code": msg("没有这门课程，或者还没有发布。")}
    if edition.closed:
        return {"course_code": msg("这门课已经下架，不能再登记批准。")}
    if not known.unreviewed_may and not edition.reviewed:
        return {"course_code": msg("这门课没有经过临床审核，不能带学分。")}
    found = _of_words(wanted, edition.hours)
    if any(one.is_on_record_as(edition.course_id, wanted) for one in known.held):
        found["project_number"] = msg("这条批准已经登记过了。")
    authority = known.authorities.get(wanted.authority_id)
    if authority is None or authority.kind not in AUTHORITY_KINDS or _is_over(authority, known.today):
        # Whoever administers a clinic would otherwise give credit to the whole country's doctors.
        found["authority_id"] = msg("请从列出的几项里选一项。")
    return found | (_of_days(known, wanted.valid_from, wanted.valid_until) or _of_overlap(known, edition, wanted))


def _is_over(authority: OrganisationCard, today: date) -> bool:
    return authority.closed_on is not None and authority.closed_on <= today


def _of_words(wanted: Wanted, course_hours: Decimal) -> dict[str, Message]:
    found: dict[str, Message] = {}
    if wanted.kind not in COURSE_KINDS:
        found["kind"] = msg("请从列出的几项里选一项。")
    if not 1 <= len(wanted.project_number) <= 30:
        found["project_number"] = msg("请写项目编号，最多 30 个字。")
    if not wanted.hours.is_finite() or wanted.hours <= 0 or wanted.hours * 1000 % 1:
        found["hours"] = msg("请写学时，最多三位小数。")
    elif wanted.hours > course_hours:
        # Awards must match actual content; a declared number is not simply granted (domain.md 1.4).
        found["hours"] = msg("不能多于课程实际的 {hours} 学时。", hours=course_hours)
    return found


def _of_days(known: Known, valid_from: date, valid_until: date) -> dict[str, Message]:
    found = faults_of_days(valid_from, valid_until)
    if valid_from.year not in known.classes:
        found["valid_from"] = msg("{year} 年没有规则集，不能登记。", year=valid_from.year)
    return found


def faults_of_days(valid_from: date, valid_until: date) -> dict[str, Message]:
    """What is wrong with the days themselves, whatever the course."""
    if valid_until < valid_from:
        return {"valid_until": msg("结束的日期比开始的早。")}
    if valid_until.year - valid_from.year > MOST_YEARS:
        return {"valid_until": msg("一次批准最多 {years} 年。", years=MOST_YEARS)}
    return {}


def _of_overlap(known: Known, edition: TaughtEdition, wanted: Wanted) -> dict[str, Message]:
    for one in known.held:
        if one.meets(edition.course_id, wanted):
            number = one.project_number
            said = msg("这门课在这段时间里已有批准（{number}）。请先结束那一条，或者改日期。", number=number)
            return {"valid_from": said}
    return {}
