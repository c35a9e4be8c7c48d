"""What keeps a record from being handed in, as far as it says so itself: by field of its form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from lms.kernel.text import Message, msg
from lms.pathways.rules.months import later
from lms.pathways.rules.records import Kind, Record
from lms.pathways.rules.schema import SCHEMAS, Field, Schema
from lms.people.rules import LICENCE_TOO_LONG

MOST_SIGNS = 60
MOST_NUMBER = 40
FIRST = date(1950, 1, 1)
LAST = date(2100, 12, 31)
EXAMS = (Kind.EXAM_PRACTICAL, Kind.EXAM_WRITTEN)
NEEDED = msg("请填写这一项。")
LISTED = msg("请从列出的几项里选一项。")


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a record. `fields`: all but sealed ones; `number`: as it stands on the paper; empty: none, or,
    of a record that is corrected, the one it has."""

    kind: Kind
    on: date | None = None
    until: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    number: str = ""

    def said(self, name: str) -> str:
        return self.fields.get(name, "")


def faults(
    told: Told, today: date, *, words: Mapping[str, frozenset[str]], name: str, numbered: bool = False
) -> dict[str, Message]:
    """What is wrong, by field. `words`: of fields whose words depend on the house (programmes, modules); `name`: of
    the person; `numbered`: the record has its number already."""
    schema = SCHEMAS[told.kind]
    found = {**_days(told, schema, today)}
    for asked in schema.fields:
        wrong = _number(told, numbered) if asked.sealed else _word(asked, told, words)
        if wrong is not None:
            found[asked.name] = wrong
    known = {one.name for one in schema.fields if not one.sealed}
    found |= {other: LISTED for other in told.fields if other not in known}
    found |= {key: said for key, said in _score(told).items() if key not in found}
    supervisor = told.said("supervisor")
    if supervisor and _plain(supervisor) == _plain(name):
        found["supervisor"] = msg("带教医师不能是您自己。请写带您的那位医师。")
    return found


def _days(told: Told, schema: Schema, today: date) -> dict[str, Message]:
    if told.on is None:
        return {"on": NEEDED}
    if not FIRST <= told.on <= LAST:
        return {"on": msg("这个日期不对，请照材料核对。")}
    if told.on > today and schema.own:
        return {"on": msg("这一天还没有到。请照材料核对日期。")}
    until = told.until
    if until is None:
        return {"until": NEEDED} if schema.until_needed else {}
    if not schema.until:
        return {"until": msg("这类材料没有结束日期。")}
    if until < told.on:
        return {"until": msg("这一天早于“{first}”。请照材料核对两个日期。", first=msg(schema.on))}
    if until > LAST:
        return {"until": msg("这个日期不对，请照材料核对。")}
    if schema.ended and until > today:
        return {"until": msg("这一天还没有到。等结束了再交。")}
    if schema.most_months is not None and until > later(told.on, schema.most_months):
        return {"until": LICENCE_TOO_LONG}
    return {}


def _number(told: Told, numbered: bool) -> Message | None:
    if not told.number:
        return None if numbered else NEEDED
    return msg("最多 {most} 个字。", most=MOST_NUMBER) if len(told.number) > MOST_NUMBER else None


def _word(asked: Field, told: Told, words: Mapping[str, frozenset[str]]) -> Message | None:
    said = told.said(asked.name)
    if not said:
        return None if asked.optional else NEEDED
    listed = words.get(asked.name, frozenset(asked.words))
    if listed or asked.name in words:
        return None if said in listed else LISTED
    return msg("最多 {most} 个字。", most=MOST_SIGNS) if len(said) > MOST_SIGNS else None


def _score(told: Told) -> dict[str, Message]:
    """A score, a line and a result that do not agree."""
    if told.kind not in EXAMS:
        return {}
    found: dict[str, Message] = {}
    amounts = {}
    for name in ("score", "line"):
        if told.said(name):
            amounts[name] = _points(told.said(name))
            if amounts[name] is None:
                found[name] = msg("请写 0 到 1000 之间的数。")
    score, line = amounts.get("score"), amounts.get("line")
    if found or score is None or line is None:
        return found
    if told.said("result") == "pass" and score < line:
        return {"result": msg("得分 {score} 不到合格线 {line}，结果却选了合格。请核对。", score=score, line=line)}
    if told.said("result") == "fail" and score >= line:
        return {"result": msg("得分 {score} 已到合格线 {line}，结果却选了不合格。请核对。", score=score, line=line)}
    return {}


def _points(text: str) -> Decimal | None:
    if len(text) > 7 or not text.isascii():
        return None
    try:
        points = Decimal(text)
    except InvalidOperation:
        return None
    return points if points.is_finite() and 0 <= points <= 1000 else None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def barred(told: Told, others: tuple[Record, ...]) -> Message | None:
    """Why an exam result cannot be: a verified ban covers the day of the exam."""
    if told.kind not in EXAMS or told.on is None:
        return None
    for one in others:
        if one.kind is Kind.BAN and one.verified and one.holds_on(told.on):
            return msg("这一天在禁考期内（到 {until} 为止），这次成绩不能用。有疑问请问县里。", until=one.until)
    return None


def overlapping(told: Told, others: tuple[Record, ...]) -> Message | None:
    """Why a span of supervised practice cannot be: another one, verified or waiting, has days of it."""
    if told.kind is not Kind.PRACTICE or told.on is None or told.until is None:
        return None
    for one in others:
        if one.kind is Kind.PRACTICE and one.on <= told.until and told.on <= (one.until or told.until):
            span = {"first": one.on, "last": one.until or ""}
            return msg("和另一段试用期（{first} 至 {last}）重叠，同一天不能算两次。", **span)
    return None
