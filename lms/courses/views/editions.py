"""Pages of editions in use: what changed, who is moved, one edition back, no new starts, what is clinically new."""

from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lms.courses import editions, studio
from lms.courses.access import STUDIO, WRITERS
from lms.courses.forms import NoticeForm
from lms.courses.moving import differing, moving, notices, outlook, previewing, returning, scene, standing
from lms.courses.moving.difference import told
from lms.courses.moving.previewing import GROUPS, Concerned, Preview
from lms.courses.preview import Looking, card_context, edition_lesson, lesson_context
from lms.courses.views.blueprint import bp
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.i18n import locale
from lms.kernel.ids import new_id
from lms.kernel.paging import Page, page_number
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, form_page, render, roles, safe_next, see_other, tell

DEEDS = {
    "pause": (standing.pause, msg("暂停报名了。已经在学的人照常学。")),
    "resume": (standing.resume, msg("又可以报名了。")),
    "retire": (standing.retire, msg("课程下架了。已经在学的人可以学完。")),
    "reopen": (standing.reopen, msg("课程重新开放了。")),
}


@bp.get("/studio/courses/<slug>/editions", who=roles(*STUDIO))
def studio_editions(slug: str) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    former_id = standing.former(course)
    former = editions.edition(former_id) if former_id else None
    returns, ahead = returning.of_course(course.id, editions.edition(course.current_id), former)
    return render(
        "studio/editions.html",
        course=course,
        titles=editions.edition(course.current_id).titles,
        editions=scene.editions_in_use(course),
        moves=moving.moves(course.id),
        notices=notices.told(course),
        former=former,
        returns=returns,
        ahead=ahead,
    )


@bp.get("/studio/courses/<slug>/difference", who=roles(*STUDIO))
def studio_difference(slug: str) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    before, after = _two(course, "from", "to")
    return render(
        "studio/difference.html",
        course=course,
        titles=after.titles,
        before=before.number,
        after=after.number,
        editions=scene.editions_in_use(course),
        found=differing.between(before, after),
        told=told,
    )


def _two(course: scene.CourseInUse, first: str, second: str) -> tuple[editions.EditionData, editions.EditionData]:
    """The two editions that the address names; without them the current one and the one before it."""
    numbers = [one.number for one in scene.editions_in_use(course)]
    current = editions.edition(course.current_id).number
    after = _number(second, current)
    before = _number(first, max((one for one in numbers if one < after), default=after))
    return scene.edition_numbered(course.id, before), scene.edition_numbered(course.id, after)


def _number(name: str, default: int) -> int:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else default


@bp.get("/studio/drafts/<uuid:draft_id>/difference", who=roles(*STUDIO))
def studio_draft_difference(draft_id: UUID) -> ResponseReturnValue:
    draft = studio.draft(current_actor(), draft_id)
    ahead = outlook.of_draft(draft_id)
    return render(
        "studio/draft_difference.html",
        draft=draft, before=ahead.before, found=ahead.difference, outlook=ahead.outlook, told=told,
    )  # fmt: skip


@bp.get("/studio/drafts/<uuid:draft_id>/move", who=roles(*STUDIO))
def studio_draft_move(draft_id: UUID) -> ResponseReturnValue:
    """What moving people will do once the draft is published."""
    draft = studio.draft(current_actor(), draft_id)
    ahead = outlook.of_draft(draft_id, request.args.getlist("equal")).outlook
    found = ahead.of(_number("from", 0)) if ahead else None
    if ahead is None or found is None:
        # Published meanwhile, or nobody is inside: the draft's page says which.
        return see_other("courses.studio_draft", draft_id=draft_id)
    group, names = _named(found)
    return render(
        "studio/draft_move.html",
        draft=draft,
        preview=found,
        equal=list(found.equal),
        group=group,
        names=names,
        sources=[one.source.number for one in ahead.inside],
    )


