"""What holds for every paper drawn and every grade given."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lms.assessments.rules.drawing import Form, draw, form_from_json, form_to_json
from lms.assessments.rules.grading import grade
from lms.courses.packages.package import DrawRule
from lms.items.base import Item
from lms.items.registry import parse_item

TOPICS = ("one", "two")


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def item(number: int, topic: str, difficulty: int) -> Item:
    options = [{"id": x, "text": words(x), "correct": x == "a"} for x in "abcd"]
    return parse_item(
        {
            "code": f"I-{number:03}",
            "type": "single_choice",
            "use": "assessment",
            "topic": topic,
            "difficulty": difficulty,
            "objective": "o",
            "stem": words("s"),
            "explanation": words("e"),
            "options": options,
        }
    )


shapes = st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(1, 3)), min_size=1, max_size=30)


@st.composite
def banks(draw_: st.DrawFn) -> tuple[list[Item], list[DrawRule]]:
    """A bank, and rules that it can satisfy."""
    bank = [item(n, topic, level) for n, (topic, level) in enumerate(draw_(shapes))]
    left = Counter((one.topic, one.difficulty) for one in bank)
    rules = []
    for (topic, level), have in sorted(left.items()):
        count = draw_(st.integers(0, have))
        if count:
            rules.append(DrawRule(topic, level, count))
            left[topic, level] -= count
    for topic in TOPICS:
        rest = sum(count for (name, _), count in left.items() if name == topic)
        count = draw_(st.integers(0, rest))
        if count:
            rules.append(DrawRule(topic, None, count))
    return bank, draw_(st.permutations(rules))


@given(banks(), st.integers(0, 2**48))
def test_a_paper_fits_its_rules_without_repeats(
    bank_and_rules: tuple[list[Item], list[DrawRule]], seed: int
) -> None:
    bank, rules = bank_and_rules
    form = draw(bank, rules, seed)
    codes = [one.code for one in form]
    assert len(set(codes)) == len(codes) == sum(rule.count for rule in rules)
    by_code = {one.code: one for one in bank}
    for topic in TOPICS:
        wanted = sum(rule.count for rule in rules if rule.topic == topic)
        assert sum(by_code[code].topic == topic for code in codes) == wanted
    for rule in rules:
        if rule.difficulty is not None:
            found = [c for c in codes if by_code[c].difficulty == rule.difficulty]
            assert sum(by_code[c].topic == rule.topic for c in found) >= rule.count


@given(banks(), st.integers(0, 2**48), st.randoms())
def test_a_seed_draws_the_same_paper_whatever_the_order_of_the_bank(
    bank_and_rules: tuple[list[Item], list[DrawRule]], seed: int, chance: object
) -> None:
    bank, rules = bank_and_rules
    mixed = list(reversed(bank))
    form = draw(bank, rules, seed)
    assert draw(mixed, rules, seed) == form
    assert form_from_json(form_to_json(form)) == form


@given(st.integers(0, 2**48), st.integers(1, 10), st.sets(st.integers(0, 19)))
def test_unseen_items_come_first(seed: int, count: int, seen: set[int]) -> None:
    bank = [item(n, "one", 1) for n in range(20)]
    known = {f"I-{n:03}" for n in seen}
    form = draw(bank, [DrawRule("one", None, count)], seed, known)
    repeated = sum(one.code in known for one in form)
    assert repeated == max(0, count - (20 - len(known)))


def paper() -> tuple[Form, dict[str, Item]]:
    bank = [item(n, "one", 1) for n in range(10)]
    return draw(bank, [DrawRule("one", None, 10)], 7), {one.code: one for one in bank}


answers = st.dictionaries(st.integers(1, 10), st.sampled_from([None, "a", "b", "c", "d"]))


@given(answers, st.integers(1, 10), st.integers(1, 100))
def test_a_better_answer_never_lowers_the_grade(
    given_: dict[int, str | None], position: int, mark: int
) -> None:
    form, items = paper()
    before = grade(form, items, given_, mark)
    after = grade(form, items, {**given_, position: "a"}, mark)
    assert after.score >= before.score
    assert after.percent >= before.percent
    assert after.passed or not before.passed


@given(answers, st.integers(1, 100))
def test_the_percent_reaches_the_mark_exactly_when_the_attempt_passes(
    given_: dict[int, str | None], mark: int
) -> None:
    form, items = paper()
    result = grade(form, items, given_, mark)
    assert 0 <= result.percent <= 100
    assert result.passed == (result.percent >= mark)
    assert result.score == sum(line.score for line in result.items)
