"""The studio's commands: upload, submit, judge, publish. A state changes only from the state expected."""

import io
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import delete, insert, select, update

from lms.courses import publishing
from lms.courses.access import may_write, require_reviewer, require_writer
from lms.courses.media import carrying, keeping
from lms.courses.media.sizes import prepare
from lms.courses.models import Course, Draft, DraftMedium
from lms.courses.packages.checker import Report, check
from lms.courses.packages.package import Package
from lms.courses.packages.problem import BadPackageError, Problem, Severity, has_errors, has_warnings
from lms.courses.packages.tree import Tree, pack, read_zip
from lms.courses.reviewing.commands import unsettled
from lms.courses.reviewing.models import Review
from lms.courses.reviewing.own_work import own_work_problems
from lms.courses.reviewing.texts import report_of
from lms.courses.writing import health, typed
from lms.courses.writing.files import EDITABLE, has_files, tree_of, writers_of
from lms.courses.writing.files import checked as judged_here
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


def publish_folder(path: Path | str, actor: Actor = SYSTEM, *, dated: bool = True) -> tuple[UUID, bool]:
    """Publish a package folder as an edition: (its id, whether it is new).

    For the shell and the demo, which stand above the two-person rule. Not `dated`: judged on no day, only as far as
    it must be to be read, for the demo shows the shipped courses also when their day of review has passed; what else
    they must be the tests hold. Raises BadPackageError.
    """
    folder = Path(path).resolve()
    tree, brought = carrying.read_whole_folder(folder)
    report = check(tree, folder=folder.name, today=clock.today() if dated else None)
    if report.package is not None:
        prepare(report.package.media, tree)
    package, centre = accepted(report, actor, brought)
    return publishing.publish(actor, tree, package, centre)


def accepted(
    report: Report,
    actor: Actor,
    brought: Collection[str] = (),
    writers: Collection[UUID] = (),
    *,
    as_draft: bool = False,
) -> tuple[Package, OrganisationCard]:
    """The package and its centre. `brought`: heavy files that came with it; `writers`: who wrote it; `as_draft`: what
    only forbids publishing does not matter yet. Raises BadPackageError with every problem if there is an error."""
    package = report.readable if as_draft else report.package
    if package is None:
        raise BadPackageError(report.problems)
    centre = organisations.by_code(package.centre)
    if centre is not None and (centre.closed_on or not may_write(actor, centre.path)):
        centre = None
    found = [*publishing.house_problems(package, centre), *own_work_problems(package, writers)]
    if centre is not None:
        found += keeping.missing(package, centre.path, brought)
    if has_errors(found) or centre is None:
        raise BadPackageError((*found, *report.problems))
    return package, centre


def upload_package(actor: Actor, data: bytes | BinaryIO) -> UUID:
    """Take a ZIP in as a draft, all or nothing; the draft's id.

    Raises BadPackageError with everything the checker has to say.
    """
    return take_in(actor, *checked(data))


def checked(data: bytes | BinaryIO, seconds: float = 0) -> tuple[Tree, Report, set[str]]:
    """What a ZIP holds, what the checker says of it, and the heavy files that came with it. It may take long and is
    done before any unit of work: nobody should wait for a package to be read. `seconds` (0: any): how long judging its
    heavy files and making its pictures smaller may take. Raises BadPackageError for what is no ZIP, or takes longer."""
    until = time.monotonic() + seconds if seconds else None
    tree, brought = carrying.read_whole_zip(data, seconds)
    report = check(tree, today=clock.today())
    if report.readable is not None:
        prepare(report.readable.media, tree, until)
    return tree, report, brought


def take_in(
    actor: Actor, tree: Tree, report: Report, brought: Collection[str] = (), draft_id: UUID | None = None
) -> UUID:
    """Make a draft of a checked package; its id. `brought`: heavy files that came with it (media.carrying). With an
    id that was made beforehand, the same press again finds the draft of the first one, as long as that is what was
    sent; where it was changed, handed in or withdrawn since, this is another draft. Raises BadPackageError, Invalid
    where its course would have more than its quota, Conflict for an id that is another's."""
    person_id = require_found(actor.person_id)
    package, centre = accepted(report, actor, brought, [person_id], as_draft=True)
    draft_id = draft_id or new_id()
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
    while not insert_once(Draft, values, ["id"]):
        there = require_found(session().get(Draft, draft_id, populate_existing=True))
        if there.uploaded_by != person_id:
            raise Conflict
        if _is_as_sent(there, str(values["package_hash"])):
            return draft_id
        draft_id = values["id"] = again(draft_id)
    _keep_media(draft_id, tree, package)
    health.count_soon(draft_id)
    keeping.require_room(keeping.lock_course(draft_id), 0)
    audit.record(actor, "draft.uploaded", "draft", draft_id, code=package.code)
    return draft_id


def again(draft_id: UUID) -> UUID:
    """The id of another draft of the same press, where the first is changed by now. Named after it, so that this press
    too makes one draft however often it is made."""
    return uuid5(draft_id, "again")


def _is_as_sent(draft: Draft, package_hash: str) -> bool:
    """Whether a draft is still what was sent: open, of this package, and not written in."""
    if draft.state != "draft" or draft.package_hash != package_hash:
        return False
    return not has_files(draft.id) or files.digest(io.BytesIO(pack(tree_of(draft.id)))) == package_hash


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "severity": problem.severity.value,
        "msgid": problem.message.msgid,
        "params": {
            name: value if isinstance(value, list) else str(value) for name, value in problem.message.params.items()
        },
    }


