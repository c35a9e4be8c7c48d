"""`flask content …`: judge a package, publish one, write a course out as one, take one in as a draft."""

import shutil
import tempfile
from pathlib import Path

import click
from flask.cli import AppGroup

from lms.courses import commands, exchange
from lms.courses.curriculum import reading as curriculum
from lms.courses.curriculum import writing
from lms.courses.imports import making, reading
from lms.courses.imports.brought import Brought
from lms.courses.imports.rehearsing import report_of
from lms.courses.media.cli import media
from lms.courses.moving.cli import editions_cli
from lms.courses.packages import speaking
from lms.courses.packages.checker import Report, by_severity, check, load
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.recording import ENDINGS, MediaFile
from lms.courses.packages.tree import Tree, read_folder, read_zip
from lms.courses.writing import starting
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import SYSTEM, Actor, Grant
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError
from lms.kernel.i18n import locale, translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people import queries as people

content = AppGroup("content", help="Course packages: check them, publish them.")
content.add_command(media)
content.add_command(editions_cli)
GROUPS = [content]
COURSES = curriculum.CONTENT / "courses"


def _lines(problems: tuple[Problem, ...]) -> list[dict[str, object]]:
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "severity": problem.severity.value,
            "message": translate(problem.message),
        }
        for problem in problems
    ]