def _named(found: Preview) -> tuple[str, Page[Concerned] | None]:
    """The group that the address names, and one page of the people in it."""
    group = request.args.get("group", "")
    if group not in GROUPS:
        return group, None
    number = page_number(request.args.get("page"))
    return group, previewing.concerned(found.source, found.target, found.equal, group, number, found.people(group))


@bp.get("/studio/courses/<slug>/move", who=roles(*STUDIO))
def studio_move_preview(slug: str) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    source, target = _two(course, "from", "to")
    equal = request.args.getlist("equal")
    found = previewing.preview(source, target, equal)
    group, names = _named(found)
    return render(
        "studio/move.html",
        course=course,
        titles=target.titles,
        editions=scene.editions_in_use(course),
        preview=found,
        equal=list(found.equal),
        group=group,
        names=names,
        move_id=new_id(),
    )


@bp.post("/studio/courses/<slug>/move", who=roles(*WRITERS))
def studio_move(slug: str) -> ResponseReturnValue:
    try:
        move_id = UUID(request.form.get("move_id", ""))
    except ValueError:
        raise Invalid(msg("这一页不完整。请重新打开，再试一次。")) from None
    source, target = _number("from", 0), _number("to", 0)
    equal = request.form.getlist("equal")
    # Counted first: the move may be under way a moment later.
    losing = previewing.preview(*_two(scene.course_in_use(current_actor(), slug), "from", "to"), equal).losing
    moving.move(current_actor(), move_id, slug, source, target, equal)
    tell(msg("开始换版了。换到哪里，这一页看得到。"))
    if losing:
        said = msg("{count} 人换到第 {number} 版，学完没有学分，要等它批准；可以换回去。", count=losing, number=target)
        tell(said, "back")
    return see_other("courses.studio_editions", slug=slug, _anchor="moves")


@bp.post("/studio/courses/<slug>/moves/<uuid:move_id>/take-back", who=roles(*WRITERS))
def studio_move_back(slug: str, move_id: UUID) -> ResponseReturnValue:
    scene.writers_course(current_actor(), slug)
    losing = returning.of_move(move_id).losing
    moving.take_back(current_actor(), slug, move_id)
    tell(msg("正在把换过去的人换回来。"))
    _tell_losing(losing)
    return see_other("courses.studio_editions", slug=slug, _anchor="moves")


@bp.post("/studio/courses/<slug>/roll-back", who=roles(*WRITERS))
def studio_roll_back(slug: str) -> ResponseReturnValue:
    # Counted first: people may be returning a moment later.
    course = scene.writers_course(current_actor(), slug)
    former_id = standing.former(course)
    former = editions.edition(former_id) if former_id else None
    ahead = returning.of_course(course.id, editions.edition(course.current_id), former)[1]
    number = standing.roll_back(current_actor(), slug, _number("number", 0))
    tell(msg("退回了。新学的人从第 {number} 版学起，换过来的人正在换回去。", number=number))
    if ahead is not None and former is not None and number == former.number:
        _tell_losing(ahead.losing)
    return see_other("courses.studio_editions", slug=slug)


def _tell_losing(people: int) -> None:
    if people:
        tell(msg("{count} 人换回没有批准的版本，学完没有学分，要等那一版批准。", count=people), "back")


@bp.get("/studio/courses/<slug>/retire", who=roles(*WRITERS))
def studio_retire_page(slug: str) -> ResponseReturnValue:
    course = scene.writers_course(current_actor(), slug, lock=False)
    return render(
        "studio/retire.html",
        course=course,
        titles=editions.edition(course.current_id).titles,
        inside=sum(one.inside for one in scene.editions_in_use(course)),
        dependents=standing.dependents(course.code),
    )


