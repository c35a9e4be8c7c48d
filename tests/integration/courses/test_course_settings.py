"""A course's settings: forms for everything in course.toml, two people at once, and the rest of the file untouched."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, Member
from course_packages import SHIPPED, good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import Form, forms_of, post_form
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms.courses import commands
from lms.courses.models import Draft
from lms.courses.writing import saving, starting
from lms.courses.writing.models import DraftFile
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
Publish = Callable[..., UUID]
PAGES = ("course", "goals", "sources", "terms", "exam")


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


@pytest.fixture
def draft(app: Flask, cast: Cast) -> UUID:
    """The sample package, gone on with in the browser."""
    return taken_up(app, cast, good_files())


@pytest.fixture
def new(app: Flask, cast: Cast) -> UUID:
    """A course that there is not yet."""
    with app.app_context(), unit_of_work():
        centre = cast.places["TC-DEMO"]
        return starting.start(cast.author.actor, centre_id=centre, title="先看脚", title_en="Look first")


def taken_up(app: Flask, cast: Cast, files: dict[str, str]) -> UUID:
    with app.app_context(), unit_of_work():
        uploaded = commands.upload_package(cast.author.actor, zipped(files))
        starting.take_up(cast.author.actor, uploaded)
    return uploaded


def address(draft: UUID, page: str) -> str:
    return f"/studio/drafts/{draft}/settings/{page}"


def text_of(app: Flask, draft: UUID) -> str:
    with app.app_context(), unit_of_work(write=False):
        mine = DraftFile.draft_id == draft, DraftFile.path == "course.toml"
        return session().scalars(select(DraftFile.text).where(*mine)).one() or ""


def set_text(app: Flask, draft: UUID, text: str) -> None:
    with app.app_context(), unit_of_work():
        mine = DraftFile.draft_id == draft, DraftFile.path == "course.toml"
        session().execute(update(DraftFile).where(*mine).values(text=text))


def change(app: Flask, cast: Cast, draft: UUID, old: str, new: str) -> None:
    """Somebody else changes the file."""
    with app.app_context(), unit_of_work():
        mine = DraftFile.draft_id == draft, DraftFile.path == "course.toml"
        file_id = session().scalars(select(DraftFile.id).where(*mine)).one()
        saving.rewrite(cast.author.actor, draft, file_id, lambda text: text.replace(old, new))


def form_of(page: str) -> Form:
    return next(one for one in forms_of(page) if "base" in one["names"])


def send(client: FlaskClient, form: Form, **fill: str) -> TestResponse:
    """Post a form that was fetched before, as a browser that had it open."""
    data: dict[str, list[str]] = {}
    for name, value in form["fields"]:
        data.setdefault(name, []).append(value)
    return client.post(form["action"], data={**data, **fill})


def said(app: Flask, draft: UUID) -> dict[str, object]:
    return tomllib.loads(text_of(app, draft))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("course", [path / "course.toml" for path in SHIPPED], ids=lambda path: path.parent.name)
def test_a_form_sent_unchanged_leaves_every_byte(
    app: Flask, author: FlaskClient, draft: UUID, course: Path, page: str
) -> None:
    set_text(app, draft, course.read_text(encoding="utf-8"))
    assert post_form(author, address(draft, page), {}, action=f"/{page}").status_code == 303
    assert text_of(app, draft) == course.read_text(encoding="utf-8")


def test_what_the_course_is(app: Flask, author: FlaskClient, draft: UUID) -> None:
    set_text(app, draft, text_of(app, draft).replace('hours = "1"', 'hours = "1" # 一节课'))
    before = text_of(app, draft)
    fill: dict[str, object] = {"title_zh": "量准“血压”", "audience": ["nurse", "staff"], "hours": "1.5",
                               "reviewer": "王医生", "review_by": "2031-02-03", "subject": "elderly"}  # fmt: skip
    assert post_form(author, address(draft, "course"), fill).status_code == 303
    after = said(app, draft)
    assert after["title"] == {"zh": "量准“血压”", "en": "Measuring blood pressure"}
    assert (after["audience"], after["hours"], after["subject"]) == (["nurse", "staff"], "1.5", "elderly")
    assert (after["reviewer"], str(after["review_by"])) == ("王医生", "2031-02-03")
    assert 'hours = "1.5" # 一节课' in text_of(app, draft)
    assert text_of(app, draft).partition("[[objectives]]")[2] == before.partition("[[objectives]]")[2]
    assert "量准“血压”" in author.get(f"/studio/drafts/{draft}").text
    with app.app_context(), unit_of_work(write=False):
        assert session().get_one(Draft, draft).titles["zh"] == "量准“血压”"
    assert post_form(author, address(draft, "course"), {"reviewer": ""}).status_code == 303
    assert said(app, draft)["reviewer"] == "none"


@pytest.mark.parametrize(
    ("page", "fill", "sentence"),
    [
        ("course", {"hours": "0.4"}, "0.5 到 60"),
        ("course", {"hours": "60.5"}, "0.5 到 60"),
        ("course", {"hours": "0.0005"}, "0.5 到 60"),
        ("course", {"hours": "1e1"}, "0.5 到 60"),
        ("course", {"review_by": "2027-02-30"}, "日期的样子"),
        ("course", {"review_by": ""}, "日期的样子"),
        ("course", {"prerequisites": "XL-GONE"}, "没有这样的课程：XL-GONE"),
        ("course", {"prerequisites": "XL-TST"}, "不能以自己为先修课"),
        ("course", {"audience": []}, "至少选一类"),
        ("course", {"audience": ["king"]}, "填得不对"),
        ("course", {"title_zh": "长" * 61}, "最多 60 个字"),
        ("course", {"title_zh": "", "title_en": ""}, "请填写这一项"),
        ("course", {"code": "x"}, "大写字母、数字和短横"),
        ("course", {"slug": "../etc"}, "小写字母、数字和短横"),
        ("goals", {"objectives-0-zh": "长" * 201}, "最多 200 个字"),
        ("goals", {"objectives-0-zh": "", "objectives-0-en": ""}, "还用着，不能删：课文《"),
        ("goals", {"topics-0-zh": "", "topics-0-en": ""}, "考试的抽题"),
        ("sources", {"sources-0-year": "1800"}, "1949 到 2100"),
        ("sources", {"sources-0-url": "javascript:alert(1)"}, "http:// 或 https://"),
        ("sources", {"sources-0-gone": "y"}, "还用着，不能删：课文《"),
        ("exam", {"pass_mark": "101"}, "1 到 100"),
        ("exam", {"draw-0-count": "21"}, "1 到 20"),
        ("exam", {"draw-1-topic": "heart", "draw-1-count": "2"}, "请从列出的几项里选一项"),
    ],
)
def test_bad_input_is_named_kept_and_changes_nothing(
    app: Flask, author: FlaskClient, draft: UUID, page: str, fill: dict[str, object], sentence: str
) -> None:
    before = text_of(app, draft)
    refused = post_form(author, address(draft, page), fill)
    assert refused.status_code == 422
    assert sentence in refused.text
    sent = form_of(refused.text)
    assert sent["names"] >= set(fill)
    for name, value in fill.items():
        if isinstance(value, str) and "topic" not in name:
            assert (name, value) in sent["fields"]
    assert text_of(app, draft) == before


def test_one_language_may_wait(app: Flask, author: FlaskClient, draft: UUID) -> None:
    assert post_form(author, address(draft, "course"), {"title_en": "", "summary_zh": ""}).status_code == 303
    assert said(app, draft)["title"] == {"zh": "量准血压", "en": ""}


def test_objectives_and_topics_are_added_moved_and_taken_out(app: Flask, author: FlaskClient, new: UUID) -> None:
    page = address(new, "goals")
    fill: dict[str, object] = {
        "objectives-0-zh": "会看脚", "objectives-1-zh": "会转诊", "objectives-1-en": "Refers", "topics-0-zh": "检查",
        "topics-0-en": "Foot check", "topics-2-zh": "转诊",
    }  # fmt: skip
    assert post_form(author, page, fill).status_code == 303
    found = said(app, new)
    assert found["objectives"] == [
        {"id": "o1", "text": {"zh": "会看脚", "en": ""}}, {"id": "o2", "text": {"zh": "会转诊", "en": "Refers"}},
    ]  # fmt: skip
    assert found["topics"] == [
        {"id": "foot-check", "title": {"zh": "检查", "en": "Foot check"}},
        {"id": "t1", "title": {"zh": "转诊", "en": ""}},
    ]  # fmt: skip
    moved = send(author, form_of(author.get(page).text), move="objectives-1-up")
    assert moved.status_code == 303
    assert [one["id"] for one in said(app, new)["objectives"]] == ["o2", "o1"]  # type: ignore[attr-defined]
    # Dragged: to the place of another, the others one place on; nothing happens beyond the ends.
    for place, order in (("2-0", ["o3", "o2", "o1"]), ("0-1", ["o2", "o3", "o1"]), ("0-9", ["o2", "o3", "o1"])):
        fill = {"objectives-2-zh": "会记录"} if place == "2-0" else {}
        if fill:
            assert post_form(author, page, fill).status_code == 303
        assert send(author, form_of(author.get(page).text), move=f"objectives-{place}").status_code == 303
        assert [one["id"] for one in said(app, new)["objectives"]] == order  # type: ignore[attr-defined]
    # Past a row that was just emptied: that one goes, the dragged one is where it was put.
    emptied = {"objectives-1-zh": "", "objectives-1-en": "", "move": "objectives-2-0"}
    assert post_form(author, page, emptied).status_code == 303
    assert [one["id"] for one in said(app, new)["objectives"]] == ["o1", "o2"]  # type: ignore[attr-defined]
    assert send(author, form_of(author.get(page).text), move="objectives-0-1").status_code == 303
    assert post_form(author, page, {"objectives-0-zh": "", "objectives-0-en": ""}).status_code == 303
    assert [one["id"] for one in said(app, new)["objectives"]] == ["o1"]  # type: ignore[attr-defined]


def test_a_source_comes_and_goes(app: Flask, author: FlaskClient, new: UUID) -> None:
    page = address(new, "sources")
    fill: dict[str, object] = {
        "sources-0-title_zh": "足病指南", "sources-0-title_en": "Foot guide", "sources-0-year": "２０２３",
        "sources-0-url": "https://example.org/a?b=1", "sources-0-certainty": "secondary",
    }  # fmt: skip
    assert post_form(author, page, fill).status_code == 303
    assert said(app, new)["sources"] == [{
        "id": "foot-guide-2023", "title": {"zh": "足病指南", "en": "Foot guide"}, "issuer": {"zh": "", "en": ""},
        "section": {"zh": "", "en": ""}, "year": 2023, "url": "https://example.org/a?b=1", "certainty": "secondary",
    }]  # fmt: skip
    assert "[^foot-guide-2023]" in author.get(page).text
    assert post_form(author, page, {"sources-0-gone": "y"}).status_code == 303
    assert "sources" not in said(app, new)


def test_a_term_comes_and_goes_unless_a_lesson_marks_it(
    app: Flask, author: FlaskClient, cast: Cast, draft: UUID
) -> None:
    page = address(draft, "terms")
    words = {"terms-0-word_zh": "糖尿病足", "terms-0-word_en": "Diabetic foot",
             "terms-0-meaning_zh": "脚上的病。", "terms-0-meaning_en": "A foot disease."}  # fmt: skip
    assert post_form(author, page, words | {"terms-1-word_zh": "截肢"}).status_code == 303
    terms = said(app, draft)["terms"]
    assert isinstance(terms, list)
    assert [one["id"] for one in terms] == ["diabetic-foot", "w1"]
    assert terms[0]["meaning"] == {"zh": "脚上的病。", "en": "A foot disease."}
    with app.app_context(), unit_of_work():
        lesson = session().scalars(
            select(DraftFile.id).where(DraftFile.draft_id == draft, DraftFile.path.like("lessons/01%.zh.md"))
        ).one()
        saving.rewrite(cast.author.actor, draft, lesson, lambda text: text + "\n看[[diabetic-foot|病脚]]。\n")
    refused = post_form(author, page, {"terms-0-gone": "y"})
    assert refused.status_code == 422
    assert "还用着，不能删" in refused.text
    assert post_form(author, page, {"terms-1-gone": "y"}).status_code == 303
    assert "截肢" not in text_of(app, draft)
    assert post_form(author, page, {"terms-0-word_zh": "长" * 41}).status_code == 422


def test_a_source_that_only_a_text_marks_stays(app: Flask, author: FlaskClient, cast: Cast) -> None:
    files = good_files()
    lesson = next(path for path in sorted(files) if path.endswith(".zh.md"))
    draft = taken_up(app, cast, files)
    more = '\n[[sources]]\nid = "only-marked"\ntitle = { zh = "书", en = "Book" }\n'
    set_text(app, draft, text_of(app, draft).replace("\n[assessment]", more + "\n[assessment]"))
    with app.app_context(), unit_of_work():
        mine = DraftFile.draft_id == draft, DraftFile.path == lesson
        session().execute(update(DraftFile).where(*mine).values(text=DraftFile.text + "\n看书[^only-marked]。\n"))
    refused = post_form(author, address(draft, "sources"), {"sources-1-gone": "y"})
    assert refused.status_code == 422
    assert "还用着，不能删：课文《" in refused.text


def test_an_exam_is_made_changed_and_given_up(app: Flask, author: FlaskClient, new: UUID) -> None:
    assert post_form(author, address(new, "goals"), {"topics-0-zh": "检查", "topics-0-en": "Check"}).status_code == 303
    page, before = address(new, "exam"), text_of(app, new)
    refused = post_form(author, page, {"draw-0-topic": "check", "draw-0-count": "15"})
    assert refused.status_code == 422
    assert "请先勾选" in refused.text
    fill: dict[str, object] = {"on": "y", "title_zh": "结业考试", "draw-0-topic": "check", "draw-0-count": "15"}
    assert post_form(author, page, fill).status_code == 303
    assert said(app, new)["assessment"] == {
        "title": {"zh": "结业考试", "en": ""}, "minutes": 30, "pass_mark": 80, "attempts": 3, "cooldown_minutes": 60,
        "show_answers": "after_pass", "draw": [{"topic": "check", "count": 15}],
    }  # fmt: skip
    fill = {"minutes": "45", "draw-0-difficulty": "2", "draw-1-topic": "check", "draw-1-count": "3"}
    assert post_form(author, page, fill).status_code == 303
    paper = said(app, new)["assessment"]
    assert paper["minutes"] == 45  # type: ignore[index]
    assert paper["draw"] == [{"topic": "check", "difficulty": 2, "count": 15}, {"topic": "check", "count": 3}]  # type: ignore[index]
    form = form_of(author.get(page).text)
    form["fields"] = [(name, value) for name, value in form["fields"] if name != "on"]
    assert send(author, form).status_code == 303
    assert said(app, new) == tomllib.loads(before)


def test_the_bank_is_counted_beside_the_rules(author: FlaskClient, draft: UUID) -> None:
    table = author.get(address(draft, "exam")).text.partition("<table")[2]
    assert "测量" in table


def test_a_published_course_keeps_its_code_and_address(
    app: Flask, author: FlaskClient, cast: Cast, publish: Publish
) -> None:
    publish()
    with app.app_context(), unit_of_work():
        draft = starting.revise(cast.author.actor, "sample")
    form = form_of(author.get(address(draft, "course")).text)
    assert not {"code", "slug"} & form["names"]
    before = text_of(app, draft)
    assert send(author, form, code="XL-OTHER", slug="other").status_code == 303
    assert text_of(app, draft) == before


def test_code_and_address_are_nobody_elses(
    app: Flask, author: FlaskClient, new: UUID, draft: UUID, publish: Publish
) -> None:
    publish(code="XL-PUB", slug="pub")
    for fill in ({"code": "XL-PUB"}, {"slug": "pub"}, {"code": "XL-TST"}, {"slug": "sample"}):
        refused = post_form(author, address(new, "course"), dict(fill))
        assert refused.status_code == 422
        assert "别的课程已经用了" in refused.text
    fill = {"code": "XL-FOOT", "slug": "foot", "prerequisites": "xl-pub"}
    assert post_form(author, address(new, "course"), dict(fill)).status_code == 303
    assert said(app, new)["prerequisites"] == ["XL-PUB"]
    with app.app_context(), unit_of_work(write=False):
        row = session().get_one(Draft, new)
        assert (row.code, row.slug) == ("XL-FOOT", "foot")


def test_others_changes_elsewhere_are_kept(app: Flask, author: FlaskClient, cast: Cast, draft: UUID) -> None:
    form = form_of(author.get(address(draft, "course")).text)
    change(app, cast, draft, "按规范量血压", "照规范量血压")
    assert send(author, form, title_zh="血压").status_code == 303
    assert "照规范量血压" in text_of(app, draft)
    assert '"血压"' in text_of(app, draft)


def test_two_on_one_page_are_shown_each_other(app: Flask, author: FlaskClient, cast: Cast, draft: UUID) -> None:
    form = form_of(author.get(address(draft, "course")).text)
    change(app, cast, draft, 'hours = "1"', 'hours = "2"')
    before = text_of(app, draft)
    told = send(author, form, title_zh="血压")
    assert told.status_code == 409
    assert text_of(app, draft) == before
    assert "别人改了这一页" in told.text
    again = form_of(told.text)
    assert ("title_zh", "血压") in again["fields"]
    assert ("hours", "2") in again["fields"], "what she left alone is as the other made it"
    assert send(author, again).status_code == 303
    assert 'hours = "2"' in text_of(app, draft)
    assert '"血压"' in text_of(app, draft)


def test_rows_that_two_changed_are_matched_by_what_they_are(
    app: Flask, author: FlaskClient, cast: Cast, draft: UUID
) -> None:
    form = form_of(author.get(address(draft, "goals")).text)
    first = '[[objectives]]\nid = "o0"\ntext = { zh = "先", en = "First" }\n\n[[objectives]]\nid = "o1"'
    change(app, cast, draft, '[[objectives]]\nid = "o1"', first)
    told = send(author, form, **{"objectives-0-zh": "照规范量", "objectives-1-zh": "会记"})
    assert told.status_code == 409
    again = form_of(told.text)
    shown = {("objectives-0-zh", "先"), ("objectives-1-zh", "照规范量"), ("objectives-2-zh", "会记")}
    assert shown <= set(again["fields"])
    assert send(author, again).status_code == 303
    assert [(one["id"], one["text"]["zh"]) for one in said(app, draft)["objectives"]] == [  # type: ignore[attr-defined]
        ("o0", "先"), ("o1", "照规范量"), ("o2", "会记"),
    ]  # fmt: skip


def test_a_form_sent_twice_is_saved_once(app: Flask, author: FlaskClient, new: UUID) -> None:
    form = form_of(author.get(address(new, "goals")).text)
    for _ in range(2):
        assert send(author, form, **{"objectives-0-zh": "会看脚"}).status_code == 303
    assert len(said(app, new)["objectives"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("page", PAGES)
def test_a_file_that_cannot_be_read_leads_to_the_file(
    app: Flask, author: FlaskClient, draft: UUID, page: str
) -> None:
    form = form_of(author.get(address(draft, page)).text)
    set_text(app, draft, "title = {")
    shown = author.get(address(draft, page))
    assert shown.status_code == 200
    assert "直接改文件" in shown.text
    assert send(author, form).status_code in (409, 422)
    assert text_of(app, draft) == "title = {"


@pytest.mark.parametrize("text", ["", "title = 3\nobjectives = 1\nsources = [1]\nassessment = 2\naudience = [1]\n"])
def test_a_file_that_says_nonsense_is_shown_and_can_be_mended(
    app: Flask, author: FlaskClient, draft: UUID, text: str
) -> None:
    set_text(app, draft, text)
    for page in PAGES:
        assert author.get(address(draft, page)).status_code == 200
    mended = post_form(author, address(draft, "course"), {"title_zh": "血压"})
    assert mended.status_code == 303
    assert said(app, draft)["title"] == {"zh": "血压", "en": ""}


def test_an_address_that_was_typed_into_the_file_is_not_taken_over_when_it_is_none(
    app: Flask, author: FlaskClient, new: UUID
) -> None:
    with app.app_context(), unit_of_work(write=False):
        code = session().get_one(Draft, new).code
    set_text(app, new, text_of(app, new).replace(f'code = "{code}"', f'code = "{"X" * 99}"'))
    assert post_form(author, address(new, "course"), {"hours": "2"}).status_code == 303
    with app.app_context(), unit_of_work(write=False):
        assert session().get_one(Draft, new).code == code


def test_a_form_of_nobody_knows_when_is_refused(app: Flask, author: FlaskClient, draft: UUID) -> None:
    form, before = form_of(author.get(address(draft, "goals")).text), text_of(app, draft)
    for base in ("", "x", f"{draft}.w"):
        assert send(author, form, base=base, **{"objectives-0-zh": "会"}).status_code == 422
    assert text_of(app, draft) == before


def test_what_is_handed_in_is_not_changed(app: Flask, author: FlaskClient, cast: Cast, draft: UUID) -> None:
    form = form_of(author.get(address(draft, "course")).text)
    with app.app_context(), unit_of_work():
        commands.submit_for_review(cast.author.actor, draft)
    assert send(author, form, title_zh="血压").status_code == 409
    assert author.get(address(draft, "course")).status_code == 200


def test_a_stranger_finds_nothing(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, draft: UUID) -> None:
    stranger = sign_in(client, cast.stranger)
    assert stranger.get(address(draft, "course")).status_code == 404
    assert stranger.get(address(draft, "nothing")).status_code == 404


def test_a_code_of_another_course_that_was_typed_into_the_file_is_not_taken_over(
    app: Flask, author: FlaskClient, new: UUID, publish: Publish
) -> None:
    publish()
    with app.app_context(), unit_of_work(write=False):
        own = session().get_one(Draft, new).code
    set_text(app, new, text_of(app, new).replace(own, "XL-TST"))
    page = address(new, "course")
    send(author, form_of(author.get(page).text))
    assert text_of(app, new).count("XL-TST") == 1, "the file is its author's"
    with app.app_context(), unit_of_work(write=False):
        assert session().get_one(Draft, new).code == own
