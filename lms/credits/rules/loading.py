"""A policy file becomes a frozen policy, or a list of all its faults, each with its key."""

import hashlib
import re
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from lms.credits.rules import rate_reading
from lms.credits.rules.checking import loose_ends, quarrels
from lms.credits.rules.extending import EMPTY, Find, extended, nowhere, whole_text
from lms.credits.rules.policy import (
    EVERYBODY,
    KINDS,
    ROLES,
    Cap,
    Category,
    Certainty,
    Condition,
    Conversion,
    Grounds,
    Measure,
    Per,
    Policy,
    Remark,
    Repeat,
    Requirement,
    Source,
    Status,
    Words,
)
from lms.credits.rules.rate_reading import rate, roles
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
    "conversions": tuple(rate_reading.SHAPES),
    "conditions": ("assessed",),
    "caps": tuple(f"max_per_{per}" for per in Per),
    "repeats": ("once_a_year",),
    "requirements": ("annual_min",),
}
PER = {f"max_per_{per}": per for per in Per}


def load_policy(content: bytes, name: str, find: Find = nowhere) -> Policy:
    """The policy in a TOML file; raises FaultyFileError with every fault found in it.

    `find` gives the content of another policy by its id, for a file that extends one.
    """
    faults: list[Fault] = []
    top = Table(_toml(content, name), "", faults)
    base_id = top.take("extends", _maybe_text, None, optional=True)
    below = find(base_id) if base_id else None
    base = _base(top, base_id, below) if base_id else None
    if base_id and base is None:
        raise FaultyFileError(name, faults)  # what the base would have said is missing everywhere
    own = _policy(top, base, hashlib.sha256(whole_text(content, below)).hexdigest())
    policy = extended(base, own) if base else own
    faults.extend(loose_ends(own, policy.sources))
    # Lines that could not be read were given spare values; those must not be said to quarrel.
    if not faults:
        faults.extend(quarrels(policy))
    if faults:
        raise FaultyFileError(name, faults)
    return policy


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("文件不是 UTF-8 文字"))]) from error
    except tomllib.TOMLDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("不是正确的 TOML：{why}", why=str(error)))]) from error


def _base(top: Table, base_id: str, below: bytes | None) -> Policy | None:
    """The policy a file extends; one that extends another cannot be extended itself."""
    if below is None:
        top.fault("extends", msg("没有“{id}”这个规则集", id=base_id))
        return None
    try:
        return load_policy(below, base_id)
    except FaultyFileError:
        top.fault("extends", msg("“{id}”本身不能用，或者它也是补充别的规则集的", id=base_id))
        return None


def _policy(top: Table, base: Policy | None, fingerprint: str) -> Policy:
    # What a file does not say, the policy it extends has said.
    spare, extends = base or EMPTY, base is not None
    first_year = top.take("first_year", _year, 2000)
    policy = Policy(
        id=top.take("id", text, ""),
        jurisdiction=top.take("jurisdiction", text, ""),
        first_year=first_year,
        last_year=top.take("last_year", _maybe_year, spare.last_year, optional=True),
        status=top.take("status", member(Status), Status.IN_FORCE, optional=True),
        extends=base.id if base else None,
        title=_words(top.table("title")),
        credit_class=top.take("credit_class", text, spare.credit_class, optional=extends),
        year_ends=top.take("year_ends", _month_day, spare.year_ends, optional=extends),
        sources=tuple(_source(one) for one in top.tables("sources", optional=extends)),
        conversions=_lines(top, "conversions", _conversion),
        conditions=_lines(top, "conditions", _condition),
        caps=_lines(top, "caps", _cap),
        repeats=_lines(top, "repeats", _repeat),
        requirements=_lines(top, "requirements", _requirement),
        categories=_lines(top, "categories", _category),
        remarks=_lines(top, "remarks", _remark),
        fingerprint=fingerprint,
    )
    variant = top.take("variant", _maybe_text, None, optional=True)
    top.finish()
    _check_head(top, policy, base, variant)
    return policy


