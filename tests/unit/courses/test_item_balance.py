"""Questions do not give their answers away: in the checker as hints, and in the courses of the house as a rule."""

import pytest
from course_packages import good_files, item, tree

from lms.courses.cli import COURSES
from lms.courses.packages.balance import MOST_LONGEST, UNEVEN, alike, balance
from lms.courses.packages.checker import check, load
from lms.courses.packages.tree import read_folder
from lms.kernel import clock

HOUSE = {path.parent.name: load(read_folder(path.parent)) for path in sorted(COURSES.glob("*/course.toml"))}


def hints(files: dict[str, str]) -> list[str]:
    return [str(one.message) for one in check(tree(files), today=clock.today()).problems]


def four(code: str, key: int, longest: bool, stem: str) -> str:
    """A single choice of four options with its key at a place."""
    options = ""
    for place, one in enumerate("abcd"):
        words = "长" * 9 if longest and place == key else "短"
        right = ", correct = true" if place == key else ""
        options += f'  {{ id = "{one}", text = {{ zh = "{one}{words}", en = "{one} is" }}{right} }},\n'
    head = item(code).partition("stem =")[0]
    said = f'stem = {{ zh = "{stem}", en = "{code}?" }}\nexplanation = {{ zh = "因为。", en = "Because." }}\n'
    return f"{head}{said}options = [\n{options}]\n"


STEMS = (
    "量血压之前先做什么", "孩子发热几天要转", "谁该打疫苗", "处方开几天", "中风怎么认", "老人跌倒了先看哪里",
    "痰里有血找谁", "药过敏先停什么", "报告卡填到哪里", "谁可以看档案", "哪天随访", "什么时候打电话", "床头放什么",
    "夜里胸口闷怎么办",
)  # fmt: skip


def bank(key: int | None, *, longest: bool) -> dict[str, str]:
    every = "".join(
        four(f"TST-2{n:02d}", n % 4 if key is None else key, longest, stem) for n, stem in enumerate(STEMS)
    )
    return good_files() | {"items/more.toml": every}


def test_a_key_that_always_stands_first_or_is_longest_is_told() -> None:
    assert not [one for one in hints(bank(None, longest=False)) if "正确选项" in one]
    assert any("位置不匀" in one for one in hints(bank(0, longest=False)))
    assert any("看长短就能猜" in one for one in hints(bank(None, longest=True)))


def test_stems_that_are_alike_are_told() -> None:
    twice = good_files() | {"items/more.toml": four("TST-300", 1, False, "给村民量血压之前，先让他做什么？")
                            + four("TST-301", 2, False, "给村民量血压之前，先叫他做什么？")}  # fmt: skip
    assert any("TST-300 和 TST-301 的题干几乎一样" in one for one in hints(twice))


def test_an_objective_that_one_question_asks_for_is_told() -> None:
    files = good_files()
    second = '[[objectives]]\nid = "o2"\ntext = { zh = "会二", en = "Two" }\n\n[[topics]]'
    files["course.toml"] = files["course.toml"].replace("[[topics]]", second, 1)
    assert any("考目标 o2 的题不到 2 道" in one for one in hints(files))


@pytest.mark.parametrize("name", HOUSE)
def test_questions_of_the_house_do_not_give_their_answers_away(name: str) -> None:
    found = balance(HOUSE[name].items)
    print(f"\n{name}: places {found.places}, chi-squared {found.chi_squared:.2f}, "
          f"key longest {100 * found.longest_share:.0f} % of {found.chosen}")
    assert found.chi_squared <= UNEVEN
    assert found.longest_share <= MOST_LONGEST
    assert not [(one.code, other.code) for one, other in alike(HOUSE[name].items)]
    for objective in HOUSE[name].objectives:
        asked = [item.code for item in HOUSE[name].items if item.use == "assessment" and item.objective == objective.id]
        assert len(asked) >= 2, objective.id


def test_keys_of_all_courses_together_stand_anywhere_alike() -> None:
    found = balance(item for package in HOUSE.values() for item in package.items)
    print(f"\nall: places {found.places}, chi-squared {found.chi_squared:.2f}, "
          f"key longest {100 * found.longest_share:.0f} % of {found.chosen}")
    assert found.chi_squared <= 7.81, "exceeded by chance once in twenty times"
    assert found.longest_share <= MOST_LONGEST


def test_no_option_says_all_of_the_above() -> None:
    words = ("以上都", "以上皆", "都不对", "all of the above", "none of the above")
    for package in HOUSE.values():
        for one in package.items:
            for option in getattr(one, "options", ()):
                said = (option.text["zh"] + option.text["en"]).lower()
                assert not any(word in said for word in words), one.code
