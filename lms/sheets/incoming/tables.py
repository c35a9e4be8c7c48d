"""A table from outside: a heading, then rows; what is wrong is said by line and column. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lms.kernel.text import Message, msg, nfc
from lms.sheets.incoming.workbook import MergedError, NotAWorkbookError, Number, TooMuchError, rows_of
from lms.sheets.text_file import harmless

MOST_ROWS = 100_000
MOST_COLUMNS = 100
MOST_SIGNS = 2_000
"""Of one cell."""
ZIP = b"PK\x03\x04"


class UnreadableFileError(ValueError):
    """The file is no table that can be read; the message says why, and where."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, by line of the file and column ("" for the line as a whole)."""

    line: int
    column: str
    message: Message


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, with its line in the file."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was read. `encoding`: UTF-8, UTF-16, GB18030 or XLSX. Rows that are not whole are faults."""

    encoding: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_table(
    data: bytes,
    names: Mapping[str, str],
    needed: Sequence[str],
    *,
    typed: bool = False,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> Incoming:
    """The table in a file. `names`: what a heading may be called, and the column's own name; others are passed over.
    `titles`: what columns are called (to be translated) where one is missing, by their own names (else these
    themselves). `typed`: cells that a workbook holds as numbers come as `Number`, otherwise every cell is a plain text.

    Raises UnreadableFileError for what is no table, misses a needed heading or has one twice.
    """
    encoding, raw = _raw(data)
    lines = iter(raw)
    heading = next(lines, None)
    if heading is None:
        raise UnreadableFileError(msg("文件是空的。"))
    columns = _columns(heading[1], names, needed, titles)
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(rows) + len(faults) >= MOST_ROWS:
            raise UnreadableFileError(msg("一个文件最多 {most} 行，请分成几个。", most=MOST_ROWS))
        fault = _shape(number, cells, len(heading[1]), encoding)
        if fault is None:
            found = ((name, _at(cells, place)) for place, name in columns.items())
            rows.append(Row(number, {name: cell if typed else str(cell) for name, cell in found}))
        else:
            faults.append(fault)
    if not rows and not faults:
        raise UnreadableFileError(msg("只有标题行，没有内容。"))
    return Incoming(encoding, tuple(rows), tuple(faults))


def _raw(data: bytes) -> tuple[str, Iterable[tuple[int, list[str]]]]:
    """The encoding, and the cells of each line that is not empty, cleaned."""
    if data.startswith(ZIP):
        try:
            found = rows_of(data, most_columns=MOST_COLUMNS, most_rows=MOST_ROWS + 1)
            return "XLSX", _emptied(found)
        except MergedError as error:
            where = str(error)[:30]
            raise UnreadableFileError(
                msg("{cells} 是合并的单元格，分不清里面的内容是哪一行的。请取消合并，每行写全，再上传。", cells=where)
            ) from error
        except TooMuchError as error:
            raise UnreadableFileError(
                msg("表格太大：最多 {rows} 行、{columns} 列。", rows=MOST_ROWS, columns=MOST_COLUMNS)
            ) from error
        except NotAWorkbookError as error:
            raise UnreadableFileError(msg("这不是能读的 XLSX 文件。请用表格软件打开，另存为 XLSX 或 CSV。")) from error
    encoding, text = _decoded(data)
    return encoding, _csv(text)


def _emptied(found: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows, cleaned, in their order; each is let go of as it is given."""
    found.reverse()
    while found:
        number, cells = found.pop()
        yield number, [_clean(one) for one in cells]


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts: tuple[tuple[str, str], ...] = (("UTF-16", "utf-16"),)
    else:
        attempts = (("UTF-8", "utf-8-sig"), ("GB18030", "gb18030"))
    for name, codec in attempts:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            where = data[: error.start].count(b"\n") + 1
            continue
        if "\0" in text:
            raise UnreadableFileError(msg("这不是文字文件。请另存为 CSV 或 XLSX。"))
        return name, text
    raise UnreadableFileError(msg("第 {line} 行的文字既不是 UTF-8 也不是 GB18030。", line=where))


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    heading = text[:10_000].partition("\n")[0]
    # What spreadsheets call "Unicode text" is parted by tabs.
    parted = "\t" if heading.count("\t") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True)
    before = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFileError(
                msg("第 {line} 行的引号或格子不完整，从这里起读不下去。", line=before + 1)
            ) from error
        if cells is None:
            return
        if len(cells) > MOST_COLUMNS:
            raise UnreadableFileError(msg("第 {line} 行的列太多：最多 {most} 列。", line=before + 1, most=MOST_COLUMNS))
        if any(cells):
            yield before + 1, [_clean(one) for one in cells]
        before = reader.line_num


def _clean(cell: str) -> str:
    """NFC, without blanks around it, and without the apostrophe that keeps a cell from being a formula."""
    if isinstance(cell, Number):
        return cell
    text = nfc(cell.strip().strip("\ufeff").strip())
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def _columns(
    heading: Sequence[str], names: Mapping[str, str], needed: Sequence[str], titles: Mapping[str, str]
) -> dict[int, str]:
    """Which column is where; UnreadableFileError names what is missing or there twice, by its title if it has one."""
    found = {place: names[cell.lower()] for place, cell in enumerate(heading) if cell.lower() in names}
    twice = [name for name, times in Counter(found.values()).items() if times > 1]
    if twice:
        raise UnreadableFileError(msg("标题行里有两列“{name}”。", name=Message(titles.get(twice[0], twice[0]))))
    missing = [name for name in needed if name not in found.values()]
    if missing:
        # What stands there instead is not repeated: without a heading it is somebody's name and number.
        called = tuple(Message(titles.get(one, one)) for one in missing)
        raise UnreadableFileError(msg("第一行要写列名，缺少：{missing}。", missing=called))
    return found


def _shape(line: int, cells: Sequence[str], width: int, encoding: str) -> Fault | None:
    long = next((cell for cell in cells if len(cell) > MOST_SIGNS), None)
    if long is not None:
        return Fault(line, "", msg("有一格超过 {most} 个字。", most=MOST_SIGNS))
    # A workbook leaves empty cells at the end out; in a text a short line has lost something.
    short = len(cells) < width and encoding != "XLSX"
    if short or any(cells[width:]):
        return Fault(line, "", msg("这一行有 {have} 格，标题行有 {want} 格。", have=len(cells), want=width))
    return None


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
