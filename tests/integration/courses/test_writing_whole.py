"""From nothing to a published course by forms alone: three lessons, twenty questions for the exam, in both languages;
a second person reviews it, and learners find it. An author counts the pages that she had to wait for."""

import re
from collections.abc import Callable

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form

SignIn = Callable[[FlaskClient, Member], FlaskClient]
MOST_PAGES = 60
LESSONS = (("先看脚", "Look first"), ("再摸脚", "Then touch"), ("什么时候转", "When to refer"))


class Author:
    """Somebody at the pages of the writing room; `pages` counts those that she was shown."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.pages = 0

    def fill(self, page: str, fill: dict[str, object], action: str) -> str:
        """Fill a form of a page and send it; where that leads. The page after it is the next one's."""
        self.pages += 1
        answer = post_form(self.client, page, fill, action=action)
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def shown(self, page: str) -> str:
        self.pages += 1
        answer = self.client.get(page)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> Author:
    return Author(sign_in(client, cast.author))


def settings(author: Author, draft: str) -> None:
    summary = {"summary_zh": "在村里早发现糖尿病足。", "summary_en": "Finding the diabetic foot in time."}
    author.fill(f"{draft}/settings/course", summary | {"hours": "0.5"}, action="/course")
    goals = {"objectives-0-zh": "会看脚", "objectives-0-en": "Look at feet", "topics-0-zh": "看", "topics-0-en": "look"}
    author.fill(f"{draft}/settings/goals", dict(goals), action="/goals")
    source = {
        "title_zh": "糖尿病基层防治指南", "title_en": "Guideline", "issuer_zh": "中华医学会",
        "issuer_en": "The Society", "section_zh": "第五章", "section_en": "Chapter 5", "year": "2022",
        "certainty": "official",
    }  # fmt: skip
    author.fill(
        f"{draft}/settings/sources", {f"sources-0-{name}": said for name, said in source.items()}, action="/sources"
    )
    exam = {"on": "y", "title_zh": "结业考试", "title_en": "Final exam", "draw-0-topic": "look", "draw-0-count": "15"}
    author.fill(f"{draft}/settings/exam", dict(exam), action="/exam")


def questions(author: Author, draft: str) -> list[str]:
    """Twenty for the exam and one self-check for each lesson; the codes of the latter."""
    page = f"{draft}/questions"
    for number in range(23):
        fill: dict[str, object] = {
            "use": "check" if number >= 20 else "assessment", "topic": "look", "objective": "o1",
            "difficulty": str(1 + number % 3), "sources": ["guideline-2022"],
            "stem": f"第 {number} 题：先看哪里？", "stem_en": f"Question {number}: where to look first?",
            "explanation": "趾缝最容易烂。", "explanation_en": "Between the toes it goes unseen.", "correct": "2",
        }  # fmt: skip
        for place, (zh, en) in enumerate((("脚背", "The back"), ("趾缝", "Between toes"), ("小腿", "The calf")), 1):
            fill |= {f"text_{place}": zh, f"text_en_{place}": en}
        page = author.fill(page, fill, action="/questions").partition("#")[0]
    return sorted(set(re.findall(r"C\d\d-[A-Z0-9]+-C\d\d", author.shown(f"{draft}/questions?use=check"))))


def write(author: Author, draft: str, slug: str, code: str) -> None:
    lesson = f"{draft}/lessons/{slug}/write"
    author.fill(lesson, {"minutes": "6", "objectives": ["o1"], "sources": ["guideline-2022"]}, action="/facts")
    page = author.shown(f"{lesson}?show=both")
    texts = {
        "zh": f"::: emg 先打 120\n脚发黑：先打 120。[^guideline-2022]\n:::\n\n## 看\n\n脱鞋脱袜。\n\n"
              f"::: check {code}\n:::\n",
        "en": f"::: emg Call 120 first\nA black foot: call 120.[^guideline-2022]\n:::\n\n## Look\n\nSocks off.\n\n"
              f"::: check {code}\n:::\n",
    }  # fmt: skip
    for language, text in texts.items():
        (form,) = [one for one in forms_of(page) if one["id"] == language]
        answer = author.client.post(form["action"], data={**dict(form["fields"]), "text": text})
        assert answer.status_code == 303
        author.pages += 1


def test_a_course_is_made_by_forms_reviewed_and_published(
    app: Flask, cast: Cast, author: Author, sign_in: SignIn
) -> None:
    draft = author.fill("/studio/new", {"title": "糖尿病足早发现", "title_en": "The diabetic foot"}, action="/new")
    settings(author, draft)
    for title, english in LESSONS:
        author.fill(draft, {"title": title, "title_en": english}, action="/lessons")
    codes = questions(author, draft)
    assert len(codes) == 3
    for slug, code in zip(("look-first", "then-touch", "when-to-refer"), codes, strict=True):
        write(author, draft, slug, code)
    page = author.shown(draft)
    assert "改完才能送审" not in page, re.findall(r"错误：[^<]*", page)
    author.fill(draft, {}, action="/submit")
    assert author.pages <= MOST_PAGES
    reviewer = sign_in(app.test_client(), cast.reviewer)
    judged = post_form(reviewer, draft, {"note": "写得清楚。"}, action="/approve")
    assert judged.status_code == 303, judged.text
    author.fill(draft, {}, action="/publish")
    learner = sign_in(app.test_client(), cast.learner)
    assert "糖尿病足早发现" in learner.get("/courses").text
    course = learner.get("/courses/the-diabetic-foot").text
    assert "先看脚" in course
    again = author.fill("/studio/courses/the-diabetic-foot", {}, action="/revise")
    assert again != draft
    assert "都查过了" in author.shown(again)
