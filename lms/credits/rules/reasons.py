"""Reasons an auditor may give, and what each means to the doctor."""

from lms.kernel.text import N_

RETURN = {
    "evidence": N_("缺少证明材料"),
    "attendance": N_("签到或签退不全"),
    "hours": N_("学时和记录对不上"),
    "identity": N_("要核对是不是本人完成"),
    "title": N_("活动名称或日期不清楚"),
    "other": N_("其他原因"),
}
REVERSE = {
    "duplicate": N_("和别处已授的学分重复"),
    "absent": N_("核实没有参加"),
    "mistake": N_("录入有误"),
    "unapproved": N_("项目没有批准或已过期"),
    "other": N_("其他原因"),
}
APPROVE = {"in_order": N_("核对无误"), "answered": N_("已补充说明，可以计入")}
BY_ACTION = {"approve": APPROVE, "return": RETURN, "reverse": REVERSE}
NAMES = {"approve": N_("同意"), "return": N_("退回"), "reverse": N_("撤销")}
# The reason taken when none was chosen; returning and reversing always need one.
SPARE = {"approve": "in_order"}
WORDS = APPROVE | RETURN | REVERSE
ACTIONS = {
    "approved": N_("审核通过"),
    "returned": N_("退回补充"),
    "reversed": N_("撤销学分"),
    "restored": N_("恢复学分"),
}
# What besides may have happened to an award, for auditors' eyes.
STEPS = ACTIONS | {
    "propose_approve": N_("提议通过"),
    "propose_reverse": N_("提议撤销"),
    "declined": N_("第二人不同意提议"),
}
STATES = {
    "granted": N_("待审核"),
    "returned": N_("等医生补充"),
    "approved": N_("已通过"),
    "reversed": N_("已撤销"),
}
