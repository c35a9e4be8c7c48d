"""What is said of records: states, deeds, decisions."""

from lms.kernel.text import N_

STATES = {
    "waiting": N_("等核实"),
    "verified": N_("已核实"),
    "rejected": N_("没有通过"),
}
STEPS = {
    "handed_in": N_("本人交上来"),
    "entered": N_("由审核机关登记"),
    "verified": N_("核实无误"),
    "rejected": N_("没有通过"),
    "withdrawn": N_("本人撤回"),
    "reopened": N_("登记的禁考期盖住了这一天，退回再核实"),
    "taken_back": N_("审核机关整批收回"),
}
CHOICES = {"verify": N_("核实无误"), "reject": N_("不通过，请医生改正")}
OF_AN_OFFICE = {**CHOICES, "reject": N_("作废，写明原因")}
"""Decisions on what an office entered: the doctor cannot correct it."""
