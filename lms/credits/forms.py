"""Forms of credits: shape only, commands judge the rest."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Regexp, ValidationError

from lms.credits.approvals.queries import COURSE_KINDS
from lms.credits.auditing.commands import MOST_WORDS
from lms.credits.rules.reasons import STATES
from lms.credits.rules.words import KIND_WORDS
from lms.kernel.forms import AtMost, Form, OneOf, Optional, Required
from lms.kernel.i18n import translate
from lms.kernel.text import N_, msg

T = TypeVar("T")
# No exponent: 1e-9999999 is a number too, and nobody's hours.
_PLAIN_NUMBER = re.compile(r"\d{1,6}(\.\d{1,5})?|\.\d{1,5}")


def given(value: T | None) -> T:
    """The value of a required field of a form that has been validated."""
    assert value is not None
    return value


class AmountField(StringField):
    """An exact amount of at most three decimals."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not text:
            return
        amount = Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else Decimal(0)
        if not 0 < amount < 1_000_000:
            raise ValidationError(translate(msg("请写一个大于 0 的数，例如 6 或 4.5。")))
        self.amount = amount


class ReplyForm(Form):
    """The doctor's answer to a returned award."""

    reply_id = HiddenField()
    text = TextAreaField(N_("您的说明"), [Required(), AtMost(MOST_WORDS)])


class ExportForm(Form):
    """A file for a doctor's unit: of one year, or of all of them."""

    year = StringField(N_("年度"), [Optional(), Regexp(r"20[0-9]{2}\Z", message=N_("这一项填得不对。"))])
    ending = StringField(N_("文件格式"), [Required(), OneOf(("csv", "xlsx"))])


class QueueForm(Form):
    """Filters of the queue."""

    state = SelectField(N_("状态"), choices=list(STATES.items()), validate_choice=False)
    year = SelectField(N_("年度"), choices=[], validate_choice=False)
    kind = SelectField(N_("类型"), choices=[], validate_choice=False)
    q = StringField(N_("姓名、单位、活动或项目编号"), [AtMost(60)])


class ResultForm(Form):
    """The search in a list of people's years."""

    q = StringField(N_("姓名"), [AtMost(60)])


class SampleForm(Form):
    """What to draw."""

    sample_id = HiddenField()
    place = SelectField(N_("抽哪里的"), [Required()], choices=[], validate_choice=False)
    seed = StringField(N_("随机种子"), [Required(), AtMost(40)])
    size = IntegerField(N_("抽几条"), [Required()])
    year = SelectField(N_("年度"), choices=[], validate_choice=False)
    kind = SelectField(N_("类型"), choices=[], validate_choice=False)


class DecisionForm(Form):
    """An auditor's decision."""

    version = HiddenField()
    action = RadioField(N_("您的决定"), [Required()], choices=[], validate_choice=False)
    reason_code = SelectField(N_("原因"), choices=[], validate_choice=False)
    text = TextAreaField(N_("医生会看到这段话"), [AtMost(MOST_WORDS)])


class SecondForm(Form):
    """What a second person says to a proposal."""

    version = HiddenField()
    action = RadioField(
        N_("您的决定"),
        [Required()],
        choices=[("confirm", N_("同意，就这样决定")), ("decline", N_("不同意，保持原状"))],
        validate_choice=False,
    )
    text = TextAreaField(N_("给提议人的话"), [AtMost(MOST_WORDS)])


class ReviewForm(Form):
    """What a reviewer does with a flag."""

    version = HiddenField()
    action = RadioField(N_("怎么处理"), [Required()], choices=[], validate_choice=False)
    reason_code = SelectField(N_("原因"), choices=[], validate_choice=False)
    text = TextAreaField(N_("医生会看到这段话"), [AtMost(MOST_WORDS)])


class ApprovalForm(Form):
    """An authority's approval of a course."""

    course_code = SelectField(N_("课程名称"), [Required()], choices=[], validate_choice=False)
    authority_id = SelectField(N_("批准机关"), [Required()], choices=[], validate_choice=False)
    project_number = StringField(N_("项目编号"), [Required(), AtMost(30)])
    kind = SelectField(
        N_("项目类型"),
        [OneOf(COURSE_KINDS)],
        choices=[(kind, KIND_WORDS[kind]) for kind in COURSE_KINDS],
        validate_choice=False,
    )
    hours = AmountField(N_("批准学时"), [Required()])
    valid_from = DateField(N_("从哪一天起"), [Required()])
    valid_until = DateField(N_("到哪一天止"), [Required()])


