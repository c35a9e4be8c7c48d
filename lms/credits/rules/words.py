"""Codes of the rules as sentences a doctor can read; translated at the edge."""

from datetime import date
from decimal import Decimal

from lms.credits.rules.because import Reason
from lms.credits.rules.evidence import EVIDENCE
from lms.kernel.quantities import format_credits, format_hours, plain
from lms.kernel.text import N_, Message, msg

SENTENCES = {
    "per_hours": N_("每 {quantity} 学时计 {credits} 学分。"),
    "per_characters": N_("每 {quantity} 字计 {credits} 学分。"),
    "per_items": N_("每 {quantity} 项计 {credits} 学分。"),
    "per_months": N_("每 {quantity} 个月计 {credits} 学分。"),
    "fixed": N_("每次计 {credits} 学分。"),
    "step_hours": N_("{quantity} 学时，按分档计 {credits} 学分。"),
    "step_characters": N_("{quantity} 字，按分档计 {credits} 学分。"),
    "step_items": N_("{quantity} 项，按分档计 {credits} 学分。"),
    "step_months": N_("{quantity} 个月，按分档计 {credits} 学分。"),
    "deemed": N_("这一项顶一整年的要求，计 {credits} 学分。"),
    "deemed_hours": N_("满 {quantity} 学时，顶一整年的要求，计 {credits} 学分。"),
    "deemed_characters": N_("满 {quantity} 字，顶一整年的要求，计 {credits} 学分。"),
    "deemed_items": N_("满 {quantity} 项，顶一整年的要求，计 {credits} 学分。"),
    "deemed_months": N_("满 {quantity} 个月，顶一整年的要求，计 {credits} 学分。"),
    "max_per_award": N_("每次最多计 {cap} 学分，折算 {computed}，多出 {excess} 不计入。"),
    "max_per_project": N_("每个项目最多计 {cap} 学分，折算 {computed}，多出 {excess} 不计入。"),
    "max_per_project_shared": N_("每个项目最多计 {cap} 学分，同一项目前面已计 {used}，这次多出 {excess} 不计入。"),
    "max_per_year": N_("这类活动一年最多计 {cap} 学分，这次得了 {awarded}，多出 {excess} 不计入。"),
    "max_per_day": N_("这类活动一天最多计 {cap} 学分，这次得了 {awarded}，多出 {excess} 不计入。"),
    "max_per_category": N_("这一类学分一年最多计 {cap} 学分，这次得了 {awarded}，多出 {excess} 不计入。"),
    "already_awarded": N_("同一课程或项目一年只计一次，{date}已经计过 {credits} 学分。"),
    "already_given": N_("同一课程或项目一年只计一次，今年已经计过。"),
    "reversed_before": N_("这个课程或项目今年的学分已经撤销，同一年不能再计。"),
    "max_per_activity": N_("同一活动一年最多计 {cap} 学分，折算 {computed}，多出 {excess} 不计入。"),
    "max_per_activity_shared": N_("同一活动一年最多计 {cap} 学分，前面几次已计 {used}，这次多出 {excess} 不计入。"),
    "attendance_short": N_("出勤 {attendance}，不到 {least}，不计学分。"),
    "attendance_short_unknown": N_("没有出勤记录。出勤要满 {least}，才能计学分。"),
    "score_short": N_("考核 {score} 分，不到 {least} 分，不计学分。"),
    "score_short_unknown": N_("没有考核成绩。成绩要满 {least} 分，才能计学分。"),
    "not_signed": N_("没有完整的签到、签退记录。两样都有，才能计学分。"),
    "evidence_missing": N_("缺少证明材料：{evidence}。补上以后才能计学分。"),
    "late": N_("{recorded}补录，在{closes}截止以前，照常计入。"),
    "closed": N_("{recorded}才登记，这一年的补录{closes}已经截止，不再计入。"),
    "excused_absent_days": N_("这一年{state}共 {days} 天，满 {least} 天，这一年不作要求。"),
    "excused_absent_months": N_("这一年{state}共 {months} 个月，满 {least} 个月，这一年不作要求。"),
    "excused_absent_any_day": N_("{from}起{state}，这一年不作要求。"),
    "excused_absent_on_deadline": N_("年度最后一天仍是“{state}”（{from}起），这一年不作要求。"),
    "own_minimum_credits": N_("您的单位要求一年 {minimum} 学分，比规则的 {need} 高，按单位的要求算。"),
    "own_minimum_hours": N_("您的单位要求一年 {minimum} 学时，比规则的 {need} 高，按单位的要求算。"),
    "own_minimum_credits_unknown": N_("规则对学分没有要求，您的单位要求一年 {minimum} 学分，按单位的要求算。"),
    "own_minimum_hours_unknown": N_("规则对学时没有要求，您的单位要求一年 {minimum} 学时，按单位的要求算。"),
    "carried_over": N_("{since} 年以来结转 {carried} 学分（最多 {cap} 学分），抵今年的总学分，不抵各类学分的下限。"),
    "not_assessed": N_("没有考核合格的记录。项目要考核合格，才能计学分。"),
    "too_little": N_("时间太短，折算下来不到最小的学分单位。"),
    "other_year": N_("这是 {year} 年的活动，记在那一年。"),
    "after_as_of": N_("这是 {as_of}以后的活动，还没有算进来。"),
    "imported_stated": N_("按来源系统“{source}”所写的 {credits} 学分记（来源编号 {id}），是导入的，没有重算。"),
    "imported_from": N_("从“{source}”导入，来源编号 {id}。"),
    "imported_claim": N_("从“{source}”导入，来源编号 {id}，来源写的是 {claimed} 学分。"),
    "returned": N_("审核人员请您补充说明，补充并通过以后就计入。"),
    "reversed": N_("审核后已撤销，不再计入。"),
}
# Codes of what a rule says, as against what came of it.
RATES = ("per_", "fixed", "step_", "deemed")
CREDITS = frozenset({"credits", "cap", "computed", "excess", "used", "awarded", "carried", "claimed"})
DAYS = frozenset({"date", "as_of", "closes", "recorded", "from"})
# Where the number a sentence turns on is not there, another sentence says so.
UNKNOWN = {
    "attendance_short": "attendance",
    "score_short": "score",
    "own_minimum_credits": "need",
    "own_minimum_hours": "need",
}

