"""From a request to an answer: one unit of work, a declared policy, a page in the reader's language."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Flask, current_app, flash, g, make_response, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from jinja2.environment import Environment
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from lms.kernel import clock, forms, i18n
from lms.kernel.actor import NOBODY, Actor, Grant, Role
from lms.kernel.errors import NotAllowed, NotSignedIn
from lms.kernel.parts import Slot
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.templates import PageEnvironment
from lms.kernel.text import Message
from lms.kernel.uow import current_unit, unit_of_work

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# `people` fills these. load_actor is called once a request, inside its unit of work, and returns who
# acts (one SQL statement at most, none without a cookie). after_answer runs once the unit is closed.
load_actor: Slot[[], Actor] = Slot(lambda: NOBODY)
after_answer: Slot[[Actor], None] = Slot(lambda actor: None)


@dataclass(frozen=True)
class Who:
    """A route's policy: who may use it at all. What she may do to which thing, commands decide."""

    name: str
    roles: tuple[Role, ...] = ()
    needs_sign_in: bool = True
    before_consent: bool = False

    def check(self, actor: Actor) -> None:
        """Raise NotSignedIn or NotAllowed."""
        if not self.needs_sign_in:
            return
        if not actor.signed_in:
            raise NotSignedIn
        if self.roles and not actor.has(*self.roles):
            raise NotAllowed


ANYBODY = Who("anybody", needs_sign_in=False)
SIGNED_IN = Who("signed_in")
# Pages that a person may use before she has read the privacy notice: the notice itself, signing out, and what is hers
# by law whether she agrees or not (her data, who looked at it, leaving).
NEWCOMER = Who("newcomer", before_consent=True)


def roles(*allowed: Role) -> Who:
    """Only people who hold one of these roles somewhere."""
    return Who("roles:" + ",".join(allowed), roles=allowed)


# Every route's policy by endpoint; the route × cast matrix is tested over this and the URL map.
POLICIES: dict[str, Who] = {}


