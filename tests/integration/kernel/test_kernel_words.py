"""Languages, the clock, ids, sealed fields."""

from datetime import UTC, date, datetime

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask

from lms.kernel import clock
from lms.kernel.crypto import lookup_hash, seal, unseal
from lms.kernel.i18n import in_locale, translate
from lms.kernel.ids import new_id
from lms.kernel.text import folded, msg, nfc


@pytest.fixture
def kind() -> str:
    return "sqlite"  # none of this touches the database


def test_a_message_is_translated_where_it_is_shown() -> None:
    message = msg("最多 {most} 个字。", most=20)
    assert translate(message, "zh") == "最多 20 个字。"
    assert "20" in translate(message, "en")
    assert translate(message, "en") != translate(message, "zh")


def test_dates_and_messages_within_messages_are_translated_too() -> None:
    whole = msg("{day}：{text}", day=date(2026, 11, 21), text=msg("今天"))
    assert translate(whole, "zh") == "2026年11月21日：今天"
    assert translate(whole, "en") == "21 November 2026：Today"


def test_braces_in_what_fills_a_gap_are_only_text() -> None:
    assert translate(msg("{name}", name="{0.__class__}"), "zh") == "{0.__class__}"


def test_bilingual_data_gives_the_other_language_rather_than_nothing() -> None:
    assert in_locale({"zh": "高血压", "en": "Hypertension"}, "en") == "Hypertension"
    assert in_locale({"zh": "高血压"}, "en") == "高血压"
    assert in_locale(None, "en") == ""


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("en-GB,en;q=0.9", "en"), ("zh-TW", "zh-CN"), ("fr,de;q=0.8", "zh-CN"), ("en;q=x,,;", "zh-CN"), (None, "zh-CN")],
)
def test_a_page_speaks_the_readers_language(kernel_app: Flask, accepts: str | None, language: str) -> None:
    headers = {"Accept-Language": accepts} if accepts else {}
    answer = kernel_app.test_client().get("/no-such-page", headers=headers)
    assert answer.status_code == 404
    assert f'<html lang="{language}"' in answer.text


def test_the_year_is_decided_in_shanghai() -> None:
    eve = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert clock.year_of(eve) == 2027
    assert clock.year_of(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)) == 2026
    with clock.held_at(eve):
        assert clock.today() == date(2027, 1, 1)
        assert clock.now() is eve
    assert clock.now() != eve


def test_ids_sort_by_time_and_do_not_repeat() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {one.version for one in made} == {7}
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)


def test_a_sealed_field_opens_only_for_its_purpose(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        sealed = seal("000000199001010011", "person.id_number")
        assert b"000000" not in sealed
        assert unseal(sealed, "person.id_number") == "000000199001010011"
        with pytest.raises(InvalidTag):
            unseal(sealed, "person.phone")
        with pytest.raises(InvalidTag):
            unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "person.id_number")
        assert seal("x", "p") != seal("x", "p")
        assert lookup_hash("x", "p") == lookup_hash("x", "p") != lookup_hash("x", "q")


def test_names_keep_their_signs_and_search_folds() -> None:
    assert nfc("  阿依古丽·买买提 ") == "阿依古丽·买买提"
    assert nfc("𬱟") == "𬱟"
    assert folded(" ＡＢＣ　高血压 ") == "abc 高血压"
