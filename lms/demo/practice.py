"""Practice of the invented county: the doctor's days at the hospital and in her village, and who signs them."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from lms.demo.history import at_noon
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.teaching import commands
from lms.teaching.commands import Planned, Written

PROGRAMME = "rural-clinical-practice"
# Days ago, kind, hours, cases, what she learnt; the older ones are signed.
DAYS = (
    (24, "ward", "7.5", None, "跟着查房，学会听肺部湿啰音。"),
    (23, "ward", "7.5", None, "学写首次病程记录 2 份。"),
    (22, "skills", None, 6, "心电图操作，能认出房颤。"),
    (21, "emergency", "8", None, "胸痛病人的分诊和处置流程。"),
    (9, "home_visit", "4", 8, "高血压随访，教家属量血压。"),
    (6, "outpatient", "6", 14, ""),
    (3, "public_health", "3", None, "老年人体检，健康档案更新。"),
    (2, "outpatient", "9", 21, ""),
    (1, "home_visit", "3.5", 6, "糖尿病足检查，看了 6 位老人的脚。"),
)
SIGNED_UNTIL, SENT_BACK = 6, 2
HALF_A_DAY = "那天下午我在开会，您是半天，请改成 4 小时。"


def build(doctor: Actor, supervisor: Actor, office: Actor, hospital: UUID, clinic: UUID, today: date) -> None:
    """A rotation that was signed off, one that is to come, and days in all states."""
    assert doctor.person_id is not None
    plan = partial(_rotation, office, doctor.person_id, supervisor, hospital, today)
    past = plan(24, 21, ("internal", "内科", "Internal medicine"))
    plan(-7, -20, ("paediatrics", "儿科", "Paediatrics"))
    for ago, kind, hours, cases, note in DAYS:
        entry, day = new_id(), today - timedelta(days=ago)
        rotating = ago >= 21
        written = Written(
            day, kind, hospital if rotating else clinic, supervisor.person_id, Decimal(hours) if hours else None, cases,
            note, past if rotating else None,
        )  # fmt: skip
        with clock.held_at(at_noon(day)), unit_of_work():
            commands.enter(doctor, entry, written)
        with clock.held_at(at_noon(min(day + timedelta(days=1), today))), unit_of_work():
            if ago >= SIGNED_UNTIL:
                commands.sign_entries(supervisor, [(entry, 1)])
            elif ago == SENT_BACK:
                commands.return_entry(supervisor, entry, HALF_A_DAY, version=1)
    with clock.held_at(at_noon(today - timedelta(days=20))), unit_of_work():
        commands.finish_rotation(supervisor, past, "pass", version=1)


def _rotation(
    office: Actor, person_id: UUID, supervisor: Actor, hospital: UUID, today: date, first: int, last: int,
    module: tuple[str, str, str],
) -> UUID:  # fmt: skip
    """Days are those ago; below zero they are to come."""
    made = new_id()
    code, title, title_en = module
    planned = Planned(
        PROGRAMME, code, {"zh": title, "en": title_en}, hospital, supervisor.person_id,
        today - timedelta(days=first), today - timedelta(days=last),
    )  # fmt: skip
    with clock.held_at(at_noon(today - timedelta(days=max(first, 0) + 10))), unit_of_work():
        commands.plan_rotation(office, made, person_id, planned)
    return made
