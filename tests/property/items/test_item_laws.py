"""What holds for every item of every type, whatever is answered."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lms.items.base import Item
from lms.items.registry import parse_item

ids = st.lists(
    st.from_regex(r"[a-z0-9-]{1,6}", fullmatch=True), min_size=3, max_size=5, unique=True
)


def text(word: str) -> dict[str, str]:
    return {"zh": f"字{word}", "en": f"word {word}"}


def build(kind: str, **own: Any) -> Item:
    common: dict[str, Any] = {
        "code": "X-1",
        "type": kind,
        "use": "assessment",
        "topic": "t",
        "difficulty": 1,
        "objective": "o",
        "sources": [],
        "stem": text("stem"),
        "explanation": text("why"),
    }
    return parse_item({**common, **own})


@st.composite
def items(draw: st.DrawFn) -> Item:
    kind = draw(
        st.sampled_from(
            ["single_choice", "multiple_response", "true_false", "numeric", "matching", "ordering"]
        )
    )
    names = draw(ids)
    if kind == "single_choice":
        right = draw(st.sampled_from(names))
        return build(
            kind, options=[{"id": one, "text": text(one), "correct": one == right} for one in names]
        )
    if kind == "multiple_response":
        names = draw(st.lists(st.sampled_from("abcdef"), min_size=4, max_size=6, unique=True))
        right_ones = draw(st.sets(st.sampled_from(names), min_size=1))
        options = [{"id": one, "text": text(one), "correct": one in right_ones} for one in names]
        return build(
            kind, options=options, scoring=draw(st.sampled_from(["all_or_nothing", "per_option"]))
        )
    if kind == "true_false":
        return build(kind, answer=draw(st.booleans()))
    if kind == "numeric":
        number = draw(st.decimals(-9999, 9999, places=2))
        return build(kind, answer=f"{number:f}", tolerance="0.5", unit=text("u"))
    if kind == "matching":
        return build(
            kind, pairs=[{"id": one, "left": text(one), "right": text(one)} for one in names]
        )
    return build(kind, steps=[{"id": one, "text": text(one)} for one in names])


@st.composite
def posted(draw: st.DrawFn, item: Item, order: tuple[str, ...]) -> dict[str, list[str]]:
    shown = item.present("zh", order)
    places = [choice.value for choice in shown.choices]
    if shown.control == "number":
        return {"number": [f"{draw(st.decimals(-9999, 9999, places=2)):f}"]}
    if shown.control == "selects":
        return {blank.name: [draw(st.sampled_from(["", *places]))] for blank in shown.blanks}
    if shown.control == "radio":
        return {"choice": draw(st.lists(st.sampled_from(places), max_size=1))}
    return {"choice": draw(st.lists(st.sampled_from(places), unique=True))}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(items(), st.data(), st.integers(), st.integers())
def test_a_score_is_bounded_and_blind_to_the_order_shown(
    item: Item, data: st.DataObject, one: int, two: int
) -> None:
    order, other = item.shuffled(one), item.shuffled(two)
    response = item.read(order, data.draw(posted(item, order)))
    assert 0 <= item.score(response) <= 1
    again = item.read(
        other, {name: list(value) for name, value in item.fill(other, response).items()}
    )
    assert item.score(again) == item.score(response)
    assert again == response


@given(items(), json_values)
def test_junk_that_was_stored_neither_fails_nor_scores_more_than_one(item: Item, junk: Any) -> None:
    assert 0 <= item.score(junk) <= 1
    item.fill(item.shuffled(1), junk)
    item.remark(junk)
    item.explain("zh", item.shuffled(1), junk)


@given(items(), st.integers())
def test_a_seed_gives_one_order_of_all_options(item: Item, seed: int) -> None:
    assert item.shuffled(seed) == item.shuffled(seed)
    assert sorted(item.shuffled(seed)) == sorted(item.movable())


@given(items(), st.data())
def test_a_better_answer_never_lowers_the_score(item: Item, data: st.DataObject) -> None:
    """Bettering one part (a right tick more, a wrong one less, one row put right) never costs."""
    order = item.shuffled(7)
    response = item.read(order, data.draw(posted(item, order)))
    before = item.score(response)
    table = item.as_dict()
    if item.TYPE == "multiple_response":
        ticked = set(response) if isinstance(response, list) else set()
        option = data.draw(st.sampled_from(table["options"]))
        ticked = ticked | {option["id"]} if option["correct"] else ticked - {option["id"]}
        assert item.score(sorted(ticked)) >= before
    elif item.TYPE in ("matching", "ordering"):
        filled: dict[str, Any] = dict(response) if isinstance(response, dict) else {}
        place = data.draw(st.integers(1, len(item.movable())))
        row = item.movable()[place - 1]
        filled[row] = row if item.TYPE == "matching" else place
        assert item.score(filled) >= before
        assert item.score(filled) >= Fraction(1, len(item.movable()))


@given(items())
def test_the_explained_answer_is_right_when_the_score_is_whole(item: Item) -> None:
    order = item.shuffled(5)
    assert item.explain("zh", order, None).correct is (item.score(None) == 1)
    assert parse_item(item.as_dict()) == item


@given(items(), st.integers())
def test_the_right_answer_scores_one_and_can_be_posted(item: Item, seed: int) -> None:
    order = item.shuffled(seed)
    values = {name: list(value) for name, value in item.fill(order, item.right()).items()}
    assert item.read(order, values) == item.right()
    assert item.score(item.right()) == 1
    assert item.explain("en", order, item.right()).correct
    assert item.remark(item.right()) is None
