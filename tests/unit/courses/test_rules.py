"""Searching in Chinese, and when a course may be taken again."""

from datetime import UTC, datetime

from lms.courses.rules import MOST_TERMS, may_start_again, terms, wanted_terms


def found(query: str, *texts: str) -> bool:
    wanted = wanted_terms(query)
    return bool(wanted) and set(wanted) <= terms(texts)


def test_a_two_character_word_is_found() -> None:
    assert found("血压", "高血压筛查、随访与转诊")
    assert not found("血糖", "高血压筛查、随访与转诊")


def test_one_character_and_long_words_are_found() -> None:
    assert found("压", "高血压")
    assert found("高血压筛查", "高血压筛查、随访")
    assert found("高血压 转诊", "高血压筛查、随访与转诊")


def test_latin_words_are_found_by_their_beginning_and_in_any_case() -> None:
    assert found("Hyper", "hypertension")
    assert found("ＨＹＰＥＲ", "hypertension")
    assert found("2型糖尿病", "2型糖尿病管理")
    assert not found("tension", "hypertension")


def test_signs_alone_find_nothing() -> None:
    assert wanted_terms("%_'\"") == []
    assert wanted_terms("") == []


def test_a_long_query_is_bounded() -> None:
    assert len(wanted_terms("高血压筛查随访与转诊的规范管理和健康教育")) == MOST_TERMS


def test_a_course_may_be_taken_again_in_a_later_year_of_shanghai() -> None:
    finished = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
    assert not may_start_again(finished, datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC))
    assert may_start_again(finished, datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
