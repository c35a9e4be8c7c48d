"""The supervisor's pages: what waits, signing several, returning one."""

from collections.abc import Collection
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import Message, msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.teaching import commands, queries
from lms.teaching.forms import ReasonForm, as_uuid, as_version
from lms.teaching.rules import KINDS
from lms.teaching.views.blueprint import bp


@bp.get("/practice-log/signing", who=SIGNED_IN)
def signing() -> ResponseReturnValue:
    return _signing_page()


def _signing_page(ticked: Collection[str] = (), person_id: UUID | None = None, refused: Message | None = None) -> str:
    """`ticked`: the boxes that are ticked, by their values, and every box of this person."""
    actor = current_actor()
    return render(
        "teaching/signing.html", waiting=queries.waiting_for(actor), kinds=KINDS, refused=refused,
        rotations=queries.supervised(actor, clock.today()), ticked=ticked, all_of=person_id,
    )  # fmt: skip


@bp.post("/practice-log/signing", who=SIGNED_IN)
def sign_practice() -> ResponseReturnValue:
    """Sign what is ticked; or, asked to tick all of one person, show the page with these ticked too. Nothing is signed
    then: whoever signs sees first what."""
    ticked = request.form.getlist("entry")
    person_id = as_uuid(request.form.get("tick"))
    if person_id is not None:
        return _signing_page(ticked, person_id)
    pairs = [one.partition(":") for one in ticked]
    chosen = [(entry_id, as_version(version)) for one, _, version in pairs if (entry_id := as_uuid(one)) is not None]
    try:
        signed, changed = commands.sign_entries(current_actor(), chosen)
    except Invalid as refusal:
        return _signing_page(ticked, refused=refusal.message), refusal.status
    if changed:
        said = msg("签了 {signed} 条。有 {changed} 条刚刚变了，没有签，请再看一下。", signed=signed, changed=changed)
        tell(said, "back")
    elif signed:
        tell(msg("签好了 {signed} 条。", signed=signed))
    else:
        tell(msg("这些刚才已经签好，没有再签一次。"))
    return see_other("teaching.signing")


@bp.get("/practice-log/signing/<uuid:entry_id>", who=SIGNED_IN)
def signing_entry(entry_id: UUID) -> ResponseReturnValue:
    return _return_page(entry_id)


@bp.post("/practice-log/signing/<uuid:entry_id>/return", who=SIGNED_IN)
def return_practice(entry_id: UUID) -> ResponseReturnValue:
    form, conflict, status = ReasonForm(request.form), None, 422
    named = queries.entry_to_sign(current_actor(), entry_id)
    if form.validate():
        try:
            version = as_version(form.version.data)
            commands.return_entry(current_actor(), entry_id, form.reason.data or "", version=version)
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("退回给{name}了，医生会看到您写的话。", name=named.person_name))
            return see_other("teaching.signing")
    return _return_page(entry_id, form, conflict), status


def _return_page(entry_id: UUID, form: ReasonForm | None = None, conflict: Conflict | None = None) -> str:
    found = queries.entry_to_sign(current_actor(), entry_id)
    form = form or ReasonForm()
    form.version.data = str(found.card.version)
    return render(
        "teaching/return.html", e=found.card, name=found.person_name, form=form, conflict=conflict, kinds=KINDS
    )
