"""Facts of an invented certificate, and ways to read a drawn one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from lms.certificates.facts import CertificateFacts, Kind, Mode

CREDIT = CertificateFacts(
    kind=Kind.CREDIT,
    number="XL2026-7KQ2M9XH",
    verify_url="https://xinglin.example.cn/verify/AbCdEfGhIjKlMnOpQrStUv",
    check_code="7KQ2-M9XH-T4WB",
    person_name="赵桂芳",
    id_number_mask="000000********002X",
    starts_on=date(2026, 10, 8),
    ends_on=date(2026, 11, 21),
    title="高血压筛查、随访与转诊",
    hours=Decimal("6"),
    credits=Decimal("2"),
    assessed=True,
    granting_unit="云岭县卫生健康局",
    holding_unit="云岭县人民医院培训中心",
    issuing_unit="云岭县继续医学教育办公室",
    issued_on=date(2026, 11, 21),
    mode=Mode.REMOTE,
    subject="全科医学",
    project_number="2026-14-00-018",
    project_kind="推荐项目",
    rule_title="CN-2025，每 3 学时 1 学分",
)
COMPLETION = replace(
    CREDIT,
    kind=Kind.COMPLETION,
    credits=None,
    granting_unit=None,
    project_number=None,
    project_kind=None,
    rule_title=None,
    course_code="C1",
)


def credit(**changes: Any) -> CertificateFacts:
    """The credit certificate with some facts changed."""
    return replace(CREDIT, **changes)


def page_of(pdf: bytes) -> Any:
    """The only page of a certificate."""
    (page,) = PdfReader(BytesIO(pdf)).pages
    return page


def text_of(pdf: bytes) -> str:
    """All text of a certificate without white space, which PDF readers guess."""
    return "".join(str(page_of(pdf).extract_text()).split())


def rectangles(pdf: bytes) -> list[tuple[float, ...]]:
    """x, y, width, height in points of each filled rectangle, in drawing order."""
    found: list[tuple[float, ...]] = []
    waiting: list[tuple[float, ...]] = []
    for operands, operator in page_of(pdf).get_contents().operations:
        if operator == b"re":
            waiting.append(tuple(float(number) for number in operands))
        elif operator in {b"f", b"f*", b"S", b"n"}:
            found += waiting if operator.startswith(b"f") else []
            waiting = []
    return found
