"""A passage that a reviewer quoted is found again after small changes, and never where nothing of it is left."""

from hypothesis import given
from hypothesis import strategies as st

from lms.courses.reviewing.passages import around, label_at, locate, passages_of, readable, starts_of

WORDS = ("先让病人坐着歇够五分钟", "袖带要绑在上臂和心脏一样高", "隔一两分钟再量一次取平均数",
         "收缩压一百八以上要当天转诊",
         "每三个月随访一次并记在本子上", "Ask what she eats and drinks", "Look between the toes for sores",
         "Send her to the county hospital today", "睡前检查双脚有没有破口", "低血糖先给十五克糖再复测")  # fmt: skip
ORDERS = st.permutations(range(len(WORDS)))


def written(order: list[int]) -> list[str]:
    return [f"{WORDS[one]}。\n" if one % 2 else f"{WORDS[one]}。" for one in order]


@given(ORDERS, st.integers(0, 9), st.integers(0, 30), st.integers(1, 2), st.text("甲乙丙", max_size=3), st.data())
def test_it_is_found_after_small_changes(
    order: list[int], which: int, at: int, gone: int, put: str, data: st.DataObject
) -> None:
    sentences = written(order)
    quote = sentences[which].strip()
    text = "".join(sentences)
    place = locate(text, quote)
    assert place is not None
    assert place.exact
    assert text[place.start : place.end] == quote
    before, after = around(text, place)
    # Her sentence is changed a little, others are put before it, behind it, or taken out.
    at %= len(quote)
    small = quote[:at] + put + quote[at + gone :]
    others = [one for number, one in enumerate(sentences) if number != which and data.draw(st.booleans())]
    cut = data.draw(st.integers(0, len(others)))
    now = "".join([*others[:cut], small, *others[cut:]])
    found = locate(now, quote, before, after)
    assert found is not None, (quote, small)
    assert now[found.start : found.end].strip() in (small, quote) or small in now[found.start : found.end]


@given(ORDERS, st.integers(0, 9))
def test_it_is_not_found_where_nothing_of_it_is_left(order: list[int], which: int) -> None:
    sentences = written(order)
    rest = "".join(one for number, one in enumerate(sentences) if number != which)
    assert locate(rest, sentences[which].strip()) is None


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_may_be_asked(text: str, quote: str) -> None:
    found = locate(text, quote)
    if quote.strip() and quote in text:
        assert found is not None
        assert text[found.start : found.end] == quote


def test_of_two_the_same_it_is_the_one_with_the_same_neighbours() -> None:
    text = "早上量一次。记下来。晚上量一次。记下来。睡觉。"
    second = text.rindex("记下来")
    before, after = text[:second][-40:], text[second + 3 :]
    found = locate("新的开头。" + text, "记下来", before, after)
    assert found is not None
    assert found.start == second + 5


def test_a_lesson_is_cut_into_paragraphs_and_toml_into_its_texts() -> None:
    lesson = '+++\ntitle = "先看脚"\n+++\n第一段，\n还是第一段。\n\n第二段。\n'
    found = [one.text for one in passages_of("lessons/01-a.zh.md", lesson)]
    assert found == ["先看脚", "第一段，\n还是第一段。", "第二段。"]
    items = '[[item]]\ncode = "A-1"\nstem = { zh = "问\\"谁\\"？", en = "Who?" }\n'
    texts = [(one.label, one.text) for one in passages_of("items/a.toml", items)]
    assert texts == [("A-1", '问"谁"？'), ("A-1", "Who?")]
    assert locate(readable("items/a.toml", items), '问"谁"？') is not None
    assert [one.text for one in passages_of("items/a.toml", "a = [\n")] == ["a = ["]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.data())
def test_a_cue_that_is_pointed_at_is_the_one_that_is_found(said: list[str], data: st.DataObject) -> None:
    cues = [f"00:{at:02d}.000 --> 00:{at:02d}.900\n{words}\n" for at, words in enumerate(said)]
    path, text = "media/a.zh.vtt", "WEBVTT\n\n" + "\n".join(cues)
    assert [one.text for one in passages_of(path, text)] == said
    which = data.draw(st.integers(0, len(said) - 1))
    place = locate(readable(path, text), said[which], near=starts_of(path, text)[which])
    assert place is not None
    assert place.exact
    assert label_at(path, text, place) == f"0:{which:02d}–0:{which:02d}"
