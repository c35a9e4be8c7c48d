"""The fields of an activity from outside, as the form for one person and the form for a list share them."""

from decimal import Decimal
from typing import Any

from lms.credits.entering import Told, choices_of, needs_hours, roles_of, rule_for, unit_of
from lms.credits.forms import AmountField, FactForm, given
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import KIND_WORDS
from lms.credits.saying import CHOICE_WORDS, ROLE_WORDS, choice_word
from lms.kernel.errors import Invalid
from lms.kernel.i18n import translate
from lms.kernel.quantities import format_hours
from lms.kernel.text import N_, msg


def told(form: FactForm, policy: Policy | None) -> Told:
    """What a filled form tells of the activity; raises Invalid for what the policy's rule for it needs besides."""
    on, kind, role = given(form.on_date.data), form.kind.data, form.role.data or "attendee"
    rule = rule_for(policy, kind, role, on) if policy else None
    unit = unit_of(rule)
    if needs_hours(rule, role) and not form.hours.data:
        raise Invalid(fields={"hours": msg("请填写这一项。")})
    return Told(
        kind=kind,
        title={"zh": given(form.title.data)},
        on_date=on,
        started_on=form.started_on.data,
        hours=amount(form.hours),
        quantity=None if unit == "hours" else _quantity(form.times, unit),
        unit=unit,
        role=role,
        choice=_choice(form),
        project_number=form.project_number.data or None,
        assessed=bool(form.assessed.data),
        holder=form.holder.data or "",
        note=form.note.data or "",
    )


def absorb(form: FactForm, refusal: Invalid) -> None:
    """Put a refusal onto the form: what commands call quantity and unit is one field here."""
    fields = {{"quantity": "times", "unit": "times"}.get(name, name): said for name, said in refusal.fields.items()}
    form.absorb(Invalid(refusal.message, fields=fields))


def offered(form: FactForm, policy: Policy | None) -> dict[str, Any]:
    """Let the form offer what a policy has rules for; what its page is drawn with besides."""
    if policy is not None:
        _offer(form, policy)
    return {
        "form": form,
        "policy": policy,
        "with_roles": policy is not None and len(roles_of(policy)) > 1,
        "with_choices": bool(form.choice.choices),
    }


def _offer(form: FactForm, policy: Policy) -> None:
    form.kind.choices = [(kind, KIND_WORDS[kind]) for kind in KIND_WORDS if policy.knows(kind)]
    form.role.choices = [(role, ROLE_WORDS[role]) for role in roles_of(policy)]
    groups: dict[str, list[tuple[str, str]]] = {
        KIND_WORDS[kind]: [(f"{kind}:{name}", _choice_word(name, credits)) for name, credits in rates]
        for kind, rates in choices_of(policy).items()
    }
    form.choice.choices = {"—": [("", N_("没有，或者不用选"))], **groups} if groups else []


def amount(field: AmountField) -> Decimal:
    """What is written in a field; nothing is 0."""
    return field.amount or Decimal(0)


def _quantity(field: AmountField, unit: str) -> Decimal:
    """How many; one event where nothing is written, but months and characters must be."""
    if not field.data and unit != "items":
        raise Invalid(fields={"times": msg("这类活动按月数或字数计，请写数量。")})
    return amount(field) if field.data else Decimal(1)


def _choice(form: FactForm) -> str | None:
    """What was chosen for this kind; the field holds `kind:choice`, for choices differ by kind."""
    kind, _, name = (form.choice.data or "").partition(":")
    if kind and kind != form.kind.data:
        raise Invalid(fields={"choice": msg("选的标准不是这类活动的，请再选一次。")})
    return name or None


def _choice_word(name: str, credits: Decimal | None) -> str:
    if credits is None:
        return translate(choice_word(name))
    each = msg("每次计 {credits} 学分", credits=format_hours(credits))
    # A choice that is named by its credits needs no name beside them.
    return translate(msg("{what}：{each}", what=choice_word(name), each=each) if name in CHOICE_WORDS else each)
