"""The columns of a filing's files (docs/filing-format.md) and how a line fills them: the same in every language,
for whoever asks. Pure."""

from collections.abc import Callable
from decimal import Decimal

from lms.credits.filing.rules import Line

FORMAT = "xinglin-filing/1"
Cells = tuple[str | Decimal, ...]


def exact(milli: int) -> Decimal:
    """The amount of so many thousandths with three decimals: 500 is 0.500."""
    return Decimal(milli).scaleb(-3).quantize(Decimal("0.001"))


# Name of the column, what it is called in the workbook's notes, how a line fills it.
_LINE: tuple[tuple[str, str, Callable[[Line], str | Decimal]], ...] = (
    ("name", "姓名", lambda line: line.name),
    ("id_number", "证件号", lambda line: line.id_number),
    ("institution_code", "单位代码", lambda line: line.institution_code),
    ("institution", "单位名称", lambda line: line.institution),
    ("kind", "活动类型", lambda line: line.kind),
    ("title", "活动名称", lambda line: line.title),
    ("project_number", "项目编号", lambda line: line.project_number),
    ("class", "学分类别", lambda line: line.credit_class),
    ("year", "学分年度", lambda line: str(line.year)),
    ("date", "活动日期", lambda line: line.on.isoformat()),
    ("credits", "学分", lambda line: exact(line.credits_milli)),
    ("hours", "学时", lambda line: exact(line.hours_milli)),
    ("policy", "规则集版本", lambda line: line.policy),
    ("entry", "账目编号", lambda line: str(line.entry)),
    ("source", "导入来源", lambda line: line.source),
)
COLUMNS: tuple[tuple[str, str], ...] = (
    ("row", "行编号"),
    ("change", "变动"),
    ("filed_in", "最近在第几次上报"),
    *((name, title) for name, title, _ in _LINE),
)
NAMES = tuple(name for name, _ in COLUMNS)
WIDTHS = {"row": 38, "entry": 38, "name": 12, "id_number": 22, "institution": 26, "title": 32, "policy": 24}


def cells(change: str, number: int, line: Line) -> Cells:
    """The cells of a line."""
    return (str(line.award), change, str(number), *(fill(line) for _, _, fill in _LINE))
