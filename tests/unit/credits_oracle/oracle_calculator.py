"""A second reckoning of a credit year, straight from the policy's text and in exact fractions.

Written from docs/policies.md, the contract of `credits decide` and the domain text, by another hand than
the engine's and in another way: one walk over the facts in order, with plain dictionaries of what is
used up. `None` stands for an amount that the texts do not fix: what an activity of another year converts
to, and the hours of one that converts to nothing.
"""

import datetime
import math
import tomllib
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from oracle_table import AMOUNTS, policy_file

TABLES = ("conversions", "conditions", "caps", "repeats", "categories", "requirements")
Line = dict[str, Any]
Policy = dict[str, Any]


def read_policy(file: Path) -> Policy:
    """A policy with the lines of the one it extends; a line of the same id replaces the one below."""
    text = tomllib.loads(file.read_text("utf-8"))
    below = read_policy(policy_file(text["extends"])) if "extends" in text else {}
    whole: Policy = {**below, **text}
    for name in TABLES:
        lines = {line["id"]: line for line in [*below.get(name, []), *text.get(name, [])]}
        whole[name] = list(lines.values())
    return whole


def speaks(line: Line, population: str | None, day: str) -> bool:
    """Whether a line holds for such people on a day; both of its days are included."""
    if population in line.get("exempt", []):
        return False
    if "*" not in line["populations"] and population not in line["populations"]:
        return False
    date = datetime.date.fromisoformat(day)
    return bool(line["effective_from"] <= date <= line.get("effective_until", date))


def reckon(policy: Policy, question: dict[str, Any]) -> dict[str, Any]:
    """The answer that the texts give to a question of `credits decide`."""
    return _Year(policy, question).answer()


def _rounded(value: Fraction, way: str, decimals: int) -> Fraction:
    grain = 10**decimals
    shifted = value * grain + (Fraction(1, 2) if way == "half_up" else 0)
    return Fraction(math.floor(shifted), grain)


def _proportion(quantity: Fraction, line: Line) -> Fraction:
    exact = quantity / Fraction(line["quantity"]) * Fraction(line["credits"])
    return _rounded(exact, line["rounding"], line["decimals"])


def _steps(quantity: Fraction, line: Line) -> Fraction:
    reached, bound = Fraction(0), None
    for step in line["steps"]:
        edge = Fraction(step.get("from", step.get("above")))
        if quantity > edge or ("from" in step and quantity == edge):
            reached, bound = Fraction(step["credits"]), edge
    last = line["steps"][-1]
    if "onward" in line and bound == Fraction(last.get("from", last.get("above"))):
        reached += _proportion(quantity - bound, line["onward"])
    return reached


def worth(line: Line, fact: Line) -> Fraction:
    """What a fact converts to under a line."""
    quantity = Fraction(fact["quantity"])
    events = quantity if fact["unit"] == "items" else 1
    match line["shape"]:
        case "linear":
            return _proportion(quantity, line)
        case "steps":
            return _steps(quantity, line)
        case "fixed":
            return Fraction(line["credits"]) * events
        case "by_role":
            return Fraction(line["rates"][fact["role"]]) * events
        case "choice":
            return Fraction(line["rates"][fact["choice"]]) * events
        case "ranks":
            return Fraction(line["rates"][fact.get("choice") or line["default"]][fact["role"]]) * events
        case "deemed":
            enough = "quantity" not in line or quantity >= Fraction(line["quantity"])
            return Fraction(line["credits"]) if enough else Fraction(0)
    raise ValueError(line["shape"])


