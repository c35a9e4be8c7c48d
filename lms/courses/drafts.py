"""The studio's commands: upload, submit, judge, publish. A state changes only from the state expected."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from lms.courses import publishing
from lms.courses.access import may_write, require_reviewer, require_writer
from lms.courses.models import Course, Draft, DraftMedium
from lms.courses.packages.checker import Report, check
from lms.courses.packages.lesson_html import media_of
from lms.courses.packages.package import Package
from lms.courses.packages.problem import BadPackageError, Problem, has_errors
from lms.courses.packages.tree import Tree, pack, read_folder, read_zip
from lms.courses.writing.files import EDITABLE, has_files, tree_of, writers_of
from lms.kernel import audit, clock, files
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import SYSTEM, Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard

MOST_NOTE = 2000


def publish_folder(path: Path | str, actor: Actor = SYSTEM, today: date | None = None) -> tuple[UUID, bool]:
    """Publish a package folder as an edition: (its id, whether it is new).

    For the shell and the demo, which stand above the two-person rule; `today` is the day its dates are
    judged on. Raises BadPackageError.
    """
    folder = Path(path).resolve()
    tree = read_folder(folder)
    report = check(tree, folder=folder.name, today=today or clock.today())
    package, centre = accepted(report, actor)
    return publishing.publish(actor, tree, package, centre)


def accepted(report: Report, actor: Actor) -> tuple[Package, OrganisationCard]:
    """The package and its centre. Raises BadPackageError with every problem if there is an error."""
    package = report.package
    if package is None:
        raise BadPackageError(report.problems)
    centre = organisations.by_code(package.centre)
    if centre is not None and (centre.closed_on or not may_write(actor, centre.path)):
        centre = None
    found = publishing.house_problems(package, centre)
    if has_errors(found) or centre is None:
        raise BadPackageError((*found, *report.problems))
    return package, centre


def upload_package(actor: Actor, data: bytes) -> UUID:
    """Take a ZIP in as a draft, all or nothing; the draft's id.

    Raises BadPackageError with everything the checker has to say.
    """
    return take_in(actor, *checked(data))


def checked(data: bytes) -> tuple[Tree, Report]:
    """What a ZIP holds and what the checker says of it. Needs no unit of work: it may take long, and nobody should
    wait for a package to be read. Raises BadPackageError for what is no ZIP."""
    tree = read_zip(data)
    return tree, check(tree, today=clock.today())


def take_in(actor: Actor, tree: Tree, report: Report, draft_id: UUID | None = None) -> UUID:
    """Make a draft of a checked package; its id. With an id that was made beforehand, the same press again finds the
    draft of the first one. Raises BadPackageError, Conflict for an id that is another's."""
    package, centre = accepted(report, actor)
    draft_id = draft_id or new_id()
    person_id = require_found(actor.person_id)
    values = {
        "id": draft_id,
        "course_id": session().scalar(select(Course.id).where(Course.code == package.code)),
        "code": package.code,
        "slug": package.slug,
        "titles": dict(package.title),
        "centre_id": centre.id,
        "centre_path": centre.path,
        "package_hash": files.store(pack(tree)),
        "content_hash": package.content_hash,
        "report": [_row(problem) for problem in report.problems],
        "state": "draft",
        "uploaded_by": person_id,
        "uploaded_at": clock.now(),
        "note": "",
    }
    if not insert_once(Draft, values, ["id"]):
        if session().scalar(select(Draft.uploaded_by).where(Draft.id == draft_id)) != person_id:
            raise Conflict
        return draft_id
    _keep_media(draft_id, tree, package)
    audit.record(actor, "draft.uploaded", "draft", draft_id, code=package.code)
    return draft_id


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "severity": problem.severity.value,
        "msgid": problem.message.msgid,
        "params": {name: str(value) for name, value in problem.message.params.items()},
    }


def _keep_media(draft_id: UUID, tree: Tree, package: Package) -> None:
    names = {medium.sha: medium.name for medium in package.media}
    rows = []
    for medium in media_of(package):
        files.store(tree[f"media/{names[medium.sha]}"])
        rows.append({"draft_id": draft_id, "sha": medium.sha, "mime": medium.mime})
    if rows:
        session().execute(insert(DraftMedium), rows)


def _locked(draft_id: UUID) -> Draft:
    found = session().scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
    return require_found(found)


