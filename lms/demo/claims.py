"""Claims of the invented county: a draft, one that came back, one on its way, one that became credit."""

import io
import struct
import zlib
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from lms.credits.claims import drafting
from lms.credits.claims.deciding import decide
from lms.credits.claims.drafting import Papers, Written
from lms.demo.history import at_noon
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.uploads.receiving import receive

WIDTH, HEIGHT = 480, 360
PAPER, DESK, INK = b"\xf6\xf2\xe6", b"\xb0\xa6\x94", b"\x30\x3a\x48"
NO_SIGNATURES = "照片上看不到签名，请把签到表拍清楚再交。"


def sheet(lines: int) -> bytes:
    """A picture of a sheet with so many written lines, as PNG."""
    rows = b"".join(b"\0" + _row(y, lines) for y in range(HEIGHT))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )


def _row(y: int, lines: int) -> bytes:
    if not 30 <= y < HEIGHT - 30:
        return DESK * WIDTH
    line, within = divmod(y - 50, 28)
    length = 300 - 37 * (line % 4) if 0 <= line < lines and 0 <= within < 5 else 0
    ink = INK * length
    return DESK * 60 + PAPER * 30 + ink + PAPER * (WIDTH - 150 - length) + DESK * 60


def claim(doctor: Actor, day: date, written: Written, lines: int) -> UUID:
    """Write a claim with one photo and hand it in, on a day."""
    claim_id = new_id()
    with clock.held_at(at_noon(day)):
        photo = receive(doctor, EVIDENCE, "签到表.png", io.BytesIO(sheet(lines)))
        with unit_of_work():
            drafting.begin(doctor, claim_id, written, Papers([photo], "sign_in_sheet"))
        with unit_of_work():
            drafting.hand_in(doctor, claim_id, version=1, true=True)
    return claim_id


def event(kind: str, title: str, on: date, hours: int = 2) -> Written:
    return Written(kind, title=title, place="柳溪镇卫生院", on_date=on, quantity=Decimal(1), hours=Decimal(hours))


def say(actor: Actor, claim_id: UUID, day: date, action: str, code: str, text: str = "", version: int = 2) -> None:
    with clock.held_at(at_noon(day)), unit_of_work():
        decide(actor, claim_id, action, version=version, reason_code=code, text=text)


def build(doctor: Actor, colleague: Actor, unit: Actor, county: Actor, today: date) -> None:
    """Four claims of the doctor and one of a colleague, in different states."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    last = date(today.year - 1, 11, 6)
    done = claim(doctor, last + timedelta(days=3), event("case_discussion", "县医院远程病例讨论：胸痛", last, 1), 9)
    say(unit, done, last + timedelta(days=5), "approve", "in_order")
    say(county, done, last + timedelta(days=9), "approve", "in_order", version=3)
    back = claim(doctor, ago(8), event("unit_lecture", "秋冬流感防治讲座", ago(12)), 3)
    say(unit, back, ago(2), "return", "unclear", NO_SIGNATURES)
    on_its_way = claim(doctor, ago(6), event("case_discussion", "病例讨论：糖尿病足", ago(9), 1), 7)
    say(unit, on_its_way, ago(4), "approve", "in_order")
    claim(colleague, ago(3), event("unit_lecture", "中医适宜技术讲座", ago(5)), 11)
    with clock.held_at(at_noon(ago(1))), unit_of_work():
        study = Written("self_study", title="读高血压防治指南，写笔记", on_date=ago(1), hours=Decimal(6))
        drafting.begin(doctor, new_id(), study, Papers())
