"""The list of question types, and how an item's table becomes an item."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lms.items.base import Item, ItemFaults
from lms.items.matching import Matching
from lms.items.multiple_response import MultipleResponse
from lms.items.numeric import Numeric
from lms.items.ordering import Ordering
from lms.items.reading import Fields
from lms.items.single_choice import SingleChoice
from lms.items.true_false import TrueFalse
from lms.kernel.text import Message, msg

Parse: TypeAlias = Callable[[Fields, dict[str, Any]], Item]

_TYPES: tuple[tuple[type[Item], Parse], ...] = (
    (SingleChoice, SingleChoice.parse),
    (MultipleResponse, MultipleResponse.parse),
    (TrueFalse, TrueFalse.parse),
    (Numeric, Numeric.parse),
    (Matching, Matching.parse),
    (Ordering, Ordering.parse),
)
_PARSERS = {kind.TYPE: parse for kind, parse in _TYPES}
TYPES: tuple[str, ...] = tuple(_PARSERS)
LABELS: Mapping[str, Message] = {kind.TYPE: kind.LABEL for kind, _ in _TYPES}
CHECK_TYPES = ("single_choice", "multiple_response", "true_false")
USES = ("assessment", "check", "knowledge")

ITEM_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}")
NAME = re.compile(r"[a-z0-9-]{1,40}")


def types_of(use: object) -> tuple[str, ...]:
    """The types that a question of this use may have: what stands on a page with others is only ticked."""
    return CHECK_TYPES if use in ("check", "knowledge") else TYPES


def parse_item(table: Mapping[str, object]) -> Item:
    """The item of one `[[item]]` table. Raises ItemFaults naming every field at fault."""
    fields = Fields(table)
    code = fields.string("code", ITEM_CODE, msg("题号只用大写字母、数字和短横，例如 HTN-001"))
    kind = fields.one_of("type", TYPES)
    common = {"code": code, **_common(fields)}
    if kind not in types_of(common["use"]):
        said = {
            "check": msg("课内小练习只能用单选、多选或判断题"),
            "knowledge": msg("小测只能用单选、多选或判断题"),
        }
        fields.fault("type", said[common["use"]])
    if any(fault.field == "type" for fault in fields.faults):
        raise ItemFaults(code, fields.faults)
    item = _PARSERS[kind](fields, common)
    fields.refuse_unknown()
    if not fields.faults:
        fields.faults.extend(item.validate())
    if fields.faults:
        raise ItemFaults(code, fields.faults)
    return item


def _common(fields: Fields) -> dict[str, Any]:
    return {
        "use": fields.one_of("use", USES),
        "topic": fields.string("topic", NAME, msg("要写课程里有的主题编号")),
        "difficulty": fields.integer("difficulty", 1, 3),
        "objective": fields.string("objective", NAME, msg("要写课程里有的目标编号")),
        "sources": fields.strings("sources", NAME),
        "stem": fields.text("stem"),
        "explanation": fields.text("explanation"),
    }
