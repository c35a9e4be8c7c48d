"""A house under other rules: the same database, served by an application whose settings name another
folder of policy files."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cast import Cast
from flask import Flask
from houses import build_app

from lms.kernel.actor import SYSTEM
from lms.kernel.db import dispose
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations

POLICIES = Path(__file__).parent.parent.parent.parent / "content" / "policies"


IN_FORCE = re.compile(r'^status = "\w+"', re.MULTILINE)


@contextmanager
def under(app: Flask, folder: Path, in_force: str, added: str = "") -> Iterator[Flask]:
    """The house of `app` under its own policies, of which one more is in force, with lines added to it."""
    folder.mkdir(exist_ok=True)
    for file in POLICIES.glob("*.toml"):
        text = file.read_text("utf-8")
        if file.stem == in_force:
            text = IN_FORCE.sub('status = "in_force"', text, count=1) + added
        (folder / file.name).write_text(text, "utf-8")
    known = app.extensions["xinglin.settings"]
    other = build_app(known.data, demo=True, database_url=known.database_url, policies=str(folder))
    try:
        yield other
    finally:
        dispose(other)


def settle(app: Flask, cast: Cast, region_code: str) -> None:
    """Let the province of the cast be this one."""
    with app.app_context(), unit_of_work():
        organisations.edit_organisation(SYSTEM, cast.places["LB"], name="岭北省", region_code=region_code)


OLD_RULES = "CN-2006"
"""The rules of two classes; in force, they govern the years until 2024."""

GROUNDS = """source = "provincial-tables"
citation = { zh = "试验", en = "Trial" }
certainty = "practice"
effective_from = 2025-01-01
populations = ["*"]
"""
PAPERS_AND_MONTHS = f"""
[[conversions]]
id = "paper-by-role"
kinds = ["paper"]
shape = "by_role"
rates = {{ author_1 = "6", author_2 = "5" }}
{GROUNDS}
[[conversions]]
id = "further-study-months"
kinds = ["further_study"]
roles = ["attendee"]
shape = "linear"
unit = "months"
quantity = "1"
credits = "5"
rounding = "half_up"
decimals = 2
{GROUNDS}"""
"""Papers by place among the authors, and further study by months."""
