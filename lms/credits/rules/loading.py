"""A policy file becomes a frozen policy, or a list of all its faults, each with its key."""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from lms.credits.rules.policy import (
    EVERYBODY,
    KINDS,
    ROLES,
    UNITS,
    Cap,
    Certainty,
    Condition,
    Conversion,
    Fixed,
    Grounds,
    Linear,
    Measure,
    Per,
    Policy,
    Remark,
    Repeat,
    Requirement,
    Rounding,
    Rule,
    Source,
    Words,
)
from lms.credits.rules.reading import (
    Fault,
    FaultyFileError,
    Table,
    UnreadableError,
    day,
    member,
    one_of,
    positive,
    several,
    text,
    whole,
)
from lms.kernel.text import msg

Line = TypeVar("Line")
SPARE = Decimal(1)
NOBODY: tuple[str, ...] = ()
SHAPES = {
    "conversions": ("linear", "fixed"),
    "conditions": ("assessed",),
    "caps": ("max_per_award", "max_per_project", "max_per_year"),
    "repeats": ("once_a_year",),
    "requirements": ("annual_min",),
}
PER = {"max_per_award": Per.AWARD, "max_per_project": Per.PROJECT, "max_per_year": Per.YEAR}


def load_policy(content: bytes, name: str) -> Policy:
    """The policy in a TOML file; raises FaultyFileError with every fault found in it."""
    try:
        value = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("文件不是 UTF-8 文字"))]) from error
    except tomllib.TOMLDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("不是正确的 TOML：{why}", why=str(error)))]) from error
    faults: list[Fault] = []
    policy = _policy(Table(value, "", faults), hashlib.sha256(content).hexdigest())
    faults.extend(_loose_ends(policy))
    if faults:
        raise FaultyFileError(name, faults)
    return policy


def _policy(top: Table, fingerprint: str) -> Policy:
    policy = Policy(
        id=top.take("id", text, ""),
        jurisdiction=top.take("jurisdiction", text, ""),
        first_year=top.take("first_year", _year, 2000),
        title=_words(top.table("title")),
        credit_class=top.take("credit_class", text, ""),
        year_ends=top.take("year_ends", _month_day, (12, 31)),
        sources=tuple(_source(one) for one in top.tables("sources", optional=False)),
        conversions=_lines(top, "conversions", _conversion),
        conditions=_lines(top, "conditions", _condition),
        caps=_lines(top, "caps", _cap),
        repeats=_lines(top, "repeats", _repeat),
        requirements=_lines(top, "requirements", _requirement),
        remarks=_lines(top, "remarks", _remark),
        fingerprint=fingerprint,
    )
    top.finish()
    if policy.id != f"{policy.jurisdiction}-{policy.first_year}":
        top.fault("id", msg("要写成“地区-起始年份”，例如 CN-2025"))
    return policy


def _lines(top: Table, name: str, read: Callable[[Table, str, Grounds], Line]) -> tuple[Line, ...]:
    found = []
    for line in top.tables(name):
        identity = line.take("id", text, "")
        if name in SHAPES:
            line.take("shape", one_of(SHAPES[name]), "")
        found.append(read(line, identity, _grounds(line)))
        line.finish()
    return tuple(found)


def _conversion(line: Table, identity: str, grounds: Grounds) -> Conversion:
    rate: Linear | Fixed
    if line.value.get("shape") == "linear":
        rate = Linear(
            unit=line.take("unit", one_of(UNITS), "hours"),
            quantity=line.take("quantity", positive, SPARE),
            credits=line.take("credits", positive, SPARE),
            rounding=line.take("rounding", member(Rounding), Rounding.FLOOR),
            decimals=line.take("decimals", _decimals, 0),
        )
    else:
        rate = Fixed(credits=line.take("credits", positive, SPARE))
    roles = line.take("roles", several(one_of(ROLES)), NOBODY)
    return Conversion(identity, _kinds(line), roles, rate, grounds)


def _condition(line: Table, identity: str, grounds: Grounds) -> Condition:
    return Condition(identity, _kinds(line), grounds)


def _cap(line: Table, identity: str, grounds: Grounds) -> Cap:
    per = PER.get(str(line.value.get("shape")), Per.AWARD)
    return Cap(identity, per, _kinds(line), line.take("maximum", positive, SPARE), grounds)


def _repeat(_line: Table, identity: str, grounds: Grounds) -> Repeat:
    return Repeat(identity, grounds)


def _requirement(line: Table, identity: str, grounds: Grounds) -> Requirement:
    measure = line.take("measure", member(Measure), Measure.CREDITS)
    return Requirement(identity, measure, line.take("minimum", positive, SPARE), grounds)


def _remark(line: Table, identity: str, grounds: Grounds) -> Remark:
    return Remark(identity, _words(line.table("text")), grounds)


def _source(line: Table) -> Source:
    source = Source(
        id=line.take("id", text, ""),
        title=_words(line.table("title")),
        issuer=_words(line.table("issuer")),
        year=line.take("year", _year, 2000),
    )
    line.finish()
    return source


def _grounds(line: Table) -> Grounds:
    return Grounds(
        source=line.take("source", text, ""),
        citation=_words(line.table("citation")),
        certainty=line.take("certainty", member(Certainty), Certainty.ASSUMED),
        effective_from=line.take("effective_from", day, date.min),
        effective_until=line.take("effective_until", _last_day, None, optional=True),
        populations=line.take("populations", several(text), (EVERYBODY,)),
        exempt=line.take("exempt", several(text), (), optional=True),
    )


def _kinds(line: Table) -> tuple[str, ...]:
    return line.take("kinds", several(one_of(KINDS)), NOBODY)


def _words(table: Table) -> Words:
    if not table.value:
        return Words("", "")
    words = Words(zh=table.take("zh", text, ""), en=table.take("en", text, ""))
    table.finish()
    return words


def _last_day(value: object) -> date | None:
    return day(value)


def _year(value: object) -> int:
    found = whole(value)
    if not 1990 <= found <= 2200:
        raise UnreadableError(msg("要写一个年份，例如 2025"))
    return found


def _decimals(value: object) -> int:
    found = whole(value)
    if not 0 <= found <= 3:
        raise UnreadableError(msg("小数位数要在 0 到 3 之间"))
    return found


def _month_day(value: object) -> tuple[int, int]:
    try:
        # A year without a 29 February: the last day must exist in every year.
        found = date.fromisoformat(f"2025-{text(value)}")
    except ValueError as error:
        raise UnreadableError(msg("要写成“月-日”，例如 12-31")) from error
    return found.month, found.day


def _loose_ends(policy: Policy) -> list[Fault]:
    """Faults no single line can see: names used twice, sources that are not listed."""
    faults = []
    known = {source.id for source in policy.sources}
    seen: set[str] = set()
    groups: dict[str, Sequence[Rule]] = {
        "conversions": policy.conversions,
        "conditions": policy.conditions,
        "caps": policy.caps,
        "repeats": policy.repeats,
        "requirements": policy.requirements,
        "remarks": policy.remarks,
    }
    for name, lines in groups.items():
        for index, line in enumerate(lines):
            if line.id in seen:
                faults.append(Fault(f"{name}[{index}].id", msg("“{id}”用了两次", id=line.id)))
            seen.add(line.id)
            if line.grounds.source and line.grounds.source not in known:
                faults.append(
                    Fault(
                        f"{name}[{index}].source",
                        msg("sources 里没有“{id}”", id=line.grounds.source),
                    )
                )
    return faults