class RolloverForm(Form):
    """What all approvals of a roll-over have in common."""

    rollover_id = HiddenField()
    year = HiddenField()
    valid_from = DateField(N_("从哪一天起"), [Required()])
    valid_until = DateField(N_("到哪一天止"), [Required()])


class RolloverLineForm(Form):
    """What is new of one approval; its fields have the id of the approval that ends before their names."""

    project_number = StringField(N_("新的项目编号"), [Required(), AtMost(30)])
    hours = AmountField(N_("批准学时"), [Required()])


class HoursForm(Form):
    """Hours to compute for."""

    hours = AmountField(N_("学时"), [Optional()])


class ProposalForm(Form):
    """What a centre proposes for an edition."""

    kind = SelectField(
        N_("项目类型"),
        [OneOf(COURSE_KINDS)],
        choices=[(kind, KIND_WORDS[kind]) for kind in COURSE_KINDS],
        validate_choice=False,
    )
    hours = AmountField(N_("学时"), [Required()])
    credits = AmountField(N_("提议的学分"), [Required()])
    authority_id = SelectField(N_("请谁批准"), [Required()], choices=[], validate_choice=False)
    note = TextAreaField(N_("要说明的话"), [AtMost(1000)])


class ApproveProposalForm(Form):
    """What an authority adds to a proposal it approves."""

    project_number = StringField(N_("项目编号"), [Required(), AtMost(30)])
    valid_from = DateField(N_("从哪一天起"), [Required()])
    valid_until = DateField(N_("截止日期"), [Required()])


class RefuseProposalForm(Form):
    """Why an authority does not approve a proposal."""

    answer = TextAreaField(N_("为什么不批准"), [Required(), AtMost(1000)])


class PersonSearchForm(Form):
    """Whose activity it is."""

    q = StringField(N_("姓名"), [AtMost(60)])


class FactForm(Form):
    """An activity from outside, whoever was there."""

    kind = SelectField(N_("类型"), [Required()], choices=[], validate_choice=False)
    role = SelectField(N_("身份"), choices=[], validate_choice=False)
    choice = SelectField(N_("按哪一种标准计"), choices=[], validate_choice=False)
    title = StringField(N_("活动名称"), [Required(), AtMost(120)])
    started_on = DateField(N_("开始日期"), [Optional()])
    on_date = DateField(N_("日期"), [Required()])
    hours = AmountField(N_("学时"), [Optional()])
    times = AmountField(N_("数量"), [Optional()])
    project_number = StringField(N_("项目编号"), [AtMost(30)])
    holder = StringField(N_("举办单位"), [AtMost(80)])
    assessed = BooleanField(N_("考核合格"))
    note = TextAreaField(N_("证明材料在哪里"), [AtMost(500)])


class ActivityForm(FactForm):
    """An activity from outside, of one person."""

    activity_id = HiddenField()


class ComingForm(FactForm):
    """An activity that is to come."""

    coming_id = HiddenField()
    version = HiddenField()
    place = StringField(N_("给哪里的人参加"), [Required(), AtMost(80)])
    venue = StringField(N_("在哪里办"), [Required(), AtMost(120)])
    assessed = BooleanField(N_("结束时有考核"))


class RollForm(Form):
    """Among whom to tick who was there; `coming`: the activity that was to come, if the list begins from one."""

    place = StringField(N_("单位"), [AtMost(80)])
    q = StringField(N_("姓名"), [AtMost(60)])
    coming = HiddenField()


class ListForm(FactForm):
    """An activity from outside, and everybody who was there."""

    list_id = HiddenField()
    place = HiddenField()
    q = HiddenField()
    coming = HiddenField()
    people = SelectMultipleField(N_("到场的人"), choices=[], validate_choice=False)


def as_version(text: str | None) -> int:
    """The version in a hidden field; 0, which no award has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else 0


def as_uuid(text: str | None) -> UUID | None:
    """The id in a hidden field; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def as_year(text: str | None, today: date) -> int:
    """The year in an address; anything that is no sensible year means this one."""
    if text and text.isascii() and text.isdigit() and 2000 <= int(text[:4]) <= 2100 and len(text) == 4:
        return int(text)
    return today.year
