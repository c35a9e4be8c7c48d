"""What a lesson states stands in `sources.toml`: a number with a unit that no source covers is refused."""

import time

import pytest
from course_packages import card, good_files, tree

from lms.courses.packages.amounts import amounts
from lms.courses.packages.checker import check
from lms.courses.packages.problem import Severity

FILE = "sources.toml"
SAID = """
[[statements]]
lesson = "{lesson}"
source = "spec-2017"
place = "第三章"
says = "先歇 5 分钟；叫不醒先打 120"
certainty = "official"
"""


def listed(extra: str = "", **more: str) -> dict[str, str]:
    said = "".join(SAID.format(lesson=lesson) for lesson in ("part-1", "part-2"))
    return good_files() | {FILE: said + extra} | more


def problems(files: dict[str, str]) -> list[str]:
    found = (one for one in check(tree(files)).problems if one.severity is not Severity.HINT)
    return [f"{one.file}:{one.line} {one.message}" for one in found]


def with_line(files: dict[str, str], line: str, name: str = "lessons/01-part-1.zh.md") -> dict[str, str]:
    return files | {name: files[name] + f"\n{line}\n"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("歇 5 分钟", ["5 minute"]),
        ("5 minutes of rest", ["5 minute"]),
        ("隔 1—2 分钟", ["1 minute", "2 minute"]),
        ("5 to 10 days", ["10 day", "5 day"]),
        ("≥180/110 mmHg", ["110 mmhg", "180 mmhg"]),
        ("0.01 mg/kg", ["0.01 milligram"]),
        ("每分钟 100—120 次/分", ["100 per_minute", "120 per_minute"]),
        ("35 岁以上", ["35 year"]),
        ("2017年，第 25 条，3 次", []),
        ("《2025年指南》说", []),
        ("120[^stroke-120]", []),
        ("占 40%", ["40 percent"]),
        ("**24 小时**内", ["24 hour"]),
        ("within 24 hours", ["24 hour"]),
        ("a 2-year-old", ["2 year"]),
        ("1,000 元", ["1000 yuan"]),
        ("10 万元", ["100000 yuan"]),
        ("1,000,000 yuan", ["1000000 yuan"]),
        ("140—159/90—99 mmHg", ["140 mmhg", "159 mmhg", "90 mmhg", "99 mmhg"]),
        ("between 5 and 10 days", ["10 day", "5 day"]),
        ("5 或 6 天", ["5 day", "6 day"]),
        ("5 grams, 10 percent", ["10 percent", "5 gram"]),
        ("20 m2", []),
        ("from 180 to 110 mmHg", ["110 mmhg", "180 mmhg"]),
        ("口服5mg,10mg", ["10 milligram", "5 milligram"]),
        ("0,5 mg", ["5 milligram"]),
        ("50% in 2025 and 70 %", ["50 percent", "70 percent"]),
        ("2017 and 140/90 mmHg", ["140 mmhg", "90 mmhg"]),
        ("3 万—5 万元", ["30000 yuan", "50000 yuan"]),
    ],
)  # fmt: skip
def test_amounts_are_read_alike_in_both_languages(text: str, found: list[str]) -> None:
    assert sorted(f"{number} {unit}" for number, unit in amounts(text)) == found


def test_a_package_that_states_all_it_says_has_no_problem() -> None:
    assert problems(listed()) == []


@pytest.mark.parametrize("line", ["再等 48 小时。[^spec-2017]", "| 血压 | 180 mmHg |", "- 每 3 天一次", "## 歇 7 分钟"])
def test_a_number_that_no_source_covers_is_refused_with_its_line(line: str) -> None:
    files = with_line(listed(), line)
    found = problems(files)
    last = files["lessons/01-part-1.zh.md"].rstrip("\n").count("\n") + 1
    assert len(found) == 1
    assert f"lessons/01-part-1.zh.md:{last} " in found[0]
    assert "sources.toml 里没有这个数的依据" in found[0]
    assert check(tree(files)).package is None


def test_the_english_lesson_is_held_to_the_same() -> None:
    assert "2 weeks" in problems(with_line(listed(), "Ask within 2 weeks.", "lessons/02-part-2.en.md"))[0]


