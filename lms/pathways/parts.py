"""What pathways put onto pages of features below."""

from lms.kernel.text import N_
from lms.pathways import catalogue, practising
from lms.pathways.county import keeping
from lms.pathways.sheets.records import EXAM_RESULTS, LICENCES
from lms.people import parts as people
from lms.people.batches import kinds
from lms.people.notices import licences
from lms.teaching import parts as teaching

MENU = (people.MenuEntry("/reports/pathways", "flag", N_("医生成长"), N_("谁走到哪一步，谁差一步，谁的证快到期")),)


def fill() -> None:
    """Fill the slots; called by app.py. A pathway that cannot be used is refused here, not when somebody opens its
    page."""
    catalogue.library()
    teaching.modules_offered.fill(practising.modules_for)
    teaching.programmes_of.fill(practising.progress)
    people.admin_menu.extend(entry for entry in MENU if entry not in people.admin_menu)
    people.derived["pathway_result"] = keeping.forget
    kinds.register(LICENCES, EXAM_RESULTS)
    licences.licences_on_record.fill(keeping.licence_ends)
