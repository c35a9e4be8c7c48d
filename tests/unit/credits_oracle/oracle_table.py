"""Reads the hand-written tables of cases: plain text, a line or a few a case.

    # a remark
    @ CN-2025 year=2025 as_of=2026-02-28 who=village_doctor at=CN      for all cases below it
    label (row of the domain text) | fact => computed awarded counted hours | verdict gap gap_hours
    label of a case of several facts
      fact => computed awarded counted hours cut=rule
      = computed awarded counted hours verdict gap gap_hours book=awarded/counted/gap
      ! what the command answers instead, and why that is wrong

A fact is `kind 18h [date] [role] [passed] [code:…] [project:…] [choice:…] [hours:…] [id:…]`: 18h are hours,
8000c characters, 14i events, 6m months. Unless it says otherwise it is on 1 March by an attendee, with
no codes, and its hours are its quantity where that is in hours and 0 where not. `-` is "the texts do
not say". The totals of a case in one line are those of its one fact. `cut=` names the line of the
policy by which credits were cut; without it no line may have cut.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
UNITS = {"h": "hours", "c": "characters", "i": "items", "m": "months"}
ROLES = {"attendee", "lecturer", "author_1", "author_2", "author_3"}
AMOUNTS = ("computed", "awarded", "counted", "hours")


@dataclass
class Line:
    """What is expected of one fact; an amount that the texts do not fix is left out."""

    fact: dict[str, Any]
    amounts: dict[str, str]
    cuts: set[str]


@dataclass
class Totals:
    """What is expected of the year; `books` holds awarded, counted and gap by category."""

    amounts: dict[str, str] = field(default_factory=dict)
    books: dict[str, dict[str, str]] = field(default_factory=dict)
    compliance: str = ""


@dataclass
class Case:
    """One row: a policy, a person, her facts and the whole answer."""

    label: str
    policy: str
    year: int
    as_of: str
    person: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    wrong: str = ""

    def question(self) -> dict[str, Any]:
        """The facts file of `credits decide`."""
        facts = [line.fact for line in self.lines]
        return {"year": self.year, "as_of": self.as_of, "person": self.person, "facts": facts}


def policy_file(name: str) -> Path:
    """A policy of this folder, else one of the house."""
    own = HERE / "policies" / f"{name}.toml"
    return own if own.exists() else HERE.parents[2] / "content" / "policies" / f"{name}.toml"


def read_cases() -> list[Case]:
    """All cases of all tables, in the order they are written."""
    return [case for file in sorted((HERE / "cases").glob("*.txt")) for case in _cases(file.read_text("utf-8"))]


def _cases(text: str) -> list[Case]:
    found: list[Case] = []
    head: dict[str, str] = {}
    for row in text.splitlines():
        words = row.split()
        if not words or words[0] == "#":
            continue
        if words[0] == "@":
            head = {"policy": words[1], **dict(word.split("=", 1) for word in words[2:])}
        elif not row.startswith(" "):
            label, *rest = (part.strip() for part in row.split(" | "))
            found.append(_case(label, head))
            if rest:
                _fact(found[-1], rest[0])
                found[-1].totals = _totals([*rest[0].split("=>")[1].split()[:4], *rest[1].split()])
        elif words[0] == "=":
            found[-1].totals = _totals(words[1:])
        elif words[0] == "!":
            found[-1].wrong = " ".join(words[1:])
        else:
            _fact(found[-1], row)
    return found


def _case(label: str, head: dict[str, str]) -> Case:
    year = int(head.get("year", "2025"))
    person = {"jurisdiction": head.get("at", "CN"), "population": head.get("who", "village_doctor")}
    told = {key: None if value == "null" else value for key, value in person.items()}
    return Case(label, head["policy"], year, head.get("as_of", f"{year + 1}-02-28"), told)


def _fact(case: Case, row: str) -> None:
    said, expected = (part.split() for part in row.split("=>"))
    fact = {"id": f"{len(case.lines) + 1:02}", "kind": said[0], "date": f"{case.year}-03-01", "role": "attendee"}
    line = {**fact, "activity": None, "project": None, "assessed": "passed" in said} | _marks(said[1:])
    line.setdefault("hours", line["quantity"] if line["unit"] == "hours" else "0")
    cuts = {word[4:] for word in expected[4:]}
    case.lines.append(Line(line, _amounts(expected), cuts))


def _marks(words: list[str]) -> dict[str, Any]:
    names = {"code": "activity"}
    marks: dict[str, Any] = {}
    for word in words:
        if re.fullmatch(r"[\d.]+[hcim]", word):
            marks |= {"quantity": word[:-1], "unit": UNITS[word[-1]]}
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", word):
            marks["date"] = word
        elif word in ROLES:
            marks["role"] = word
        elif ":" in word:
            name, value = word.split(":", 1)
            marks[names.get(name, name)] = value
        elif word != "passed":
            raise ValueError(word)
    return marks


def _amounts(words: list[str]) -> dict[str, str]:
    if not words[3].endswith("h") and words[3] != "-":
        raise ValueError(words)
    return {name: word.rstrip("h") for name, word in zip(AMOUNTS, words[:4], strict=True) if word != "-"}


def _totals(words: list[str]) -> Totals:
    verdict, *rest = words[4:]
    gaps = [word for word in rest if "=" not in word]
    books = dict(word.split("=") for word in rest if "=" in word)
    named = zip(("gap_credits", "gap_hours"), gaps, strict=True)
    amounts = _amounts(words[:4]) | {name: word.rstrip("h") for name, word in named if word != "-"}
    columns = ("awarded", "counted", "gap_credits")
    return Totals(
        amounts, {book: dict(zip(columns, of.split("/"), strict=True)) for book, of in books.items()}, verdict
    )
