"""Files with names and numbers at rest: each encrypted with a key of its own, in blocks, so that neither storage nor a
backup holds them in plain text. The key lies sealed in a row: a new field key seals it anew, and the files stay as
they are.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms.kernel import files

BLOCK = 256 * 1024
TAG = 16
MORE, LAST = b"more", b"last"
"""What each block is bound to, so that a file that was cut off does not open."""


def keep(plain: IO[bytes]) -> dict[str, str | int]:
    """Encrypt and keep a file: its hash and size in plain, and what opens it again."""
    key = AESGCM.generate_key(bit_length=256)
    box, digest, size = AESGCM(key), hashlib.sha256(), 0
    with tempfile.TemporaryFile() as sealed:
        for number, block, last in _blocks(plain, BLOCK):
            digest.update(block)
            size += len(block)
            sealed.write(box.encrypt(_nonce(number), block, LAST if last else MORE))
        stored = files.store_stream(sealed)
    return {"sha256": digest.hexdigest(), "size": size, "stored": stored, "key": key.hex()}


def reader(stored: str, key: str) -> Callable[[], Iterator[bytes]]:
    """What gives the file in plain blocks later, when no application is at hand any more (an answer being sent).

    Reading raises cryptography's InvalidTag if the file was altered or cut off.
    """
    opened, box = files.opener(stored), AESGCM(bytes.fromhex(key))

    def plain() -> Iterator[bytes]:
        with opened() as sealed:
            for number, block, last in _blocks(sealed, BLOCK + TAG):
                yield box.decrypt(_nonce(number), block, LAST if last else MORE)

    return plain


def _blocks(source: IO[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """The blocks of a file with their numbers, and whether it is the last."""
    source.seek(0)
    block, number = source.read(size), 0
    while True:
        following = source.read(size)
        yield number, block, not following
        if not following:
            return
        block, number = following, number + 1


def _nonce(number: int) -> bytes:
    """Of the block with this number: the key is used for one file only, so none is ever used twice."""
    return number.to_bytes(12, "big")
