"""Forms of organisations: shape only."""

from wtforms import DateField, SelectField, StringField

from lms.kernel.forms import AtMost, Form, Optional, Required
from lms.kernel.text import N_


class OrganisationForm(Form):
    """What an organisation is called and how it is reached."""

    name = StringField(N_("全称"), [Required(), AtMost(80)])
    name_en = StringField(N_("英文名"), [AtMost(120)])
    contact_name = StringField(N_("联络员"), [AtMost(60)])
    phone = StringField(N_("联络电话"), [AtMost(20)])


class NewOrganisationForm(OrganisationForm):
    """A new organisation below another."""

    kind = SelectField(N_("类别"), [Required()], validate_choice=False)
    code = StringField(N_("代码"), [Required(), AtMost(32)])


class EditOrganisationForm(OrganisationForm):
    """Changes of an organisation; its place, kind and code stay."""

    closed_on = DateField(N_("从哪天起关闭"), [Optional()])
