"""Forms of sign-in, account and administration: shape only, commands judge the rest."""

from collections.abc import Mapping

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)

from lms.kernel.forms import AtMost, Form, OneOf, Optional, Required
from lms.kernel.text import N_
from lms.people.batches.kinds import Kind
from lms.people.notices.rules import DIGESTS, NAMES
from lms.people.privacy.rules import FIELDS, PURPOSES
from lms.people.rules import PASSWORD_MOST, POPULATION_NAMES, ROLE_NAMES


class SignInForm(Form):
    """Phone or mail address, and password."""

    account = StringField(N_("手机号"), [Required(), AtMost(120)])
    password = PasswordField(N_("密码"), [Required(), AtMost(PASSWORD_MOST)])
    shared = BooleanField(N_("这是大家共用的手机"))


class AskCodeForm(Form):
    """Where a code is to go."""

    account = StringField(N_("手机号或邮箱"), [Required(), AtMost(120)])


class CodeForm(Form):
    """A code and the password it allows to set."""

    code = StringField(N_("验证码"), [Required(), AtMost(20)])
    password = PasswordField(N_("新密码"), [Required(), AtMost(PASSWORD_MOST)])
    shared = BooleanField(N_("这是大家共用的手机"))


class PasswordForm(Form):
    """The old password and a new one."""

    old = PasswordField(N_("现在的密码"), [Required(), AtMost(PASSWORD_MOST)])
    new = PasswordField(N_("新密码"), [Required(), AtMost(PASSWORD_MOST)])


class ConsentForm(Form):
    """Agreement to the privacy notice."""

    agree = BooleanField(N_("我看过了，同意按上面说的使用我的信息"), [Required()])


class PersonForm(Form):
    """What is known of a person."""

    name = StringField(N_("姓名"), [Required(), AtMost(50)])
    phone = StringField(N_("手机号"), [AtMost(30)])
    email = StringField(N_("电子邮箱"), [AtMost(120)])
    id_number = StringField(N_("身份证号"), [AtMost(24)])
    population = SelectField(
        N_("执业类别"),
        [OneOf(POPULATION_NAMES)],
        choices=[(str(key), name) for key, name in POPULATION_NAMES.items()],
        validate_choice=False,
    )
    licence_number = StringField(N_("执业证书编号"), [AtMost(60)])
    licence_from = DateField(N_("证书发证日"), [Optional()])
    licence_until = DateField(N_("证书到期日"), [Optional()])


class PostingForm(Form):
    """Workplace, employer and auditing authority, by code or name, from a day on."""

    workplace = StringField(N_("工作地点"), [Required(), AtMost(80)])
    employer = StringField(N_("聘用单位"), [AtMost(80)])
    authority = StringField(N_("学分由哪里审核"), [AtMost(80)])
    on = DateField(N_("从哪天起"), [Required()])


class NewPersonForm(PersonForm, PostingForm):
    """A new person and her first posting."""


class RoleForm(Form):
    """A role at a place."""

    role = SelectField(
        N_("身份"),
        [OneOf(ROLE_NAMES)],
        choices=[(str(key), name) for key, name in ROLE_NAMES.items() if key != "learner"],
        validate_choice=False,
    )
    place = StringField(N_("在哪里"), [Required(), AtMost(80)])


class RosterForm(Form):
    """What to look for in the roster (a GET form)."""

    q = StringField(N_("姓名"), [AtMost(50)])
    at = StringField(N_("单位"), [AtMost(80)])
    role = SelectField(
        N_("身份"),
        choices=[("", N_("不限身份")), *((str(key), name) for key, name in ROLE_NAMES.items())],
        validate_choice=False,
    )
    state = SelectField(
        N_("状态"),
        choices=[
            ("", N_("不限状态")),
            ("no_password", N_("还没设密码")),
            ("disabled", N_("已停用")),
            ("undrawable", N_("名字印不出")),
        ],
        validate_choice=False,
    )


class FindForm(Form):
    """A whole phone or identity number; posted, so that it stays out of addresses."""

    number = StringField(N_("手机号或身份证号"), [Required(), AtMost(30)])


class UnmaskForm(Form):
    """Which whole number is to be seen, and what for."""

    field = SelectField(
        N_("看哪一样"), [OneOf(FIELDS)], choices=list(FIELDS.items()), validate_choice=False
    )
    purpose = SelectField(
        N_("为了什么"),
        [Required(), OneOf(PURPOSES)],
        choices=[("", N_("请选一项")), *PURPOSES.items()],
        validate_choice=False,
    )
    note = TextAreaField(N_("具体是什么事"), [Required(), AtMost(200)])


class ProveForm(Form):
    """That it is herself."""

    password = PasswordField(N_("登录密码"), [Required(), AtMost(PASSWORD_MOST)])


class CloseForm(ProveForm):
    """That she has read what closing does."""

    agree = BooleanField(N_("我看过了上面的说明，要注销账号"), [Required()])


NOTICE_KINDS = [(str(key), name) for key, name in NAMES.items()]


class NoticesForm(Form):
    """What she wants to hear of outside the house, and when."""

    sms = SelectMultipleField(N_("发短信"), choices=NOTICE_KINDS, validate_choice=False)
    mail = SelectMultipleField(N_("发邮件"), choices=NOTICE_KINDS, validate_choice=False)
    digest = RadioField(N_("多久发一次"), [OneOf(DIGESTS)], choices=list(DIGESTS.items()), validate_choice=False)
    quiet_from = TimeField(N_("从几点起不打扰"), [Required()])
    quiet_until = TimeField(N_("到几点为止"), [Required()])


class BatchForm(Form):
    """A table of many rows, and what it is about."""

    kind = SelectField(N_("这份表格用来"), validate_choice=False)
    file = FileField(N_("表格（XLSX 或 CSV）"))

    def offer(self, kinds: Mapping[str, Kind]) -> None:
        """Which kinds there are."""
        self.kind.choices = [(name, kind.title) for name, kind in kinds.items()]
