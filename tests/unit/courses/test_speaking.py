"""A lesson as a script: what is said aloud has no marks in it, and its signs are words."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from course_packages import good_files, tree

from lms.courses import cli
from lms.courses.cli import COURSES
from lms.courses.packages.checker import load
from lms.courses.packages.speaking import script

MARKS = re.compile(r"[\[\]|*#^<>≥≤±≈×÷=%℃]|mmHg|mmol/L|:::|media/")
BODY = """
::: emg 先打 120
叫不醒，打 120[^spec-2017]。
:::

## 先歇 **5—10 分钟**

- 血压 ≥140/90 mmHg
- 占 40%

| 结果 | 做法 | 时间 |
|---|---|---|
| 高 | 复测 | <4 周 |

![三步](media/flow.svg "图 1")

::: check TST-C01
:::
"""


def spoken(body: str, language: str = "zh") -> list[str]:
    files = good_files()
    name = f"lessons/01-part-1.{language}.md"
    files[name] = files[name].partition("\n+++\n")[0] + "\n+++" + body
    package = load(tree(files))
    return script(package, package.lessons[0], language).splitlines()


def test_every_thing_is_a_sentence_of_its_own() -> None:
    assert spoken(BODY) == [
        "第 1 课。", "第 1 课。", "先打幺二零。", "叫不醒，打幺二零。", "先歇 5 到 10 分钟。",
        "血压 大于等于 140 比 90 毫米汞柱。", "占 百分之 40。", "高；做法，复测；时间，小于 4 周。", "图：三步。",
        "这里有一道自测题，请在手机上做。",
    ]  # fmt: skip


def test_in_english_too() -> None:
    lines = spoken("\nCall 120. Rest 5–10 minutes; ≥140/90 mmHg, 2 mg.\n\n::: check TST-C01\n:::\n", "en")
    said = "Call one two zero. Rest 5 to 10 minutes; at least 140 over 90 millimetres of mercury, 2 milligrams."
    assert said in lines


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("zh", "120 来了。", "幺二零来了。"),
        ("zh", "打 110 或 120，打 119；想不开打 12356。", "打幺幺零或幺二零，打幺幺九；想不开打幺二三五六。"),
        ("zh", "照 120 的话做；120 到来前别走开。", "照幺二零的话做；幺二零到来前别走开。"),
        ("zh", "通过 120 急救中心；接到 120 的电话。", "通过幺二零急救中心；接到幺二零的电话。"),
        ("zh", "到 180 或 110 就转；110 及以上。", "到 180 或 110 就转；110 及以上。"),
        ("zh", "收缩压 120，舒张压 80；超过 120。", "收缩压 120，舒张压 80；超过 120。"),
        ("zh", "每分钟 100—120，按压 120 次。", "每分钟 100 到 120，按压 120 次。"),
        ("zh", "血压 120/80，低于 120 毫升，120%。", "血压 120 比 80，低于 120 毫升，百分之 120。"),
        ("zh", "体重 120 公斤，补 120 元，走 120 米，12345 人。", "体重 120 公斤，补 120 元，走 120 米，12345 人。"),
        ("en", "180 or 110, diastolic 110: call 110.", "180 or 110, diastolic 110: call one one zero."),
        ("en", "Hand over to 120. Ask 12356 too.", "Hand over to one two zero. Ask one two three five six too."),
        ("en", "The number is 120. 120 helps.", "The number is one two zero. one two zero helps."),
        ("en", "100–120 a minute, ≥120, 120/80.", "100 to 120 a minute, at least 120, 120 over 80."),
        ("en", "He weighs 120 kg.", "He weighs 120 kilograms."),
    ],
)
def test_numbers_to_call_are_said_digit_by_digit(language: str, written: str, said: str) -> None:
    assert said in spoken(f"\n{written}\n", language)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in COURSES.glob("*/course.toml")))
def test_the_courses_of_the_house_can_be_read_aloud(name: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli.scripts_command, [str(COURSES / name), str(tmp_path)])
    assert answer.exit_code == 0
    files = sorted(tmp_path.glob("*.txt"))
    assert len(files) >= 12
    left = [(file.name, line) for file in files for line in file.read_text().splitlines() if MARKS.search(line)]
    assert not left


def test_a_package_that_cannot_be_read_gives_no_scripts(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text("code = 1")
    answer = CliRunner().invoke(cli.scripts_command, [str(tmp_path), str(tmp_path / "out")])
    assert answer.exit_code == 1
    assert not (tmp_path / "out").exists()