def _tell(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        where = f"{problem.file}:{problem.line}" if problem.file else "."
        say(f"{where}: {problem.severity.value}: {translate(problem.message)}")


def _judge(path: Path) -> Report:
    try:
        if path.is_file():
            return check(read_zip(path.read_bytes()), today=clock.today())
        folder = path.resolve()
        return check(read_folder(folder), folder=folder.name, today=clock.today())
    except BadPackageError as bad:
        return Report(bad.problems, None)


@content.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def check_command(path: Path, as_json: bool) -> None:
    """Judge the package at PATH (folder or ZIP); ends with 1 if there is an error."""
    report = _judge(path)
    counts = by_severity(report.problems)
    if as_json:
        json_answer({"ok": report.package is not None, **counts, "problems": _lines(report.problems)})
    else:
        _tell(report.problems)
        errors, warnings = counts["error"], counts["warning"]
        say(translate(msg("{errors} 处错误，{warnings} 处提醒", errors=errors, warnings=warnings)))
    if report.package is None:
        raise SystemExit(1)


@content.command("publish")
@click.argument("path", type=click.Path(path_type=Path))
def publish_command(path: Path) -> None:
    """Publish the package folder at PATH as an edition; the same content again changes nothing."""
    try:
        with unit_of_work():
            edition_id, new = commands.publish_folder(path)
    except BadPackageError as bad:
        _tell(bad.problems)
        fail(translate(msg("没有出版：先改好上面的错误。")))
    except DomainError as refusal:
        fail(refusal)
    json_answer({"edition": str(edition_id), "new": new})


@content.command("export")
@click.argument("slug")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--edition", type=int, default=None, help="Its number; the current one otherwise.")
def export_command(slug: str, path: Path, edition: int | None) -> None:
    """Write an edition of the course SLUG to PATH as a package (ZIP), byte for byte as it was frozen."""
    try:
        with unit_of_work(write=False):
            parcel = exchange.edition_parcel(SYSTEM, slug, edition)
    except DomainError as refusal:
        fail(refusal)
    with parcel.file as source, path.open("wb") as out:
        shutil.copyfileobj(source, out)
    json_answer({"file": path.name, "bytes": path.stat().st_size})


@content.command("import")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--phone", required=True, help="Of the author whose draft it becomes.")
@click.option("--rehearse", "only", is_flag=True, help="Say what it would change, and do nothing.")
def import_command(path: Path, phone: str, only: bool) -> None:
    """Take the package at PATH (ZIP) in as a draft, all or nothing."""
    try:
        with path.open("rb") as data:
            tree, report, brought = commands.checked(data)
        with unit_of_work(write=not only):
            actor = _author(phone)
            with path.open("rb") as data:
                found = exchange.rehearse(actor, data, tree, report, brought, locale())
            draft_id = None if only else commands.take_in(actor, tree, report, brought)
    except BadPackageError as bad:
        _tell(bad.problems)
        fail(translate(msg("没有收下：先改好上面的错误。")))
    except DomainError as refusal:
        fail(refusal)
    json_answer(
        {
            "draft": str(draft_id) if draft_id else None,
            "course": found.package.slug,
            "compared_with_edition": found.number,
            "changes": [{"kind": one.kind, "name": one.name, "state": one.state} for one in found.arrival.changes],
            "same": found.arrival.same,
            "not_taken": list(found.left.passed_over),
        }
    )


def _author(phone: str) -> Actor:
    """Whoever signs in with this number, with the roles that she holds. Raises NotFound."""
    person_id = require_found(people.by_account(phone))
    grants = people.grants_of([person_id]).get(person_id, ())
    return Actor(person_id, grants=tuple(Grant(one.role, one.path) for one in grants))


@content.command("import-file")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What it is written in.")
@click.option("--title", default="", help="Title of the course; else the file's own.")
@click.option("--centre", default="", help="Code of the training centre.")
@click.option("--into", type=click.Path(path_type=Path), help="A new folder for the package.")
def import_file_command(path: Path, language: str, title: str, centre: str, into: Path | None) -> None:
    """Rehearse a Word document, Common Cartridge, Moodle backup or web page; nothing is written without --into."""
    if into is not None and into.exists():
        fail(translate(msg("这个文件夹已经有了，换一个名字：{name}", name=str(into))))
    with tempfile.TemporaryDirectory(prefix="import-") as place:
        brought, tree = _rehearsed(path, title, language, centre, Path(place))
        _tell(tuple(brought.losses.told()))
        if into is not None:
            _write(tree, into, Path(place))
    said = {key: value for key, value in report_of(brought, tree).items() if key != "losses"}
    json_answer({**said, "losses": _lines(tuple(brought.losses.told())), "written": str(into) if into else None})


def _rehearsed(path: Path, title: str, language: str, centre: str, place: Path) -> tuple[Brought, Tree]:
    """What a file brings and the package that it becomes, with its heavy files in `place`; ends the command where it
    is refused."""

    def keep(file: MediaFile, lying: Path) -> None:
        shutil.copyfile(lying, place / f"{file.sha}.{ENDINGS[file.mime]}")

    try:
        with path.open("rb") as source:
            brought = reading.read(source, path.name, title or path.stem[:60], keep=keep)
    except BadPackageError as bad:
        _tell(bad.problems)
        fail(translate(msg("没有收下，什么也没有写。")))
    except DomainError as refusal:
        fail(refusal)
    brought.title = title or brought.title
    with unit_of_work(write=False):
        code, course_file = starting.course_file_for(centre, brought.title, language)
    return brought, making.tree_of(brought, language, course_file, code)


def _write(tree: Tree, folder: Path, heavy: Path) -> None:
    """The files in a new folder, which is there when all of them are; with the heavy ones that lie in `heavy`."""
    with tempfile.TemporaryDirectory(dir=folder.resolve().parent, prefix=".import-") as made:
        whole = Path(made) / "whole"
        for name, data in tree.items():
            target = whole / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        for one in heavy.iterdir():
            (whole / "media").mkdir(exist_ok=True)
            shutil.copyfile(one, whole / "media" / one.name)
        whole.rename(folder)


@content.command("curriculum")
@click.option("--courses", type=click.Path(exists=True, file_okay=False, path_type=Path), default=COURSES)
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path))
def curriculum_command(courses: Path, file: Path | None) -> None:
    """Areas, courses, lessons and questions, learning paths, and every sourced statement: docs/curriculum.md."""
    text = curriculum_of(courses)
    if file is None:
        say(text)
    else:
        file.write_text(text, encoding="utf-8")


def curriculum_of(courses: Path) -> str:
    """The document of all packages in a folder."""
    every = (load(read_folder(path.parent)) for path in sorted(courses.glob("*/course.toml")))
    packages = {package.code: package for package in every}
    return writing.document(curriculum.areas(), curriculum.learning_paths(), packages)


@content.command("scripts")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def scripts_command(path: Path, out: Path) -> None:
    """Write every lesson of a package as a script to be read aloud: one text file a lesson and language."""
    package = _judge(path).readable
    if package is None:
        fail(translate(msg("课程包有错误，写不出稿子。先看 content check。")))
    out.mkdir(parents=True, exist_ok=True)
    for lesson in package.lessons:
        for language in lesson.texts:
            text = speaking.script(package, lesson, language)
            (out / f"{lesson.position:02d}-{lesson.slug}.{language}.txt").write_text(text, encoding="utf-8")
    say(translate(msg("写好了 {count} 份稿子", count=len(package.lessons) * len(package.languages))))
