"""What is typed into a form of the studio and not saved is kept for its writer, filled in again, and never written
over by another tab."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import Form, forms_of, post_form
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lms.courses import commands, drafts, personal
from lms.courses.question_forms import MOST_ROWS
from lms.courses.writing import starting, typed
from lms.courses.writing.models import TypedForm
from lms.improving import surveys
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
FILLED = "上次没有保存的内容已填回"
BESIDE = "<summary>还有一份没有保存的"
SAVE = re.compile(r'data-typed="([^"]+)" data-keep="([^"]+)"')


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


@pytest.fixture
def draft(app: Flask, author: FlaskClient, cast: Cast) -> str:
    """The address of a draft with lessons, topics and questions."""
    with app.app_context(), unit_of_work():
        draft_id = commands.upload_package(cast.author.actor, zipped(good_files(), folder="sample/"))
        starting.take_up(cast.author.actor, draft_id)
    return f"/studio/drafts/{draft_id}"


class Tab:
    """A page with a form as its script sees it."""

    def __init__(self, client: FlaskClient, address: str) -> None:
        """`address`, or the page itself as it was answered to a form."""
        self.client, self.number = client, 0
        self.html = client.get(address).text if address.startswith("/") else address
        forms = [form for form in forms_of(self.html) if "typed" in form["names"]]
        self.form = next(form for form in forms if not form["action"].endswith("/drop"))
        found = SAVE.search(self.html)
        assert found
        self.name, self.keep = unescape(found[1]), unescape(found[2])

    def value(self, name: str) -> str:
        return dict(self.form["fields"])[name]

    def types(self, number: int | None = None, **fill: str) -> TestResponse:
        """What the script sends after a pause."""
        self.number = self.number + 1 if number is None else number
        own = {"csrf_token", "typed", "typed_from"}
        fields = [[name, fill.pop(name, value)] for name, value in self.form["fields"] if name not in own]
        data = {
            **{name: self.value(name) for name in own}, "form": self.name, "number": str(self.number),
            "fields": json.dumps([*fields, *([name, value] for name, value in fill.items())]),
        }  # fmt: skip
        return self.client.post(self.keep, data=data, headers={"Accept": "application/json"})

    def saves(self, **fill: str) -> TestResponse:
        """The form is sent by its button."""
        data: dict[str, list[str]] = {}
        for name, value in self.form["fields"]:
            data.setdefault(name, []).append(value)
        data |= {name: [value] for name, value in fill.items()}
        return self.client.post(unescape(self.form["action"]), data=data)


def drops(client: FlaskClient, html: str) -> list[Form]:
    return [form for form in forms_of(html) if form["action"].endswith("/typed/drop")]


def rows(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).where(TypedForm.fields.is_not(None))) or 0


CHOICE = {"stem": "看脚先看哪里？", "text_1": "脚趾缝", "text_2": "脚背", "text_3": "脚踝", "correct": "1"}


def test_what_was_typed_is_filled_in_again_until_it_is_saved(app: Flask, author: FlaskClient, draft: str) -> None:
    new = f"{draft}/questions?type=single_choice"
    tab = Tab(author, new)
    assert FILLED not in tab.html
    answer = tab.types(stem="看脚先看")
    assert answer.json is not None
    assert answer.json["taken"]
    assert "草稿已存" in answer.json["said"]
    assert tab.types(**CHOICE).json["taken"]  # type: ignore[index]
    assert "1 份写了还没有保存的" in author.get(draft).text
    again = Tab(author, f"{draft}/questions")
    assert FILLED in again.html
    assert again.value("stem") == CHOICE["stem"]
    assert again.value("correct") == "1"
    assert "没写完" in author.get(f"{draft}/questions?type=matching").text
    assert again.saves().status_code == 303
    # What the first page sent and comes late brings nothing back; nor does the saved page's.
    assert rows(app) == 0
    assert again.types(stem="看脚先看哪里？").json["done"]  # type: ignore[index]
    assert tab.types(**CHOICE).json["done"]  # type: ignore[index]
    assert FILLED not in author.get(new).text
    assert CHOICE["stem"] in author.get(f"{draft}/questions").text


def test_a_question_that_there_is_and_many_pasted_and_a_lessons_facts_hold_too(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    code = re.findall(r"edit=([A-Z0-9-]+)", author.get(f"{draft}/questions").text)[0]
    lesson = re.findall(rf"{draft}/lessons/([a-z0-9-]+)/write", author.get(draft).text)[0]
    for address, name, word in (
        (f"{draft}/questions?edit={code}", "stem", "换过的题干"),
        (f"{draft}/questions/paste", "text", "1. 贴了一半的题"),
        (f"{draft}/lessons/{lesson}/write", "title", "换过的课题"),
        (f"{draft}/settings/course", "title_zh", "换过的课名"),
        (f"{draft}/settings/terms", "terms-0-word_zh", "换过的词"),
        (f"{draft}/settings/exam", "title_zh", "换过的考试"),
    ):
        assert Tab(author, address).types(**{name: word}).json["taken"], address  # type: ignore[index]
        again = Tab(author, address)
        assert FILLED in again.html, address
        assert again.value(name) == word
        assert word in author.get(f"{draft}/typed").text
    assert rows(app) == 6


def test_two_tabs_do_not_write_over_each_other(app: Flask, author: FlaskClient, draft: str) -> None:
    address = f"{draft}/settings/goals"
    Tab(author, address).types(**{"objectives-0-zh": "第一稿"})
    one, two = Tab(author, address), Tab(author, address)
    one.types(**{"objectives-0-zh": "这一页写的"})
    two.types(**{"objectives-0-zh": "那一页写的"})
    one.types(**{"objectives-0-zh": "这一页接着写的"})
    assert rows(app) == 2  # each its own; the text that both began with is in both
    shown = Tab(author, address)
    assert {shown.value("objectives-0-zh")} < {"这一页接着写的", "那一页写的"}
    assert BESIDE in shown.html
    assert "这一页接着写的" in shown.html
    assert "那一页写的" in shown.html
    link = re.search(r'href="([^"]+typed=[^"]+)"', shown.html)
    assert link
    other = Tab(author, unescape(link[1]))
    assert {other.value("objectives-0-zh"), shown.value("objectives-0-zh")} == {"这一页接着写的", "那一页写的"}
    assert other.saves().status_code == 303
    assert rows(app) == 1
    assert BESIDE not in Tab(author, address).html  # it is the one that is filled in now


def test_a_tab_that_goes_on_keeps_its_own_whatever_a_later_tab_does_with_what_it_was_shown(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    address = f"{draft}/settings/exam"
    first = Tab(author, address)
    first.types(title_zh="先写的")
    later, last = Tab(author, address), Tab(author, address)
    first.types(title_zh="接着写的")
    later.types(title_zh="另写的")
    assert rows(app) == 2
    assert last.value("title_zh") == "先写的"
    assert last.saves().status_code == 303
    assert {"接着写的", "另写的"} <= set(re.findall("接着写的|另写的", author.get(f"{draft}/typed").text))


def test_what_comes_late_or_twice_never_replaces_what_came_after_it(author: FlaskClient, draft: str) -> None:
    address = f"{draft}/questions?type=true_false"
    tab = Tab(author, address)
    tab.types(20, stem="后写的")
    late = tab.types(10, stem="先写的")
    assert late.json == late.json | {"taken": False, "number": 20, "done": False}  # type: ignore[operator]
    assert tab.types(20, stem="后写的").json["taken"]  # type: ignore[index]
    assert not tab.types(20, stem="同一个号，别的字").json["taken"]  # type: ignore[index]
    assert Tab(author, address).value("stem") == "后写的"


def test_it_is_thrown_away_without_a_script(app: Flask, author: FlaskClient, draft: str) -> None:
    address = f"{draft}/settings/sources"
    stored = Tab(author, address).value("sources-0-title_zh")
    Tab(author, address).types(**{"sources-0-title_zh": "写错了"})
    page = Tab(author, address)
    (form,) = drops(author, page.html)
    answer = author.post(unescape(form["action"]), data=dict(form["fields"]))
    assert answer.location == address
    assert rows(app) == 0
    assert Tab(author, address).value("sources-0-title_zh") == stored
    # The page on which it was thrown away is through: what its script still sends brings nothing back.
    assert page.types(**{"sources-0-title_zh": "写错了"}).json["done"]  # type: ignore[index]


def test_a_refused_form_keeps_its_page_and_its_words(app: Flask, author: FlaskClient, draft: str) -> None:
    address = f"{draft}/settings/course"
    tab = Tab(author, address)
    tab.types(hours="很多")
    refused = tab.saves(hours="很多")
    assert refused.status_code == 422
    assert "data-again" in refused.text
    assert 'value="很多"' in refused.text
    assert rows(app) == 1
    assert f'name="typed" value="{tab.value("typed")}"' in refused.text


def test_settings_that_were_saved_elsewhere_meanwhile_are_not_written_over(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    address = f"{draft}/settings/course"
    other = Tab(author, address)
    Tab(author, address).types(title_zh="我写的课名")
    assert other.saves(title_zh="别人的课名").status_code == 303
    filled = Tab(author, address)
    assert filled.value("title_zh") == "我写的课名"
    met = filled.saves()
    assert met.status_code == 409
    assert "别人的课名" in met.text
    assert 'value="我写的课名"' in met.text
    # What she began with is forgotten by now: hers is shown beside the page as it stands.
    with app.app_context(), unit_of_work():
        session().execute(update(TypedForm).values(fields='[["base", "gone"], ["title_zh", "我写的课名"]]'))
    beside = Tab(author, address)
    assert beside.value("title_zh") == "别人的课名"
    assert BESIDE in beside.html
    assert "我写的课名" in beside.html


def test_facts_of_a_lesson_that_were_saved_elsewhere_meanwhile_are_not_written_over(
    author: FlaskClient, draft: str
) -> None:
    lesson = re.findall(rf"{draft}/lessons/([a-z0-9-]+)/write", author.get(draft).text)[0]
    address = f"{draft}/lessons/{lesson}/write"
    stale, other = Tab(author, address), Tab(author, address)
    assert other.value("minutes") != "3"
    Tab(author, address).types(title="我写的课题")
    assert other.saves(minutes="3").status_code == 303
    assert other.saves(minutes="3").status_code == 303  # sent twice it changes nothing, and nobody is asked
    # What she left is shown beside the lesson as it stands now; she fills it in, and is asked before it is put over.
    beside = Tab(author, address)
    assert beside.value("minutes") == "3"
    assert FILLED not in beside.html
    assert BESIDE in beside.html
    assert "我写的课题" in beside.html
    link = re.search(r'href="([^"]+typed=[^"]+)"', beside.html)
    assert link
    filled = Tab(author, unescape(link[1]))
    assert filled.value("title") == "我写的课题"
    for tab, mine in ((filled, {}), (stale, {"title": "我写的课题"})):
        met = tab.saves(**mine)
        assert met.status_code == 409
        assert "这一课的说明刚刚被别人改过" in met.text
        assert {'<pre class="wrapped">3</pre>', '<pre class="wrapped">我写的课题</pre>'} <= set(
            re.findall("<pre.*?</pre>", met.text)
        )
    assert Tab(author, address).value("minutes") == "3"
    again = Tab(author, met.text)
    assert again.value("title") == "我写的课题"
    assert again.saves(minutes="6").status_code == 303
    # What names no version is not taken for the one that stands.
    assert Tab(author, address).saves(seen="", title="没有版本").status_code == 409


def test_it_is_hers_alone_and_of_her_centre(
    app: Flask, cast: Cast, author: FlaskClient, draft: str, sign_in: SignIn
) -> None:
    tab = Tab(author, f"{draft}/questions?type=matching")
    tab.types(stem="只有我看得到")
    token = tab.value("csrf_token")
    sent = {"form": "paste", "typed": str(uuid4()), "number": "1", "fields": "[]"}
    assert author.post(tab.keep, data=sent | {"csrf_token": "x"}).status_code == 400
    assert author.post(tab.keep, data=sent | {"csrf_token": token, "typed": tab.value("typed")}).status_code == 409
    other = sign_in(app.test_client(), cast.stranger)
    page = forms_of(other.get("/studio/new").text)
    theirs = next(value for form in page for name, value in form["fields"] if name == "csrf_token")
    for path in (tab.keep, f"{tab.keep}/drop"):
        assert other.post(path, data=sent | {"csrf_token": theirs}).status_code == 404
    assert other.get(tab.keep).status_code == 404
    assert rows(app) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": "["}, {"fields": '[["stem", 1]]'}, {"fields": '{"stem": "x"}'}, {"fields": "7"},
        {"fields": json.dumps([["stem", "字" * 150_001]])}, {"form": "new/nothing"}, {"form": "../x"},
        {"typed": "x"}, {"number": "-1"}, {"number": "9" * 16},
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_changes_nothing(
    app: Flask, author: FlaskClient, draft: str, wrong: dict[str, str]
) -> None:
    tab = Tab(author, f"{draft}/questions?type=ordering")
    good = {"csrf_token": tab.value("csrf_token"), "form": tab.name, "typed": str(uuid4()), "number": "1",
            "fields": "[]"}  # fmt: skip
    answer = author.post(tab.keep, data=good | wrong, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["title"]  # type: ignore[index]
    assert rows(app) == 0
    assert author.post(tab.keep, data=good | {"fields": '[["stem", "a\\u0000b\\ud800"]]'}).json["taken"]  # type: ignore[index]
    assert "ab\ufffd" in author.get(f"{draft}/questions?type=ordering").text


def test_a_person_keeps_only_so_many(app: Flask, author: FlaskClient, draft: str) -> None:
    tab = Tab(author, f"{draft}/questions/paste")
    sent = {"csrf_token": tab.value("csrf_token"), "form": "paste", "number": "1", "fields": "[]"}
    for _ in range(typed.MOST_OF_FORM):
        assert author.post(tab.keep, data=sent | {"typed": str(uuid4())}).status_code == 200
    answer = author.post(tab.keep, data=sent | {"typed": str(uuid4())}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "太多了" in answer.json["title"]  # type: ignore[index]


def test_it_ends_with_the_draft_with_the_account_and_after_ninety_days(
    app: Flask, cast: Cast, author: FlaskClient, draft: str
) -> None:
    def type_again() -> None:
        assert Tab(author, f"{draft}/questions/paste").types(text="1. 一半").json["taken"]  # type: ignore[index]

    type_again()
    with app.app_context(), unit_of_work():
        personal.KEEPER.close(cast.author.person_id)
    assert rows(app) == 0
    type_again()
    with app.app_context(), unit_of_work():
        session().execute(update(TypedForm).values(at=clock.now() - timedelta(days=91)))
        typed.forget_old()
    assert rows(app) == 0
    type_again()
    with app.app_context(), unit_of_work():
        drafts.withdraw(cast.author.actor, UUID(draft.rpartition("/")[2]))
    assert rows(app) == 0


def test_what_was_typed_into_a_question_that_is_gone_can_still_be_read(author: FlaskClient, draft: str) -> None:
    code = re.findall(r"edit=(TST-[0-9]+)", author.get(f"{draft}/questions").text)[-1]
    address = f"{draft}/questions?edit={code}"
    Tab(author, address).types(stem="别丢了这一句")
    post_form(author, address, {"sure": "y"}, action=f"/{code}/remove")
    assert author.get(address).status_code == 404
    page = author.get(f"{draft}/typed").text
    assert "别丢了这一句" in page
    assert "原来的那一页已经没有了" in page
    (form,) = drops(author, page)
    author.post(unescape(form["action"]), data=dict(form["fields"]))
    assert "都存好了" in author.get(f"{draft}/typed").text


def test_the_list_of_all_costs_no_more_for_many_texts_than_for_one_of_each_form(
    author: FlaskClient, draft: str, count_sql: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    code = re.findall(r"edit=(TST-[0-9]+)", author.get(f"{draft}/questions").text)[0]
    lesson = re.findall(rf"{draft}/lessons/([a-z0-9-]+)/write", author.get(draft).text)[0]
    pages = {
        f"{draft}/questions?type=matching": {"stem": "一"}, f"{draft}/questions?edit={code}": {"stem": "二"},
        f"{draft}/questions/paste": {"text": "三"}, f"{draft}/lessons/{lesson}/write": {"title": "四"},
        f"{draft}/settings/goals": {"objectives-0-zh": "五"}, f"{draft}/settings/course": {"title_zh": "六"},
    }  # fmt: skip
    tabs = {address: Tab(author, address) for address in pages}
    assert Tab(author, f"{draft}/settings/course").saves(hours="3").status_code == 303  # they began with what was then

    def cost() -> int:
        with count_sql() as seen:
            assert author.get(f"{draft}/typed").status_code == 200
        return len(seen)

    for address, fill in pages.items():
        assert tabs[address].types(**fill).json["taken"]  # type: ignore[index]
    cost()
    once = cost()
    for address, fill in pages.items():
        for more in range(3):
            tab = tabs[address]
            fresh = {"typed": str(uuid4())}
            tab.form["fields"] = [(name, fresh.get(name, value)) for name, value in tab.form["fields"]]
            assert tab.types(**{name: f"{value}{more}" for name, value in fill.items()}).json["taken"]  # type: ignore[index]
    assert author.get(f"{draft}/typed").text.count("接着写") == 4 * len(pages)
    assert cost() == once
    assert once <= 30


def test_a_question_that_was_deleted_as_she_typed_goes_on_as_a_new_one(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    code = re.findall(r"edit=(TST-[0-9]+)", author.get(f"{draft}/questions").text)[-1]
    tab = Tab(author, f"{draft}/questions?edit={code}")
    options = {**CHOICE, "text_4": "脚跟", "text_5": "小腿"}
    assert tab.types(**options).json["taken"]  # type: ignore[index]
    post_form(author, f"{draft}/questions?edit={code}", {"sure": "y"}, action=f"/{code}/remove")
    gone = tab.saves(**options)
    assert gone.status_code == 409
    new = Tab(author, gone.text)
    assert new.name == "new/single_choice"
    assert new.value("stem") == CHOICE["stem"]
    # What is typed on is kept, once, under the new form; saved, nothing waits any more.
    assert new.types(**options, explanation="先看最容易破的地方。").json["taken"]  # type: ignore[index]
    assert rows(app) == 1
    assert new.saves(**options).status_code == 303
    assert rows(app) == 0


def test_rows_that_were_typed_stay_where_the_question_has_fewer_by_now(author: FlaskClient, draft: str) -> None:
    """Rows of what is stored as the page is filled again count for nothing."""
    address = f"{draft}/questions?type=single_choice"
    tab = Tab(author, address)
    more = {f"text_{row}": f"第{row}项" for row in range(1, 8)}
    assert tab.types(stem="七项里选一项", **more).json["taken"]  # type: ignore[index]
    again = Tab(author, address)
    assert [again.value(f"text_{row}") for row in range(1, 8)] == list(more.values())
    code = re.findall(r"edit=(TST-[0-9]+)", author.get(f"{draft}/questions").text)[0]
    Tab(author, f"{draft}/questions?edit={code}").types(**more)
    edited = Tab(author, f"{draft}/questions?edit={code}")
    assert edited.value("text_7") == "第7项"
    assert "第7项" in edited.saves().text
    assert author.post(unescape(edited.form["action"]), data={
        "csrf_token": edited.value("csrf_token"), "type": "single_choice", "text_99": "x", "text_99999": "x",
    }).text.count('name="text_') == 2 * MOST_ROWS  # fmt: skip


def test_a_later_text_of_another_page_is_not_thrown_away_and_that_is_said(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    address = f"{draft}/settings/goals"
    tab = Tab(author, address)
    tab.types(**{"objectives-0-zh": "第一稿"})
    (form,) = drops(author, author.get(f"{draft}/typed").text)
    tab.types(**{"objectives-0-zh": "后来写的"})
    answer = author.post(unescape(form["action"]), data=dict(form["fields"]), follow_redirects=True)
    assert "后写的还留着" in answer.text
    assert "丢弃了没有保存的内容" not in answer.text
    assert "后来写的" in answer.text
    assert rows(app) == 1
    (form,) = drops(author, author.get(f"{draft}/typed").text)
    answer = author.post(unescape(form["action"]), data=dict(form["fields"]), follow_redirects=True)
    assert "丢弃了没有保存的内容" in answer.text
    assert rows(app) == 0


def test_a_refused_form_names_a_page_that_can_be_asked_for_again(author: FlaskClient, draft: str) -> None:
    """There the script gets a new token after the person has signed in again; what was sent has no such page."""
    code = re.findall(r"edit=(TST-[0-9]+)", author.get(f"{draft}/questions").text)[0]
    lesson = re.findall(rf"{draft}/lessons/([a-z0-9-]+)/write", author.get(draft).text)[0]
    for address, wrong in (
        (f"{draft}/questions?edit={code}", {"stem": "字" * 2000}), (f"{draft}/lessons/{lesson}/write", {"title": ""}),
        (f"{draft}/questions/paste", {"text": ""}), (f"{draft}/settings/course", {"hours": "很多"}),
    ):  # fmt: skip
        refused = Tab(author, address).saves(**wrong)
        assert refused.status_code == 422, address
        here = re.search(r'data-typed="([^"]+)"[^>]* data-here="([^"]+)"', refused.text)
        assert here
        again = Tab(author, unescape(here[2]))
        assert again.name == unescape(here[1])
        assert re.search(r'data-who="[^"]+"', again.html)


def test_a_surveys_question_is_filled_in_as_long_as_its_place_is_its_own(
    app: Flask, cast: Cast, author: FlaskClient, publish: Callable[..., UUID]
) -> None:
    publish()
    with app.app_context(), unit_of_work():
        survey_id = surveys.make(cast.author.actor, "sample", "evaluation", {"zh": "问卷", "en": "Survey"})
    address = f"/studio/surveys/{survey_id}"
    question = {"kind": "text", "text_zh": "还想学什么？", "text_en": "What else?"}
    Tab(author, address).types(**question)
    assert Tab(author, address).value("text_zh") == "还想学什么？"
    assert Tab(author, address).saves().status_code == 303
    assert rows(app) == 0
    Tab(author, f"{address}/questions/0").types(text_zh="换过的题")
    assert Tab(author, f"{address}/questions/0").value("text_zh") == "换过的题"
    assert Tab(author, address).saves(**(question | {"text_zh": "第二题"})).status_code == 303
    # The questions are others now: the text is shown beside the form, not put over what may be another question.
    for page in (f"{address}/questions/0", address):
        shown = Tab(author, page)
        assert FILLED not in shown.html
        assert BESIDE in shown.html
        assert "换过的题" in shown.html
    with app.app_context(), unit_of_work():
        surveys.publish(cast.author.actor, survey_id, 3)
    assert rows(app) == 0
