"""Forms of records: exactly the fields of a kind. Shape only, commands judge the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from lms.kernel.forms import AtMost, Form, Optional
from lms.kernel.text import N_
from lms.pathways.records.verifying import MOST_WORDS
from lms.pathways.records.words import CHOICES, STATES
from lms.pathways.rules.checking import MOST_NUMBER, MOST_SIGNS, Told
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import DECLARED, FIELD_NAMES, SCHEMAS

TRUE = N_("内容和材料都是真实的；不实要承担责任")


class RecordForm(Form):
    """What every record's form has; `form_of` adds the fields of its kind. `papers` holds what is said of the files,
    which do not come as a field."""

    record_id = HiddenField()
    version = HiddenField()
    kind = HiddenField()
    papers = HiddenField(N_("材料"))


def form_of(
    kind: Kind, modules: Sequence[tuple[str, Any]] = (), *, own: bool = True
) -> type[RecordForm]:
    """The form of a kind. `modules`: those of the programme chosen, with their names; `own`: the person fills it in
    herself, and says that it is true."""
    schema = SCHEMAS[kind]
    fields: dict[str, Any] = {}
    if kind is not Kind.DECLARATION:
        fields["on"] = DateField(schema.on, [Optional()])
    if schema.until:
        fields["until"] = DateField(schema.until, [Optional()])
    for asked in schema.fields:
        label = FIELD_NAMES[asked.name]
        if asked.name == "programme":
            fields["programme"] = HiddenField()
        elif asked.name == "module":
            fields["module"] = RadioField(label, choices=list(modules), validate_choice=False)
        elif asked.words:
            fields[asked.name] = RadioField(label, choices=list(asked.words.items()), validate_choice=False)
        else:
            fields[asked.name] = StringField(label, [AtMost(MOST_NUMBER if asked.sealed else MOST_SIGNS)])
    if own:
        fields["truth"] = BooleanField(DECLARED if kind is Kind.DECLARATION else TRUE)
    return type("KindForm", (RecordForm,), fields)


def told_by(form: RecordForm, kind: Kind) -> Told:
    """What a filled form tells."""

    def said(name: str) -> Any:
        return form[name].data if name in form else None

    fields = {one.name: said(one.name) or "" for one in SCHEMAS[kind].fields if not one.sealed}
    return Told(
        kind=kind,
        on=said("on"),
        until=said("until"),
        fields={name: word for name, word in fields.items() if word},
        number=said("number") or "",
    )


def filled(kind: Kind, on: Any, until: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    """What the form of a record that is corrected begins with; its number is not shown again."""
    known = {one.name for one in SCHEMAS[kind].fields}
    return {"on": on, "until": until, **{name: word for name, word in fields.items() if name in known}}


class RecordQueueForm(Form):
    """Filters of the queue."""

    state = SelectField(N_("状态"), choices=list(STATES.items()), validate_choice=False)
    kind = SelectField(
        N_("类型"), choices=[("", N_("所有类型")), *((str(kind), name) for kind, name in KIND_NAMES.items())],
        validate_choice=False,
    )  # fmt: skip
    q = StringField(N_("姓名或单位"), [AtMost(60)])
    mine = BooleanField(N_("只看等我核实的"))


class RecordDecisionForm(Form):
    """A decision on a record."""

    version = HiddenField()
    action = RadioField(N_("您的决定"), choices=list(CHOICES.items()), validate_choice=False)
    reason = TextAreaField(N_("医生会看到这段话"), [AtMost(MOST_WORDS)])


class RecordEndForm(Form):
    """The last day of a verified record."""

    version = HiddenField()
    until = DateField(N_("结束日期"), [Optional()])


class FindPersonForm(Form):
    """For whom something is entered."""

    q = StringField(N_("姓名"), [AtMost(60)])
