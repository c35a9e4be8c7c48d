"""My data: who looked at my numbers, what is kept, closing the account."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import NEWCOMER, current_actor, render, see_other, tell
from lms.people import queries, sessions
from lms.people.forms import CloseForm, ProveForm
from lms.people.privacy import closing, copying, looking, proving
from lms.people.privacy.rules import ALL_PURPOSES, FIELDS, PAGES
from lms.people.rules import ROLE_NAMES
from lms.people.views.blueprint import bp

LOOK_WORDS = SimpleNamespace(purposes=ALL_PURPOSES, fields=FIELDS, pages=PAGES, roles=ROLE_NAMES)


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id


@bp.get("/account/looks", who=NEWCOMER)
def my_looks() -> ResponseReturnValue:
    page = looking.looks_at_me(current_actor(), page_number(request.args.get("page")))
    return render("people/my_looks.html", page=page, words=LOOK_WORDS, person=queries.person(_me()))


@bp.get("/account/close", who=NEWCOMER)
def close_page() -> ResponseReturnValue:
    """What closing would do, before anything is done."""
    return _close_page(CloseForm())


def _close_page(form: CloseForm) -> str:
    return render("people/close.html", plan=closing.plan(_me()), person=queries.person(_me()), form=form)


def _read(page: Callable[[], str]) -> str:
    with unit_of_work(write=False):
        return page()


@bp.post("/account/close", who=NEWCOMER, own_units=True)
def close_account() -> ResponseReturnValue:
    form = CloseForm(request.form)
    if not form.validate():
        return _read(lambda: _close_page(form)), 422
    try:
        proving.prove(current_actor(), form.password.data or "")
        with unit_of_work():
            plan = closing.close(current_actor(), _me(), "asked")
    except Invalid as refusal:
        form.absorb(refusal)
        return _read(lambda: _close_page(form)), 422
    except TooMany as refusal:
        form.absorb(Invalid(fields={"password": refusal.message}))
        return _read(lambda: _close_page(form)), refusal.status
    except Conflict as refusal:
        form.absorb(Invalid(refusal.message))
        return _read(lambda: _close_page(form)), refusal.status
    sessions.take_from_browser()
    if plan.at_once:
        tell(msg("账号注销了，个人信息已经删除。"))
    else:
        tell(msg("账号注销了。学分的记录封存到 {day}，到时删除。", day=plan.due_on))
    return see_other("home.welcome", out="y")


@bp.get("/account/data", who=NEWCOMER)
def my_data() -> ResponseReturnValue:
    """What is kept of her, what she may do about it, and the copies she asked for."""
    return _data_page(ProveForm())


def _data_page(form: ProveForm) -> str:
    return render("people/my_data.html", person=queries.person(_me()), copies=copying.copies_of(_me()), form=form)


@bp.post("/account/data", who=NEWCOMER, own_units=True)
def ask_copy() -> ResponseReturnValue:
    form = ProveForm(request.form)
    if not form.validate():
        return _read(lambda: _data_page(form)), 422
    try:
        proving.prove(current_actor(), form.password.data or "")
        with unit_of_work():
            copying.ask(current_actor())
    except Invalid as refusal:
        form.absorb(refusal)
        return _read(lambda: _data_page(form)), 422
    except (TooMany, Conflict) as refusal:
        form.absorb(Invalid(fields={"password": refusal.message}))
        return _read(lambda: _data_page(form)), refusal.status
    tell(msg("开始准备了，好了就在这一页取。"))
    return see_other("people.my_data")


@bp.post("/account/data/<uuid:copy_id>", who=NEWCOMER, own_units=True)
def fetch_copy(copy_id: UUID) -> ResponseReturnValue:
    """The copy itself: only to her, only with her password, and nobody keeps it on the way."""
    form = ProveForm(request.form)
    try:
        if not form.validate():
            return _read(lambda: _data_page(form)), 422
        proving.prove(current_actor(), form.password.data or "")
    except Invalid as refusal:
        form.absorb(refusal)
        return _read(lambda: _data_page(form)), 422
    except TooMany as refusal:
        form.absorb(Invalid(fields={"password": refusal.message}))
        return _read(lambda: _data_page(form)), refusal.status
    with unit_of_work():
        handed = copying.fetch(current_actor(), copy_id)
    headers = Headers()
    headers.add("Content-Disposition", "attachment", filename="xinglin-my-data.zip")
    headers.add("Cache-Control", "no-store")
    headers.add("Content-Length", str(handed.size))
    answer = Response(handed.blocks(), mimetype="application/zip", headers=headers)
    answer.direct_passthrough = True
    return answer
