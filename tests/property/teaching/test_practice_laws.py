"""Laws of practice: notes that name a patient are found in every dress; days and hours add up."""

import re
import string
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.teaching import notes, rules
from lms.teaching.rules import Span

DIGITS = st.sampled_from(string.digits)
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
WORDS = st.text(st.sampled_from("给老人量血压，学会看心电图。随访高血压和糖尿病换药缝合听诊"), max_size=30)
DRESS = st.sampled_from([str, lambda text: text.translate(FULL), lambda text: text.translate(CHINESE)])
DAYS = st.integers(0, 400).map(lambda n: date(2024, 1, 1) + timedelta(days=n))
SPANS = st.tuples(DAYS, st.integers(0, 60)).map(lambda one: Span(one[0], one[0] + timedelta(days=one[1])))


def number(length: int) -> st.SearchStrategy[str]:
    return st.lists(DIGITS, min_size=length, max_size=length).map("".join)


@given(WORDS, st.sampled_from([9, 11, 15, 18]).flatmap(number), WORDS, DRESS)
def test_a_long_number_is_found_wherever_it_stands(before: str, digits: str, after: str, dress) -> None:  # type: ignore[no-untyped-def]
    assert notes.fault(before + dress(digits) + after) is not None


@given(WORDS, number(11), st.sampled_from(" -"), WORDS)
def test_a_phone_in_groups_is_found(before: str, digits: str, between: str, after: str) -> None:
    assert notes.fault(before + between.join((digits[:3], digits[3:7], digits[7:])) + after) is not None


@given(WORDS, number(17), st.sampled_from("0123456789Xx"), st.sampled_from(("", " ", "-")), WORDS)
def test_an_identity_number_is_found(before: str, digits: str, check: str, between: str, after: str) -> None:
    whole = between.join((digits[:6], digits[6:14], digits[14:] + check))
    assert notes.fault(before + whole + after) is not None


@given(
    st.sampled_from(("床号", "住院号", "病历号", "门诊号", "病案号")),
    st.sampled_from(("", "：", ":", "是", " ", "为 ", "#", "：A")),
    st.integers(1, 6).flatmap(number), DRESS,
)  # fmt: skip
def test_a_record_number_is_found_however_short(word: str, between: str, digits: str, dress) -> None:  # type: ignore[no-untyped-def]
    assert notes.fault(f"看了{word}{between}{dress(digits)}") is not None


@pytest.mark.parametrize(
    "said",
    [
        "患者姓名王某", "病人叫王某", "患者的姓名是王某", "姓名：王某", "12床患者换药", "3号床查房", "病人家住东头",
        "患者姓张", "三床李某", "十二床的王大爷", "３床 张女士", "四床老张", "全科有30床患者", "今天有12床，咳嗽好了",
        "还有3床。",
    ],
)
def test_words_that_say_who_it_is_are_found(said: str) -> None:
    assert notes.fault(said) is not None


@pytest.mark.parametrize(
    "said",
    [
        "住院号码123456", "住院号码：一二三四", "床号三", "138.0000.0000", "000．0000．0000", "138\u20130000\u20130000",
        "138\u200b0000\u200b0000", "1\u20603\u200d8000 0 0000", "0000000000\u00ad0", "000000 1975 0612 0014",
        "000000\u201319750612\u20130014", "0000\u200b0019750612\ufeff0014",
    ],
)  # fmt: skip
def test_a_number_is_found_in_whatever_dress_it_has_slipped_through(said: str) -> None:
    assert notes.fault(f"换药，{said}，好转") is not None


@given(WORDS)
def test_plain_words_pass(text: str) -> None:
    assert notes.fault(text) is None


@pytest.mark.parametrize(
    "said",
    [
        "血压 150/90，复测 140/85，130/80。", "血糖 7.8 6.9 11.2 8.4 mmol/L，空腹 4 例。",
        "2026-05-01 到 2026-05-31 在心内科。", "心率 150 160 170 180，学了看心电图。", "病人叫救护车以前先测血糖。",
        "教家属量血压，一人一次，三人会了。", "病区有 12 张床，查房两遍。",
        "全科有30床", "内科现有 30 床，查房两遍。", "卫生院共三十张床。", "病区开放40床",
        "学了病历书写，写了 3 份病历。", "电话随访 12 位老人。", "Took 5 histories, ICD-10 I10.",
    ],
)  # fmt: skip
def test_what_doctors_do_write_passes(said: str) -> None:
    assert notes.fault(said) is None


@given(st.text(max_size=300))
def test_any_text_is_judged_at_once_and_says_what_to_write(text: str) -> None:
    why = notes.fault(text)
    assert why is None or "请只写做了什么" in str(why)


@given(SPANS, SPANS)
def test_two_spans_meet_where_they_have_a_day_in_common(one: Span, other: Span) -> None:
    common = {one.first + timedelta(days=n) for n in range(one.days)} & {
        other.first + timedelta(days=n) for n in range(other.days)
    }
    assert one.meets(other) is other.meets(one) is bool(common)


@given(st.lists(st.integers(1, 24_000), max_size=6), st.integers(1, 24_000))
def test_a_day_takes_hours_exactly_up_to_24(others: list[int], more: int) -> None:
    assume(sum(others) <= rules.DAY_MILLI)
    why = rules.over_the_day(sum(others), more)
    assert (why is None) is (sum(others) + more <= 24_000)
    if why is not None:
        left = Decimal(str(why.params["left"]))
        assert left * 1000 == 24_000 - sum(others)
        assert re.fullmatch(r"\d+(\.\d{1,3})?", str(why.params["left"]))


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_hours_are_exact_thousandths_of_one_day(hours: Decimal) -> None:
    fine = hours.is_finite() and 0 < hours <= 24 and hours * 1000 == (hours * 1000).to_integral_value()
    assert rules.is_hours(hours) is fine


@given(st.integers(-400, 400))
def test_an_entry_is_of_today_or_of_the_last_days(back: int) -> None:
    today = date(2026, 3, 1)
    why = rules.day_fault(today - timedelta(days=back), today)
    assert (why is None) is (0 <= back <= rules.OLDEST_DAYS)
