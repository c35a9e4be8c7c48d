"""Shell: a pure decision from two files, without a database; and what a draft would change for everybody."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from lms.credits import policies, simulating
from lms.credits.auditing.cli import sample_group
from lms.credits.compliance.cli import compliance_command
from lms.credits.filing.cli import file_command
from lms.credits.flags.cli import flags_group
from lms.credits.history_import.cli import import_history_command
from lms.credits.log import cli as log_cli
from lms.credits.rules.answers import answer
from lms.credits.rules.counting import Compliance
from lms.credits.rules.deciding import decide
from lms.credits.rules.facts import RefusedError, load_case
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Policy
from lms.credits.rules.reading import FaultyFileError
from lms.credits.rules.words import kind_word
from lms.credits.simulating import GAIN, LOSE, SAME, Simulation
from lms.kernel import clock
from lms.kernel.cli import fail, json_answer, many_objects, say
from lms.kernel.i18n import translate
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.text import N_, msg
from lms.kernel.uow import unit_of_work

OUTCOMES = {LOSE: N_("会减少"), GAIN: N_("会增加"), SAME: N_("不变")}
VERDICTS = {
    Compliance.PASS: N_("够了"),
    Compliance.FAIL: N_("不够"),
    Compliance.NOT_REQUIRED: N_("没有要求"),
    Compliance.UNKNOWN: N_("不能判断"),
}


@click.group("credits", help="Credits: decide a year by a policy.")
def credits_group() -> None:
    """Commands on credits."""


@credits_group.command("decide")
@click.option("--policy", "policy_file", required=True, type=click.Path(path_type=Path))
@click.option("--facts", "facts_file", required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object (the only form).")
def decide_command(policy_file: Path, facts_file: Path, as_json: bool) -> None:
    """Decide the facts in a file under the policy in a file."""
    policy = _policy(policy_file)
    try:
        case = load_case(_content(facts_file), str(facts_file))
    except FaultyFileError as error:
        _fail_all(error)
    _require_year(policy, case.year, f"{facts_file}: year")
    try:
        decision = decide(policy, case)
    except RefusedError as error:
        place = [fact.id for fact in case.facts].index(error.fact)
        fail(f"{facts_file}: facts[{place}].{error.field}: {translate(error.message)} ({error.fact})")
    json_answer(answer(decision))


@credits_group.command("simulate")
@click.option("--policy", "policy_file", required=True, type=click.Path(path_type=Path), help="The draft.")
@click.option("--year", type=click.IntRange(1990, 2200), help="The credit year (default: the current one).")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
@many_objects()
def simulate_command(policy_file: Path, year: int | None, as_json: bool) -> None:
    """Who would gain or lose if the policy in a file governed a year. Writes nothing."""
    draft = _policy(policy_file)
    year = year if year is not None else clock.today().year
    _require_year(draft, year, f"{policy_file}: --year {year}")
    with unit_of_work(write=False):
        found = simulating.simulate(draft, year, _told)
    if as_json:
        json_answer(simulating.answer(found))
    else:
        for row in _report(found):
            click.echo(row)


def _told(done: int) -> None:
    say(translate(msg("已算 {people} 人", people=done)))


def _policy(file: Path) -> Policy:
    """The policy in a file; ends the command with every fault found in it."""
    try:
        return load_policy(_content(file), str(file), lambda name: _beside(file, name))
    except FaultyFileError as error:
        _fail_all(error)


def _fail_all(error: FaultyFileError) -> NoReturn:
    fail("\n".join(f"{error.name}: {one.key}: {translate(one.message)}" for one in error.faults))


def _require_year(policy: Policy, year: int, where: str) -> None:
    """End the command where the policy does not speak of a year."""
    if year < policy.first_year:
        early = msg("{policy} 从 {year} 年起执行", policy=policy.id, year=policy.first_year)
        fail(f"{where}: {translate(early)}")
    if not policy.speaks_of(year):
        late = msg("{policy} 只用到 {year} 年为止", policy=policy.id, year=policy.last_year)
        fail(f"{where}: {translate(late)}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: {translate(msg('文件打不开'))} ({error.strerror})")


def _beside(policy_file: Path, name: str) -> bytes | None:
    """The policy that a file extends: one of that name beside it, else one of the house."""
    near = next((file for file in policy_file.parent.glob("*.toml") if file.stem == name), None)
    return _content(near) if near else policies.text_of(name)


def _report(found: Simulation) -> Iterator[str]:
    """The answer as text: totals, then a table of everybody for whom something changes."""
    yield translate(
        msg("{policy}，{year} 年，共 {people} 人", policy=found.draft.version, year=found.year, people=found.people)
    )
    for outcome, word in OUTCOMES.items():
        yield f"  {translate(word)}  {found.outcomes[outcome]}"
    for (before, after), number in sorted(found.verdicts.items()):
        yield f"  {translate(VERDICTS[before])} → {translate(VERDICTS[after])}  {number}"
    for policy, number in sorted(found.governed_by.items()):
        yield "  " + translate(msg("现在按 {policy} 算：{people} 人", policy=policy or "—", people=number))
    yield translate(
        msg(
            "计入学分 {before} → {after}，增加 {up}，减少 {down}",
            before=format_credits(found.before), after=format_credits(found.after),
            up=format_credits(found.up), down=format_credits(found.down),
        )
    )  # fmt: skip
    if found.no_rule:
        yield translate(msg("这个规则集没有规则的活动，都按 0 计："))
    for (kind, refused), number in sorted(found.no_rule.items()):
        yield f"  {translate(kind_word(kind))} ({kind}: {refused})  {number}"
    if found.changes:
        yield ""
        yield from _table(found)


def _table(found: Simulation) -> Iterator[str]:
    head = (N_("编号"), N_("姓名"), N_("执业地点"), N_("计入学分"), N_("学时"), N_("够不够"))
    rows = [tuple(translate(word) for word in head)]
    for change in found.changes:
        before, after = change.before, change.after
        rows.append(
            (
                str(change.person.id), change.person.name, change.person.workplace_name,
                f"{format_credits(before.counted)} → {format_credits(after.counted)}",
                f"{format_hours(before.hours)} → {format_hours(after.hours)}",
                f"{translate(VERDICTS[before.compliance])} → {translate(VERDICTS[after.compliance])}",
            )
        )  # fmt: skip
    widths = [max(_width(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        yield "  ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


for _command in log_cli.COMMANDS:
    credits_group.add_command(_command)
credits_group.add_command(compliance_command)
credits_group.add_command(sample_group)
credits_group.add_command(flags_group)
credits_group.add_command(file_command)
credits_group.add_command(import_history_command)
GROUPS = [credits_group]
