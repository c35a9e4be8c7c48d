"""Forms of filings: shape only, commands judge the rest."""

from datetime import date, timedelta

from wtforms import BooleanField, DateField, FileField, HiddenField, SelectField, StringField

from lms.kernel.forms import AtMost, Form, Optional, Required
from lms.kernel.i18n import translate
from lms.kernel.text import N_, msg

OWN = "own"


class FilingForm(Form):
    """What to file: a place, and a year, a quarter or days of one's own."""

    place = SelectField(N_("上报的地方"), [Required()], choices=[], validate_choice=False)
    period = SelectField(N_("期间"), [Required()], choices=[], validate_choice=False)
    start = DateField(N_("从哪一天起"), [Optional()])
    end = DateField(N_("到哪一天止"), [Optional()])
    full_numbers = BooleanField(N_("文件里写完整证件号"))
    reason = StringField(N_("为什么要完整证件号"), [AtMost(200)])


class FileForm(Form):
    """Which file of a filing."""

    name = HiddenField()


class AnswerForm(Form):
    """The regulator's answer as a file."""

    file = FileField(N_("主管部门的回复（CSV 或 XLSX）"))


class ReadyForm(Form):
    """That a refused row is mended."""

    note = StringField(N_("改了什么（可以不写）"), [AtMost(200)])


def periods(today: date) -> list[tuple[str, str]]:
    """The periods on offer: this year and the two before, with their quarters; days of one's own."""
    found = []
    for year in range(today.year, today.year - 3, -1):
        found.append((str(year), translate(msg("{year} 年", year=year))))
        for quarter in range(4, 0, -1):
            if date(year, 3 * quarter - 2, 1) <= today:
                word = translate(msg("{year} 年第 {quarter} 季度", year=year, quarter=quarter))
                found.append((f"{year}Q{quarter}", word))
    return [*found, (OWN, translate(msg("自己选日期")))]


def days_of(period: str) -> tuple[date, date] | None:
    """First and last day of a year ("2026") or a quarter ("2026Q3"); None for anything else."""
    year, _, quarter = period.partition("Q")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 2000 <= int(year) <= 2100):
        return None
    if not quarter and "Q" not in period:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if quarter not in ("1", "2", "3", "4"):
        return None
    start = date(int(year), 3 * int(quarter) - 2, 1)
    after = date(int(year) + 1, 1, 1) if quarter == "4" else date(int(year), 3 * int(quarter) + 1, 1)
    return start, after - timedelta(days=1)
