"""Where a pathway holds: in the nation, in a province by its ISO 3166-2 code, or in a county, city or province of the
house by its organisation code. Pure."""

from typing import Any

from lms.credits.rules.reading import UnreadableError, text
from lms.kernel.text import msg
from lms.organisations.rules import is_code, is_region_code

NATION = "CN"
_PROVINCES = "AH BJ CQ FJ GD GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SH SN SX TJ XJ XZ YN ZJ"
PROVINCES = frozenset(f"{NATION}-{code}" for code in _PROVINCES.split())


def jurisdiction(value: Any) -> str:
    """The place that a file names; whether the house has an organisation of that code, the file cannot know."""
    found = text(value)
    unknown_province = is_region_code(found) and found not in PROVINCES
    if found != NATION and (unknown_province or not is_code(found)):
        known = msg("写本县（或者市、省）在机构树里的代码，或者省的代码，例如 CN-HE；全国写 CN")
        raise UnreadableError(msg("不认识“{value}”：{known}", value=found[:60], known=known))
    return found


def is_of_house(code: str) -> bool:
    """Whether a place is named by the code of an organisation of the house."""
    return code != NATION and code not in PROVINCES
