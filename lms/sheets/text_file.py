"""A document as CSV that a spreadsheet opens rightly: UTF-8 with its mark, CRLF, every cell quoted.

No cell can become a formula. A spreadsheet takes what begins with = + - @ (half or full width), a tab
or a line's end for one, quoted or not; such a text gets an apostrophe before it and stays readable
(OWASP's advice on CSV injection, ASVS 1.2.10). Figures are made here and are plain numbers.
"""

import csv
from datetime import date
from io import StringIO

from lms.sheets.cells import Cell, Document, Figure

LEADS = frozenset("=+-@＝＋－＠\t\r\n\0")
# What a program may skip before it looks at the first character.
SKIPPED = " \u00a0\u3000\u200b\ufeff"


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(SKIPPED)[:1] in LEADS and text.strip(SKIPPED) else text


def shown(cell: Cell) -> str:
    """A cell as text: figures as the page shows them, dates as ISO 8601."""
    if isinstance(cell, Figure):
        return cell.text
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(str(cell))


def csv_bytes(document: Document) -> bytes:
    """The whole document: who, then every table with its title and its heading, a blank line between."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([shown(document.title)])
    writer.writerows([shown(label), shown(value)] for label, value in document.facts)
    for table in document.tables:
        out.write("\r\n")
        writer.writerow([shown(table.title)])
        writer.writerow([shown(column.title) for column in table.columns])
        writer.writerows([shown(cell) for cell in row.cells] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")
