"""Pages of the studio: drafts, upload, preview, review, courses with their editions and learners."""

from typing import BinaryIO, cast
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict

from lms.courses import commands, editions, exchange, parts, shelf, studio
from lms.courses.access import STUDIO, WRITERS
from lms.courses.forms import JudgeForm, UploadForm
from lms.courses.moving import crediting, differing, outlook
from lms.courses.packages.checker import Report, by_severity
from lms.courses.packages.players import megabytes
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.tree import MAX_ARCHIVE
from lms.courses.preview import Looking, card_context, lesson_context, preview_lesson
from lms.courses.reviewing import queries
from lms.courses.reviewing.texts import report_of
from lms.courses.views.blueprint import bp
from lms.courses.views.writing import made_with_form, room_page
from lms.courses.writing.files import has_files
from lms.kernel.errors import Invalid, TooLarge
from lms.kernel.i18n import locale
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, largest_package, render, roles, see_other, tell


@bp.get("/studio", who=roles(*STUDIO))
def studio_drafts() -> ResponseReturnValue:
    actor = current_actor()
    state = "closed" if request.args.get("closed") == "y" else request.args.get("state", "")
    wanted = shelf.asked(state, request.args.get("q", ""), request.args.get("centre", ""))
    page = shelf.shelf(actor, wanted, page_number(request.args.get("page")))
    return render(
        "studio/shelf.html", page=page, wanted=wanted, choices=shelf.CHOICES, centres=studio.centres(actor)
    )


@bp.get("/studio/courses", who=roles(*STUDIO))
def studio_courses() -> ResponseReturnValue:
    actor = current_actor()
    page = studio.courses(actor, page_number(request.args.get("page")))
    return render("studio/courses.html", page=page, centres=studio.centres(actor))


@bp.get("/studio/courses/<slug>", who=roles(*STUDIO))
def studio_course(slug: str) -> ResponseReturnValue:
    page = studio.course_page(current_actor(), slug, page_number(request.args.get("page")))
    return render(
        "studio/course.html", page=page, course=page.course, uncredited=crediting.lost_since(page.course.edition_id),
        words=parts.words_waiting(page.course.id),
    )  # fmt: skip


@bp.get("/studio/upload", who=roles(*WRITERS))
def studio_upload_page() -> ResponseReturnValue:
    return _upload_page(UploadForm(sent=str(new_id())), ())


def _upload_page(form: UploadForm, problems: tuple[Problem, ...]) -> str:
    return render(
        "studio/upload.html",
        form=form,
        problems=problems,
        counts=by_severity(problems),
        most=largest_package() // 1024**2,
        lightest=MAX_ARCHIVE // 1024**2,
        centres=studio.centres(current_actor()),
    )


MOST_SECONDS = 40
"""For judging what came with a package: the proxy in front waits for 65."""


def sent_package() -> tuple[UploadForm, BinaryIO | None]:
    """The form of a package, and the archive that came with it (a file, if it is large); None where none was chosen,
    and the form says so. Raises TooLarge."""
    form = UploadForm(CombinedMultiDict([request.files, request.form]))
    file = request.files.get("package")
    data = cast(BinaryIO, file.stream) if file else None
    size = data.seek(0, 2) if data else 0
    if not size:
        form.absorb(Invalid(fields={"package": msg("请选一个 ZIP 文件。")}))
    if size > largest_package():
        said = msg(
            "ZIP 太大，不超过 {size} MB。录像、录音、讲义可以先不放进包里，收下以后在草稿的“媒体”页传；"
            "非要一起带来，请管理员在服务器上收。",
            size=largest_package() // 1024**2,
        )
        raise TooLarge(said)
    return form, data if size else None