@bp.post("/studio/courses/<slug>/standing", who=roles(*WRITERS))
def studio_standing(slug: str) -> ResponseReturnValue:
    course = scene.writers_course(current_actor(), slug)
    deed = DEEDS.get(request.form.get("deed", ""))
    if deed is None:
        raise Invalid(msg("这一页不完整。请重新打开，再试一次。"))
    try:
        deed[0](current_actor(), course.slug)
    except Conflict as refusal:
        tell(refusal.message, "back")
    else:
        tell(deed[1])
    return see_other("courses.studio_editions", slug=slug)


@bp.get("/studio/courses/<slug>/editions/<int:number>/notice", who=roles(*WRITERS))
def studio_notice(slug: str, number: int) -> ResponseReturnValue:
    form = NoticeForm()
    course = scene.writers_course(current_actor(), slug, lock=False)
    edition = scene.edition_numbered(course.id, number)
    kept = next((one for one in notices.told(course) if one.number == number), None)
    if kept is not None:
        form.text_zh.data, form.text_en.data = kept.texts.get("zh", ""), kept.texts.get("en", "")
    return render("studio/notice.html", form=form, course=course, edition=edition, marked=kept is not None)


@bp.post("/studio/courses/<slug>/editions/<int:number>/notice", who=roles(*WRITERS))
def studio_mark_notice(slug: str, number: int) -> ResponseReturnValue:
    form = NoticeForm(request.form)
    try:
        texts = {"zh": form.text_zh.data or "", "en": form.text_en.data or ""}
        notices.mark(current_actor(), slug, number, texts)
    except Invalid as refusal:
        form.absorb(refusal)
        course = scene.writers_course(current_actor(), slug, lock=False)
        edition = scene.edition_numbered(course.id, number)
        return form_page("studio/notice.html", form, course=course, edition=edition, marked=False)
    tell(msg("记下了。学完旧版的人会在“今天”和课程页看到。"))
    return see_other("courses.studio_editions", slug=slug, _anchor="notices")


@bp.post("/studio/courses/<slug>/editions/<int:number>/notice/withdraw", who=roles(*WRITERS))
def studio_unmark_notice(slug: str, number: int) -> ResponseReturnValue:
    notices.unmark(current_actor(), slug, number)
    tell(msg("撤下了，学员不会再看到。"))
    return see_other("courses.studio_editions", slug=slug, _anchor="notices")


@bp.get("/studio/courses/<slug>/editions/<int:number>", who=roles(*STUDIO))
def studio_look(slug: str, number: int) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    edition = scene.edition_numbered(course.id, number)
    return render("studio/look.html", course=course, edition=edition, package=edition.package)


@bp.get("/studio/courses/<slug>/editions/<int:number>/card", who=roles(*STUDIO))
def studio_look_card(slug: str, number: int) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    edition = scene.edition_numbered(course.id, number)
    looking = Looking(f"/studio/courses/{course.slug}/editions/{number}")
    return render("courses/card.html", **card_context(edition, locale(), looking))


@bp.get("/studio/courses/<slug>/editions/<int:number>/lessons/<lesson>", who=roles(*STUDIO))
def studio_look_lesson(slug: str, number: int, lesson: str) -> ResponseReturnValue:
    course = scene.course_in_use(current_actor(), slug)
    edition = scene.edition_numbered(course.id, number)
    language = locale()
    page = edition_lesson(edition, lesson, language)
    home = f"/studio/courses/{course.slug}/editions/{number}"
    asked = request.args.to_dict(flat=False)
    looking = Looking(home, f"{home}/lessons/")
    return render("courses/lesson.html", **lesson_context(page, edition, asked, language, looking))


@bp.post("/notices/<uuid:edition_id>/read", who=SIGNED_IN)
def read_notice(edition_id: UUID) -> ResponseReturnValue:
    try:
        notices.read(current_actor(), edition_id)
    except NotFound:
        # Taken back meanwhile, or finished anew in another window: there is nothing left to read.
        tell(msg("这条提醒已经不用看了。"), "back")
    return redirect(safe_next(request.form.get("back"), "/today"), code=303)
