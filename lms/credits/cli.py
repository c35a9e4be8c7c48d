"""Shell: a pure decision from two files, without a database."""

from pathlib import Path

import click

from lms.credits import policies
from lms.credits.compliance.cli import compliance_command
from lms.credits.rules.answers import answer
from lms.credits.rules.deciding import decide
from lms.credits.rules.facts import RefusedError, load_case
from lms.credits.rules.loading import load_policy
from lms.credits.rules.reading import FaultyFileError
from lms.kernel.cli import fail, json_answer
from lms.kernel.i18n import translate
from lms.kernel.text import msg


@click.group("credits", help="Credits: decide a year by a policy.")
def credits_group() -> None:
    """Commands on credits."""


@credits_group.command("decide")
@click.option("--policy", "policy_file", required=True, type=click.Path(path_type=Path))
@click.option("--facts", "facts_file", required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object (the only form).")
def decide_command(policy_file: Path, facts_file: Path, as_json: bool) -> None:
    """Decide the facts in a file under the policy in a file."""
    try:
        policy = load_policy(_content(policy_file), str(policy_file), lambda name: _beside(policy_file, name))
        case = load_case(_content(facts_file), str(facts_file))
    except FaultyFileError as error:
        fail("\n".join(f"{error.name}: {one.key}: {translate(one.message)}" for one in error.faults))
    if case.year < policy.first_year:
        early = msg("{policy} 从 {year} 年起执行", policy=policy.id, year=policy.first_year)
        fail(f"{facts_file}: year: {translate(early)}")
    if not policy.speaks_of(case.year):
        late = msg("{policy} 只用到 {year} 年为止", policy=policy.id, year=policy.last_year)
        fail(f"{facts_file}: year: {translate(late)}")
    try:
        decision = decide(policy, case)
    except RefusedError as error:
        fail(f"{facts_file}: facts[{error.fact}].{error.field}: {translate(error.message)}")
    json_answer(answer(decision))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: {translate(msg('文件打不开'))} ({error.strerror})")


def _beside(policy_file: Path, name: str) -> bytes | None:
    """The policy that a file extends: one of that name beside it, else one of the house."""
    near = next((file for file in policy_file.parent.glob("*.toml") if file.stem == name), None)
    return _content(near) if near else policies.text_of(name)


credits_group.add_command(compliance_command)
GROUPS = [credits_group]
