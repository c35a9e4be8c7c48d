"""A pathway file becomes a frozen pathway, or a list of all its faults, each with its key. Pure."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from lms.credits.rules.grounds import EVERYBODY, Certainty, Grounds, Source, Words
from lms.credits.rules.reading import (
    Fault,
    FaultyFileError,
    Table,
    UnreadableError,
    calendar_year,
    day,
    flag,
    member,
    one_of,
    positive,
    several,
    text,
    whole,
)
from lms.kernel.text import msg
from lms.pathways.rules.modules import Module, Modules, Unit
from lms.pathways.rules.pathway import Clock, Pathway, Requirement, Stage, Verifier
from lms.pathways.rules.places import NATION, jurisdiction
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import FIELDS
from lms.pathways.rules.shapes import (
    AllOf,
    AnyOf,
    Assessed,
    Clear,
    Held,
    Renewal,
    Served,
    Shape,
    Timely,
    Wanted,
    Within,
    YearPass,
)
from lms.people.rules import Population

MOST_BYTES = 200_000
TAKEN = ("plan", "records")
"""Addresses below /pathways that are no pathway."""
POPULATIONS = (EVERYBODY, Population.VILLAGE_DOCTOR, Population.ASSISTANT_PHYSICIAN, Population.PHYSICIAN)
PLACEHOLDERS = frozenset({
    "本县的培养计划", "The county's own programme",
    "写一句话：给谁，到哪里为止。", "One sentence: for whom, and how far.",
    "本县通知的名称和文号", "Title and number of the county's notice",
    "本县卫生健康局", "The county health authority",
    "第几条", "Which article",
    "完成本县的模块", "The county's modules",
    "模块的名称", "Title of the module",
})  # fmt: skip
"""What stands in the template until the county writes its own words."""


def load_pathway(content: bytes, name: str, beside: Collection[str] = ()) -> Pathway:
    """The pathway in a TOML file; raises FaultyFileError with every fault found in it. `beside`: ids of the other
    programmes of the house, which its lines may name too."""
    faults: list[Fault] = []
    top = Table(_toml(content, name), "", faults)
    pathway = _pathway(top, hashlib.sha256(content).hexdigest())
    if pathway.id:
        faults.extend(_not_offered(pathway, beside))
    if not faults:
        faults.extend(_loose_ends(pathway))
    if faults:
        raise FaultyFileError(name, faults)
    return pathway


def programme_in(content: bytes) -> str | None:
    """The id of the programme in a file: of a pathway with modules; None where there is none, or none to be read."""
    try:
        found = _toml(content, "")
    except FaultyFileError:
        return None
    return str(found["id"]) if found.get("modules") and "id" in found else None


def _toml(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise FaultyFileError(name, [Fault("-", msg("文件太大"))])
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("文件不是 UTF-8 文字"))]) from error
    except tomllib.TOMLDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("不是正确的 TOML：{why}", why=str(error)))]) from error


def _pathway(top: Table, fingerprint: str) -> Pathway:
    identity = top.take("id", _identity, "")
    if identity in TAKEN:
        top.fault("id", msg("“{id}”是别的页面的地址，换一个", id=identity))
    modules = tuple(_module(one) for one in top.tables("modules"))
    pathway = Pathway(
        id=identity,
        title=_words(top, "title"),
        summary=_words(top, "summary"),
        jurisdiction=top.take("jurisdiction", jurisdiction, NATION),
        duty=top.take("duty", flag, False, optional=True),
        populations=top.take("populations", several(one_of(POPULATIONS)), (EVERYBODY,)),
        sources=tuple(_source(one) for one in top.tables("sources", optional=False)),
        stages=tuple(_stage(one) for one in top.tables("stages", optional=False)),
        requirements=tuple(_requirement(one, identity, modules) for one in top.tables("requirements", optional=False)),
        modules=modules,
        fingerprint=fingerprint,
    )
    if pathway.duty and pathway.jurisdiction != NATION:
        top.fault("duty", msg("人人都要做到的（duty）只能是全国的；一个地方的，写成一条路"))
    top.finish()
    return pathway


def _identity(value: Any) -> str:
    found = text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", found):
        raise UnreadableError(msg("只用小写字母、数字和连字符，2 到 40 个"))
    return found


def _code(value: Any) -> str:
    found = text(value)
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", found):
        raise UnreadableError(msg("用大写字母开头的短码，例如 E1"))
    return found


def _words(line: Table, name: str) -> Words:
    table = line.table(name)
    if not table.value:
        return Words("", "")
    found = Words(zh=table.take("zh", _own_words, ""), en=table.take("en", _own_words, ""))
    table.finish()
    return found


def _own_words(value: Any) -> str:
    found = text(value)
    if found.strip() in PLACEHOLDERS:
        raise UnreadableError(msg("还是模板里的“{words}”，请换成你们自己的", words=found.strip()))
    return found


def _maybe_words(line: Table, name: str) -> Words | None:
    line.asked.add(name)
    return _words(line, name) if name in line.value else None


def _source(line: Table) -> Source:
    found = Source(
        id=line.take("id", text, ""),
        title=_words(line, "title"),
        issuer=_words(line, "issuer"),
        year=line.take("year", calendar_year, 2000),
    )
    line.finish()
    return found


def _stage(line: Table) -> Stage:
    found = Stage(line.take("id", _identity, ""), _words(line, "title"))
    line.finish()
    return found


def _grounds(line: Table) -> Grounds:
    first = line.take("effective_from", day, day("2000-01-01"))
    last = line.take("effective_until", lambda value: day(value), None, optional=True)
    if last is not None and last < first:
        line.fault("effective_until", msg("结束的日期比开始的早"))
    return Grounds(
        source=line.take("source", text, ""),
        citation=_words(line, "citation"),
        certainty=line.take("certainty", member(Certainty), Certainty.ASSUMED),
        effective_from=first,
        effective_until=last,
        populations=(EVERYBODY,),
    )


def _module(line: Table) -> Module:
    found = Module(
        code=line.take("code", _code, ""),
        title=_words(line, "title"),
        amount=line.take("amount", positive, Decimal(1)),
        unit=line.take("unit", member(Unit), Unit.HOURS),
        grounds=_grounds(line),
        rotation=line.take("rotation", flag, False, optional=True),
        exemptible=line.take("exemptible", flag, False, optional=True),
        within=line.take("within", _maybe(_code), None, optional=True),
    )
    line.finish()
    return found


def _maybe(read: Callable[[Any], str]) -> Callable[[Any], str | None]:
    return read


def _requirement(line: Table, pathway_id: str, modules: tuple[Module, ...]) -> Requirement:
    name = line.take("shape", one_of(SHAPES), "year_pass")
    shape: Shape = Modules(pathway_id, modules) if name == "modules" else SHAPES[name](line)
    if name == "modules" and not modules:
        line.fault("shape", msg("这条路没有写模块"))
    found = Requirement(
        code=line.take("code", _code, ""),
        stage=line.take("stage", text, ""),
        title=_words(line, "title"),
        shape=shape,
        shape_name=name,
        by=line.take("verifier", several(member(Verifier)), (Verifier.COUNTY,)),
        evidence=_words(line, "evidence"),
        grounds=_grounds(line),
        needs=line.take("needs", several(_code), (), optional=True),
        clock=line.take("clock", _clock, None, optional=True),
        note=_maybe_words(line, "note"),
        covers=line.take("covers", flag, False, optional=True),
    )
    line.finish()
    return found


def _clock(value: Any) -> Clock | None:
    return member(Clock)(value)


def _wanted(line: Table, kind: str = "kind", where: str = "where") -> Wanted:
    found = line.take(kind, member(Kind), Kind.DIPLOMA)
    line.asked.add(where)
    if where not in line.value:
        return Wanted(found)
    table = line.table(where)
    known = FIELDS[found]
    conditions: dict[str, tuple[str, ...]] = {}
    for name in table.value:
        if name not in known:
            table.asked.add(name)
            table.fault(name, msg("这类记录没有这一项"))
            continue
        words = known[name].words
        conditions[name] = table.take(name, several(one_of(words) if words else text), ("",))
    table.finish()
    return Wanted(found, conditions)


def _months(line: Table, name: str = "months") -> int:
    return line.take(name, _month_count, 1)


def _month_count(value: Any) -> int:
    found = whole(value)
    if not 1 <= found <= 600:
        raise UnreadableError(msg("要写 1 到 600 之间的月数"))
    return found


def _maybe_months(line: Table, name: str) -> int | None:
    return line.take(name, lambda value: _month_count(value), None, optional=True)


def _renewed_by(line: Table) -> Wanted | None:
    """The application that a renewal begins with; it needs to be said when to renew."""
    line.asked.add("renewed_by")
    if "renewed_by" not in line.value:
        return None
    if "renew_months" not in line.value:
        line.fault("renewed_by", msg("先写 renew_months：提前几个月申请"))
    return _wanted(line, "renewed_by", "renewed_by_where")


def _ways(line: Table) -> tuple[Shape, ...]:
    found = []
    for way in line.tables("ways", optional=False):
        name = way.take("shape", one_of(one for one in SHAPES if one != "modules"), "year_pass")
        found.append(SHAPES[name](way))
        way.finish()
    if len(found) < 2:
        line.fault("ways", msg("至少要有两项"))
    return tuple(found)


SHAPES: Mapping[str, Callable[[Table], Shape]] = {
    "held": lambda line: Held(_wanted(line), _maybe_months(line, "renew_months"), _renewed_by(line)),
    "within": lambda line: Within(_wanted(line), _months(line)),
    "assessed": lambda line: Assessed(_wanted(line), _months(line), _maybe_months(line, "retry_months")),
    "served": lambda line: Served(_wanted(line), _months(line)),
    "clear": lambda line: Clear(_wanted(line), _wanted(line, "against", "against_where")),
    "renewal": lambda line: Renewal(_wanted(line), _wanted(line, "of", "of_where"), _months(line)),
    "timely": lambda line: Timely(
        _wanted(line),
        _wanted(line, "after", "after_where"),
        _months(line),
        _wanted(line, "catch_up", "catch_up_where"),
        _months(line, "catch_up_months"),
    ),
    "year_pass": lambda line: YearPass(),
    "all_of": lambda line: AllOf(_ways(line)),
    "any_of": lambda line: AnyOf(_ways(line)),
    "modules": lambda line: YearPass(),
}


def _not_offered(pathway: Pathway, beside: Collection[str]) -> list[Fault]:
    """Lines that ask for a programme that no form offers: nobody could ever meet them."""
    offered = set(beside) - {pathway.id} | ({pathway.id} if pathway.modules else set())
    return [
        Fault(key, msg("表里选不到“{id}”：写有模块的培训项目的 id，一般就是这个文件自己的", id=name))
        for index, one in enumerate(pathway.requirements)
        for key, wanted in _all_wanted(one.shape, f"requirements[{index}]")
        for name in wanted.where.get("programme", ())
        if name and name not in offered
    ]


def _all_wanted(shape: Shape, key: str) -> Iterator[tuple[str, Wanted]]:
    """What a shape asks for on record, each with the key of its programme."""
    if isinstance(shape, AnyOf | AllOf):
        for index, way in enumerate(shape.ways):
            yield from _all_wanted(way, f"{key}.ways[{index}]")
    elif not isinstance(shape, YearPass | Modules):
        for one in fields(shape):  # type: ignore[arg-type]
            wanted = getattr(shape, one.name)
            if isinstance(wanted, Wanted):
                where = "where" if one.name == "wanted" else f"{one.name}_where"
                yield f"{key}.{where}.programme", wanted


def _loose_ends(pathway: Pathway) -> list[Fault]:
    """Names used twice, names of what is not there, and sources that nothing rests on."""
    return _names(pathway) + _unused(pathway) + _circles(pathway)


def _unused(pathway: Pathway) -> list[Fault]:
    lines: tuple[Requirement | Module, ...] = (*pathway.requirements, *pathway.modules)
    cited = {line.grounds.source for line in lines}
    return [
        Fault(f"sources[{index}].id", msg("没有哪一项依据“{id}”：写进 source，或者删掉", id=one.id))
        for index, one in enumerate(pathway.sources)
        if one.id not in cited
    ]


def _names(pathway: Pathway) -> list[Fault]:
    faults: list[Fault] = []
    stages, sources = {one.id for one in pathway.stages}, {one.id for one in pathway.sources}
    codes = {one.code for one in pathway.requirements}
    tables: tuple[tuple[str, tuple[Requirement | Module, ...]], ...] = (
        ("requirements", pathway.requirements), ("modules", pathway.modules)
    )
    for table, lines in tables:
        seen: set[str] = set()
        for index, line in enumerate(lines):
            key = f"{table}[{index}]"
            if line.code in seen:
                faults.append(Fault(f"{key}.code", msg("“{id}”用了两次", id=line.code)))
            seen.add(line.code)
            if line.grounds.source not in sources:
                faults.append(Fault(f"{key}.source", msg("sources 里没有“{id}”", id=line.grounds.source)))
    for index, one in enumerate(pathway.requirements):
        if one.stage not in stages:
            faults.append(Fault(f"requirements[{index}].stage", msg("stages 里没有“{id}”", id=one.stage)))
        for code in one.needs:
            if code not in codes or code == one.code:
                faults.append(Fault(f"requirements[{index}].needs", msg("没有“{id}”这一项", id=code)))
    known = {one.code for one in pathway.modules}
    for index, part in enumerate(pathway.modules):
        if part.within is not None and (part.within not in known or part.within == part.code):
            faults.append(Fault(f"modules[{index}].within", msg("没有“{id}”这一项", id=part.within)))
    return faults


def _circles(pathway: Pathway) -> list[Fault]:
    """Requirements that need each other: nobody could begin."""
    needs = {one.code: set(one.needs) for one in pathway.requirements}
    while free := [code for code, first in needs.items() if not first]:
        for code in free:
            del needs[code]
        for first in needs.values():
            first.difference_update(free)
    return [Fault("requirements", msg("互相要求对方在先：{codes}", codes=sorted(needs)))] if needs else []
