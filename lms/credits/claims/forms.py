"""Forms of claims: shape only, commands judge the rest."""

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from lms.credits.claims.drafting import MOST_WORDS
from lms.credits.claims.reasons import STATES
from lms.credits.forms import AmountField
from lms.credits.rules.evidence import EVIDENCE
from lms.kernel.forms import AtMost, Form, Optional, Required
from lms.kernel.text import N_


class ClaimForm(Form):
    """What she did. All may be left out until it is handed in."""

    claim_id = HiddenField()
    version = HiddenField()
    kind = HiddenField()
    role = SelectField(N_("身份"), choices=[], validate_choice=False)
    choice = SelectField(N_("按哪一种标准计"), choices=[], validate_choice=False)
    title = StringField(N_("活动名称"), [AtMost(120)])
    started_on = DateField(N_("从哪一天"), [Optional()])
    on_date = DateField(N_("到哪一天"), [Optional()])
    place = StringField(N_("在哪里、哪个单位"), [AtMost(80)])
    times = AmountField(N_("数量"), [Optional()])
    hours = AmountField(N_("学时"), [Optional()])
    project_number = StringField(N_("项目编号"), [AtMost(30)])
    assessed = BooleanField(N_("考核合格"))
    note = TextAreaField(N_("要说明的"), [AtMost(500)])
    paper_kind = SelectField(N_("这次选的文件是什么"), choices=list(EVIDENCE.items()), validate_choice=False)


class HandInForm(Form):
    """Handing in, with the statement of truth."""

    version = HiddenField()
    truth = BooleanField(N_("以上内容和材料都是真实的，是我本人做的；不实要承担责任。"))


class AnswerForm(Form):
    """The one answer to a refusal."""

    version = HiddenField()
    text = TextAreaField(N_("您的说明"), [Required(), AtMost(MOST_WORDS)])


class ClaimQueueForm(Form):
    """Filters of the queue."""

    state = SelectField(N_("状态"), choices=list(STATES.items()), validate_choice=False)
    year = SelectField(N_("年度"), choices=[], validate_choice=False)
    kind = SelectField(N_("类型"), choices=[], validate_choice=False)
    q = StringField(N_("姓名、单位、活动或项目编号"), [AtMost(60)])
    mine = BooleanField(N_("只看等我审的"))


class ClaimDecisionForm(Form):
    """A decision on a claim."""

    version = HiddenField()
    action = RadioField(N_("您的决定"), [Required()], choices=[], validate_choice=False)
    reason_code = SelectField(N_("原因"), choices=[], validate_choice=False)
    text = TextAreaField(N_("医生会看到这段话"), [AtMost(MOST_WORDS)])
