"""What each policy says, in plain words, for anybody: a policy is public knowledge."""

from dataclasses import dataclass

from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lms.courses.editions import Kept
from lms.credits import policies
from lms.credits.explaining import explain
from lms.credits.force import STATUS_WORDS, force, years
from lms.credits.rules.policy import CERTAINTY_WORDS, Policy, Status
from lms.credits.saying import day_of_year, place_word
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.i18n import locale
from lms.kernel.text import Message
from lms.kernel.web import ANYBODY, render

# Policies do not change while the process lives; the year decides which of them is in force.
_pages: Kept[tuple[str, int, str], Markup] = Kept(200)
_ALL = ""
ORDER = (Status.IN_FORCE, Status.UNCONFIRMED, Status.DISPUTED, Status.HISTORY)


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy in the list."""

    policy: Policy
    place: Message
    years: Message


@bp.get("/credits/policies", who=ANYBODY)
def policy_list() -> ResponseReturnValue:
    key = (_ALL, clock.today().year, locale())
    return render("credits/policies.html", body=_pages.get(key, lambda _: _draw_list()))


@bp.get("/credits/policies/<policy_id>", who=ANYBODY)
def policy(policy_id: str) -> ResponseReturnValue:
    found = require_found(next((one for one in _known() if one.id == policy_id), None))
    key = (found.id, clock.today().year, locale())
    return render("credits/policy.html", policy=found, body=_pages.get(key, lambda _: _draw(found)))


def _known() -> list[Policy]:
    return [known.policy for known in policies.library()]


def _draw_list() -> Markup:
    known = _known()
    # Within a place what is in force comes first, then the newest.
    known.sort(key=lambda one: (one.jurisdiction, ORDER.index(one.status), -one.first_year, one.id))
    entries = [Entry(one, place_word(one.jurisdiction), years(one, known)) for one in known]
    nation = [one for one in entries if one.policy.jurisdiction == policies.NATION]
    provinces = [one for one in entries if one.policy.jurisdiction != policies.NATION]
    return _markup("credits/_policies.html", nation=nation, provinces=provinces, statuses=STATUS_WORDS)


def _draw(one: Policy) -> Markup:
    known, year = _known(), clock.today().year
    base = next((other for other in known if other.id == one.extends), None)
    governing = policies.governing(one.jurisdiction, year)
    same = [
        other
        for other in known
        if (other.jurisdiction, other.first_year, other.status) == (one.jurisdiction, one.first_year, one.status)
    ]
    return _markup(
        "credits/_policy.html",
        policy=one,
        e=explain(one, base),
        base=base,
        force=force(one, year, governing),
        instead=governing if governing and governing.id != one.id else None,
        variants=[other for other in same if other.id != one.id],
        place=place_word(one.jurisdiction),
        years=years(one, known),
        ends=day_of_year(*one.year_ends),
        statuses=STATUS_WORDS,
        certainties=CERTAINTY_WORDS,
    )


def _markup(template: str, **context: object) -> Markup:
    return Markup(render(template, **context))  # noqa: S704 - ours, escaped by the template
