"""The first sheet of an XLSX file as texts, row by row, within limits of size, rows and columns. Pure.

Read with the standard library: a sheet from outside is hostile until shown otherwise, and a reader that unpacks it
whole gives memory to whoever wrote it. Every part is read as a stream that stops at its limit, no part may declare
entities, and a column that lies far out makes no row of that width.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

MOST_BYTES = 200_000_000
"""Of one part, unpacked."""
MOST_TEXT = 50_000_000
"""Signs kept of all shared texts, or of the sheet."""
PIECE = 64 * 1024
MOST_SHARED = 1_500_000
MOST_CELLS = 2_000_000
"""That hold anything. Fifty thousand people in fourteen columns are a third of it."""
MOST_TOKEN = 1_000_000
"""Bytes of one tag: the parser reads an unfinished one again with every piece, which is quadratic."""
LAST_ROW = 1_048_576
"""Of any spreadsheet."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_TRUE = frozenset({"1", "true", "on"})


class NotAWorkbookError(ValueError):
    """The bytes are no workbook, or a damaged or encrypted one."""


class TooMuchError(ValueError):
    """More than is read."""


class MergedError(ValueError):
    """Cells among those in use are merged: whose the value is cannot be told. The text names them, like A2:A5."""


class Number(str):
    """A cell that the workbook holds as a number, as it is stored: a day is its number since 1900."""

    __slots__ = ()


class LateNumber(Number):
    """A number of a workbook that counts its days since 1904."""

    __slots__ = ()


def rows_of(data: bytes, *, most_columns: int, most_rows: int) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that hold anything, with their numbers (from 1).

    Numbers are as they are stored (`Number`): a date is the number of its day. Raises NotAWorkbookError, TooMuchError,
    and MergedError for merged cells that reach into the rows and columns in use.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            shared = _Texts()
            if "xl/sharedStrings.xml" in names:
                _parse(archive, "xl/sharedStrings.xml", shared)
            found = _Names()
            _parse(archive, "xl/workbook.xml", found)
            sheet = _Sheet(shared.texts, most_columns, most_rows, LateNumber if found.late else Number)
            _parse(archive, _first_sheet(archive, names, found), sheet)
            sheet.refuse_merged()
            return sheet.rows
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError, RuntimeError, NotImplementedError, EOFError,
        OSError,
    ) as error:  # fmt: skip
        raise NotAWorkbookError(str(error)) from error
    except (ValueError, KeyError, IndexError) as error:
        if isinstance(error, TooMuchError | MergedError):
            raise
        raise NotAWorkbookError(str(error)) from error


class _Names:
    """Sheets of a workbook in order, the parts that relations name, and whether days count since 1904 (`late`)."""

    def __init__(self) -> None:
        self.sheets: list[str] = []
        self.targets: dict[str, str] = {}
        self.late = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.late = attributes.get("date1904", "").lower() in _TRUE
        elif name == "sheet":
            self.sheets += [value for key, value in attributes.items() if key.rpartition(":")[2] == "id"]
        elif name == "Relationship":
            self.targets[attributes["Id"]] = attributes["Target"]

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def _first_sheet(archive: zipfile.ZipFile, names: set[str], found: _Names) -> str:
    _parse(archive, "xl/_rels/workbook.xml.rels", found)
    target = found.targets[found.sheets[0]]
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    if path not in names:
        raise NotAWorkbookError(path)
    return path


class _Texts:
    """The shared texts of a workbook. What is said of how a sign is read (rPh) is no text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._inside = self._aside = False
        self._kept = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._aside = True
        elif name == "t":
            self._inside = not self._aside

    def end(self, name: str) -> None:
        if name == "si":
            if len(self.texts) >= MOST_SHARED:
                raise TooMuchError("shared texts")
            self.texts.append("".join(self._parts))
        elif name == "rPh":
            self._aside = False
        elif name == "t":
            self._inside = False

    def text(self, data: str) -> None:
        if self._inside:
            self._kept += len(data)
            if self._kept > MOST_TEXT:
                raise TooMuchError("texts")
            self._parts.append(data)


class _Sheet:
    """The rows of a sheet."""

    def __init__(self, shared: list[str], most_columns: int, most_rows: int, number: type[Number]) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._merged: list[str] = []
        self._as_number = number
        self._shared, self._most_columns, self._most_rows = shared, most_columns, most_rows
        self._number = 0
        self._column = -1
        self._kind = ""
        self._cells: dict[int, str] = {}
        self._parts: list[str] = []
        self._inside = self._aside = False
        self._kept = self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            before, self._number = self._number, int(attributes.get("r", self._number + 1))
            if not before < self._number <= LAST_ROW:
                raise NotAWorkbookError(f"row {self._number} after row {before}")
            self._cells, self._column = {}, -1
        elif name == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._kind, self._parts = attributes.get("t", "n"), []
        elif name == "rPh":
            self._aside = True
        elif name in ("v", "t"):
            self._inside = not self._aside
        elif name == "mergeCell":
            self._merged.append(attributes["ref"])
            if len(self._merged) > self._most_rows:
                raise TooMuchError("merged cells")

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "rPh":
            self._aside = False
        elif name == "c":
            self._keep("".join(self._parts))
        elif name == "row" and self._cells:
            if len(self.rows) >= self._most_rows:
                raise TooMuchError("rows")
            width = max(self._cells) + 1
            self.rows.append((self._number, [self._cells.get(place, "") for place in range(width)]))

    def text(self, data: str) -> None:
        if self._inside:
            self._kept += len(data)
            if self._kept > MOST_TEXT:
                raise TooMuchError("texts")
            self._parts.append(data)

    def _keep(self, value: str) -> None:
        text = self._shared[int(value)] if self._kind == "s" and value else value
        if not text.strip():
            return
        if self._column >= self._most_columns:
            raise TooMuchError("columns")
        if self._kind == "s":
            self._kept += len(text)
        self._count += 1
        if self._kept > MOST_TEXT or self._count > MOST_CELLS:
            raise TooMuchError("texts")
        self._cells[self._column] = self._as_number(text) if self._kind == "n" else text

    def refuse_merged(self) -> None:
        """Raises MergedError for the first merged cells that lie, in part at least, among those in use."""
        last = self.rows[-1][0] if self.rows else 0
        width = max((len(cells) for _, cells in self.rows), default=0)
        for found in self._merged:
            corners = [one for one in found.upper().replace("$", "").split(":") if _PLACE.match(one)]
            rows = [int(one.lstrip(LETTERS)) for one in corners]
            columns = [_column(one) for one in corners]
            if not corners or (min(rows) <= last and min(columns) < width):
                raise MergedError(found)


def _column(place: str) -> int:
    """Number of a column from 0: B7 is 1."""
    found = _PLACE.match(place)
    if found is None:
        raise NotAWorkbookError(place)
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parse(archive: zipfile.ZipFile, name: str, found: "_Names | _Texts | _Sheet") -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    quiet = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal quiet
        quiet = 0
        found.start(tag.rpartition(":")[2], attributes)

    def text(data: str) -> None:
        nonlocal quiet
        quiet = 0
        found.text(data)

    # Names without the prefix that a writer may have chosen for the one name space there is.
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: found.end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    with archive.open(name) as part:
        for piece in _pieces(part):
            quiet += len(piece)
            if quiet > MOST_TOKEN:
                raise TooMuchError("a tag")
            parser.Parse(piece, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise NotAWorkbookError("a declaration of entities")


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    read = 0
    while piece := part.read(PIECE):
        read += len(piece)
        if read > MOST_BYTES:
            raise TooMuchError("bytes")
        yield piece
