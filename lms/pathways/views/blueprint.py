"""The one blueprint of the feature."""

from lms.kernel.web import FeatureBlueprint

bp = FeatureBlueprint("pathways", __name__)
