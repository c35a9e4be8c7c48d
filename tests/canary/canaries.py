"""Invented identity numbers that must not be found anywhere, and who looks for them: in plain text, with separators,
in either case of the X, in UTF-16, in base64 and hex, in what is compressed, in PDF pages, down to the last layer."""

import base64
import binascii
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lms.people.rules import check_character

FIRST_DAY = date(1951, 3, 1)
DEPTH = 5
# All of them begin with the region that does not exist.
_NUMBER = re.compile(rb"000000\d{11}[0-9Xx]")
_SEPARATORS = re.compile(rb"[\s\-_.,:;/|\x00]+|\xc2\xb7|\xc2\xa0|\xe3\x80\x80")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
# "000000" in base64 from each of the three places in a group.
_BASE64_SIGNS = (b"MDAwMDAw", b"AwMDAwMD", b"wMDAwMDA")
_HEX = re.compile(rb"(?:30){6}(?:3[0-9]){11}(?:3[0-9]|58|78)", re.IGNORECASE)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def canary(serial: int) -> str:
    """An invented number with a right check character, another one for each serial."""
    day = date.fromordinal(FIRST_DAY.toordinal() + serial // 900)
    digits = f"000000{day:%Y%m%d}{100 + serial % 900:03d}"
    return digits + check_character(digits)


def mistyped(number: str) -> str:
    """The number with its check character wrong."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


@dataclass
class Searcher:
    """Looks for numbers in everything it is shown, and counts what it has seen."""

    numbers: Iterable[str]
    artefacts: int = 0
    bytes_read: int = 0
    found: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._wanted = {number.upper().encode() for number in self.numbers}

    def look(self, name: str, data: bytes | str) -> set[str]:
        """The numbers that one artefact holds; they are kept by its name."""
        data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        self.artefacts += 1
        self.bytes_read += len(data)
        met = {one.decode() for layer in layers(data) for one in self._in(layer)}
        if met:
            self.found.setdefault(name, set()).update(met)
        return met

    def look_below(self, folder: Path) -> None:
        """Every file below a folder, and every name."""
        for path in sorted(folder.rglob("*")):
            self.look(f"name of {path}", str(path))
            if path.is_file():
                self.look(str(path), path.read_bytes())

    def _in(self, data: bytes) -> set[bytes]:
        texts = [data]
        if b"0" in data:
            texts.append(_SEPARATORS.sub(b"", data))
        return {hit.upper() for text in texts for hit in _NUMBER.findall(text) if hit.upper() in self._wanted}


def layers(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """The data, and whatever is packed or written otherwise in it."""
    yield data
    if depth:
        for inner in _inside(data):
            yield from layers(inner, depth - 1)


def _inside(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    elif data[:5] == b"%PDF-":
        yield from _pdf(data)
    for hit in _HEX.findall(data):
        yield binascii.unhexlify(hit)
    if any(sign in data for sign in _BASE64_SIGNS):
        for run in _BASE64.findall(data):
            if any(sign in run for sign in _BASE64_SIGNS):
                yield from _decoded(run.translate(bytes.maketrans(b"-_", b"+/")))


def _decoded(run: bytes) -> Iterator[bytes]:
    for start in range(4):
        part = run[start:]
        if len(part) % 4 == 1:
            part = part[:-1]
        yield base64.b64decode(part + b"=" * (-len(part) % 4))


def _pdf(data: bytes) -> Iterator[bytes]:
    for stream in _STREAM.findall(data):
        for unpack in (zlib.decompress, lambda text: zlib.decompress(base64.a85decode(text.strip(), adobe=False))):
            try:
                yield unpack(stream.strip(b"\r\n").removesuffix(b"~>"))
                break
            except (zlib.error, ValueError):
                continue
    try:
        yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).encode()
    except (PyPdfError, ValueError, KeyError):
        return
