"""How a draft begins here: from nothing, from a course that is published, or from a package that was uploaded."""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import insert, select

from lms.courses.access import may_write, require_writer
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.package import LANGUAGES, NO_REVIEWER, SUBJECTS
from lms.courses.packages.tree import Tree, content_hash, pack, read_zip
from lms.courses.writing.files import EDITABLE, has_files, unfold
from lms.courses.writing.lessons import free_name, name_for_addresses
from lms.courses.writing.toml_text import text_of, words_of
from lms.kernel import audit, clock, files
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
MOST_TITLE = 60


@dataclass(frozen=True, slots=True)
class _Named:
    """What a new course is called."""

    code: str
    slug: str
    title: dict[str, str]


def start(actor: Actor, *, centre_id: UUID, title: str, title_en: str = "", subject: str = SUBJECTS[0]) -> UUID:
    """A draft of a course that there is not yet; its id. Raises NotFound, NotAllowed, Invalid."""
    centre, named = _centre(actor, centre_id), _named(title, title_en)
    if subject not in SUBJECTS:
        raise Invalid(fields={"subject": msg("请从列出的几项里选一项。")})
    tree = {COURSE_FILE: _course_file(named, centre.code, subject, clock.today()).encode()}
    return _begin(actor, tree, centre, named, None)


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
    named = _Named(course.code, course.slug, dict(require_found(titles)))
    return _begin(actor, tree, _centre(actor, course.centre_id), named, course.id)


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
    named = _named(shown[:MOST_TITLE], shown if language == "en" else "")
    if language == "en":
        named = replace(named, title={"zh": "", "en": shown})
    return named.code, _course_file(named, centre_code, SUBJECTS[0], clock.today())


def begin_with(actor: Actor, draft_id: UUID, centre_id: UUID, tree: Tree) -> None:
    """A draft of these files under an id that is given: a second one of the same id cannot be.

    Raises NotFound, NotAllowed.
    """
    said = tomllib.loads(tree[COURSE_FILE].decode())
    named = _Named(said["code"], said["slug"], said["title"])
    _begin(actor, tree, _centre(actor, centre_id), named, None, draft_id)


def _begin(
    actor: Actor, tree: Tree, centre: OrganisationCard, named: _Named, course_id: UUID | None,
    wanted: UUID | None = None,
) -> UUID:  # fmt: skip
    draft_id, person_id = wanted or new_id(), require_found(actor.person_id)
    session().execute(
        insert(Draft).values(
            id=draft_id, course_id=course_id, code=named.code, slug=named.slug, titles=named.title,
            centre_id=centre.id, centre_path=centre.path, package_hash=files.store(pack(tree)),
            content_hash=content_hash(tree), report=[], state="draft", uploaded_by=person_id,
            uploaded_at=clock.now(), note="",
        )
    )  # fmt: skip
    unfold(draft_id, tree, person_id)
    audit.record(actor, "draft.started", "draft", draft_id, code=named.code)
    return draft_id


def _centre(actor: Actor, centre_id: UUID) -> OrganisationCard:
    """A place where she writes; NotFound for any other, or one that is closed."""
    centre = require_found(organisations.organisation(centre_id))
    require_in_place(may_write(actor, centre.path) and centre.closed_on is None)
    return centre


def _published(actor: Actor, slug: str) -> tuple[Course, Tree]:
    course = session().scalar(select(Course).where(Course.slug == slug, Course.current_edition_id.is_not(None)))
    course = require_found(course)
    require_writer(actor, course.centre_path)
    name = session().scalar(select(Edition.package_hash).where(Edition.id == course.current_edition_id))
    return course, read_zip(files.read(require_found(name)))


def _named(title: str, title_en: str) -> _Named:
    titles = {"zh": nfc(title), "en": nfc(title_en)}
    if not titles["zh"]:
        raise Invalid(fields={"title": msg("请填写这一项。")})
    for field, text in (("title", titles["zh"]), ("title_en", titles["en"])):
        if len(text) > MOST_TITLE * (1 if field == "title" else 2):
            raise Invalid(fields={field: msg("最多 {most} 个字。", most=MOST_TITLE * (1 if field == "title" else 2))})
    code = f"C{clock.today():%y}-{''.join(secrets.choice(LETTERS) for _ in range(6))}"
    wanted = name_for_addresses(titles["en"]) or code.lower()
    taken = set(session().scalars(select(Course.slug).where(Course.slug.startswith(wanted, autoescape=True))))
    taken |= set(session().scalars(select(Draft.slug).where(Draft.slug.startswith(wanted, autoescape=True))))
    return _Named(code, free_name(wanted, taken), titles)


def _course_file(named: _Named, centre_code: str, subject: str, today: date) -> str:
    """A course.toml with everything that must be in it; what only the author knows is empty."""
    empty: Mapping[str, str] = dict.fromkeys(LANGUAGES, "")
    return (
        f"code = {text_of(named.code)}\n"
        f"slug = {text_of(named.slug)}\n"
        f"centre = {text_of(centre_code)}\n"
        f"subject = {text_of(subject)}\n"
        'audience = ["village_doctor"]\n'
        'hours = "1"\n'
        "prerequisites = []\n"
        'languages = ["zh", "en"]\n'
        f"reviewer = {text_of(NO_REVIEWER)}\n"
        f"review_by = {today.replace(year=today.year + 2, day=1)}\n"
        f"title = {words_of(named.title)}\n"
        f"summary = {words_of(empty)}\n"
    )
