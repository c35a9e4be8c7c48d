"""The forms of a course's settings: a field for each cell of a page, named as the cell."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import DateInput

from lms.courses.packages.package import AUDIENCES, CERTAINTIES, SHOW_ANSWERS, SUBJECTS
from lms.courses.rules import ANSWERS_SHOWN, AUDIENCE_NAMES, CERTAINTY_NAMES, SUBJECT_NAMES
from lms.courses.writing.course_fields import MOST_ROWS, Cells, Page, Rows, Values, typed_cell
from lms.courses.writing.planning import GONE, field_name
from lms.kernel.forms import Form
from lms.kernel.i18n import translate
from lms.kernel.text import N_, msg

BLANK = {"objectives": 3, "topics": 3, "sources": 1, "terms": 3, "draw": 3}
"""How many empty rows stand below those that there are."""
NEW_EXAM = {"minutes": "30", "pass_mark": "80", "attempts": "3", "cooldown_minutes": "60",
            "show_answers": "after_pass"}  # fmt: skip
"""What the form proposes for an exam that there is not yet."""
NEW_ROW = {"certainty": "secondary"}

Choices = Sequence[tuple[str, Any]]
LABELS: Mapping[str, Mapping[str, str]] = {
    "course": {
        "title_zh": N_("课程名"), "title_en": N_("英文名"), "summary_zh": N_("一句话介绍"),
        "summary_en": N_("英文介绍"), "subject": N_("内容"), "audience": N_("给谁学"),
        "hours": N_("学时（一学时 45 分钟）"),
        "reviewer": N_("临床审核人"), "review_by": N_("哪天以前要复核"), "prerequisites": N_("先修课"),
        "code": N_("课程代码"), "slug": N_("网址里的名字"),
    },
    "objectives": {"zh": N_("目标"), "en": N_("英文目标")},
    "topics": {"zh": N_("主题"), "en": N_("英文主题")},
    "sources": {
        "title_zh": N_("文件或书的名字"), "title_en": N_("英文名"), "issuer_zh": N_("谁发布的"),
        "issuer_en": N_("英文发布单位"), "section_zh": N_("哪一章、哪一页"), "section_en": N_("英文章节"),
        "year": N_("哪一年"), "url": N_("网址"), "certainty": N_("读的是"),
    },
    "terms": {
        "word_zh": N_("词语"), "word_en": N_("英文词语"), "meaning_zh": N_("意思，一两句话"),
        "meaning_en": N_("英文意思"),
    },
    "exam": {
        "title_zh": N_("考试名"), "title_en": N_("英文名"), "minutes": N_("考几分钟"),
        "pass_mark": N_("多少分及格（满分 100）"),
        "attempts": N_("最多考几次"), "cooldown_minutes": N_("两次之间隔几分钟"), "show_answers": N_("什么时候看答案"),
    },
    "draw": {"topic": N_("主题"), "difficulty": N_("难度"), "count": N_("抽几题")},
}  # fmt: skip
_NAMES: Mapping[str, tuple[Sequence[str], Mapping[str, Any]]] = {
    "subject": (SUBJECTS, SUBJECT_NAMES), "audience": (AUDIENCES, AUDIENCE_NAMES),
    "show_answers": (SHOW_ANSWERS, ANSWERS_SHOWN), "certainty": (CERTAINTIES, CERTAINTY_NAMES),
}  # fmt: skip
NOTHING = ("", N_("（不选）"))
DIFFICULTIES: Choices = (("", N_("不限")), ("1", N_("易")), ("2", N_("中")), ("3", N_("难")))


def settings_form(
    page: Page, values: Values, *, topics: Choices = (), given: MultiDict[str, str] | None = None
) -> Form:
    """The form of a page: what `values` say and empty rows below, or what was `given`."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {}
    if page.table:
        fields["on"], data["on"] = BooleanField(N_("这门课有考试")), values.on
    cells = values.cells if values.on else {**values.cells, **NEW_EXAM}
    for one in page.fields:
        fields[one.name] = _field(page.name, one.name, cells[one.name], topics)
        data[one.name] = _data(one.name, cells[one.name])
    for rows in page.lists:
        found = values.rows[rows.name]
        for number in range(max(len(found) + BLANK[rows.name], _sent(rows, given))):
            row = found[number] if number < len(found) else None
            for cell in LABELS[rows.name]:
                name = field_name(rows.name, number, cell)
                said = row[cell] if row is not None else NEW_ROW.get(cell, "")
                fields[name], data[name] = _field(rows.name, cell, said, topics), said
            fields[field_name(rows.name, number, GONE)] = BooleanField(N_("删掉这一条"))
    kind: type[Form] = type("SettingsForm", (Form,), fields)
    return kind(given, data=data)


def _sent(rows: Rows, given: Mapping[str, str] | None) -> int:
    """How many rows a form has sent."""
    numbers = (re.fullmatch(rf"{rows.name}-([0-9]{{1,3}})-[a-z_]+", name) for name in given or ())
    return min(max((int(found[1]) + 1 for found in numbers if found), default=0), 2 * MOST_ROWS)


def _field(group: str, cell: str, said: str, topics: Choices) -> Any:
    label = LABELS[group][cell]
    if cell in _NAMES:
        allowed, names = _NAMES[cell]
        known = [(one, names[one].msgid) for one in allowed]
        if cell == "audience":
            return SelectMultipleField(label, choices=_with(known, *said.split()))
        return SelectField(label, choices=_with(known if said else [NOTHING, *known], said))
    if cell == "topic":
        return SelectField(label, choices=_with([NOTHING, *topics], said))
    if cell == "difficulty":
        return SelectField(label, choices=_with(list(DIFFICULTIES), said))
    if cell.startswith("summary") or group == "objectives":
        return TextAreaField(label)
    return StringField(label, widget=DateInput()) if cell == "review_by" else StringField(label)


def _with(choices: list[tuple[str, Any]], *said: str) -> list[tuple[str, Any]]:
    """The choices, with what is said but cannot be chosen: a form sent untouched changes nothing."""
    return [*choices, *((one, one) for one in said if one and one not in {value for value, _ in choices})]


def _data(cell: str, said: str) -> Any:
    return said.split() if cell == "audience" else said


def typed_in(form: Form, page: Page) -> Values:
    """What a form holds, as it is compared with what its page showed."""
    cells = {one.name: _typed(form, one.name, one.name) for one in page.fields}
    return Values(cells, {rows.name: _rows_in(form, rows) for rows in page.lists}, not page.table or form["on"].data)


def _rows_in(form: Form, rows: Rows) -> list[Cells]:
    found: list[Cells] = []
    while field_name(rows.name, len(found), GONE) in form:
        number = len(found)
        row = {cell: _typed(form, field_name(rows.name, number, cell), cell) for cell in LABELS[rows.name]}
        gone = form[field_name(rows.name, number, GONE)].data
        found.append({**row, "id": "", GONE: "y" if gone else ""})
    return found


def _typed(form: Form, name: str, cell: str) -> str:
    data = form[name].data
    return typed_cell(cell, " ".join(data) if isinstance(data, list) else data or "")


def in_words(cell: str, said: str) -> str:
    """What a cell says as a reader knows it: names for what is chosen from a list."""
    if cell not in _NAMES:
        return said
    names = _NAMES[cell][1]
    return translate(msg("、")).join(translate(names[one]) if one in names else one for one in said.split())
