"""How a draft begins here: from nothing, a template, a copy, a course that is published, or an uploaded package."""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from lms.courses.access import WRITERS, may_write, require_writer
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.package import LANGUAGES, NO_REVIEWER, SUBJECTS
from lms.courses.packages.tree import Tree, content_hash, pack, read_zip
from lms.courses.writing import health
from lms.courses.writing.copying import Named, OddlyWrittenError, copied
from lms.courses.writing.files import EDITABLE, has_files, unfold
from lms.courses.writing.lessons import free_name, name_for_addresses
from lms.courses.writing.templates import TEMPLATES
from lms.courses.writing.templates import template as template_of
from lms.courses.writing.toml_text import text_of, words_of
from lms.kernel import audit, clock, files
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
MOST_TITLE = 60
MOST_COPIES = 200


@dataclass(frozen=True, slots=True)
class Beginning:
    """What somebody typed to begin a course. `template`: a name of `TEMPLATES`, or ""; `copy`: the address of a course
    of her centres, or ""; `sent`: made with the form, so that a form sent twice begins one course."""

    centre_id: UUID
    title: str
    title_en: str = ""
    subject: str = SUBJECTS[0]
    template: str = ""
    copy: str = ""
    sent: UUID | None = None

    def draft_id(self, person_id: UUID) -> UUID:
        """The id of the draft that this begins: the same for the same form with the same words."""
        if self.sent is None:
            return new_id()
        said = (person_id, self.centre_id, self.title, self.title_en, self.subject, self.template, self.copy)
        return uuid5(self.sent, repr(said))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft that is to be made."""

    id: UUID
    code: str
    slug: str
    title: dict[str, str]
    course_id: UUID | None = None


def start(
    actor: Actor, *, centre_id: UUID, title: str, title_en: str = "", subject: str = SUBJECTS[0], template: str = "",
    copy: str = "", sent: UUID | None = None,
) -> UUID:
    """A draft of a course that there is not yet; its id. Sent twice, also at once, it is begun once.

    Raises NotFound, NotAllowed, Invalid.
    """  # fmt: skip
    wanted = Beginning(centre_id, title, title_en, subject, template, copy, sent)
    centre, draft_id = _centre(actor, centre_id), wanted.draft_id(require_found(actor.person_id))
    if session().scalar(select(Draft.id).where(Draft.id == draft_id)) is not None:
        return draft_id
    named = _named(title, title_en, subject, centre.code)
    new = _Draft(draft_id, named.code, named.slug, dict(named.title))
    return _begin(actor, _files(actor, wanted, named), centre, new)


def _files(actor: Actor, wanted: Beginning, named: Named) -> Tree:
    if wanted.template and wanted.template not in TEMPLATES:
        raise Invalid(fields={"begin": msg("请从列出的几项里选一项。")})
    if not wanted.template and not wanted.copy:
        return {COURSE_FILE: _course_file(named).encode()}
    if wanted.template:
        return copied(template_of(wanted.template), named)
    _, tree = _published(actor, wanted.copy)
    try:
        return copied(tree, replace(named, subject=""))
    except OddlyWrittenError:
        said = msg("这门课的说明文件写法特别，照抄不了。请用“写下一版”，或者上传课程包。")
        raise Invalid(fields={"course": said}) from None


def copies(actor: Actor) -> list[tuple[str, Mapping[str, str]]]:
    """The courses of her centres from which another may be copied: address and titles, by title's code."""
    rows = session().execute(
        select(Course.slug, Edition.titles)
        .join(Edition, Edition.id == Course.current_edition_id)
        .where(organisations.under(Course.centre_path, actor.paths(*WRITERS)))
        .order_by(Course.code)
        .limit(MOST_COPIES)
    )
    return [(row.slug, row.titles) for row in rows]


def revise(actor: Actor, slug: str) -> UUID:
    """A draft of the next edition of a published course, which begins as the one that is current; its id. One that is
    being written already is gone on with. Raises NotFound, NotAllowed."""
    course, tree = _published(actor, slug)
    open_one = session().scalar(
        select(Draft.id)
        .where(Draft.course_id == course.id, Draft.state.in_(EDITABLE))
        .order_by(Draft.uploaded_at.desc())
        .limit(1)
    )
    if open_one is not None and has_files(open_one):
        return open_one
    titles = session().scalar(select(Edition.titles).where(Edition.id == course.current_edition_id))
    new = _Draft(new_id(), course.code, course.slug, dict(require_found(titles)), course.id)
    return _begin(actor, tree, _centre(actor, course.centre_id), new)


def take_up(actor: Actor, draft_id: UUID) -> None:
    """Go on here with a package that was uploaded. Taken up twice it changes nothing. Raises NotFound, NotAllowed,
    Conflict."""
    draft = require_found(session().scalar(select(Draft).where(Draft.id == draft_id).with_for_update()))
    require_writer(actor, draft.centre_path)
    if draft.state not in EDITABLE:
        raise Conflict(msg("这份稿现在不能改：它已经送审，或者已经办完。"))
    if not has_files(draft_id):
        unfold(draft_id, read_zip(files.read(draft.package_hash)), require_found(actor.person_id))
        audit.record(actor, "draft.taken_up", "draft", draft_id)


