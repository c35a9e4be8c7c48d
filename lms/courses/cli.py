"""`flask content …`: judge a package, publish a package."""

from pathlib import Path

import click
from flask.cli import AppGroup

from lms.courses import commands
from lms.courses.media.cli import media
from lms.courses.moving.cli import editions_cli
from lms.courses.packages.checker import Report, by_severity, check
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.tree import read_folder, read_zip
from lms.kernel import clock
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

content = AppGroup("content", help="Course packages: check them, publish them.")
content.add_command(media)
content.add_command(editions_cli)
GROUPS = [content]


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
