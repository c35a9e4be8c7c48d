"""The searcher finds a number however it is written: without this, finding none would say nothing."""

import base64
import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from canaries import Searcher, canary, mistyped
from reportlab.pdfgen.canvas import Canvas
from xlsxwriter import Workbook

from lms.kernel import clock
from lms.people.rules import is_id_number

NUMBER = next(one for one in map(canary, range(1000)) if one.endswith("X"))


def xlsx(text: str) -> bytes:
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet().write_string(0, 0, text)
    return out.getvalue()


def pdf(text: str) -> bytes:
    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, text)
    page.save()
    return out.getvalue()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/b.txt", data)
    return out.getvalue()


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: f"号码 {text}。".encode(),
    "small x": lambda text: text.lower().encode(),
    "gb18030": lambda text: f"号码{text}。".encode("gb18030"),
    "spaces": lambda text: f"{text[:6]} {text[6:14]} {text[14:]}".encode(),
    "hyphens": lambda text: f"{text[:6]}-{text[6:14]}-{text[14:]}".encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "base64": lambda text: base64.b64encode(f"a{text}".encode()),
    "base64 later": lambda text: b'{"x": "' + base64.urlsafe_b64encode(f"abcde{text}".encode()) + b'"}',
    "hex": lambda text: text.encode().hex().encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zip": lambda text: zipped(text.encode()),
    "zip in zip": lambda text: zipped(zipped(text.encode())),
    "xlsx": xlsx,
    "pdf": pdf,
}


@pytest.mark.parametrize("way", WRITTEN)
def test_it_finds_a_number_however_it_is_written(way: str) -> None:
    searcher = Searcher([NUMBER])
    assert searcher.look("it", WRITTEN[way](NUMBER)) == {NUMBER}
    assert searcher.found == {"it": {NUMBER}}


@pytest.mark.parametrize("way", WRITTEN)
def test_it_finds_nothing_else(way: str) -> None:
    searcher = Searcher([NUMBER])
    assert searcher.look("it", WRITTEN[way](f"{NUMBER[:6]}********{NUMBER[-4:]}")) == set()
    assert searcher.look("it", WRITTEN[way](mistyped(NUMBER))) == set()


def test_it_finds_a_row_in_a_database_file(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE person (name TEXT)")
    connection.execute("INSERT INTO person VALUES (?)", (NUMBER,))
    connection.commit()
    searcher = Searcher([NUMBER])
    searcher.look_below(tmp_path)
    connection.close()
    assert set.union(*searcher.found.values()) == {NUMBER}


def test_canaries_are_right_numbers_and_each_another_one() -> None:
    made = [canary(serial) for serial in range(3000)]
    assert len(set(made)) == 3000
    assert all(is_id_number(one, clock.today()) for one in made)
    assert not any(is_id_number(mistyped(one), clock.today()) for one in made)
