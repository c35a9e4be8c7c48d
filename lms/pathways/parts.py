"""What pathways put onto pages of features below."""

from collections.abc import Sequence

from lms.credits import parts as credits
from lms.credits.parts import YearTurn
from lms.kernel.actor import Actor
from lms.kernel.text import N_, msg
from lms.pathways import catalogue
from lms.pathways.county import keeping
from lms.pathways.county import queries as county
from lms.pathways.records import renewals
from lms.pathways.sheets.records import EXAM_RESULTS, LICENCES
from lms.people import parts as people
from lms.people.batches import kinds
from lms.people.notices import licences
from lms.teaching import parts as teaching
from lms.teaching.parts import ModuleChoice

MENU = (people.MenuEntry("/reports/pathways", "flag", N_("医生成长"), N_("谁走到哪一步，谁差一步，谁的证快到期")),)


def modules() -> Sequence[ModuleChoice]:
    """The modules of all programmes of the house, each called by its programme and its own title."""
    return [
        ModuleChoice(
            one.id,
            module.code,
            {
                "zh": f"{one.title.zh}：{module.title.zh}",
                "en": f"{one.title.en}: {module.title.en}",
            },
        )
        for one in catalogue.library().values()
        for module in one.modules
    ]


def fill() -> None:
    """Fill the slots; called by app.py. A pathway that cannot be used is refused here, not when somebody opens its
    page."""
    catalogue.library()
    teaching.modules_offered.fill(modules)
    people.admin_menu.extend(entry for entry in MENU if entry not in people.admin_menu)
    people.derived["pathway_result"] = keeping.forget
    kinds.register(LICENCES, EXAM_RESULTS)
    licences.licences_on_record.fill(keeping.licence_ends)
    credits.year_turns.fill(licences_ending)
    licences.applications_on_record.fill(renewals.applied)


def licences_ending(actor: Actor) -> list[YearTurn]:
    """The village licences that end within the year, by each place the actor administers; the same people as the
    county's list of them."""
    return [
        YearTurn(
            {"zh": place.name, "en": place.name_en}, msg("乡村医生证 12 个月内到期的"), number,
            f"/reports/pathways/{place.id}/{keeping.LICENSED}/people?licence={county.YEAR}",
        )
        for place, number in county.licences_ending(actor) if number
    ]  # fmt: skip
