"""Forms of the practice log and of rotations: shapes only."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from lms.kernel.forms import AtMost, Form, Optional, Required
from lms.kernel.i18n import translate
from lms.kernel.text import N_, msg
from lms.teaching.rules import EXAMS, KINDS, LONGEST_NOTE, LONGEST_REASON, LONGEST_TITLE

# No exponent and no sign; digits of any kind of keyboard.
_HOURS = re.compile(r"\d{1,3}([.．]\d{1,6})?")


class HoursField(StringField):
    """Hours as they are typed: 6 or 4.5; `.amount` once it is validated, None where nothing was typed."""

    amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not text:
            return
        if not _HOURS.fullmatch(text):
            raise ValidationError(translate(msg("请写小时数，例如 6 或 4.5。")))
        self.amount = Decimal(text.replace("．", "."))


class EntryForm(Form):
    """A day of practice."""

    entry_id = HiddenField()
    version = HiddenField()
    on_date = DateField(N_("哪一天"), [Required()])
    kind = SelectField(N_("做什么"), [Required()], choices=list(KINDS.items()), validate_choice=False)
    hours = HoursField(N_("几小时"), [Optional()])
    cases = IntegerField(N_("几例"), [Optional()])
    place_id = SelectField(N_("在哪里"), [Required()], choices=[], validate_choice=False)
    supervisor_id = SelectField(N_("请谁签字"), [Required()], choices=[], validate_choice=False)
    rotation_id = SelectField(N_("属于哪次轮转"), choices=[], validate_choice=False)
    note = TextAreaField(N_("做了什么、学到什么（可以不写）"), [AtMost(LONGEST_NOTE)])


class ReasonForm(Form):
    """Why something goes back."""

    version = HiddenField()
    reason = TextAreaField(N_("哪里要改"), [Required(), AtMost(LONGEST_REASON)])


class ExamForm(Form):
    """The exit assessment."""

    version = HiddenField()
    exam = RadioField(N_("出科考核"), [Required()], choices=list(EXAMS.items()))


class RotationForm(Form):
    """A rotation. The module is chosen where modules are offered, else told by its codes and names."""

    rotation_id = HiddenField()
    version = HiddenField()
    chosen = SelectField(N_("哪个模块"), choices=[], validate_choice=False)
    programme = StringField(N_("培训方案代码"), [AtMost(60)])
    module = StringField(N_("模块代码"), [AtMost(60)])
    title_zh = StringField(N_("模块名称"), [AtMost(LONGEST_TITLE)])
    title_en = StringField(N_("模块英文名"), [AtMost(LONGEST_TITLE)])
    site_id = SelectField(N_("在哪里"), [Required()], choices=[], validate_choice=False)
    supervisor_id = SelectField(N_("带教老师"), [Required()], choices=[], validate_choice=False)
    starts_on = DateField(N_("从哪一天"), [Required()])
    ends_on = DateField(N_("到哪一天"), [Required()])


class SearchForm(Form):
    """Whose rotation it is."""

    q = StringField(N_("姓名"), [AtMost(60)])


def as_version(text: str | None) -> int:
    """The version in a hidden field; 0, which nothing has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else 0


def as_uuid(text: str | None) -> UUID | None:
    """The id in a field; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
