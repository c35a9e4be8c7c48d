"""Pages of learners: catalogue, course, lesson; and the pictures."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from lms.courses import catalogue as catalogues
from lms.courses import checks, commands, learning, parts, weighing
from lms.courses.editions import Kept
from lms.courses.media import seeing
from lms.courses.packages.lesson_html import render_card
from lms.courses.packages.package import EXTENSIONS
from lms.courses.rules import SUBJECT_NAMES
from lms.courses.views.blueprint import bp
from lms.kernel import clock, files
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.i18n import locale
from lms.kernel.paging import page_number
from lms.kernel.quantities import from_milli
from lms.kernel.serving import file_response, picture_response
from lms.kernel.text import msg
from lms.kernel.web import (
    ANYBODY,
    SIGNED_IN,
    current_actor,
    render,
    see_other,
    tell,
)

# Parts of pages that are the same for everybody who stands at the same place.
_about: Kept[tuple[UUID, str, str], str] = Kept(100)
_cards: Kept[tuple[UUID, str], tuple[str, str]] = Kept(50)
_entries: Kept[tuple[UUID, str, Decimal | None, str], str] = Kept(400)
_searches: Kept[tuple[catalogues.Asked, bool, str], str] = Kept(50)
FOR_EVER = "max-age=31536000, immutable"


@bp.get("/courses", who=ANYBODY)
def catalogue() -> ResponseReturnValue:
    wanted = catalogues.asked(
        text=request.args.get("q", ""),
        subject=request.args.get("subject", ""),
        hours=request.args.get("hours", ""),
        credit=request.args.get("credit") == "y",
        lacking=request.args.get("lacking") == "y",
        page=page_number(request.args.get("page")),
    )
    page = catalogues.catalogue(current_actor(), wanted)
    return render("courses/catalogue.html", page=page, wanted=wanted, search=_search(wanted), card=_entry)


def _search(wanted: catalogues.Asked) -> str:
    """The form, with what was asked for; kept unless somebody typed words."""
    as_shown = replace(wanted, page=1)

    def draw(_key: object = None) -> str:
        return render("courses/_search.html", wanted=as_shown, subjects=SUBJECT_NAMES)

    if wanted.text:
        return draw()
    return _searches.get((as_shown, current_actor().signed_in, locale()), draw)


def _entry(entry: catalogues.Entry) -> str:
    """A course in the list."""
    brings = entry.value.credits if entry.value else None
    return _entries.get(
        (entry.course.edition_id, entry.state, brings, locale()),
        lambda _: render("courses/_entry.html", entry=entry, subjects=SUBJECT_NAMES),
    )


@bp.get("/courses/<slug>", who=ANYBODY)
def course(slug: str) -> ResponseReturnValue:
    page = learning.course_page(slug, current_actor().person_id)
    edition = page.edition
    card = page.enrolment
    # What she learns decides, not what is current: an edition that nobody reviewed brings her nothing.
    uncredited = not edition.reviewed and not parts.unreviewed_carries()
    # What it would bring is told to who may still begin or finish it.
    brings = not uncredited and not (card and card.finished_at)
    return render(
        "courses/course.html",
        page=page,
        edition=edition,
        package=edition.package,
        hours=from_milli(edition.hours_milli),
        value=parts.edition_value(edition, clock.today()) if brings else None,
        uncredited=uncredited,
        weights=weighing.lessons_kb(edition, locale()),
        subject=SUBJECT_NAMES[edition.subject],
        panel=parts.course_assessment(card) if card else None,
        about=_about.get(
            (edition.id, page.centre_name["zh"], locale()),
            lambda _: render(
                "courses/_about.html",
                edition=edition,
                package=edition.package,
                centre_name=page.centre_name,
            ),
        ),
        outcomes=parts.course_outcomes(card) if card and card.finished_at else [],
        more=parts.course_more(card) if card else parts.CourseMore(),
    )


@bp.get("/courses/<slug>/card", who=ANYBODY)
def pocket_card(slug: str) -> ResponseReturnValue:
    """One page to print and carry; of the edition she learns where she is inside, else of the current one."""
    edition = learning.course_page(slug, current_actor().person_id).edition
    card, language = edition.package.card, locale()
    if card is None:
        raise NotFound
    drawn, sources = _cards.get((edition.id, language), lambda _: render_card(edition.package, card, language))
    return render("courses/card.html", edition=edition, card=card, drawn=drawn, sources=sources, preview=None)


@bp.post("/courses/<slug>/enrol", who=SIGNED_IN)
def enrol(slug: str) -> ResponseReturnValue:
    try:
        enrolment_id = commands.enrol(current_actor(), slug)
    except (Invalid, Conflict) as refusal:
        tell(refusal.message, "back")
        return see_other("courses.course", slug=slug)
    page = learning.course_page(slug, current_actor().person_id)
    if page.next_lesson is None:
        return see_other("courses.course", slug=slug)
    return see_other("courses.lesson", enrolment_id=enrolment_id, slug=page.next_lesson.slug)


@bp.get("/learn/<uuid:enrolment_id>/<slug>", who=SIGNED_IN)
def lesson(enrolment_id: UUID, slug: str) -> ResponseReturnValue:
    page = learning.lesson_page(current_actor(), enrolment_id, slug)
    edition = page.edition
    language = locale()
    return render(
        "courses/lesson.html",
        page=page,
        edition=edition,
        lesson=page.lesson,
        lesson_parts=page.lesson.parts[language],
        checks=checks.views(
            edition.package_hash,
            edition.package,
            page.lesson.checks,
            page.checks,
            language,
            request.args.get("again", ""),
        ),
        preview=None,
        lesson_start=parts.lesson_start(page),
        lesson_end=parts.lesson_end(page),
    )


@bp.post("/learn/<uuid:enrolment_id>/<slug>/check", who=SIGNED_IN)
def check(enrolment_id: UUID, slug: str) -> ResponseReturnValue:
    code = request.form.get("code", "")
    anchor = f"check-{code}"
    try:
        answer_id = UUID(request.form.get("answer_id", ""))
    except ValueError:
        raise Invalid(msg("这一页不完整。请重新打开这一课，再答一次。")) from None
    values = request.form.to_dict(flat=False)
    actor = current_actor()
    try:
        commands.answer_check(actor, enrolment_id, slug, code, answer_id, values)
    except Invalid as refusal:
        tell(refusal.message, "back")
        return see_other("courses.lesson", enrolment_id=enrolment_id, slug=slug, again=code, _anchor=anchor)
    return see_other("courses.lesson", enrolment_id=enrolment_id, slug=slug, _anchor=anchor)


@bp.post("/learn/<uuid:enrolment_id>/<slug>/finish", who=SIGNED_IN)
def finish(enrolment_id: UUID, slug: str) -> ResponseReturnValue:
    actor = current_actor()
    edition, done = learning.own_lesson(actor, enrolment_id, slug)
    if request.form.get("read", str(done.id)) not in {str(one.id) for one in edition.lessons}:
        # The page was opened in another edition: what she read is not what the course says now.
        tell(msg("您刚换到新版，这一课改过。请看一遍再点学完。"), "back")
        return see_other("courses.lesson", enrolment_id=enrolment_id, slug=slug)
    commands.finish_lesson(actor, enrolment_id, done.id)
    parts.lesson_finished(enrolment_id, edition, done, request.form)
    following = edition.next_lesson(done)
    if following is not None:
        return see_other("courses.lesson", enrolment_id=enrolment_id, slug=following.slug)
    return see_other("courses.course", slug=edition.course_slug)


@bp.get("/media/<name>", who=ANYBODY)
def medium(name: str) -> ResponseReturnValue:
    sha, dot, extension = name.partition(".")
    if not dot or len(sha) != 64 or not all(char in "0123456789abcdef" for char in sha):
        raise NotFound
    found = seeing.medium(current_actor(), sha)
    if EXTENSIONS.get(found.mime) != extension:
        raise NotFound
    if found.mime == "image/svg+xml":
        response: Response = make_response(files.read(sha))
        response.content_type = found.mime
        response.set_etag(sha)
        response.make_conditional(request)
    elif found.mime.startswith("image/"):
        response = picture_response(sha, found.mime, found.name)
    else:
        response = file_response(sha, found.mime, found.name)
    response.headers["Cache-Control"] = f"{'public' if found.public else 'private'}, {FOR_EVER}"
    # Opened by itself, a drawing may style itself and nothing else: no scripts, no other files.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
