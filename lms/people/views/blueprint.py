"""The one blueprint of the feature."""

from lms.kernel.web import FeatureBlueprint
from lms.people import sessions

bp = FeatureBlueprint("people", __name__)
bp.blueprint.record_once(lambda state: sessions.manager.init_app(state.app))
