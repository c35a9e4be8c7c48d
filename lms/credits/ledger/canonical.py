"""Canonical JSON (RFC 8785) of what the ledger holds: texts, whole numbers, truth values, lists and objects. Pure."""

import json
from typing import Any

GREATEST = 2**53 - 1  # whole numbers beyond it are not exact in every reader


def canonical(value: Any) -> bytes:
    """The one way to write a value; raises ValueError for a float, a number too large, or half a character."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > GREATEST:
            raise ValueError(f"{value} is not exact in every reader")
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        # RFC 8785 sorts names by their UTF-16 code units.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _plain(value[name]) for name in names}
    raise ValueError(f"{type(value).__name__} has no canonical form here")
