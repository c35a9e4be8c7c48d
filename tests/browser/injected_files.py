"""Files as other makers write them, with payloads for words: documents, pages, cartridges, backups, tables."""

import io
import re
import zipfile
from collections.abc import Iterator
from html import escape

import xlsxwriter
from cast import id_number
from foreign_files import cartridge, moodle_files, targz_of, word, zip_of
from injected_forms import ALL

HEAD = "source_id,id_number,name,date,kind,title,project_number,quantity,unit"
# What the good files say, and whether it is a title, which is short.
SAID = {
    "糖尿病足早发现": True, "糖尿病足": True, "第一单元": True, "先看脚": True, "再摸脚": True, "两处脉": True,
    "结业题": True, "讨论": True, "开头": True, "答疑": True,
    "规范全文": False, "先看趾缝。": False, "足背": False, "红字": False, "发凉": False, "脚的照片": False,
    "《基层规范》2017 年": False, "内部资料": False, "先看哪里？": False, "因为这样。": False, "小腿": False,
    "坐下": False, "哪几样转诊？": False, "这门课讲脚。": False, "左1": False, "右1": False,
}  # fmt: skip


def said_in(text: str, some: list[str], times: int) -> str:
    """A file's text with payloads in the place of what it says, made words by escaping them `times`."""
    for at, (word_, short) in enumerate(SAID.items()):
        chosen = " ".join(some[2 * at % len(some) :][:2] if short else some)
        for _ in range(times):
            chosen = escape(chosen, quote=True)
        text = text.replace(word_, chosen)
    return text


def repacked(data: bytes, some: list[str], times: int) -> dict[str, str | bytes]:
    """The members of a ZIP with payloads in them."""
    files: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            body = archive.read(name)
            text = name.endswith((".xml", ".html", ".rels"))
            files[name] = said_in(body.decode(), some, times) if text else body
    return files


def page_of(some: list[str], times: int) -> bytes:
    """A page with the payloads as its words or as its markup."""
    each = [escape(one, quote=True) if times > 1 else one for one in some]
    whole, words = " ".join(each), "".join(f"<p>{one}</p><li>{one}</li>" for one in each)
    safe = escape(" ".join(some), quote=True)
    return (
        f"<title>{whole}</title><h1>{' '.join(each[:2])}</h1>{words}<h1>x</h1><img src=a.png alt='{safe}'>"
        f"<a href='{safe}'>{whole}</a><table><tr><td>{whole}</td></tr></table><h2>{' '.join(each[2:4])}</h2>"
    ).encode()


def files(some: list[str], times: int) -> Iterator[tuple[str, bytes]]:
    name = re.sub(r"[/\n\r\t]", "_", some[0])
    yield f"{name}.docx", zip_of(repacked(word(), some, times))
    yield f"{name}.html", page_of(some, times)
    yield f"{name}.imscc", zip_of(repacked(cartridge(), some, times))
    backup = {
        path: said_in(data, some, times) if isinstance(data, str) else data for path, data in moodle_files().items()
    }
    yield f"{name}.mbz", targz_of(backup)


def tables(step: int) -> Iterator[tuple[str, bytes]]:
    """History: payloads in every column, of rows that are taken and of rows that are not."""
    good = ["h", id_number(1), "赵桂芳", "2023-05-12", "unit_lecture", "讲座", "", "1", "items"]
    rows = []
    for number, one in enumerate(ALL):
        row = [f"h-{number}", *good[1:]]
        row[5] = one
        rows.append(row)
    broken = [[*good[:at], one, *good[at + 1 :]] for number, one in enumerate(ALL) if (at := number % len(good)) >= 0]
    for first in range(0, len(ALL), step):
        some = [*rows[first : first + 20], *broken[first : first + 20]]
        cells = ["".join('"' + cell.replace('"', '""') + '",' for cell in row)[:-1] for row in some]
        yield "<img onerror=hit(9)>.csv", "\n".join([HEAD, *cells]).encode()
        if first % 100:
            continue
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet("x")
            for at, row in enumerate([HEAD.split(","), *some]):
                sheet.write_row(at, 0, row)
        yield "<svg onload=hit(10)>.xlsx", out.getvalue()
    yield "a.csv", "\n".join([" ".join(ALL).replace("\n", " "), "x"]).encode()
    headed = ["".join('"' + one.replace('"', '""') + '",' for one in ALL[at : at + 40]) for at in range(0, 400, 40)]
    for head in headed:
        yield "a.csv", f"{head}\nx".encode()