def test_a_number_of_another_lesson_covers_nothing() -> None:
    elsewhere = listed().get(FILE, "").replace('lesson = "part-1"', 'lesson = "part-2"')
    found = problems(listed() | {FILE: elsewhere})
    assert any("01-part-1.zh.md" in one and "5 分钟" in one for one in found)


def test_an_invented_case_has_numbers_of_its_own() -> None:
    case = '\n[[examples]]\nlesson = "part-1"\nsays = "周大爷 61 岁"\n'
    assert problems(with_line(listed(case), "周大爷 61 岁。")) == []
    assert problems(with_line(listed(), "周大爷 61 岁。"))


def test_what_was_removed_covers_nothing() -> None:
    removed = listed()[FILE] + 'reading = "removed"\nread_on = 2026-11-20\nnote = "原文没有"\n'
    assert any("02-part-2" in one for one in problems(listed() | {FILE: removed}))
    holds = listed()[FILE] + 'reading = "holds"\nread_on = 2026-11-20\n'
    assert problems(listed() | {FILE: holds}) == []


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('lesson = "part-1"', 'lesson = "nowhere"', "没有这一课"),
        ('source = "spec-2017"', 'source = "nobody"', "course.toml 里没有"),
        ('place = "第三章"\n', "", "缺少字段 place"),
        ('certainty = "official"', 'certainty = "sure"', "只能是"),
        ("[[statements]]", "[[statement", "TOML"),
        ('certainty = "official"', 'certainty = "official"\nreading = "fine"', "只能是"),
        ('certainty = "official"', 'certainty = "official"\nreading = "holds"', "缺少字段 read_on"),
    ],
)
def test_a_faulty_list_is_told_by_its_line(was: str, now: str, said: str) -> None:
    text = listed()[FILE]
    text = text.replace(was, now) if was.startswith("[[") else text.replace(was, now, 1)
    found = problems(listed() | {FILE: text})
    assert any(one.startswith("sources.toml:") and said in one for one in found)


def test_a_secondary_source_is_not_called_official() -> None:
    course = good_files()["course.toml"].replace('certainty = "official"', 'certainty = "secondary"')
    assert any("读自转载" in one for one in problems(listed() | {"course.toml": course}))


def test_the_card_is_judged_like_a_lesson() -> None:
    said = SAID.format(lesson="card").replace("先歇 5 分钟；", "")
    good = listed(said) | card()
    assert problems(good) == []
    assert "48 小时" in problems(with_line(good, "再等 48 小时", "card.zh.md"))[0]
    assert any("没有写它说了什么" in one for one in problems(listed() | card()))
    alone = {path: text for path, text in good.items() if path != "card.en.md"}
    assert any("card.en.md" in one for one in problems(alone))
    assert any("印在一页上" in one for one in problems(with_line(good, "量" * 701, "card.zh.md")))
    assert any("不放自测题" in one for one in problems(with_line(good, "::: check TST-C01\n:::", "card.zh.md")))


def test_the_card_takes_no_more_than_a_lesson_and_no_lesson_takes_its_name() -> None:
    said = SAID.format(lesson="card").replace("先歇 5 分钟；", "")
    good = listed(said) | card()
    assert any("个方括号" in one for one in problems(with_line(good, "[" * 60_000, "card.zh.md")))
    renamed = {path.replace("01-part-1", "01-card"): text for path, text in good_files().items()}
    assert any("这个名字系统要用" in one for one in problems(renamed))


def test_a_lesson_that_is_taken_out_may_leave_its_removed_statements() -> None:
    gone = SAID.format(lesson="gone") + 'reading = "removed"\nread_on = 2026-11-20\nnote = "原文没有"\n'
    assert problems(listed(gone)) == []
    assert any("没有这一课" in one for one in problems(listed(gone.replace("removed", "holds"))))


def test_without_a_list_a_number_without_a_mark_is_a_hint() -> None:
    hints = [str(one.message) for one in check(tree(with_line(good_files(), "再等 48 小时。"))).problems]
    assert any("48 小时：这里没有写依据" in one for one in hints)
    assert not check(tree(with_line(good_files(), "再等 48 小时。[^spec-2017]"))).problems


def test_a_row_of_digits_is_read_in_no_time() -> None:
    begun = time.process_time()
    for hostile in ("1" * 40_000, "1/" * 20_000, "1 mg " * 8_000, "《" * 40_000, "1—" * 20_000):
        amounts(hostile)
    assert time.process_time() - begun < 5
