"""A message as a row keeps it, and back, so that whoever reads it later reads it in her language: texts, numbers, civil
dates, bilingual texts, messages within it, and lists of these."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lms.kernel.text import Message

DATE, MESSAGE = "$date", "$message"


def to_json(message: Message) -> dict[str, Any]:
    """The parameters of a message. Raises TypeError for what a sentence cannot say."""
    return {name: _kept(value) for name, value in message.params.items()}


def from_json(msgid: str, params: Mapping[str, Any]) -> Message:
    """The message that was kept."""
    return Message(msgid, {name: _opened(value) for name, value in params.items()})


def _kept(value: object) -> object:
    if isinstance(value, Message):
        return {MESSAGE: value.msgid, "params": to_json(value)}
    if isinstance(value, date):
        return {DATE: value.isoformat()}
    if isinstance(value, Mapping):
        return {str(language): str(text) for language, text in value.items()}
    if isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple):
        return [_kept(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a sentence cannot say {type(value).__name__}")


def _opened(value: Any) -> object:
    if isinstance(value, dict) and MESSAGE in value:
        return from_json(value[MESSAGE], value["params"])
    if isinstance(value, dict) and DATE in value:
        return date.fromisoformat(value[DATE])
    if isinstance(value, list):
        return tuple(_opened(one) for one in value)
    return value
