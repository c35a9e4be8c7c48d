"""Facts survive the database; numbers and check codes are readable."""

import re

from certificate_paper import COMPLETION, CREDIT

from lms.certificates.facts import certificate_number, check_code, from_json, to_json


def test_facts_come_back_as_they_went() -> None:
    for facts in (CREDIT, COMPLETION):
        assert from_json(to_json(facts)) == facts


def test_a_number_names_its_year_and_nothing_else() -> None:
    assert re.fullmatch(r"XL2026-[0-9A-HJKMNP-TV-Z]{8}", certificate_number(2026, 0xFEDCBA9876))
    assert certificate_number(2026, 0) == "XL2026-00000000"


def test_a_check_code_is_short_readable_and_tied_to_its_token() -> None:
    code = check_code("AbCdEfGhIjKlMnOpQrStUv")
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert code == check_code("AbCdEfGhIjKlMnOpQrStUv") != check_code("another")
