"""Forms judge shape only: what is missing, too long, no number. Commands judge the rest."""

import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from flask import request, session
from wtforms import Form as WTForm
from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.i18n import translate
from lms.kernel.text import N_, Message, msg, nfc

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


class StaleForm(DomainError):
    """The form's token does not belong to this session: an old page, or a page of somebody else."""

    status = 400

    @classmethod
    def default(cls) -> Message:
        return msg("这一页开得太久，或者您已换人登录。请重新打开这一页再提交；刚才这次没有存上。")


class Unreadable(DomainError):
    """A NUL character: no keyboard types one, and PostgreSQL keeps none."""

    status = 400

    @classmethod
    def default(cls) -> Message:
        return msg("送来的文字里有一个存不了的符号，什么也没有改动。请重新输入再试。")


def check_text() -> None:
    """Refuse a request with a NUL in its address or its form; raises NotFound or Unreadable."""
    if "\0" in request.path:
        raise NotFound
    if b"%00" in request.query_string or any("\0" in value for values in request.form.listvalues() for value in values):
        raise Unreadable


def csrf_token() -> str:
    """The token of this browser session; made when the first form is shown."""
    token: str | None = session.get("csrf")
    if token is None:
        token = session["csrf"] = secrets.token_urlsafe(16)
    return token


def check_csrf() -> None:
    """Refuse a POST that did not come from a page of ours in this session; raises StaleForm."""
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise StaleForm
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    kept = session.get("csrf", "")
    if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
        raise StaleForm


TYPED = frozenset({"StringField", "TextAreaField", "TelField", "EmailField", "SearchField"})


def sent_back(typed: str) -> str:
    """What was typed as a refused form shows it again: nothing of what can be an identity number, right or wrong,
    in a field of whatever name. Pages stay in histories and on shared screens; she types it again, from the card."""
    return "" if _WHOLE_NUMBER.fullmatch(re.sub(r"[\s\-·.]", "", typed)) else typed


_WHOLE_NUMBER = re.compile(r"\d{17}[\dXx]")


class _Words:
    """WTForms' own complaints in our words."""

    KNOWN: ClassVar[dict[str, str]] = {
        "Not a valid date value.": N_("日期的样子是 2026-11-21。"),
        "Not a valid time value.": N_("时刻的样子是 21:00。"),
        "Not a valid integer value.": N_("请填整数。"),
        "Not a valid decimal value.": N_("请填数字。"),
        "Not a valid choice.": N_("请从列出的几项里选一项。"),
    }

    def gettext(self, sentence: str) -> str:
        return translate(self.KNOWN.get(sentence, N_("这一项填得不对。")))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one)


class Form(WTForm):
    """Base of all forms. Texts are NFC and trimmed; errors are messages, translated when shown."""

    class Meta:
        def get_translations(self, form: Any) -> _Words:
            return _Words()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Clean what is typed; take choices as (value, label)."""
            given = dict(unbound_field.kwargs)
            if unbound_field.field_class.__name__ in TYPED:
                options = {**options, "filters": [_clean, *given.pop("filters", ())]}
            if isinstance(given.get("choices"), (list, tuple)):
                given["choices"] = [
                    SelectChoice(*one) if isinstance(one, tuple) else one for one in given["choices"]
                ]
            fresh = type(unbound_field)(
                unbound_field.field_class, *unbound_field.args, **given
            )
            return fresh.bind(form=form, **options)

    def absorb(self, refusal: Invalid) -> None:
        """Put the refusal of a command onto the fields it names; the rest onto the form."""
        for name, message in refusal.fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, translate(message)]
            else:
                self.form_errors.append(translate(message))
        if not refusal.fields:
            self.form_errors.append(translate(refusal.message))


def _clean(value: object) -> object:
    return nfc(value) if isinstance(value, str) else value


class Required(InputRequired):
    """Something must be filled in (white space alone is nothing)."""

    def __call__(self, form: Any, field: Any) -> None:
        typed = bool(field.raw_data) and bool(str(field.raw_data[0]).strip())
        if typed and field.process_errors:
            raise StopValidation  # what is wrong with it has been said
        if not typed or field.data in (None, "", []):
            field.errors[:] = []
            raise StopValidation(translate(msg("请填写这一项。")))


class AtMost(Length):
    """No more than so many characters."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most)
        self.most = most

    def __call__(self, form: Any, field: Any) -> None:
        if field.data and len(field.data) > self.most:
            raise ValidationError(translate(msg("最多 {most} 个字。", most=self.most)))


class OneOf:
    """The value is one of those offered (for selects whose choices come late)."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = set(values)

    def __call__(self, form: Any, field: Any) -> None:
        if field.data not in self.values:
            raise ValidationError(translate(msg("请从列出的几项里选一项。")))


__all__ = [
    "AtMost",
    "Form",
    "OneOf",
    "Optional",
    "Required",
    "StaleForm",
    "Unreadable",
    "check_csrf",
    "check_text",
    "csrf_token",
]
