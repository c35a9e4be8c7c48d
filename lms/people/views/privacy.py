"""My data: who looked at my numbers, a copy of everything, closing the account."""

from types import SimpleNamespace
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel.paging import page_number
from lms.kernel.web import SIGNED_IN, current_actor, render
from lms.people import queries
from lms.people.privacy import looking
from lms.people.privacy.rules import ALL_PURPOSES, FIELDS, PAGES
from lms.people.rules import ROLE_NAMES
from lms.people.views.blueprint import bp

LOOK_WORDS = SimpleNamespace(purposes=ALL_PURPOSES, fields=FIELDS, pages=PAGES, roles=ROLE_NAMES)


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id


@bp.get("/account/looks", who=SIGNED_IN)
def my_looks() -> ResponseReturnValue:
    page = looking.looks_at_me(current_actor(), page_number(request.args.get("page")))
    return render("people/my_looks.html", page=page, words=LOOK_WORDS, person=queries.person(_me()))
