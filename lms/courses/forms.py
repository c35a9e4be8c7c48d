"""The studio's forms."""

from wtforms import FileField, TextAreaField

from lms.kernel.forms import AtMost, Form
from lms.kernel.text import N_


class UploadForm(Form):
    """A package as a ZIP."""

    package = FileField(N_("课程包（ZIP）"))


class JudgeForm(Form):
    """A reviewer's note; needed only when changes are asked for, which the command judges."""

    note = TextAreaField(N_("审核意见"), [AtMost(2000)])
