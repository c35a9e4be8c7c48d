"""Two people's changes of one text: what only one of them changed stands, and nothing is dropped in silence."""

from hypothesis import assume, given
from hypothesis import strategies as st

from lms.courses.writing.merging import Merged, merge, pieces

SENTENCES = ("量血压。", "先歇 5 分钟。", "坐好；", "Refer now. ", "- 胸痛\n", "\n", "| a | b |\n", "120", "## 转诊\n")
texts = st.lists(st.sampled_from(SENTENCES), max_size=12).map("".join)
own = st.integers(0, 10**6).map(lambda number: f"【{number}】。")


def sides(found: Merged) -> tuple[str, str]:
    """The text with my choice everywhere, and with theirs."""
    theirs = "".join(part.mine if part.theirs is None else part.theirs for part in found.parts)
    return found.text, theirs


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(texts, texts)
def test_who_changes_alone_gets_what_she_wrote(base: str, changed: str) -> None:
    for found in (merge(base, changed, base), merge(base, base, changed), merge(base, changed, changed)):
        assert found.clean
        assert found.text == changed


@given(texts, texts, texts)
def test_sides_are_the_same_whoever_is_asked(base: str, one: str, other: str) -> None:
    left, right = merge(base, one, other), merge(base, other, one)
    assert left.clean == right.clean
    assert sides(left) == sides(right)[::-1]


@given(texts, texts, texts, own)
def test_what_was_put_in_is_there_or_is_asked_about(base: str, one: str, other: str, mine: str) -> None:
    assume(mine not in base + other)
    found = merge(base, one + mine, other)
    assert any(mine in part.mine for part in found.parts)


@given(st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=12), st.data())
def test_changes_in_different_sentences_stand_both(before: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(before) - 2))
    second = data.draw(st.integers(first + 1, len(before) - 1))
    unique = [f"第{number}句{sentence}" for number, sentence in enumerate(before)]
    base = "".join(unique)
    assume(len(pieces(base)) == len(unique))
    mine, theirs = list(unique), list(unique)
    mine[first], theirs[second] = "我改的。", "他改的。"
    found = merge(base, "".join(mine), "".join(theirs))
    assert found.clean
    both = list(unique)
    both[first], both[second] = "我改的。", "他改的。"
    assert found.text == "".join(both)


def test_the_same_sentence_changed_twice_is_asked_about() -> None:
    found = merge("坐好。量一次。", "坐好。量两次。", "坐好。量三次。")
    assert [part for part in found.parts if part.disputed] == [part for part in found.parts if part.mine == "量两次。"]
    assert sides(found) == ("坐好。量两次。", "坐好。量三次。")


def test_two_who_put_something_in_at_one_place_are_asked() -> None:
    assert not merge("坐好。", "坐好。歇着。", "坐好。别说话。").clean
