"""Forms that hold what was typed and not saved: what their pages need, and what the script of those pages sends."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.courses.access import WRITERS, require_writer
from lms.courses.models import Draft
from lms.courses.views.blueprint import bp
from lms.courses.writing import typed
from lms.courses.writing.course_fields import PAGES
from lms.courses.writing.item_tables import clean
from lms.courses.writing.saving import open_draft
from lms.courses.writing.typed import Begun, Kept
from lms.items.registry import TYPES
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.forms import Form
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.web import current_actor, roles, see_other, tell

_KINDS, _PAGES = "|".join(TYPES), "|".join(PAGES)
FORMS = re.compile(
    rf"new/(?:{_KINDS})|question/[^/]{{1,60}}/(?:{_KINDS})|paste|settings/(?:{_PAGES})|facts/[^/]{{1,80}}"
)
"""Names of the forms of a draft."""
Given = MultiDict[str, str]
Read = Callable[[Given], Form]


@dataclass(frozen=True, slots=True)
class Shown:
    """A kept text beside the form: what in it is not as it is stored, by the names of the fields."""

    kept: Kept
    said: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Typing:
    """A form that holds what is typed. `keep`, `drop`: addresses; `here`: of a page of the form that can be asked for
    again; `page`: the page's id; `begun`: what it was filled with before, `filled` being that; `others`: further
    texts; `again`: it was sent and refused, and is not kept yet."""

    form: str
    keep: str
    drop: str
    here: str
    page: UUID
    begun: Begun | None = None
    filled: Kept | None = None
    others: Sequence[Kept] = ()
    again: bool = False
    days: ClassVar[int] = typed.KEPT.days  # for which the house keeps it

    @property
    def given(self) -> Given | None:
        """What the form is filled with instead of what is stored."""
        return given(self.filled) if self.filled else None

    def beside(self) -> "Typing":
        """The same for a form that cannot be filled any more: the text is shown beside it."""
        if self.filled is None:
            return self
        return replace(self, begun=None, filled=None, others=[self.filled, *self.others])

    def shown(self, read: Read) -> list[Shown]:
        """The texts beside the form; `read` makes a form of what was typed."""
        return [Shown(one, said_in(one, read)) for one in self.others]


def given(kept: Kept) -> Given:
    """What was typed, as if it had been sent."""
    return MultiDict(list(kept.fields))


def typing(place: str, form: str, *, keep: str, drop: str, here: str) -> Typing:
    """What waits for a form: the newest text, or the one that the address names, and the others; for a form that was
    sent just now and refused, the others."""
    found = typed.waiting(current_actor(), place, form)
    if request.method == "POST":
        page, begun = _sent()
        ours = {page, begun.page if begun else None}
        others = [one for one in found if one.page not in ours]
        again = page is not None
        before = typed.of_page(current_actor(), place, page) if page else None
        if before is not None and before.form != form:
            # The form has become another one: it goes on with what was kept of the old one under a new id.
            page, begun = new_id(), before.begun
        return Typing(form, keep, drop, here, page or new_id(), begun, others=others, again=again)
    wanted = request.args.get("typed", "")
    chosen = next((one for one in found if str(one.page) == wanted), found[0] if found else None)
    others = [one for one in found if one is not chosen]
    return Typing(form, keep, drop, here, new_id(), chosen.begun if chosen else None, chosen, others)


def waiting_in(place: str) -> list[Kept]:
    """All that waits of hers at a place, the newest first."""
    return typed.waiting(current_actor(), place)


def of_draft(draft_id: UUID, form: str) -> Typing:
    """The same for a form of a draft."""
    keep, drop = (url_for(f"courses.{name}", draft_id=draft_id) for name in ("studio_keep_typed", "studio_drop_typed"))
    return typing(typed.of_draft(draft_id), form, keep=keep, drop=drop, here=url_for(**address(draft_id, form)))


def saved(place: str, form: str) -> bool:
    """The form that was sent is saved: what its page had typed does not wait any more; False where what that had begun
    with was written on elsewhere, and waits."""
    page, begun = _sent()
    return typed.done(current_actor(), place, form, page, begun)


def saved_in(draft_id: UUID, form: str) -> None:
    """The same for a form of a draft."""
    saved(typed.of_draft(draft_id), form)


def _sent() -> tuple[UUID | None, Begun | None]:
    try:
        page = UUID(request.form.get("typed", ""))
    except ValueError:
        page = None
    return page, Begun.parse(request.form.get("typed_from", ""))


def keep_sent(place: str, forms: re.Pattern[str]) -> ResponseReturnValue:
    """Keep what a script sends. Raises Invalid."""
    page, begun = _sent()
    form, number = request.form.get("form", ""), request.form.get("number", "")
    good = page is not None and forms.fullmatch(form) and re.fullmatch("[0-9]{1,16}", number)
    if page is None or not good or int(number) > typed.MOST_NUMBER:
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    fields = typed.read(request.form.get("fields", ""))
    noted = typed.keep(current_actor(), place, form, page=page, number=int(number), begun=begun, fields=fields)
    said = translate(msg("草稿已存 {time}，按“保存”才生效", time=f"{clock.local(clock.now()):%H:%M}"))
    return {"number": noted.number, "taken": noted.taken, "done": noted.done, "said": said}


def drop_sent(place: str, forms: re.Pattern[str]) -> None:
    """Throw away what she names. Raises Invalid."""
    form = request.form.get("form", "")
    if not forms.fullmatch(form):
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    if saved(place, form):
        tell(msg("丢弃了没有保存的内容。"))
    else:
        tell(msg("另一页后来又写过，后写的还留着，没有丢弃。"), "back")


@bp.post("/studio/drafts/<uuid:draft_id>/typed", who=roles(*WRITERS))
def studio_keep_typed(draft_id: UUID) -> ResponseReturnValue:
    open_draft(current_actor(), draft_id)
    return keep_sent(typed.of_draft(draft_id), FORMS)


@bp.post("/studio/drafts/<uuid:draft_id>/typed/drop", who=roles(*WRITERS))
def studio_drop_typed(draft_id: UUID) -> ResponseReturnValue:
    require_writer_of(draft_id)
    drop_sent(typed.of_draft(draft_id), FORMS)
    if request.form.get("back") == "all":
        return see_other("courses.studio_unsaved", draft_id=draft_id)
    return see_other(**address(draft_id, request.form["form"]))


def require_writer_of(draft_id: UUID) -> None:
    """Whether she writes where the draft is, whatever its state. Raises NotFound, NotAllowed."""
    require_writer(current_actor(), require_found(session().get(Draft, draft_id)).centre_path)


def address(draft_id: UUID, form: str) -> dict[str, Any]:
    """The page on which a form is."""
    match form.split("/"):
        case ["new", kind]:
            page = {"endpoint": "courses.studio_questions", "type": kind}
        case ["question", code, kind]:
            page = {"endpoint": "courses.studio_questions", "edit": code, "as": kind}
        case ["settings", name]:
            page = {"endpoint": "courses.studio_settings", "page": name}
        case ["facts", slug]:
            page = {"endpoint": "courses.studio_lesson", "slug": slug}
        case _:
            page = {"endpoint": "courses.studio_paste_page"}
    return {**page, "draft_id": draft_id}


def said_in(kept: Kept, read: Read) -> list[tuple[str, str]]:
    """What was typed, where it is not what the form shows without it: the field's name, its words."""
    return [(label, mine) for label, _, mine in differing(read(given(kept)))]


def differing(form: Form) -> list[tuple[str, str, str]]:
    """Where what was typed is not what the form shows without it: the field's name, what is stored, what was typed."""
    found = []
    for field in form:
        stored, value = shown_value(field, field.object_data), shown_value(field, field.data)
        if field.type != "HiddenField" and stored != value:
            found.append((field.label.text, stored, value))
    return found


def shown_value(field: Any, value: object) -> str:
    """A value of a field as it is read."""
    choices = field.iter_choices() if hasattr(field, "choices") else ()
    names = {choice: translate(label) for choice, label, *_ in choices}
    if isinstance(value, bool):
        return translate(msg("是")) if value else ""
    values = value if isinstance(value, list) else [value] if value is not None else []
    return "\n".join(names.get(str(one), clean(str(one))) for one in values)
