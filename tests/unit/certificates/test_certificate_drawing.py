"""A certificate is drawn whole, legible to people and machines, and always the same."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from certificate_paper import COMPLETION, CREDIT, credit, page_of, rectangles, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from lms.certificates.drawing.page import CannotDrawError, draw

MM = 72 / 25.4
NAMES = ["买买提·艾力", "王㛃", "李䶮", "赵𬭎", "欧阳修远", "钱堃"]
LONG_TITLE = "基层医疗卫生机构高血压与二型糖尿病患者健康管理及双向转诊能力"


def test_it_says_every_field_in_the_fixed_order() -> None:
    text = text_of(draw(CREDIT))
    fields = [
        "继续医学教育学分证书",
        "姓名赵桂芳",
        "证件号000000********002X",
        "于2026年10月8日至2026年11月21日",
        "《高血压筛查、随访与转诊》",
        "经考核合格，特授予继续医学教育学分2.0分（6学时）。",
        "项目编号2026-14-00-018（推荐项目）",
        "方式面授远程教育混合",
        "学科全科医学",
        "计算规则CN-2025，每3学时1学分",
        "授分单位云岭县卫生健康局",
        "举办单位云岭县人民医院培训中心",
        "发证机构云岭县继续医学教育办公室",
        "发证日期2026年11月21日",
        "证书编号XL2026-7KQ2M9XH",
        "查验码7KQ2-M9XH-T4WB",
    ]
    places = [text.find(field) for field in fields]
    assert -1 not in places, text
    assert places == sorted(places)


def test_a_completion_promises_no_credit() -> None:
    text = text_of(draw(COMPLETION))
    assert "课程结业证书" in text
    assert "学完全部内容，经考核合格，特发此证（6学时）。" in text
    assert "不含继续医学教育学分" in text
    for absent in ("授分单位", "项目编号", "计算规则", "特授予", "DEMONSTRATION"):
        assert absent not in text


def test_a_demonstration_says_so() -> None:
    assert "演示DEMONSTRATION" in text_of(draw(credit(demo=True)))


@pytest.mark.parametrize("name", NAMES)
def test_names_copy_and_search_right(name: str) -> None:
    assert f"姓名{name}证件号" in text_of(draw(credit(person_name=name)))


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_names_copy_right_in_a_second_reader(name: str, tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(draw(credit(person_name=name)))
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert name in text
    assert "继续医学教育学分证书" in text


def test_the_same_facts_give_the_same_bytes() -> None:
    once = draw(CREDIT)
    draw(credit(person_name="赵𬭎"))
    assert draw(CREDIT) == once


def test_it_is_one_a4_page_dated_and_titled_in_chinese() -> None:
    pdf = PdfReader(BytesIO(draw(CREDIT)))
    box = pdf.pages[0].mediabox
    assert (round(float(box.width) / MM), round(float(box.height) / MM)) == (297, 210)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "继续医学教育学分证书 XL2026-7KQ2M9XH"
    assert pdf.metadata["/CreationDate"] == "D:20261121000000+08'00'"
    assert pdf.trailer["/Root"]["/Lang"] == "zh-CN"


def test_only_our_fonts_are_used_embedded_and_cut_down() -> None:
    fonts = [font.get_object() for font in page_of(draw(CREDIT))["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "+NotoSansSC-" in font["/BaseFont"]
        embedded = font["/FontDescriptor"].get_object()["/FontFile2"].get_object()
        assert len(embedded.get_data()) < 200_000
        assert "/ToUnicode" in font


def test_it_refuses_what_it_would_draw_as_a_box() -> None:
    with pytest.raises(CannotDrawError) as refusal:
        draw(credit(person_name="吉𠮷"))
    assert refusal.value.missing == "𠮷"


def test_the_code_drawn_is_the_code_meant() -> None:
    matrix = [list(row) for row in segno.make(CREDIT.verify_url, error="m", boost_error=False).matrix]
    side = 30 * MM
    module = side / len(matrix)
    left, bottom = (257 - 30) * MM, (210 - 151.6 - 30) * MM
    drawn = [[0] * len(matrix) for _ in matrix]
    for x, y, wide, high in rectangles(draw(CREDIT)):
        if abs(high - module) < 0.01 and x >= left - 0.01:
            row = len(matrix) - 1 - round((y - bottom) / module)
            start = round((x - left) / module)
            for column in range(start, start + round(wide / module)):
                drawn[row][column] = 1
    assert drawn == matrix


def test_the_code_has_its_quiet_zone() -> None:
    size = len(segno.make(CREDIT.verify_url, error="m", boost_error=False).matrix)
    quiet = 4 * 30 / size
    left, top, below = 257 - 30 - quiet, 210 - (151.6 - quiet), 210 - (151.6 + 30 + quiet)
    for text, x, y, bottom_of_text in _texts(draw(CREDIT)):
        inside = left < x < 297 and bottom_of_text < top and y > below
        assert not inside, text


def test_a_long_title_is_made_smaller_before_it_is_broken() -> None:
    lines = [text for text, *_ in _texts(draw(credit(title=LONG_TITLE)))]
    assert f"《{LONG_TITLE}》" in lines


WORDS = "云岭县人民医院继续教育培训中心（一二三四）、ABC-19 "


@settings(max_examples=40, deadline=None)
@given(
    name=st.text("赵钱孙李·𬭎", min_size=1, max_size=40),
    title=st.text(WORDS, min_size=1, max_size=160),
    unit=st.text(WORDS, min_size=1, max_size=100),
    number=st.text("0123456789-国", max_size=60),
)
def test_no_value_is_ever_cut_or_leaves_the_frame(name: str, title: str, unit: str, number: str) -> None:
    values = {"granting_unit": unit, "holding_unit": unit, "issuing_unit": unit}
    pdf = draw(credit(person_name=name, title=title, project_number=number, **values))
    text = text_of(pdf)
    for value in (name, title, unit, number):
        assert "".join(value.split()) in text
    for piece, x, y, _ in _texts(pdf):
        assert 22 < x < 258, piece
        assert 210 - 197.8 < y < 210 - 21, piece


def _texts(pdf: bytes) -> list[tuple[str, float, float, float]]:
    """Each written piece with its left end, baseline and (about) its lower edge, in mm."""
    pieces: list[tuple[str, float, float, float]] = []

    def visit(text: str, _user: Any, matrix: list[float], _font: Any, size: float) -> None:
        if text.strip():
            x, y = matrix[4] / MM, matrix[5] / MM
            pieces.append((text.strip(), x, y, y - 0.2 * size / MM))

    page_of(pdf).extract_text(visitor_text=visit)
    return pieces
