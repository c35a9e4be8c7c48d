"""A house under other rules: the same database, served by an application whose settings name another
folder of policy files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from houses import build_app

from lms.kernel.db import dispose

POLICIES = Path(__file__).parent.parent.parent.parent / "content" / "policies"


@contextmanager
def under(app: Flask, folder: Path, changed: Mapping[str, tuple[str, str]]) -> Iterator[Flask]:
    """The house of `app` under its own policies, in some of which one text stands for another."""
    folder.mkdir(exist_ok=True)
    for file in POLICIES.glob("*.toml"):
        text = file.read_text("utf-8")
        old, new = changed.get(file.stem, ("", ""))
        assert old in text, file.name
        (folder / file.name).write_text(text.replace(old, new) if old else text, "utf-8")
    known = app.extensions["xinglin.settings"]
    other = build_app(known.data, demo=True, database_url=known.database_url, policies=str(folder))
    try:
        yield other
    finally:
        dispose(other)


OLD_RULES = {"CN-2006": ('status = "history"', 'status = "in_force"')}
"""The rules of two classes govern the years until 2024."""

CHOICES = {"CN-2025": ("# --- What limits it", """[[conversions]]
id = "unit-activity-choice"
kinds = ["unit_activity"]
roles = ["attendee"]
shape = "choice"
rates = { practice = "0.5", theory = "0.2" }
source = "provincial-tables"
citation = { zh = "实践 0.5，理论 0.2", en = "Practice 0.5, theory 0.2" }
certainty = "practice"
effective_from = 2025-01-01
populations = ["*"]

[[conversions]]
id = "paper-by-role"
kinds = ["paper"]
shape = "by_role"
rates = { author_1 = "6", author_2 = "5" }
source = "provincial-tables"
citation = { zh = "第一作者 6，第二作者 5", en = "First author 6, second author 5" }
certainty = "practice"
effective_from = 2025-01-01
populations = ["*"]

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
source = "provincial-tables"
citation = { zh = "每月 5 学分", en = "5 credits a month" }
certainty = "practice"
effective_from = 2025-01-01
populations = ["*"]

# --- What limits it""")}
"""The nation's rules with an activity of two rates, papers by place among the authors, and further study."""
