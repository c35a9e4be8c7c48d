"""Why somebody stops going a way, as she may say it. Pure."""

from lms.kernel.text import N_

WHY_NAMES = {
    "done": N_("已经办到了"),
    "given_up": N_("不考了，不学了"),
    "another": N_("换了一条路"),
    "other": N_("其他原因"),
}
WHYS = tuple(WHY_NAMES)
