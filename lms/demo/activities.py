"""Activities that are to come in the invented county: a lecture and a project of two days."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from lms.credits.coming import commands
from lms.kernel.actor import Actor
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work


def build(office: Actor, county: UUID, today: date) -> None:
    """Both are entered for the whole county."""
    lecture, project = today + timedelta(days=6), today + timedelta(days=12)
    with unit_of_work():
        commands.enter(
            office, coming_id=new_id(), place_id=county, venue="县人民医院三楼会议室", kind="unit_lecture",
            title={"zh": "冬春季呼吸道传染病的识别和报告", "en": "Respiratory infections: recognise and report"},
            on_date=lecture, hours=Decimal(2), quantity=Decimal(1), unit="items", holder="县疾病预防控制中心",
        )  # fmt: skip
        commands.enter(
            office, coming_id=new_id(), place_id=county, venue="县基层卫生培训中心", kind="promotion_project",
            title={"zh": "慢阻肺基层规范管理", "en": "Managing COPD in primary care"}, started_on=project,
            on_date=project + timedelta(days=1), hours=Decimal(12), project_number=f"{project.year}-14-00-021",
            assessed=True, holder="县基层卫生培训中心",
        )  # fmt: skip
