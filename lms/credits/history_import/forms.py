"""Forms of history: shape only."""

from wtforms import FileField, StringField, TextAreaField

from lms.kernel.forms import AtMost, Form, Required
from lms.kernel.text import N_


class HistoryForm(Form):
    """A file from another system."""

    system = StringField(N_("来源系统的短名"), [Required(), AtMost(30)])
    headings = TextAreaField(N_("列名对照（可以不写）"), [AtMost(1000)])
    file = FileField(N_("历史数据（CSV 或 XLSX）"))
