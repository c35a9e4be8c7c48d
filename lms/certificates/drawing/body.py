"""The upper part of a certificate: who, when, what, how much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lms.certificates.drawing.flow import Row
from lms.certificates.drawing.sheet import GREEN, INK, LINE, SOFT, Style
from lms.certificates.drawing.writing import (
    LEFT,
    RIGHT,
    Column,
    Value,
    Writer,
    day,
    field,
    label_style,
)
from lms.certificates.facts import CertificateFacts, Kind, Mode
from lms.kernel.quantities import format_credits, format_hours

FIRST, LAST = 79.0, 147.0  # baseline of the name, height of the rule below

_LABEL = label_style(6)
_NAME = Style(8.2, bold=True, spacing=0.8)
_TEXT = Style(6.2)
_TITLE = Style(7.6, bold=True)
_CREDITS = Style(11, bold=True, colour=GREEN)
_SMALL = Style(3.7)
_MIDDLE = 118.0

_NAME_COLUMN = Column(LEFT, 57, 114, _LABEL, _NAME)
_WIDE_NAME_COLUMN = Column(LEFT, 57, RIGHT, _LABEL, _NAME)
_ID_COLUMN = Column(_MIDDLE, 141, RIGHT, _LABEL, Style(6))
_LOW_ID_COLUMN = Column(LEFT, 63, RIGHT, _LABEL, Style(6))
_LEFT_COLUMN = Column(LEFT, 59, 114, label_style(3.7), _SMALL)
_RIGHT_COLUMN = Column(_MIDDLE, 137, RIGHT, label_style(3.7), _SMALL)

_BOXES = (
    (Mode.FACE_TO_FACE, "面授", 129.0),
    (Mode.REMOTE, "远程教育", 146.0),
    (Mode.BLENDED, "混合", 170.0),
)
_BOX = 3.4


def rows(writer: Writer, facts: CertificateFacts) -> list[Row]:
    """All rows from the name to the rule, in the fixed order of the fields."""
    return [
        *_person(writer, facts),
        _sentence(writer, [_Run(_period(facts), _TEXT)], 16, 10),
        _title(writer, facts),
        _sentence(writer, _statement(facts), 12.5, 10),
        *(_credit_fields if facts.kind is Kind.CREDIT else _completion_fields)(writer, facts),
        Row(lambda y: writer.sheet.stroke([(LEFT, y), (RIGHT, y)], LINE, 0.3), 7, 4),
    ]


def _person(writer: Writer, facts: CertificateFacts) -> list[Row]:
    name, number = Value("姓名", facts.person_name), Value("证件号", facts.id_number_mask)
    beside = writer.fit(name.text, _NAME, _NAME_COLUMN.right - _NAME_COLUMN.value_x)
    if len(beside.lines) == 1:
        return [writer.row([(_NAME_COLUMN, name), (_ID_COLUMN, number)], 0, 0)]
    # A long name gets the whole width before it is broken.
    return [
        writer.row([(_WIDE_NAME_COLUMN, name)], 0, 0),
        writer.row([(_LOW_ID_COLUMN, number)], 11, 9),
    ]


def _period(facts: CertificateFacts) -> str:
    what = "参加继续医学教育项目" if facts.kind is Kind.CREDIT else "学习在线课程"
    if facts.starts_on == facts.ends_on:
        return f"于 {day(facts.ends_on)} {what}"
    return f"于 {day(facts.starts_on)} 至 {day(facts.ends_on)} {what}"


def _title(writer: Writer, facts: CertificateFacts) -> Row:
    fitted = writer.fit(f"《{facts.title}》", _TITLE, RIGHT - LEFT)
    return Row(lambda y: writer.lines(LEFT, y, fitted, _TITLE), 12.5, 9.5 * writer.scale, fitted.extra)


@dataclass(frozen=True)
class _Run:
    """A piece of a sentence; `space` before it in mm."""

    text: str
    style: Style
    space: float = 0.0


def _statement(facts: CertificateFacts) -> list[_Run]:
    hours = f"（{format_hours(facts.hours)} 学时）" if facts.hours else ""
    # A full stop after a bracket moves into the bracket's empty half.
    stop = _Run("。", _TEXT, -_TEXT.size / 2 if hours else 0.0)
    if facts.kind is Kind.COMPLETION:
        how = "学完全部内容，经考核合格" if facts.assessed else "学完全部内容"
        return [_Run(f"{how}，特发此证{hours}", _TEXT), stop]
    how = "经考核合格" if facts.assessed else "经核实"
    return [
        _Run(f"{how}，特授予继续医学教育学分", _TEXT),
        _Run(format_credits(facts.credits or Decimal(0)), _CREDITS, 2.2),
        _Run(f"分{hours}", _TEXT, 2.2),
        stop,
    ]


def _sentence(writer: Writer, runs: list[_Run], gap: float, least: float) -> Row:
    """Pieces in different styles on one line, all made smaller alike if need be."""
    sheet = writer.sheet
    full = sum(sheet.width_of(run.text, run.style) + run.space for run in runs)
    scale = min(writer.scale, (RIGHT - LEFT) / full)

    def draw(y: float) -> None:
        x = LEFT
        for run in runs:
            style = run.style.sized(run.style.size * scale)
            x += run.space * scale
            sheet.text(x, y, run.text, style)
            x += sheet.width_of(run.text, style)

    return Row(draw, gap, least * writer.scale)


def _credit_fields(writer: Writer, facts: CertificateFacts) -> list[Row]:
    project = facts.project_number
    if project and facts.project_kind:
        project = f"{project}（{facts.project_kind}）"
    return [
        _with_boxes(writer, field("项目编号", project), facts.mode),
        writer.row(
            [
                (_LEFT_COLUMN, field("学科", facts.subject)),
                (_RIGHT_COLUMN, field("计算规则", facts.rule_title)),
            ],
            7,
            5.2,
        ),
    ]


def _completion_fields(writer: Writer, facts: CertificateFacts) -> list[Row]:
    return [
        _with_boxes(writer, field("课程编号", facts.course_code), facts.mode),
        writer.row(
            [
                (_LEFT_COLUMN, field("学科", facts.subject)),
                (_RIGHT_COLUMN, Value("说明", "本证书证明学完课程，不含继续医学教育学分")),
            ],
            7,
            5.2,
        ),
    ]


def _with_boxes(writer: Writer, left: Value | None, mode: Mode | None) -> Row:
    row = writer.row([(_LEFT_COLUMN, left)], 13, 8)
    if mode is None:
        # Self-study has none of the three; empty boxes would look like something forgotten.
        return row

    def draw(y: float) -> None:
        row.draw(y)
        sheet = writer.sheet
        sheet.text(_MIDDLE, y, "方式", Style(_SMALL.size, colour=SOFT))
        for one, label, x in _BOXES:
            sheet.box(x, y - 3.1, _BOX, _BOX, INK)
            if one is mode:
                sheet.stroke([(x + 0.7, y - 1.4), (x + 1.5, y - 0.5), (x + 2.8, y - 2.4)], INK, 0.55)
            sheet.text(x + 5, y, label, _SMALL)

    return Row(draw, row.gap, row.least, row.extra)