class _Year:
    """One walk over the facts by date and id; `used` holds what each cap and book has taken."""

    def __init__(self, policy: Policy, question: dict[str, Any]) -> None:
        self.policy, self.question = policy, question
        self.population = question["person"]["population"]
        self.used: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
        self.codes: set[str] = set()
        self.books: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
        self.deemed = False

    def _lines(self, table: str, fact: Line, *shapes: str) -> list[Line]:
        return [
            line
            for line in self.policy[table]
            if speaks(line, self.population, fact["date"])
            and fact["kind"] in line.get("kinds", [fact["kind"]])
            and fact["role"] in line.get("roles", [fact["role"]])
            and (not shapes or line["shape"] in shapes)
        ]

    def _room(self, key: tuple[Any, ...], maximum: str, asked: Fraction) -> Fraction:
        given = min(asked, Fraction(maximum) - self.used[key])
        self.used[key] += given
        return given

    def _conversion(self, fact: Line) -> Line:
        fitting: list[Line] = [line for line in self.policy["conversions"] if self._fits(line, fact)]
        if len(fitting) != 1:
            raise ValueError(fact)
        return fitting[0]

    def _fits(self, line: Line, fact: Line) -> bool:
        roles = line.get("roles") or line["rates"]
        if line["shape"] == "ranks":
            roles = {role for rank in line["rates"].values() for role in rank}
        same = fact["kind"] in line["kinds"] and line.get("unit", fact["unit"]) == fact["unit"]
        return same and fact["role"] in roles and speaks(line, self.population, fact["date"])

    def _one(self, fact: Line) -> dict[str, Any]:
        nothing: Line = dict.fromkeys(AMOUNTS, Fraction(0)) | {"computed": None}
        if int(fact["date"][:4]) != self.question["year"] or fact["date"] > self.question["as_of"]:
            return nothing
        line = self._conversion(fact)
        computed = worth(line, fact)
        passed = fact["assessed"] or not self._lines("conditions", fact, "assessed")
        if not passed or (self._lines("repeats", fact) and fact["activity"] in self.codes):
            return nothing | {"computed": computed}
        if computed == 0:
            return nothing | {"computed": computed, "hours": None}
        if fact["activity"] is not None:
            self.codes.add(fact["activity"])
        self.deemed = self.deemed or line["shape"] == "deemed"
        awarded = self._awarded(fact, computed)
        counted = self._counted(fact, awarded, line.get("category"))
        return {"computed": computed, "awarded": awarded, "counted": counted, "hours": Fraction(fact["hours"])}

    def _awarded(self, fact: Line, amount: Fraction) -> Fraction:
        for cap in self._lines("caps", fact, "max_per_award", "max_per_project"):
            alone = cap["shape"] == "max_per_award" or fact["project"] is None
            amount = self._room((cap["id"], fact["id"] if alone else "", fact["project"]), cap["maximum"], amount)
        return amount

    def _counted(self, fact: Line, amount: Fraction, category: str | None) -> Fraction:
        awarded = amount
        for cap in self._lines("caps", fact, "max_per_day", "max_per_year"):
            day = fact["date"] if cap["shape"] == "max_per_day" else ""
            amount = self._room((cap["id"], day), cap["maximum"], amount)
        if category is not None:
            book = next(book for book in self.policy["categories"] if book["id"] == category)
            if "maximum" in book and speaks(book, self.population, fact["date"]):
                amount = self._room((category,), book["maximum"], amount)
            self.books[category][0] += awarded
            self.books[category][1] += amount
        return amount

    def answer(self) -> dict[str, Any]:
        """Lines by fact, totals, gaps and compliance."""
        facts = sorted(self.question["facts"], key=lambda fact: (fact["date"], fact["id"]))
        lines = {fact["id"]: self._one(fact) for fact in facts}
        totals: dict[str, Any] = {}
        for name in ("computed", "awarded", "counted", "hours"):
            amounts = [line[name] for line in lines.values()]
            totals[name] = None if None in amounts else sum(amounts, Fraction(0))
        return {"order": list(lines), "lines": lines, "totals": totals, **self._judged(totals)}

    def _judged(self, totals: dict[str, Any]) -> dict[str, Any]:
        end = f"{self.question['year']}-12-31"
        asked = {"credits": Fraction(0), "hours": Fraction(0)}
        # What several years require does not change this one's result.
        yearly = [line for line in self.policy["requirements"] if line["shape"] == "annual_min"]
        bound = [line for line in yearly if speaks(line, self.population, end)]
        for line in bound:
            asked[line["measure"]] = max(asked[line["measure"]], Fraction(line["minimum"]))
        counted = {"credits": totals["counted"], "hours": totals["hours"]}
        gaps = {name: self._gap(asked[name], counted[name]) for name in asked}
        lacking = self._lacking(end)
        if lacking > (gaps["credits"] or 0) and not self.deemed:
            del gaps["credits"]  # what a year lacks when its books lack more is not said
        told = {"gaps": gaps, "books": dict(self.books)}
        place, own = self.question["person"]["jurisdiction"], self.policy["jurisdiction"]
        if self.population is None or place is None or not (place == own or place.startswith(f"{own}-")):
            return told | {"compliance": "unknown", "gaps": {}}
        if not bound:
            return told | {"compliance": "not_required", "gaps": {}}
        if self.deemed:
            return told | {"compliance": "pass"}
        if lacking or any(gaps.values()):
            return told | {"compliance": "fail"}
        return told | {"compliance": None if None in gaps.values() else "pass"}

    def _gap(self, asked: Fraction, counted: Fraction | None) -> Fraction | None:
        if self.deemed or asked == 0:
            return Fraction(0)
        return None if counted is None else max(Fraction(0), asked - counted)

    def _lacking(self, end: str) -> Fraction:
        """What the books that are asked of her lack of their minima."""
        owed = [line for line in self.policy["categories"] if speaks(line, self.population, end)]
        lacks = (Fraction(line.get("minimum", 0)) - self.books[line["id"]][1] for line in owed)
        return sum((max(Fraction(0), lack) for lack in lacks), Fraction(0))
