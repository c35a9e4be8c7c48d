"""`flask pathways …`: judge pathway files (a county's code is looked up in the tree of organisations), and somebody's
standing without a database."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from lms.credits.rules.reading import Fault, FaultyFileError, UnreadableError, day
from lms.kernel.cli import fail, json_answer
from lms.kernel.i18n import in_locale, translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.organisations.rules import REGIONS
from lms.pathways import catalogue
from lms.pathways.rules.answers import answer
from lms.pathways.rules.facts_file import load_facts
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.loading import load_pathway
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.places import is_of_house
from lms.pathways.rules.states import STATE_NAMES

pathways = AppGroup("pathways", help="Pathways: check their files, judge a standing.")
GROUPS = [pathways]


@pathways.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def check_command(path: Path, as_json: bool) -> None:
    """Judge the pathway file PATH, or every *.toml of the folder PATH. Faults end the command with 1."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        none = msg("没有要查的文件")
        fail(f"{path}: {translate(none)}")
    found = list(_checked(files))
    faulty = any(faults for _, _, faults in found)
    if as_json:
        json_answer({"ok": not faulty, "files": [_told(*one) for one in found]})
    else:
        for file, pathway, faults in found:
            for one in faults:
                click.echo(f"{file}: {one.key}: {translate(one.message)}", err=True)
            if pathway is not None and not faults:
                lines, parts = len(pathway.requirements), len(pathway.modules)
                sums = msg("{lines} 项要求，{parts} 个模块", lines=lines, parts=parts)
                click.echo(f"{file}: {pathway.id}: {translate(sums)}")
    if faulty:
        raise SystemExit(1)


def _checked(files: list[Path]) -> Iterator[tuple[Path, Pathway | None, tuple[Fault, ...]]]:
    """Each file with its pathway and its faults; two files with one id are a fault of the later."""
    known: dict[str, Path] = {}
    contents = [_content(file) for file in files]
    beside = catalogue.programmes_in(contents) if len(files) > 1 else catalogue.programmes()
    for file, content in zip(files, contents, strict=True):
        try:
            pathway = load_pathway(content, str(file), beside)
        except FaultyFileError as error:
            yield file, None, error.faults
            continue
        faults = [Fault("id", msg("“{id}”用了两次", id=pathway.id))] if pathway.id in known else []
        yield file, pathway, (*faults, *_nowhere(pathway))
        known[pathway.id] = file


def _nowhere(pathway: Pathway) -> list[Fault]:
    """A county's pathway whose county the house does not have would be offered to nobody."""
    if not is_of_house(pathway.jurisdiction):
        return []
    try:
        with unit_of_work(write=False):
            place = organisations.by_code(pathway.jurisdiction)
    except SQLAlchemyError:
        shut = msg("数据库打不开，查不了“{code}”是不是机构树里的县：先建好数据库再查", code=pathway.jurisdiction)
        return [Fault("jurisdiction", shut)]
    if place is not None and place.kind in REGIONS:
        return []
    none = msg("机构树里没有代码是“{code}”的县、市或者省", code=pathway.jurisdiction)
    return [Fault("jurisdiction", none)]


def _told(file: Path, pathway: Pathway | None, faults: tuple[Fault, ...]) -> dict[str, Any]:
    return {
        "file": str(file),
        "id": pathway.id if pathway else None,
        "requirements": len(pathway.requirements) if pathway else 0,
        "modules": len(pathway.modules) if pathway else 0,
        "faults": [{"key": one.key, "message": translate(one.message)} for one in faults],
    }


@pathways.command("standing")
@click.option("--facts", "facts_file", required=True, type=click.Path(path_type=Path), help="JSON, docs/pathways.md.")
@click.option("--pathway", "pathway_id", required=True, help="Id of a pathway of this house, or a pathway file.")
@click.option("--on", "said", required=True, help="The day to judge, YYYY-MM-DD.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def standing_command(facts_file: Path, pathway_id: str, said: str, as_json: bool) -> None:
    """Judge the facts of a file on a pathway on a day. Reads no database."""
    on = _day(said)
    pathway = _pathway(pathway_id)
    try:
        facts = load_facts(_content(facts_file), str(facts_file))
    except FaultyFileError as error:
        _fail_all(error)
    found = judge(pathway, facts, on)
    if as_json:
        json_answer(answer(found, translate))
    else:
        for row in _report(found):
            click.echo(row)


def _report(found: PathwayStanding) -> Iterator[str]:
    for one in found.states:
        reason = f"  {translate(one.judged.reason)}" if one.judged.reason else ""
        title = one.requirement.title.both()
        yield f"{one.code:4} {translate(STATE_NAMES[one.state])}  {in_locale(title)}{reason}"


def _pathway(named: str) -> Pathway:
    try:
        known = catalogue.known(named)
        if known is not None:
            return known
        if named.endswith(".toml"):
            return load_pathway(_content(Path(named)), named)
    except FaultyFileError as error:
        _fail_all(error)
    unknown = msg("没有这条路；有的是：{ids}", ids=", ".join(catalogue.library()))
    fail(f"--pathway {named}: {translate(unknown)}")


def _day(said: str) -> date:
    try:
        return day(said)
    except UnreadableError as error:
        fail(f"--on {said}: {translate(error.message)}")


def _fail_all(error: FaultyFileError) -> NoReturn:
    fail("\n".join(f"{error.name}: {one.key}: {translate(one.message)}" for one in error.faults))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        shut = msg("文件打不开")
        fail(f"{file}: {translate(shut)} ({error.strerror})")