def _move(draft: Draft, expected: tuple[str, ...], state: str, **values: Any) -> None:
    """Change the state, if it still is what the page showed; else Conflict."""
    result = session().execute(
        update(Draft)
        .where(Draft.id == draft.id, Draft.state.in_(expected))
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这份草稿的状态刚刚变过。请回到草稿页，看过再决定。"))


def submit_for_review(actor: Actor, draft_id: UUID) -> None:
    """Hand a draft to the reviewers; one that is written here becomes a package, as it stands now.

    Raises NotFound, NotAllowed, Conflict, BadPackageError with everything the checker has to say.
    """
    draft = _locked(draft_id)
    require_writer(actor, draft.centre_path)
    if draft.state in EDITABLE and has_files(draft_id):
        _freeze(actor, draft)
    _move(draft, EDITABLE, "in_review", submitted_at=clock.now())
    audit.record(actor, "draft.submitted", "draft", draft_id)


def _freeze(actor: Actor, draft: Draft) -> None:
    """Make a draft's files the package that is reviewed and published."""
    tree = tree_of(draft.id)
    report = check(tree, today=clock.today())
    package, centre = accepted(report, actor)
    if centre.id != draft.centre_id or (draft.course_id and package.code != draft.code):
        raise BadPackageError([Problem("course.toml", 0, msg("这份稿的中心和课程编号不能改"))])
    session().execute(
        update(Draft)
        .where(Draft.id == draft.id)
        .values(
            code=package.code, slug=package.slug, titles=dict(package.title), package_hash=files.store(pack(tree)),
            content_hash=package.content_hash, report=[_row(problem) for problem in report.problems],
        )
    )  # fmt: skip
    session().execute(delete(DraftMedium).where(DraftMedium.draft_id == draft.id))
    _keep_media(draft.id, tree, package)


def approve(actor: Actor, draft_id: UUID, note: str = "") -> None:
    """A second person's yes. Raises NotFound, NotAllowed (also for one's own work), Conflict."""
    _judge(actor, draft_id, "approved", note)


def ask_changes(actor: Actor, draft_id: UUID, note: str) -> None:
    """A second person's not yet, with what to change. Raises Invalid without a note, and as approve."""
    if not note.strip():
        raise Invalid(fields={"note": msg("请写清要改什么，作者照着改。")})
    _judge(actor, draft_id, "changes_asked", note)


def _judge(actor: Actor, draft_id: UUID, state: str, note: str) -> None:
    draft = _locked(draft_id)
    require_reviewer(actor, draft.centre_path, draft.uploaded_by)
    require(actor.person_id not in writers_of(draft_id), msg("您也写过这份稿，要由没有写过的人来审。"))
    _move(
        draft,
        ("in_review",),
        state,
        reviewed_by=actor.person_id,
        reviewed_at=clock.now(),
        note=note.strip()[:MOST_NOTE],
    )
    audit.record(actor, f"draft.{state}", "draft", draft_id)


def withdraw(actor: Actor, draft_id: UUID) -> None:
    """Take a draft off the desk; it stays in the records. Raises NotFound, NotAllowed, Conflict."""
    draft = _locked(draft_id)
    require_writer(actor, draft.centre_path)
    _move(draft, ("draft", "in_review", "changes_asked", "approved"), "withdrawn")
    audit.record(actor, "draft.withdrawn", "draft", draft_id)


def publish_draft(actor: Actor, draft_id: UUID) -> UUID:
    """Make an approved draft the newest edition; the edition's id. A second press changes nothing.

    Raises NotFound, NotAllowed, Conflict (not approved, or code and address taken meanwhile).
    """
    draft = _locked(draft_id)
    require_writer(actor, draft.centre_path)
    if draft.state == "published" and draft.edition_id is not None:
        return draft.edition_id
    require_in_place(draft.reviewed_by != draft.uploaded_by)
    tree = read_zip(files.read(draft.package_hash))
    report = check(tree)
    centre = organisations.organisation(draft.centre_id)
    if report.package is None or centre is None:
        raise Conflict(msg("检查规则更新过，这份草稿要重新上传一次。"))
    problems = publishing.house_problems(report.package, centre)
    if problems:
        raise Conflict(problems[0].message)
    reviewed_by = draft.reviewed_by
    _move(draft, ("approved",), "published")
    edition_id, _ = publishing.publish(actor, tree, report.package, centre, reviewed_by=reviewed_by)
    course_id = session().scalar(select(Course.id).where(Course.code == report.package.code))
    session().execute(
        update(Draft)
        .where(Draft.id == draft_id)
        .values(edition_id=edition_id, course_id=course_id)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "draft.published", "draft", draft_id, edition=str(edition_id))
    return edition_id
