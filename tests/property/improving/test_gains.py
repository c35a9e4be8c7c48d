"""Who counts in the tests before and after a course is who somebody with paper and pencil would count."""

from hypothesis import given
from hypothesis import strategies as st

from lms.improving import gains
from lms.improving.numbers import Answers, Numbers, as_json, from_json, together
from lms.improving.rules import LEAST

GOALS = {"A1": "o1", "A2": "o1", "B1": "o2", "C1": "o3"}
TITLES = {"": {"zh": "全部"}, "o1": {"zh": "一"}, "o2": {"zh": "二"}, "o3": {"zh": "三"}}
MARKS = st.dictionaries(st.sampled_from([*GOALS, "OLD"]), st.booleans(), min_size=1)
ROUNDS = st.lists(st.dictionaries(st.sampled_from(["before", "after", "kept"]), MARKS, max_size=3), max_size=30)


def by_hand(rounds, group: int):
    """For every goal: people, asked, right on each occasion."""
    names = ["before", "after", "kept"][:group]
    found = {}
    for goal in ("", "o1", "o2", "o3"):
        people, asked, right = 0, 0, [0] * group
        for tests in rounds:
            if sorted(tests) != sorted(names):
                continue
            codes = [
                code for code, its in GOALS.items() if goal in ("", its) and all(code in tests[name] for name in names)
            ]
            people += bool(codes)
            for code in codes:
                asked += 1
                for place, name in enumerate(names):
                    right[place] += tests[name][code]
        if people:
            found[goal] = (people, (asked, *right))
    return found


def numbers(rounds) -> Numbers:
    gathered = gains.gather(rounds, GOALS)
    return Numbers(0, 0, 0, 0, 0, (0,) * 6, (), (), (), (), gathered.answers(2, TITLES), gathered.answers(3, TITLES))


@given(ROUNDS)
def test_pairs_are_those_of_a_recount(rounds) -> None:
    found = numbers(rounds)
    for group, kept in ((2, found.twice), (3, found.thrice)):
        assert {one.key: (one.number, one.counts) for one in kept} == by_hand(rounds, group)
    assert from_json(as_json(found)) == found


@given(st.lists(ROUNDS, min_size=1, max_size=4))
def test_what_is_told_are_sums_of_enough_people(editions) -> None:
    """Every row of a goal is put together from groups (an edition's twice, thrice) of LEAST people together at least;
    the row of all goals is what the rows above it say, and no more."""
    counted = [numbers(rounds) for rounds in editions]
    shown = together(counted)
    for group, rows in ((2, shown.twice), (3, shown.thrice)):
        hands = [by_hand(rounds, group) for rounds in editions]
        for one in rows:
            groups = [hand[one.key] for hand in hands if one.key in hand]
            small = sum(people for people, _ in groups if people < LEAST)
            told = [each for each in groups if each[0] >= LEAST or small >= LEAST]
            if one.told:
                assert one.number == sum(people for people, _ in told) >= LEAST
                assert one.counts == tuple(map(sum, zip(*(counts for _, counts in told), strict=True)))
            else:
                assert not told
    pairs = {one.key: one for one in gains.pairs(shown.twice, shown.thrice)}
    for key, one in pairs.items():
        parts = [row for row in (*shown.twice, *shown.thrice) if row.key == key]
        told = [row for row in parts if row.told]
        assert one.number == sum(row.number for row in told or parts)
        if key:
            assert one.counts == tuple(map(sum, zip(*(row.counts[:3] for row in told), strict=True)))
    if pairs:
        rest = [one.counts for key, one in pairs.items() if key and one.told]
        assert pairs[""].counts in ((), tuple(map(sum, zip(*rest, strict=True))))
        assert pairs[""].told == (bool(rest) and pairs[""].number >= LEAST)


def test_one_who_missed_a_test_counts_in_none() -> None:
    alone = [{"before": {"A1": True}}, {"after": {"A1": True}, "kept": {"A1": True}}, {}]
    assert gains.gather(alone, GOALS).answers(2, TITLES) == ()
    both = [{"before": {"A1": False, "OLD": True}, "after": {"A1": True, "B1": True}}]
    found = gains.gather(both, GOALS).answers(2, TITLES)
    assert [(one.key, one.number, one.counts) for one in found] == [("", 1, (1, 0, 1)), ("o1", 1, (1, 0, 1))]
    assert gains.summed([Answers("", {}, 9, (9, 1, 2)), Answers("o1", {}, 4, ())])[0].counts == ()
