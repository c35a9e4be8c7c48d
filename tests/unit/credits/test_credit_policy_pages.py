"""The page on how a policy is written shows only what the loader takes."""

import re
import tomllib
from pathlib import Path

from credit_rules import conversion, line, policy

from lms.credits.rules.policy import Per
from lms.credits.rules.rate_reading import SHAPES

PAGE = Path("docs/policies.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


def test_every_example_on_the_page_loads():
    for example in EXAMPLES:
        shape = tomllib.loads(example).get("shape")
        if shape in SHAPES:
            assert policy(conversion(example)).conversions
        elif shape:
            assert policy(line("caps", "c", example)).caps
        else:
            body = "\n".join(row for row in example.splitlines() if not row.startswith(("[[", "id")))
            assert policy(line("categories", "class_1", body)).categories


def test_every_shape_is_on_the_page():
    shown = {tomllib.loads(example).get("shape") for example in EXAMPLES}
    assert set(SHAPES) <= shown
    assert all(f"max_per_{per}" in PAGE for per in Per)
