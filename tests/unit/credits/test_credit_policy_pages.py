"""The page on how a policy is written shows only what the loader takes."""

import re
import tomllib
from pathlib import Path

from credit_rules import conversion, line, policy

from lms.credits.rules.absences import STATES
from lms.credits.rules.audits import LEVELS
from lms.credits.rules.evidence import EVIDENCE
from lms.credits.rules.line_reading import LINES
from lms.credits.rules.line_reading import SHAPES as LINE_SHAPES
from lms.credits.rules.policy import Per
from lms.credits.rules.rate_reading import SHAPES

PAGE = Path("docs/policies.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


def body_of(example: str) -> str:
    """The keys of an example without its table's name and id, which `line` writes."""
    return "\n".join(row for row in example.splitlines() if not row.startswith(("[[", "id = ")))


def test_every_example_on_the_page_loads():
    for example in EXAMPLES:
        found = tomllib.loads(example)
        table, shape = next(iter(found)), found.get("shape")
        if isinstance(found[table], list) and f"[[{table}]]" in example:
            rules = policy(line(table, found[table][0]["id"], body_of(example)))
            assert getattr(rules, table)
        elif shape in SHAPES:
            assert policy(conversion(example)).conversions
        else:
            assert policy(line("caps", "c", example)).caps


def test_every_shape_is_on_the_page():
    shown = {tomllib.loads(example).get("shape") for example in EXAMPLES}
    assert set(SHAPES) <= shown
    assert all(f"max_per_{per}" in PAGE for per in Per)


def test_every_shape_beyond_conversions_has_an_example_or_is_named():
    tables = {next(iter(tomllib.loads(example))) for example in EXAMPLES}
    assert set(LINES) - {"conversions", "remarks", "caps", "conditions", "requirements"} <= tables
    for shapes in (LINE_SHAPES["conditions"], LINE_SHAPES["requirements"], LINE_SHAPES["exemptions"]):
        assert all(f"`{shape}`" in PAGE for shape in shapes)


def test_every_word_a_policy_may_use_is_on_the_page():
    for known in (EVIDENCE, STATES, LEVELS):
        assert all(f"`{word}`" in PAGE for word in known)