KIND_WORDS = {
    "recommended_project": N_("推荐项目"),
    "promotion_project": N_("推广项目"),
    "national_project": N_("国家级项目"),
    "provincial_project": N_("省级项目"),
    "municipal_project": N_("市级项目"),
    "unit_activity": N_("单位学术活动"),
    "unit_lecture": N_("专题讲座"),
    "case_discussion": N_("病例讨论"),
    "ward_round": N_("教学查房"),
    "self_study": N_("计划自学"),
    "self_study_review": N_("自学综述"),
    "paper": N_("论文"),
    "research": N_("科研"),
    "further_study": N_("进修"),
    "degree_study": N_("在职学历教育"),
    "government_task": N_("政府指令性任务"),
    "counterpart_support": N_("对口支援"),
    "practice": N_("实践活动"),
}

STATE_WORDS = {
    "leave": N_("请假"),
    "long_illness": N_("长期病休"),
    "retired": N_("退休"),
    "moved": N_("调离"),
    "not_in_post": N_("不在岗"),
    "cancelled": N_("注销执业"),
}


def words(reason: Reason) -> Message:
    """The sentence for a reason."""
    params = {name: _shown(reason.code, name, value) for name, value in reason.params}
    asked = UNKNOWN.get(reason.code)
    code = reason.code if asked is None or asked in params else f"{reason.code}_unknown"
    return Message(SENTENCES[code], params)


def _shown(code: str, name: str, value: str) -> object:
    if name in DAYS:
        return date.fromisoformat(value)
    if name in CREDITS:
        return _credits(code, name, value)
    if name == "state":
        return msg(STATE_WORDS[value])
    if name == "evidence":
        return msg(EVIDENCE[value])
    if code == "attendance_short":
        return f"{plain(Decimal(value) * 100)}%"
    return format_hours(Decimal(value)) if name == "quantity" else value


def _credits(code: str, name: str, value: str) -> str:
    """A cap and a rate are said as the rule says them (10, 0.5), amounts with one decimal."""
    rule = name == "cap" or code.startswith(RATES)
    return format_hours(Decimal(value)) if rule else format_credits(Decimal(value))


def kind_word(kind: str) -> Message:
    """The name of a kind of activity."""
    return msg(KIND_WORDS[kind])