class FeatureBlueprint:
    """The routes of a feature; each states who may use it and runs in one unit of work."""

    def __init__(self, name: str, import_name: str) -> None:
        self.name = name
        self.blueprint = Blueprint(name, import_name)

    def get(self, rule: str, *, who: Who) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A page that is read; its unit of work is always rolled back."""
        return self._route(rule, "GET", who)

    def post(
        self, rule: str, *, who: Who, own_units: bool = False, large: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A deed; its form carries the CSRF token. With `own_units` the view opens short units of
        work itself: for deeds that must keep something although they refuse (a counted try), or that
        compute for long (a password hash) and must not hold the writers' lock meanwhile. `large`: its form may
        be as large as a package (`XINGLIN_LARGEST_PACKAGE`); for those who may use the route."""
        return self._route(rule, "POST", who, own_units, large)

    def _route(
        self, rule: str, method: str, who: Who, own_units: bool = False, large: bool = False
    ) -> Callable[..., Any]:
        def register(view: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
            endpoint = view.__name__
            POLICIES[f"{self.name}.{endpoint}"] = who
            self.blueprint.add_url_rule(rule, endpoint, _in_unit(view, who, own_units, large), methods=[method])
            return view

        return register


def _in_unit(
    view: Callable[..., ResponseReturnValue], who: Who, own_units: bool, large: bool
) -> Callable[..., ResponseReturnValue]:
    def answer(values: dict[str, Any]) -> ResponseReturnValue:
        writing = request.method not in SAFE
        if writing:
            forms.check_csrf()
        forms.check_text()
        with unit_of_work(write=writing and not own_units):
            actor = g.actor = load_actor()
            i18n.speak(language_of(actor))
            who.check(actor)
            if actor.must_first and who.needs_sign_in and not who.before_consent:
                return redirect(url_for(actor.must_first, next=here()), code=303)
            if not own_units:
                response = make_response(view(**values))
                if response.status_code >= 400:
                    current_unit().doom()
        if own_units:
            response = make_response(view(**values))
        after_answer(actor)
        return response

    @wraps(view)
    def handle(**values: Any) -> ResponseReturnValue:
        if not large:
            return answer(values)
        _admit_large(who)
        with closing(request):  # what came lies in a file
            return answer(values)

    return handle


FORM_BESIDE = 1024 * 1024
"""Bytes of a form beside the file in it."""


def largest_package() -> int:
    """Bytes of a package, backup or document that the studio takes in."""
    megabytes: int = current_app.extensions["xinglin.settings"].largest_package
    return megabytes * 1024 * 1024


def _admit_large(who: Who) -> None:
    """Let a form be as large as a package, for those who may send one; what others send above the usual bound is not
    read at all. Only a form that can hold a file: one of words would be held in memory whole."""
    if request.mimetype != "multipart/form-data":
        return
    try:
        with unit_of_work(write=False):
            who.check(load_actor())
    except (NotSignedIn, NotAllowed):
        return
    request.max_content_length = largest_package() + FORM_BESIDE


def current_actor() -> Actor:
    """Who acts in this request."""
    actor: Actor = g.get("actor", NOBODY)
    return actor


def language_of(actor: Actor) -> str:
    """The language that she chose, else the one that her browser likes best."""
    chosen = cookie.get("language") or actor.language
    if chosen in i18n.LANGUAGES:
        return str(chosen)
    return _preferred(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def _preferred(header: str) -> str:
    """The language of ours that an Accept-Language header likes best; browsers send few different ones."""
    accepted = parse_accept_header(header, LanguageAccept)
    return accepted.best_match(i18n.LANGUAGES, default="zh") or "zh"


def here() -> str:
    """The page to come back to after signing in."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/today"


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_next(target: str | None, default: str) -> str:
    """A path of this house to go on to; anything else (another host, a scheme) is the default."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or _CONTROL.search(target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc or "\\" in target else target


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Go on to a page after a deed (303), so that reloading repeats nothing."""
    return redirect(url_for(endpoint, **values), code=303)


def tell(message: Message, kind: str = "ok") -> None:
    """Say a sentence on the next page that is shown; kinds: ok, wait, back, no."""
    flash(i18n.translate(message), kind)


def wants_json() -> bool:
    """Whether a script asked, so that a refusal is JSON."""
    return request.headers.get("Accept", "").startswith(("application/json", "application/problem"))


def form_page(template: str, form: forms.Form, **context: Any) -> ResponseReturnValue:
    """A page with a form that was refused: status 422, what was typed kept, fields named."""
    return render(template, form=form, **context), 422


def render(template: str, /, **context: Any) -> str:
    """A page in the reader's language."""
    environment: Environment = _environments[i18n.locale()]
    return environment.get_template(template).render(context, actor=current_actor(), lang=i18n.locale())


_environments: dict[str, Environment] = {}


def _newest(static: dict[str, str]) -> Callable[[str], str]:
    def static_url(name: str) -> str:
        return static[name]

    return static_url


def _main_entries(environment: Environment) -> Callable[[Actor, str], Markup]:
    """The main columns of a page, drawn once for each language, set of roles and column that is open."""

    @lru_cache(maxsize=500)
    def drawn(signed_in: bool, held: frozenset[Role], nav: str) -> Markup:
        reader = Actor(UUID(int=0) if signed_in else None, grants=tuple(Grant(role, "") for role in held))
        page = environment.get_template("_layout/_entries.html").render(actor=reader, nav=nav)
        return Markup(page)  # noqa: S704 - ours, escaped by the template

    def main_entries(actor: Actor, nav: str) -> Markup:
        return drawn(actor.signed_in, frozenset(grant.role for grant in actor.grants), nav)

    return main_entries


def build_environments(app: Flask, static: dict[str, str]) -> None:
    """One template environment a language; the sentences are bound to it once."""
    for language in i18n.LANGUAGES:
        words = i18n.catalogue(language)
        environment = app.create_jinja_environment()
        assert isinstance(environment, PageEnvironment)
        environment.sentence = words.gettext
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.add_extension("jinja2.ext.i18n")
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            words.gettext, words.ngettext, newstyle=True
        )
        environment.globals.update(
            csrf_token=forms.csrf_token,
            sent_back=forms.sent_back,
            main_entries=_main_entries(environment),
            static_url=_newest(static),
            say=i18n.translate,
            in_locale=i18n.in_locale,
            html_lang=i18n.HTML_LANG[language],
            credits_text=format_credits,
            hours_text=format_hours,
            long_date=i18n.long_date,
            short_date=i18n.short_date,
            local=clock.local,
            today=clock.today,
            Role=Role,
            request=request,
            is_demo=app.extensions["xinglin.settings"].is_demo,
        )
        environment.auto_reload = app.debug
        _environments[language] = environment
