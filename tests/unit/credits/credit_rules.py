"""Small policies made of a few lines, for tests of one rule at a time."""

import json
from typing import Any

from lms.credits.rules.facts import Case, load_case
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Policy

HEAD = """
id = "CN-2025"
jurisdiction = "CN"
first_year = 2025
credit_class = "general"
year_ends = "12-31"
title = { zh = "试验", en = "Trial" }

[[sources]]
id = "s"
year = 2025
title = { zh = "来源", en = "Source" }
issuer = { zh = "某处", en = "Somewhere" }
"""
GROUNDS = """source = "s"
citation = { zh = "某条", en = "Some article" }
certainty = "assumed"
effective_from = 2025-01-01
populations = ["*"]
"""


def line(group: str, identity: str, body: str, grounds: str = GROUNDS) -> str:
    return f'\n[[{group}]]\nid = "{identity}"\n{body}\n{grounds}'


def conversion(body: str, identity: str = "c", grounds: str = GROUNDS) -> str:
    """A conversion for self-study by attendees unless the body names kinds and roles."""
    kinds = "" if "kinds" in body else 'kinds = ["self_study"]\n'
    roles = "" if any(word in body for word in ("roles", "by_role", "ranks")) else 'roles = ["attendee"]\n'
    return line("conversions", identity, kinds + roles + body, grounds)


def policy(*lines: str) -> Policy:
    return load_policy((HEAD + "".join(lines)).encode(), "p.toml")


def case(*facts: dict[str, Any]) -> Case:
    person = {"jurisdiction": "CN", "population": "village_doctor"}
    whole = {"year": 2025, "as_of": "2025-12-31", "person": person, "facts": list(facts)}
    return load_case(json.dumps(whole).encode(), "f.json")
