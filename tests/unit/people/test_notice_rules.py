"""When and of what a person is told: quiet hours, digests, months before a licence ends, where a link may lead."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.clock import CIVIL
from lms.kernel.i18n import translate
from lms.kernel.text import Message, msg
from lms.people.notices.rules import MINUTES, Kind, Times, gathered_until, is_local, is_quiet, months_before
from lms.people.notices.sending import SHORT, SHORT_LATIN, sms_text
from lms.people.sentences import from_json, to_json

MINUTE = st.integers(0, MINUTES - 1)
INSTANT = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    """An instant on the wall clock of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_the_night_is_quiet(clock: str, quiet: bool) -> None:
    assert is_quiet(Times(), at(f"2026-11-23T{clock}")) is quiet


@given(MINUTE, MINUTE, INSTANT)
def test_quiet_is_what_lies_between(start: int, end: int, now: datetime) -> None:
    """Counted minute by minute from the beginning on."""
    if start == end:
        return
    here = now.astimezone(CIVIL)
    wanted = here.hour * 60 + here.minute
    minute, inside = start, set()
    while minute != end:
        inside.add(minute)
        minute = (minute + 1) % MINUTES
    assert is_quiet(Times(start, end), now) is (wanted in inside)


@given(INSTANT, st.sampled_from(["off", "daily", "weekly"]))
def test_a_digest_gathers_up_to_its_last_hour(now: datetime, digest: str) -> None:
    until = gathered_until(Times(digest=digest), now)
    length = {"off": timedelta(0), "daily": timedelta(days=1), "weekly": timedelta(days=7)}[digest]
    assert now - length <= until <= now
    if digest != "off":
        here = until.astimezone(CIVIL)
        assert (here.hour, here.minute, here.second) == (8, 0, 0)
        assert digest == "daily" or here.weekday() == 0


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2027, 3, 1), 3, date(2026, 12, 1)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2028, 5, 31), 3, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_before_a_day(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


@pytest.mark.parametrize("link", ["", "today", "//evil.example", "/\\evil", "https://evil.example", "/a\\b", "/a\nb"])
def test_a_link_stays_in_the_house(link: str) -> None:
    assert not is_local(link)


TEXT = st.text(max_size=20)
ONE = st.one_of(TEXT, st.integers(-9, 9), st.dates(), st.fixed_dictionaries({"zh": TEXT, "en": TEXT}))
PLAIN = st.one_of(ONE, st.lists(ONE, max_size=3).map(tuple))


@given(st.dictionaries(st.sampled_from("abc"), PLAIN), st.dictionaries(st.sampled_from("de"), PLAIN))
def test_a_sentence_is_kept_whole(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    message = Message("{a}", outer | {"within": Message("{d}", inner)})
    again = from_json(message.msgid, to_json(message))
    assert again.params == message.params


def test_what_no_sentence_says_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(msg("{a}", a=1.5))


@given(st.lists(st.sampled_from(Kind), min_size=1, max_size=40), st.sampled_from(["zh", "en"]))
def test_a_text_message_is_one(kinds: list[Kind], language: str) -> None:
    now = at("2026-11-23T09:00")
    text = sms_text([(kind, now) for kind in kinds], language)
    assert len(text) <= (SHORT_LATIN if text.isascii() else SHORT)
    assert text.isascii() == (language == "en")
    assert translate(msg("消息"), language) in text
