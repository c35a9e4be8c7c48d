"""A small good course package, and ways to spoil it."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120">'
    '<style>.a{fill:#123}</style><rect class="a" width="320" height="120"/></svg>'
)

SHIPPED = tuple(
    Path(__file__).parent.parent / "content" / "courses" / slug
    for slug in ("cpr-anaphylaxis", "diabetes", "hypertension", "maternal-care")
)
"""Courses of the house that differ in what their files hold, for tests that would say the same of all twelve."""


def course_toml(
    code: str = "XL-TST",
    slug: str = "sample",
    centre: str = "TC-DEMO",
    prerequisites: str = "[]",
    hours: str = "1",
    assessment: bool = True,
) -> str:
    """course.toml of the sample."""
    paper = """
[assessment]
minutes = 30
pass_mark = 80
attempts = 3
cooldown_minutes = 60
show_answers = "after_pass"
title = { zh = "结业测验", en = "Final assessment" }
[[assessment.draw]]
topic = "measure"
count = 15
"""
    return f"""
code = "{code}"
slug = "{slug}"
centre = "{centre}"
subject = "chronic-disease"
audience = ["village_doctor"]
hours = "{hours}"
prerequisites = {prerequisites}
languages = ["zh", "en"]
reviewer = "none"
review_by = 2099-11-30
title = {{ zh = "量准血压", en = "Measuring blood pressure" }}
summary = {{ zh = "把血压量准，记好。", en = "Measure it right and write it down." }}

[[objectives]]
id = "o1"
text = {{ zh = "按规范量血压", en = "Measure as specified" }}

[[topics]]
id = "measure"
title = {{ zh = "测量", en = "Measuring" }}

[[sources]]
id = "spec-2017"
title = {{ zh = "《服务规范》", en = "Service specification" }}
issuer = {{ zh = "卫生部门", en = "Health authority" }}
year = 2017
section = {{ zh = "第三章", en = "Chapter 3" }}
certainty = "official"
{paper if assessment else ""}"""


FRONT = """+++
title = "{title}"
minutes = 7
objectives = ["o1"]
sources = ["spec-2017"]
+++
"""

BODY = """::: emg 先打 120
叫不醒，先打 120[^spec-2017]。
:::

## 先歇 5 分钟

**袖带（要合适）**绑在上臂，量两次。

![流程](media/flow.svg "图 1　流程")

| 结果 | 做法 |
|---|--:|
| 140 | 复测 |

::: check TST-C0{number}
:::
"""

BODY_EN = """::: emg Call 120 first
Cannot be woken: call 120 first[^spec-2017].
:::

## Rest for 5 minutes first

**The cuff (a fitting one)** goes round the upper arm. Measure twice.

![The steps](media/flow.svg "Figure 1　The steps")

| Result | What to do |
|---|--:|
| 140 | measure again |

::: check TST-C0{number}
:::
"""


def lesson_md(title: str, number: int, body: str = "") -> str:
    return FRONT.format(title=title) + (body or BODY).replace("{number}", str(number))


def item(code: str, use: str = "assessment", type_: str = "single_choice") -> str:
    """One item; option b is right."""
    text = '{ zh = "%s甲", en = "%s a" }'
    options = "".join(
        f'  {{ id = "{one}", text = {text.replace("%s", one)}{", correct = true" if one == "b" else ""} }},\n'
        for one in "abc"
    )
    return f"""
[[item]]
code = "{code}"
type = "{type_}"
use = "{use}"
topic = "measure"
difficulty = 1
objective = "o1"
sources = ["spec-2017"]
stem = {{ zh = "{code} 问什么？", en = "{code} asks what?" }}
explanation = {{ zh = "因为乙。", en = "Because of b." }}
options = [
{options}]
"""


def knowledge_toml(number: int = 4) -> str:
    """Questions of a knowledge test; option b of each is right."""
    return "".join(item(f"TST-K{place:02d}", "knowledge") for place in range(1, number + 1))


def good_files(lessons: int = 2, **course: object) -> dict[str, str]:
    """A package without any error or warning, as texts by path."""
    files = {"course.toml": course_toml(**course)}  # type: ignore[arg-type]
    for number in range(1, lessons + 1):
        name = f"lessons/{number:02d}-part-{number}"
        files[f"{name}.zh.md"] = lesson_md(f"第 {number} 课", number)
        files[f"{name}.en.md"] = lesson_md(f"Part {number}", number, BODY_EN)
    checks = [item(f"TST-C0{number}", "check") for number in range(1, lessons + 1)]
    files["items/checks.toml"] = "".join(checks)
    files["items/bank.toml"] = "".join(item(f"TST-{number:03d}") for number in range(1, 18))
    files["media/flow.svg"] = PICTURE
    return files


def card() -> dict[str, str]:
    """The pocket card of the sample."""
    said = '+++\ntitle = "%s"\nsources = ["spec-2017"]\n+++\n%s[^spec-2017]\n'
    chinese, english = ("口袋卡", "先歇着，再量。"), ("Pocket card", "Rest, then measure.")
    return {"card.zh.md": said % chinese, "card.en.md": said % english}


def tree(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """The same as bytes."""
    return {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}


def zipped(files: Mapping[str, str | bytes], folder: str = "") -> bytes:
    """The files as a ZIP, optionally inside one folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(folder + path, data)
    return out.getvalue()