def refused_upload(form: UploadForm, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    with unit_of_work(write=False):
        return _upload_page(form, problems), 422


@bp.post("/studio/upload", who=roles(*WRITERS), own_units=True, large=True)
def studio_upload() -> ResponseReturnValue:
    """Take a package in as it is sent; pressed twice, also at once, it leads to the same draft."""
    form, data = sent_package()
    sent = made_with_form(form.sent.data) if form.sent.data else None
    if data is None:
        return refused_upload(form, ())
    try:
        tree, report, brought = commands.checked(data, MOST_SECONDS)
        with unit_of_work():
            draft_id = exchange.draft_id_of(current_actor(), sent, data)
            draft_id = commands.take_in(current_actor(), tree, report, brought, draft_id)
    except BadPackageError as bad:
        return refused_upload(form, bad.problems)
    tell_taken_in(report)
    return see_other("courses.studio_draft", draft_id=draft_id)


def tell_taken_in(report: Report) -> None:
    """That a package is a draft now, and whether something still keeps it from being handed in."""
    if report.package is not None:
        tell(msg("课程包收下了，检查通过。"))
    else:
        count = by_severity(report.problems)["error"]
        tell(msg("课程包收下了。还有 {count} 处要改，改完才能送审。", count=count), "back")


@bp.get("/studio/drafts/<uuid:draft_id>", who=roles(*STUDIO))
def studio_draft(draft_id: UUID) -> ResponseReturnValue:
    draft = studio.draft(current_actor(), draft_id)
    if draft.may_submit and has_files(draft_id):
        return room_page(draft_id)
    return _draft_page(draft, JudgeForm())


def _draft_page(draft: studio.DraftCard, form: JudgeForm) -> str:
    actor = current_actor()
    problems = report_of(draft.package_hash).problems
    return render(
        "studio/draft.html", draft=draft, package=draft.package, form=form, problems=problems,
        counts=by_severity(problems), comments=queries.comments(actor, draft.id),
        reviews=queries.reviews(actor, draft.id), new_id=new_id, ahead=outlook.of_draft(draft.id),
        package_size=megabytes(exchange.size_of(draft.package_hash, draft.package)),
    )  # fmt: skip


@bp.get("/studio/drafts/<uuid:draft_id>/lessons/<slug>", who=roles(*STUDIO))
def studio_preview(draft_id: UUID, slug: str) -> ResponseReturnValue:
    draft = studio.draft(current_actor(), draft_id)
    language = locale()
    page = preview_lesson(draft, slug, language)
    home = url_for("courses.studio_draft", draft_id=draft_id)
    looking = Looking(home, f"/studio/drafts/{draft_id}/lessons/", draft=True)
    asked = request.args.to_dict(flat=False)
    return render("courses/lesson.html", **lesson_context(page, draft, asked, language, looking))


@bp.get("/studio/drafts/<uuid:draft_id>/card", who=roles(*STUDIO))
def studio_preview_card(draft_id: UUID) -> ResponseReturnValue:
    draft = studio.draft(current_actor(), draft_id)
    looking = Looking(url_for("courses.studio_draft", draft_id=draft_id), draft=True)
    return render("courses/card.html", **card_context(draft, locale(), looking))


@bp.post("/studio/drafts/<uuid:draft_id>/submit", who=roles(*WRITERS))
def studio_submit(draft_id: UUID) -> ResponseReturnValue:
    try:
        commands.submit_for_review(current_actor(), draft_id)
    except BadPackageError as bad:
        tell(msg("还有 {count} 处要改，改完才能送审。", count=by_severity(bad.problems)["error"]), "back")
        return see_other("courses.studio_draft", draft_id=draft_id)
    tell(msg("已经送审。审核人看过以后，结果会写在这一页。"))
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/approve", who=roles(*STUDIO))
def studio_approve(draft_id: UUID) -> ResponseReturnValue:
    return _judge(draft_id, yes=True)


@bp.post("/studio/drafts/<uuid:draft_id>/changes", who=roles(*STUDIO))
def studio_changes(draft_id: UUID) -> ResponseReturnValue:
    return _judge(draft_id, yes=False)


def _judge(draft_id: UUID, *, yes: bool) -> ResponseReturnValue:
    actor = current_actor()
    form = JudgeForm(request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        note = form.note.data or ""
        if yes:
            commands.approve(actor, draft_id, note, seen=request.form.get("seen", ""))
        else:
            commands.ask_changes(actor, draft_id, note, seen=request.form.get("seen", ""))
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return _draft_page(studio.draft(actor, draft_id), form), 422
    tell(msg("审核通过，作者可以出版了。") if yes else msg("已退回作者修改。"))
    return see_other("courses.studio_draft", draft_id=draft_id)


@bp.post("/studio/drafts/<uuid:draft_id>/publish", who=roles(*WRITERS))
def studio_publish(draft_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    before = differing.followed(draft_id)
    after = editions.edition(commands.publish_draft(actor, draft_id))
    if before and crediting.lost(before, after):
        tell(msg("出版了。从现在起开始学的人没有学分，要等这一版批准；正在学旧版的人不受影响。"), "back")
    else:
        tell(msg("出版了。新学的人从这一版学起，正在学旧版的人不受影响。"))
    return see_other("courses.studio_course", slug=after.course_slug)


@bp.post("/studio/drafts/<uuid:draft_id>/withdraw", who=roles(*WRITERS))
def studio_withdraw(draft_id: UUID) -> ResponseReturnValue:
    commands.withdraw(current_actor(), draft_id)
    tell(msg("草稿已撤下。"))
    return see_other("courses.studio_drafts")
