"""Numbers of certificates: kept sealed, shown masked. That of a physician's certificate contains an identity number."""

from typing import Any

from lms.kernel.crypto import seal, unseal
from lms.kernel.text import nfc
from lms.pathways.models import NUMBER

MOST_SIGNS = 40
SHOWN = 2
"""Signs shown at each end."""


def mask(number: str) -> str:
    """The number with all but its ends hidden; a short one is hidden whole."""
    ends = SHOWN if len(number) >= 4 * SHOWN else 0
    return number[:ends] + "*" * (len(number) - 2 * ends) + number[len(number) - ends :]


def columns(number: str) -> dict[str, Any]:
    """What a row keeps of a number; of an empty one nothing."""
    plain = nfc(number)
    return {"number_sealed": seal(plain, NUMBER) if plain else None, "number_mask": mask(plain)}


def opened(sealed: bytes | None) -> str:
    """The number as it was written; empty if there is none."""
    return unseal(sealed, NUMBER) if sealed else ""
