"""The forms of improving: shapes only."""

from wtforms import RadioField, SelectField, StringField, TextAreaField

from lms.improving.feedback import LONGEST
from lms.improving.questions import KINDS as QUESTION_KINDS
from lms.improving.questions import LONGEST_QUESTION
from lms.improving.surveys import KINDS, LONGEST_TITLE
from lms.kernel.forms import AtMost, Form, Required
from lms.kernel.text import N_

RATINGS = (("5", N_("很有用")), ("4", N_("有用")), ("3", N_("一般")), ("2", N_("用处不大")), ("1", N_("没有用")))


class FeedbackForm(Form):
    """A rating, and words if she likes."""

    rating = RadioField(N_("对您有用吗"), [Required()], choices=list(RATINGS))
    text = TextAreaField(N_("想说什么（可以不写）"), [AtMost(LONGEST)])


class AnswerForm(Form):
    """The centre's answer."""

    text = TextAreaField(N_("答复"), [Required(), AtMost(LONGEST)])


class SurveyForm(Form):
    """A survey that there is not yet."""

    kind = SelectField(N_("问什么"), choices=list(KINDS.items()))
    title_zh = StringField(N_("中文名"), [Required(), AtMost(LONGEST_TITLE)])
    title_en = StringField(N_("英文名"), [Required(), AtMost(LONGEST_TITLE)])


class QuestionForm(Form):
    """One more question; the rules judge what fits together."""

    kind = SelectField(N_("怎么答"), choices=list(QUESTION_KINDS.items()))
    text_zh = StringField(N_("中文题目"), [Required(), AtMost(LONGEST_QUESTION)])
    text_en = StringField(N_("英文题目"), [Required(), AtMost(LONGEST_QUESTION)])
    options_zh = TextAreaField(N_("中文选项"), [AtMost(2000)])
    options_en = TextAreaField(N_("英文选项"), [AtMost(2000)])