def prepare(actor: Actor, *, centre_id: UUID, title: str, language: str) -> tuple[str, str]:
    """For a course that comes from a file of another maker: its code, and a course.toml to go on with.

    Raises NotFound, NotAllowed, Invalid.
    """
    return course_file_for(_centre(actor, centre_id).code, title, language)


def course_file_for(centre_code: str, title: str, language: str) -> tuple[str, str]:
    """A code for a new course, and its course.toml, for a title in one language. Raises Invalid."""
    shown = nfc(title)[: MOST_TITLE * (1 if language == "zh" else 2)]
    named = _named(shown[:MOST_TITLE], shown if language == "en" else "", SUBJECTS[0], centre_code)
    if language == "en":
        named = replace(named, title={"zh": "", "en": shown})
    return named.code, _course_file(named)


def begin_with(actor: Actor, draft_id: UUID, centre_id: UUID, tree: Tree) -> None:
    """A draft of these files under an id that is given: a second one of the same id cannot be.

    Raises NotFound, NotAllowed.
    """
    said = tomllib.loads(tree[COURSE_FILE].decode())
    _begin(actor, tree, _centre(actor, centre_id), _Draft(draft_id, said["code"], said["slug"], said["title"]))


def _begin(actor: Actor, tree: Tree, centre: OrganisationCard, new: _Draft) -> UUID:
    person_id = require_found(actor.person_id)
    values: dict[str, Any] = {
        "id": new.id, "course_id": new.course_id, "code": new.code, "slug": new.slug, "titles": new.title,
        "centre_id": centre.id, "centre_path": centre.path, "package_hash": files.store(pack(tree)),
        "content_hash": content_hash(tree), "report": [], "state": "draft", "uploaded_by": person_id,
        "uploaded_at": clock.now(), "note": "",
    }  # fmt: skip
    if not insert_once(Draft, values, ["id"]):
        return new.id  # the same form, sent twice at once
    unfold(new.id, tree, person_id)
    health.count_soon(new.id)
    audit.record(actor, "draft.started", "draft", new.id, code=new.code)
    return new.id


def _centre(actor: Actor, centre_id: UUID) -> OrganisationCard:
    """A place where she writes; NotFound for any other, or one that is closed."""
    centre = require_found(organisations.organisation(centre_id))
    require_in_place(may_write(actor, centre.path) and centre.closed_on is None)
    return centre


def _published(actor: Actor, slug: str) -> tuple[Course, Tree]:
    # Under its lock: "write the next edition" pressed twice at once begins one draft.
    course = session().scalar(
        select(Course).where(Course.slug == slug, Course.current_edition_id.is_not(None)).with_for_update()
    )
    course = require_found(course)
    require_writer(actor, course.centre_path)
    name = session().scalar(select(Edition.package_hash).where(Edition.id == course.current_edition_id))
    return course, read_zip(files.read(require_found(name)))


def _named(title: str, title_en: str, subject: str, centre_code: str) -> Named:
    titles = {"zh": nfc(title), "en": nfc(title_en)}
    if not titles["zh"]:
        raise Invalid(fields={"title": msg("请填写这一项。")})
    for field, text in (("title", titles["zh"]), ("title_en", titles["en"])):
        if len(text) > MOST_TITLE * (1 if field == "title" else 2):
            raise Invalid(fields={field: msg("最多 {most} 个字。", most=MOST_TITLE * (1 if field == "title" else 2))})
    if subject not in SUBJECTS:
        raise Invalid(fields={"subject": msg("请从列出的几项里选一项。")})
    code = f"C{clock.today():%y}-{''.join(secrets.choice(LETTERS) for _ in range(6))}"
    name = name_for_addresses(titles["en"]) or code.lower()
    taken = set(session().scalars(select(Course.slug).where(Course.slug.startswith(name, autoescape=True))))
    taken |= set(session().scalars(select(Draft.slug).where(Draft.slug.startswith(name, autoescape=True))))
    today = clock.today()
    review_by = today.replace(year=today.year + 2, day=1)
    return Named(code, free_name(name, taken), titles, centre_code, review_by, subject)


def _course_file(named: Named) -> str:
    """A course.toml with everything that must be in it; what only the author knows is empty."""
    empty: Mapping[str, str] = dict.fromkeys(LANGUAGES, "")
    return (
        f"code = {text_of(named.code)}\n"
        f"slug = {text_of(named.slug)}\n"
        f"centre = {text_of(named.centre)}\n"
        f"subject = {text_of(named.subject)}\n"
        'audience = ["village_doctor"]\n'
        'hours = "1"\n'
        "prerequisites = []\n"
        'languages = ["zh", "en"]\n'
        f"reviewer = {text_of(NO_REVIEWER)}\n"
        f"review_by = {named.review_by}\n"
        f"title = {words_of(named.title)}\n"
        f"summary = {words_of(empty)}\n"
    )
