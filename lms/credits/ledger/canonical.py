"""Canonical JSON (RFC 8785) of what the ledger holds: texts, whole numbers, truth values, lists and objects. Pure."""

from types import NoneType
from typing import Any

import orjson

# orjson refuses whole numbers beyond 2**53 - 1, which are not exact in every reader, and half characters.
_EXACT = orjson.OPT_STRICT_INTEGER
_PLAIN = frozenset({str, int, bool, NoneType})


def canonical(value: Any) -> bytes:
    """The one way to write a value; raises ValueError for a float, a number too large, or half a character."""
    try:
        # Names in ASCII have one order by any measure, so that the encoder itself can sort them.
        if _simple(value):
            return orjson.dumps(value, option=_EXACT | orjson.OPT_SORT_KEYS)
        return orjson.dumps(_sorted(value), option=_EXACT)
    except TypeError as error:
        raise ValueError(f"no canonical form: {error}") from error


def _simple(value: Any) -> bool:
    """Whether all names in it are ASCII; raises ValueError for what has no canonical form. The encoder would write
    floats, dates and more, each in a form of its own."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is dict:
        simple, inside = "".join(value).isascii(), value.values()
    elif kind is list or kind is tuple:
        simple, inside = True, value
    else:
        raise ValueError(f"{kind.__name__} has no canonical form here")
    # Every value is looked at, whatever has been found before it; most are texts, and are asked no more.
    for one in inside:
        if type(one) is not str and not _simple(one):
            simple = False
    return simple


def _sorted(value: Any) -> Any:
    """The same with all names in the order of RFC 8785: by their UTF-16 code units."""
    if isinstance(value, list | tuple):
        return [_sorted(one) for one in value]
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _sorted(value[name]) for name in names}
    return value
