"""History from other systems: /admin/history. Each administrator sees the imports that she made herself."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict

from lms.credits.exports import File
from lms.credits.history_import import importing
from lms.credits.history_import.forms import HistoryForm
from lms.credits.history_import.rows import COLUMNS
from lms.credits.views.answers import as_download
from lms.credits.views.blueprint import bp
from lms.kernel.actor import Role
from lms.kernel.errors import Conflict, Invalid, TooLarge
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

ADMINISTRATOR = roles(Role.ADMINISTRATOR)
MOST_BYTES = 10 * 1024**2
SAMPLE = (
    "old-0001", "", "", "2023-05-12", "国家级项目", "示例：心血管病新进展", "2023-03-01-001", "6", "学时", "6",
    "参加", "是", "I", "2",
)  # fmt: skip


@bp.get("/admin/history", who=ADMINISTRATOR)
def history() -> ResponseReturnValue:
    return _page(HistoryForm())


def _page(form: HistoryForm) -> str:
    return render("admin/history.html", imports=importing.imports(current_actor()), form=form, columns=COLUMNS)


@bp.get("/admin/history/template.csv", who=ADMINISTRATOR)
def history_template() -> ResponseReturnValue:
    """The columns by their headings, and one example without a person."""
    rows = [[title for _, title in COLUMNS], SAMPLE]
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    return as_download(File("xinglin-history-template.csv", "text/csv; charset=utf-8", text.encode("utf-8-sig")))


@bp.post("/admin/history", who=ADMINISTRATOR)
def rehearse_history() -> ResponseReturnValue:
    form, file = HistoryForm(CombinedMultiDict([request.files, request.form])), request.files.get("file")
    data = file.stream.read(MOST_BYTES + 1) if file else b""
    if len(data) > MOST_BYTES:
        raise TooLarge(msg("文件不超过 {size} MB。", size=MOST_BYTES // 1024**2))
    if form.validate():
        try:
            if file is None or not data:
                raise Invalid(fields={"file": msg("请选一个文件。")})
            pairs = [line for line in (form.headings.data or "").splitlines() if line.strip()]
            import_id = importing.keep(current_actor(), form.system.data or "", file.filename or "", data, pairs)
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            return see_other("credits.history_import", import_id=import_id)
    return _page(form), 422


@bp.get("/admin/history/<uuid:import_id>", who=ADMINISTRATOR)
def history_import(import_id: UUID) -> ResponseReturnValue:
    return _import_page(import_id)


def _import_page(import_id: UUID, refusal: Invalid | None = None) -> str:
    found, what = importing.rehearsed(current_actor(), import_id)
    return render(
        "admin/history_import.html", i=found, what=what, done=importing.progress(import_id), refusal=refusal,
        report=what.report() if what else found.report,
    )  # fmt: skip


@bp.post("/admin/history/<uuid:import_id>/start", who=ADMINISTRATOR)
def start_history(import_id: UUID) -> ResponseReturnValue:
    try:
        begun = importing.start(current_actor(), import_id)
    except Invalid as refusal:
        return _import_page(import_id, refusal), 422
    if begun:
        tell(msg("开始导入了，进度在这一页。"))
    else:
        tell(msg("这一批已经开始过，没有重复导入。"), "wait")
    return see_other("credits.history_import", import_id=import_id)


@bp.post("/admin/history/<uuid:import_id>/undo", who=ADMINISTRATOR)
def undo_history(import_id: UUID) -> ResponseReturnValue:
    try:
        begun = importing.undo(current_actor(), import_id)
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        tell(msg("开始整批收回，每一条都用一笔反向的账冲销。") if begun else msg("这一批已经收回过。"))
    return see_other("credits.history_import", import_id=import_id)
