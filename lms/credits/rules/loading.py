"""A policy file becomes a frozen policy, or a list of all its faults, each with its key."""

import hashlib
import re
import tomllib
from typing import Any

from lms.credits.rules.checking import loose_ends, quarrels
from lms.credits.rules.extending import EMPTY, Find, extended, nowhere, whole_text
from lms.credits.rules.line_reading import LINES, lines, words
from lms.credits.rules.policy import Policy, Source, Status
from lms.credits.rules.reaching import out_of_reach
from lms.credits.rules.reading import Fault, FaultyFileError, Table, calendar_year, member, month_day, text
from lms.kernel.text import msg


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
        faults.extend(quarrels(policy) + out_of_reach(policy))
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
    first_year = top.take("first_year", calendar_year, 2000)
    policy = Policy(
        id=top.take("id", text, ""),
        jurisdiction=top.take("jurisdiction", text, ""),
        first_year=first_year,
        last_year=top.take("last_year", _maybe_year, spare.last_year, optional=True),
        status=top.take("status", member(Status), Status.IN_FORCE, optional=True),
        extends=base.id if base else None,
        title=words(top.table("title")),
        credit_class=top.take("credit_class", text, spare.credit_class, optional=extends),
        year_ends=top.take("year_ends", month_day, spare.year_ends, optional=extends),
        sources=tuple(_source(one) for one in top.tables("sources", optional=extends)),
        **{name: lines(top, name) for name in LINES},
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


def _source(line: Table) -> Source:
    source = Source(
        id=line.take("id", text, ""),
        title=words(line.table("title")),
        issuer=words(line.table("issuer")),
        year=line.take("year", calendar_year, 2000),
    )
    line.finish()
    return source


def _maybe_year(value: object) -> int | None:
    return calendar_year(value)


def _maybe_text(value: object) -> str | None:
    return text(value)
