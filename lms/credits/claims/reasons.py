"""Reasons a decider may give for a claim, and what each means to the doctor."""

from lms.kernel.text import N_

RETURN = {
    "paper": N_("缺少证明材料"),
    "unclear": N_("照片看不清"),
    "dates": N_("日期和材料对不上"),
    "amount": N_("数量或学时和材料对不上"),
    "words": N_("名称或地点写得不清楚"),
    "other": N_("其他原因"),
}
REFUSE = {
    "absent": N_("核实没有参加"),
    "not_hers": N_("材料不是本人的"),
    "twice": N_("同一活动已经授过学分"),
    "foreign": N_("不是继续教育活动"),
    "other": N_("其他原因"),
}
NOT_COUNT = {
    "duty": N_("属实，但属于日常工作"),
    "unplanned": N_("属实，但不在单位的计划内"),
    "other": N_("其他原因"),
}
APPROVE = {"in_order": N_("核对无误")}
BY_ACTION = {"approve": APPROVE, "return": RETURN, "refuse": REFUSE, "not_count": NOT_COUNT}
SPARE = {"approve": "in_order"}
WORDS = APPROVE | NOT_COUNT | RETURN | REFUSE
NAMES = {"approve": N_("同意"), "return": N_("退回"), "refuse": N_("不通过"), "not_count": N_("不计")}
CHOICES = {
    "approve": N_("同意这条申报"),
    "return": N_("退回，请医生改好再交"),
    "refuse": N_("不通过"),
    "not_count": N_("属实，但不计学分"),
}
STATES = {
    "waiting": N_("等审核"),
    "returned": N_("退回改正"),
    "approved": N_("已通过"),
    "refused": N_("不通过"),
    "not_counted": N_("不计学分"),
}
STEPS = {
    "handed_in": N_("医生交上来"),
    "withdrawn": N_("医生撤回"),
    "answered": N_("医生对不通过作了说明"),
    "approved": N_("审核通过"),
    "returned": N_("退回改正"),
    "refused": N_("不通过"),
    "not_counted": N_("属实，但不计学分"),
}
