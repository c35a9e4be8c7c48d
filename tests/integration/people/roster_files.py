"""Rosters for tests: invented people, as rows by heading, and as every file a county may send."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from cast import id_number
from xlsxwriter import Workbook

Rows = Sequence[dict[str, str]]
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "桂芳春生望舒清和文静远山海燕德福玉兰建国秀英志强"
WAYS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx")


def name(number: int) -> str:
    """An invented name."""
    first, second = GIVEN[number % len(GIVEN)], GIVEN[number // len(GIVEN) % len(GIVEN)]
    return f"{SURNAMES[number % len(SURNAMES)]}{first}{second}"


def number(person: int) -> str:
    """An invented identity number for each person."""
    day = date.fromordinal(date(1950, 1, 1).toordinal() + person // 999)
    return id_number(person % 999 + 1, day.strftime("%Y%m%d"))


def roster(many: int, places: Sequence[str] = ("LB-YL-LX-SM",), first: int = 5000) -> list[dict[str, str]]:
    """So many invented people."""
    return [
        {
            "姓名": name(one), "身份证号": number(one), "手机号": f"000{one:08d}", "电子邮箱": "",
            "执业类别": "乡村医生", "工作单位": places[one % len(places)], "聘用单位": "", "任职日期": "2024-03-01",
            "执业证书编号": f"LB{one:08d}", "证书发证日": "2022-07-01", "证书到期日": "2027-06-30",
        }
        for one in range(first, first + many)
    ]  # fmt: skip


def as_csv(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(
    rows: Rows, numbers: Sequence[str] = (), days: Sequence[str] = (), merged: str = "", late: bool = False
) -> bytes:
    """A workbook; `numbers` and `days`: columns whose cells are kept as numbers, as careless hands leave them."""
    out = io.BytesIO()
    book = Workbook(out, {"constant_memory": not merged, "date_1904": late})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, list(rows[0]))
    for line, row in enumerate(rows, start=1):
        for place, (heading, cell) in enumerate(row.items()):
            if heading in numbers:
                sheet.write_number(line, place, float(cell))
            elif heading in days:
                sheet.write_datetime(line, place, date.fromisoformat(cell), day)
            elif cell:
                sheet.write_string(line, place, cell)
    if merged:
        sheet.merge_range(merged, "")
    book.close()
    return out.getvalue()


def as_file(rows: Rows, way: str) -> bytes:
    return as_xlsx(rows) if way == "xlsx" else as_csv(rows, way)
