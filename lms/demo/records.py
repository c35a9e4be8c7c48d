"""Records of the invented county: verified, on their way, rejected with a reason."""

import io
from datetime import date, timedelta
from uuid import UUID

from lms.demo.claims import sheet
from lms.demo.history import at_noon
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.records import handing_in, verifying
from lms.pathways.records.handing_in import Papers
from lms.pathways.rules.checking import Told
from lms.pathways.rules.records import Kind
from lms.uploads.receiving import receive

TOO_SHORT = "考核表上只有九个月，还没有满一年。等满了一年，请卫生院再出一张，一起交来。"


def hand_in(doctor: Actor, told: Told, day: date, lines: int) -> UUID:
    """Hand a record in with one photo, on a day."""
    record_id = new_id()
    with clock.held_at(at_noon(day)):
        photo = receive(doctor, EVIDENCE, "证件.png", io.BytesIO(sheet(lines)))
        with unit_of_work():
            handing_in.hand_in(doctor, record_id, told, Papers([photo]), true=True)
    return record_id


def decide(actor: Actor, record_id: UUID, day: date, action: str, reason: str = "", version: int = 1) -> None:
    with clock.held_at(at_noon(day)), unit_of_work():
        verifying.decide(actor, record_id, action, version=version, reason=reason)


def enter(county: Actor, doctor: Actor, told: Told, day: date) -> None:
    assert doctor.person_id is not None
    with clock.held_at(at_noon(day)), unit_of_work():
        verifying.enter(county, doctor.person_id, new_id(), told)


def diploma(year: int, school: str, serial: int, level: str = "secondary") -> Told:
    fields = {"level": level, "relevant": "yes", "school": school, "major": "农村医学"}
    return Told(Kind.DIPLOMA, date(year, 7, 1), None, fields, f"000{year}{serial:06d}")


def build(doctor: Actor, colleagues: tuple[Actor, Actor], unit: Actor, county: Actor, today: date) -> None:
    """The doctor's: an assessment the county entered, a diploma on its way, a proof of practice that came back; and
    two colleagues'."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    enter(county, doctor, Told(Kind.ASSESSMENT, ago(240), None, {"result": "pass"}), ago(230))
    hand_in(doctor, diploma(1997, "云州卫生学校", 118), ago(5), 6)
    practice = {"place": "柳溪镇卫生院", "supervisor": "林清和", "result": "pass"}
    short = hand_in(doctor, Told(Kind.PRACTICE, ago(420), ago(150), practice), ago(20), 8)
    decide(unit, short, ago(17), "reject", TOO_SHORT)
    first, second = colleagues
    held = hand_in(first, diploma(2004, "云州医学高等专科学校", 271, "junior_college"), ago(40), 5)
    decide(county, held, ago(36), "verify")
    at_work = {"place_kind": "village_clinic", "place": "柳溪镇的村卫生室"}
    hand_in(first, Told(Kind.EMPLOYMENT, ago(900), None, at_work), ago(4), 4)
    enter(county, second, Told(Kind.ASSESSMENT, ago(240), None, {"result": "fail"}), ago(230))
    hand_in(second, diploma(2009, "云州卫生学校", 342), ago(2), 7)
