"""What may be sent and in which pieces. Pure."""

import re
import unicodedata
from datetime import timedelta

from lms.kernel.cleaning.kinds import EVIDENCE, TEACHING, Purpose
from lms.kernel.text import nfc

# Every purpose there is; a route takes only these.
PURPOSES: dict[str, Purpose] = {purpose.name: purpose for purpose in (EVIDENCE, TEACHING)}
# A piece. On a link of 8 kB/s it takes half a minute, and no more than that is ever sent twice.
CHUNK = 256 * 1024
# Files of one person that are on their way or wait to be used, at one time.
SLOTS = 20
KEPT = timedelta(days=7)
_SHA = re.compile(r"[0-9a-f]{64}")


def is_sha(text: str) -> bool:
    """Whether this is a SHA-256 in hex."""
    return bool(_SHA.fullmatch(text))


def shown_name(given: str) -> str:
    """A file's name for showing: no folders, nothing that cannot be seen, 120 characters at most."""
    last = nfc(given).replace("\\", "/").rpartition("/")[2]
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    return " ".join(seen.split())[:120].strip()


def piece_length(size: int, offset: int) -> int | None:
    """How long the piece that begins at `offset` must be; None where no piece begins."""
    if offset < 0 or offset >= size or offset % CHUNK:
        return None
    return min(CHUNK, size - offset)


def offsets(size: int) -> range:
    """Where the pieces of a file begin."""
    return range(0, size, CHUNK)


def piece_name(offset: int) -> str:
    """What a piece is called in the storage."""
    return f"{offset:012d}"