def _keep_media(draft_id: UUID, tree: Tree, package: Package) -> None:
    for path, data in tree.items():
        if path.startswith("media/") and not path.endswith(".toml"):
            files.store(data)
    keeping.know(keeping.pictures_of(package.media))
    mimes = {one.sha: one.mime for _, one in keeping.files_of(package.media, package.recordings)}
    rows = [{"draft_id": draft_id, "sha": sha, "mime": mime} for sha, mime in mimes.items()]
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
    elif draft.state in EDITABLE and (found := report_of(draft.package_hash)).package is None:
        raise BadPackageError(found.problems)
    _move(draft, EDITABLE, "in_review", submitted_at=clock.now())
    audit.record(actor, "draft.submitted", "draft", draft_id)


def _freeze(actor: Actor, draft: Draft) -> None:
    """Make a draft's files the package that is reviewed and published."""
    tree = tree_of(draft.id)
    report = judged_here(tree)
    package, centre = accepted(report, actor, writers={draft.uploaded_by, *writers_of(draft.id)})
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


def take_back(actor: Actor, draft_id: UUID) -> None:
    """The authors take a draft back that is in review or approved, to change it; an approval is over with that.

    Raises NotFound, NotAllowed, Conflict.
    """
    draft = _locked(draft_id)
    require_writer(actor, draft.centre_path)
    _move(draft, ("in_review", "approved"), "draft", approved_hash=None)
    audit.record(actor, "draft.taken_back", "draft", draft_id)


def approve(actor: Actor, draft_id: UUID, note: str = "", *, seen: str | None = None) -> None:
    """A second person's yes to one content. `seen`: the content hash of what she looked at.

    Raises NotFound, NotAllowed (also for one's own work), Conflict (another content by now, comments that wait,
    errors), Invalid (a warning stays and nobody has written why it may).
    """
    _judge(actor, draft_id, "approved", note, seen)


def ask_changes(actor: Actor, draft_id: UUID, note: str, *, seen: str | None = None) -> None:
    """A second person's not yet, with what to change: in the note or in comments. Raises Invalid without either, and
    as approve."""
    _judge(actor, draft_id, "changes_asked", note, seen)


def _require_ready(draft: Draft, note: str) -> None:
    """What keeps a draft from approval whatever a reviewer thinks of it."""
    waiting = unsettled(draft.id)
    if waiting:
        raise Conflict(msg("还有 {count} 条意见没有办完，先等作者答复，或者退回修改。", count=waiting))
    problems = report_of(draft.package_hash).problems
    errors = [one for one in problems if one.severity is Severity.ERROR]
    if errors:
        raise Conflict(msg("检查发现错误，请退回修改：{what}", what=errors[0].message))
    if has_warnings(problems) and not note.strip():
        raise Invalid(fields={"note": msg("检查还有提醒。请写明为什么可以保留，或者退回修改。")})


def _judge(actor: Actor, draft_id: UUID, state: str, note: str, seen: str | None) -> None:
    draft = _locked(draft_id)
    require_reviewer(actor, draft.centre_path, draft.uploaded_by)
    require(actor.person_id not in writers_of(draft_id), msg("您也写过这份稿，要由没有写过的人来审。"))
    if seen is not None and seen != draft.content_hash:
        raise Conflict(msg("这份稿刚刚换过内容。请看过现在的，再决定。"))
    note, approved = note.strip()[:MOST_NOTE], state == "approved"
    if approved and draft.state == "in_review":
        _require_ready(draft, note)
    elif not approved and not note and not unsettled(draft_id):
        raise Invalid(fields={"note": msg("请写清要改什么，作者照着改。")})
    now = clock.now()
    _move(
        draft,
        ("in_review",),
        state,
        reviewed_by=actor.person_id,
        reviewed_at=now,
        note=note,
        approved_hash=draft.content_hash if approved else None,
    )
    session().execute(
        insert(Review).values(
            id=new_id(), draft_id=draft_id, content_hash=draft.content_hash, verdict=state, note=note,
            by=actor.person_id, at=now,
        )
    )  # fmt: skip
    audit.record(actor, f"draft.{state}", "draft", draft_id)


def withdraw(actor: Actor, draft_id: UUID) -> None:
    """Take a draft off the desk; it stays in the records. Raises NotFound, NotAllowed, Conflict."""
    draft = _locked(draft_id)
    require_writer(actor, draft.centre_path)
    _move(draft, ("draft", "in_review", "changes_asked", "approved"), "withdrawn")
    typed.end(typed.of_draft(draft_id))
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
    report = check(tree, today=clock.today())
    centre = organisations.organisation(draft.centre_id)
    if report.package is None or centre is None:
        # The rules or the day are others than when it was approved, e.g. its date of review has passed.
        errors = [one.message for one in report.problems if one.severity is Severity.ERROR]
        raise Conflict(msg("出版以前又查了一次，有错误，请收回来改：{what}", what=errors[0]) if errors else None)
    problems = publishing.house_problems(report.package, centre)
    if problems:
        raise Conflict(problems[0].message)
    if draft.state == "approved" and draft.approved_hash != report.package.content_hash:
        raise Conflict(msg("审核通过的不是现在这份内容，要重新送审。"))
    reviewed_by, reviewed_at = draft.reviewed_by, draft.reviewed_at
    _move(draft, ("approved",), "published")
    typed.end(typed.of_draft(draft_id))
    edition_id, _ = publishing.publish(
        actor, tree, report.package, centre, reviewed_by=reviewed_by, reviewed_at=reviewed_at
    )
    course_id = session().scalar(select(Course.id).where(Course.code == report.package.code))
    session().execute(
        update(Draft)
        .where(Draft.id == draft_id)
        .values(edition_id=edition_id, course_id=course_id)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "draft.published", "draft", draft_id, edition=str(edition_id))
    return edition_id
