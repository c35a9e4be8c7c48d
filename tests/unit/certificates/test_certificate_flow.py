"""Long values shrink to 85 %, then wrap evenly, and never lose a sign."""

from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.drawing.flow import Row, fit, place


def square(text: str, size: float) -> float:
    """Every sign as wide as it is high."""
    return len(text) * size


def test_what_fits_stays_as_it_is() -> None:
    fitted = fit("一二三四", 5, 20, square)
    assert (fitted.lines, fitted.size) == (("一二三四",), 5)


def test_what_nearly_fits_is_made_smaller() -> None:
    fitted = fit("一二三四", 5, 18, square)
    assert fitted.lines == ("一二三四",)
    assert fitted.size == 4.5


def test_what_does_not_fit_at_85_percent_is_broken_evenly() -> None:
    fitted = fit("一二三四五六七八九十", 5, 40, square)
    assert fitted.lines == ("一二三四五", "六七八九十")
    assert fitted.size == 4.25


def test_no_line_begins_with_a_comma_or_ends_with_a_bracket() -> None:
    lines = fit("一二三四，五六七（八九）十", 5, 21.5, square).lines
    assert not any(line[0] in "，）" or line[-1] == "（" for line in lines)


def test_words_and_numbers_are_not_broken() -> None:
    assert fit("编号2026-14-00-018国家", 4, 48, square).lines == ("编号", "2026-14-00-018", "国家")


def test_nothing_is_smaller_than_the_smallest() -> None:
    assert fit("一二三四五六", 3.4, 19.3, square).size == 3.2


@given(st.text("一二三，。（）abc 12-", min_size=1, max_size=80), st.floats(8, 60))
def test_every_sign_is_kept_in_order(text: str, room: float) -> None:
    lines = fit(text, 5, room, square).lines
    assert "".join("".join(lines).split()) == "".join(text.split())


def rows(*extras: float) -> list[Row]:
    return [Row(lambda y: None, gap=10, least=6, extra=extra) for extra in extras]


def test_rows_stand_at_their_distance_when_there_is_room() -> None:
    assert place(rows(0, 0, 0), 0, 20) == [0, 10, 20]


def test_gaps_give_way_evenly_when_a_row_grows() -> None:
    assert place(rows(0, 4, 0), 0, 20) == [0, 8, 20]


def test_it_says_when_there_is_no_room() -> None:
    assert place(rows(0, 9, 0), 0, 20) is None
