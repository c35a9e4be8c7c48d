"""An attendance list: choose a place, tick who was there, tell the activity once."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import commands, policies
from lms.credits.coming import commands as coming_commands
from lms.credits.coming import queries as coming_queries
from lms.credits.coming.models import ComingActivity
from lms.credits.forms import ListForm, RollForm, as_uuid, given
from lms.credits.listing import MOST_PEOPLE
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import words
from lms.credits.views import entry
from lms.credits.views.admin import ADMINISTRATOR
from lms.credits.views.blueprint import bp
from lms.credits.views.coming import filled
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.people.views import places


@bp.get("/admin/activities/list", who=ADMINISTRATOR)
def attendance_list() -> ResponseReturnValue:
    roll = RollForm(request.args)
    coming = _coming(roll.coming.data)
    place = _place(roll) if roll.validate() and roll.place.data else None
    if place is None:
        return _place_page(roll)
    there = _there(place, roll.q.data or "")
    data = {"list_id": str(new_id()), "place": place.code, "on_date": clock.today(), "q": roll.q.data}
    if coming is not None:
        # Whether there was a test is known; who passed it, only the list says.
        data |= {**filled(coming), "assessed": False, "coming": str(coming.id)}
    form = ListForm(data=data)
    form.people.data = [str(card.id) for card in there] if request.args.get("all") else []
    return _page(form, place, there)


@bp.post("/admin/activities/list", who=ADMINISTRATOR)
def record_list() -> ResponseReturnValue:
    """The answer is the result itself: sent again, it enters nothing and says the same."""
    form, roll, status = ListForm(request.form), RollForm(request.form), 422
    place = _place(roll)
    if place is None:
        return _place_page(roll)
    there = _there(place, form.q.data or "")
    if form.validate():
        try:
            return _done(_record(form, there), form, place)
        except Invalid as refusal:
            entry.absorb(form, refusal)
        except Conflict as conflict:
            form.form_errors.append(translate(conflict.message))
            status = conflict.status
    return _page(form, place, there), status


def _place(roll: RollForm) -> OrganisationCard | None:
    """The place that was written, if it is one of hers; else the form says what is wrong."""
    try:
        return organisations.organisation(places.chosen(current_actor(), "place", roll.place.data))
    except Invalid as refusal:
        roll.absorb(refusal)
        return None


def _coming(text: str | None) -> ComingActivity | None:
    """The activity to come that the list begins from; NotFound for one that is not hers to list."""
    return coming_queries.seen(current_actor(), require_found(as_uuid(text))) if text else None


def _place_page(roll: RollForm) -> ResponseReturnValue:
    offered, coming = places.offered(current_actor()), _coming(roll.coming.data)
    shown = render("credits/list_place.html", roll=roll, offered=offered, coming=coming)
    return shown, 422 if roll.errors else 200


def _there(place: OrganisationCard, text: str) -> list[PersonCard]:
    """Who may have been there: one more than a list can have shows that there are more. Nobody enters herself."""
    found = people.working_below(place.path, text, MOST_PEOPLE + 1)
    return [card for card in found if card.id != current_actor().person_id]


def _record(form: ListForm, there: list[PersonCard]) -> commands.ListRecorded:
    list_id, ticked = as_uuid(form.list_id.data), [as_uuid(one) for one in form.people.data or ()]
    if list_id is None:
        form.list_id.data = str(new_id())
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    told = entry.told(form, _policy(form, there))
    coming = _coming(form.coming.data)
    if coming is not None:
        told["title"] = coming_queries.title_of(coming, told["title"]["zh"])
        told["activity_code"] = coming_queries.activity_code(coming)  # whatever number was typed
        coming_commands.list_entered(coming)
    return commands.record_list(
        current_actor(), person_ids=[require_found(one) for one in ticked], list_id=list_id, **told
    )


def _policy(form: ListForm, there: list[PersonCard]) -> Policy | None:
    """What the rules for these people are in the activity's year, or this year as long as no day is given."""
    if not there:
        return None
    person, today = policies.person_of(there[0]), clock.today()
    on = form.on_date.data or today
    return policies.for_person(person, on.year) or policies.for_person(person, today.year)


def _page(form: ListForm, place: OrganisationCard, there: list[PersonCard]) -> str:
    return render(
        "credits/list.html",
        place=place,
        people=there[:MOST_PEOPLE],
        more=len(there) > MOST_PEOPLE,
        most=MOST_PEOPLE,
        ticked=set(form.people.data or ()),
        **entry.offered(form, _policy(form, there)),
    )


def _done(result: commands.ListRecorded, form: ListForm, place: OrganisationCard) -> str:
    without: list[tuple[UUID, str, str]] = [
        (one.person_id, one.name, translate(words(one.recorded.reasons[-1])))
        for one in sorted(result.without, key=lambda listed: listed.name)
    ]
    return render(
        "credits/list_done.html",
        result=result,
        title=given(form.title.data),
        on=given(form.on_date.data),
        place=place,
        fresh=sum(one.fresh for one in result.people),
        without=without,
    )