def _check_head(top: Table, policy: Policy, base: Policy | None, variant: str | None) -> None:
    name = f"{policy.jurisdiction}-{policy.first_year}" + (f"-{variant}" if variant else "")
    if policy.id != name or not re.match(r"[A-Za-z0-9-]{1,27}\Z", name):
        top.fault("id", msg("要写成“地区-起始年份”，例如 CN-2025"))
    if policy.last_year is not None and policy.last_year < policy.first_year:
        top.fault("last_year", msg("结束的年份比开始的早"))
    if base and not (base.covers(policy.jurisdiction) and base.speaks_of(policy.first_year)):
        top.fault("extends", msg("“{id}”管的不是这个地方或这一年", id=base.id))


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
    found = rate(line)
    category = line.take("category", _maybe_text, None, optional=True)
    return Conversion(identity, _kinds(line), roles(line, found), found, grounds, category)


def _condition(line: Table, identity: str, grounds: Grounds) -> Condition:
    bound = line.take("roles", several(one_of(ROLES)), ROLES, optional=True)
    return Condition(identity, _kinds(line), grounds, bound)


def _cap(line: Table, identity: str, grounds: Grounds) -> Cap:
    per = PER.get(str(line.value.get("shape")), Per.AWARD)
    return Cap(identity, per, _kinds(line), line.take("maximum", positive, SPARE), grounds)


def _repeat(_line: Table, identity: str, grounds: Grounds) -> Repeat:
    return Repeat(identity, grounds)


def _requirement(line: Table, identity: str, grounds: Grounds) -> Requirement:
    measure = line.take("measure", member(Measure), Measure.CREDITS)
    return Requirement(identity, measure, line.take("minimum", positive, SPARE), grounds)


def _category(line: Table, identity: str, grounds: Grounds) -> Category:
    category = Category(
        id=identity,
        title=_words(line.table("title")),
        minimum=line.take("minimum", _maybe_positive, None, optional=True),
        maximum=line.take("maximum", _maybe_positive, None, optional=True),
        grounds=grounds,
    )
    if category.minimum is not None and category.maximum is not None and category.maximum < category.minimum:
        line.fault("maximum", msg("上限比下限小"))
    return category


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
    grounds = Grounds(
        source=line.take("source", text, ""),
        citation=_words(line.table("citation")),
        certainty=line.take("certainty", member(Certainty), Certainty.ASSUMED),
        effective_from=line.take("effective_from", day, date.min),
        effective_until=line.take("effective_until", _last_day, None, optional=True),
        populations=line.take("populations", several(text), (EVERYBODY,)),
        exempt=line.take("exempt", several(text), (), optional=True),
    )
    if grounds.effective_until is not None and grounds.effective_until < grounds.effective_from:
        line.fault("effective_until", msg("结束的日期比开始的早"))
    return grounds


def _kinds(line: Table) -> tuple[str, ...]:
    return line.take("kinds", several(one_of(KINDS)), NOBODY)


def _words(table: Table) -> Words:
    if not table.value:
        return Words("", "")
    words = Words(zh=table.take("zh", text, ""), en=table.take("en", text, ""))
    table.finish()
    return words


def _maybe_year(value: object) -> int | None:
    return _year(value)


def _maybe_text(value: object) -> str | None:
    return text(value)


def _maybe_positive(value: object) -> Decimal | None:
    return positive(value)


def _last_day(value: object) -> date | None:
    return day(value)


def _year(value: object) -> int:
    found = whole(value)
    if not 1990 <= found <= 2200:
        raise UnreadableError(msg("要写一个年份，例如 2025"))
    return found


def _month_day(value: object) -> tuple[int, int]:
    try:
        # A year without a 29 February: the last day must exist in every year.
        found = date.fromisoformat(f"2025-{text(value)}")
    except ValueError as error:
        raise UnreadableError(msg("要写成“月-日”，例如 12-31")) from error
    return found.month, found.day
