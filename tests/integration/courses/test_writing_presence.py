"""Who is at a lesson with whom; texts that are too much; nothing of either is kept."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select, update

from lms.courses.models import Draft
from lms.courses.writing import lessons, presence, room, saving, starting
from lms.courses.writing.models import DraftFile, DraftPresence
from lms.courses.writing.saving import Base
from lms.kernel import clock
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
JSON = {"Accept": "application/json"}


@pytest.fixture
def draft(app: Flask, cast: Cast) -> UUID:
    with app.app_context(), unit_of_work():
        made = starting.start(cast.author.actor, centre_id=cast.places["TC-DEMO"], title="糖尿病足")
        lessons.add_lesson(cast.author.actor, made, title="先看脚", title_en="Look first")
    return made


@pytest.fixture
def other(cast: Cast) -> Actor:
    """A second author of the centre."""
    return Actor(cast.colleague.actor.person_id, grants=(Grant(Role.AUTHOR, cast.author.actor.grants[0].path),))


def file_of(app: Flask, draft: UUID, language: str = "zh") -> UUID:
    with app.app_context(), unit_of_work(write=False):
        found = select(DraftFile.id).where(DraftFile.draft_id == draft, DraftFile.path.like(f"%.{language}.md"))
        return session().scalars(found).one()


def here(app: Flask, draft: UUID, actor: Actor, place: str = "look-first") -> None:
    with app.app_context(), unit_of_work():
        presence.note(actor, draft, place)


def call(author: FlaskClient, draft: UUID, file_id: UUID, **more: str) -> dict[str, object]:
    """What an open page asks now and then."""
    page = author.get(f"/studio/drafts/{draft}/lessons/look-first/write").text
    (form,) = [dict(one["fields"]) for one in forms_of(page) if one["id"] == "zh"]
    data = {name: str(form[name]) for name in ("csrf_token", "base", "part")} | more
    answer = author.post(f"/studio/drafts/{draft}/files/{file_id}/here", data=data, headers=JSON)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.get_json()
    return told


def test_two_at_one_lesson_see_each_other(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, draft: UUID, other: Actor
) -> None:
    author, name = sign_in(client, cast.author), cast.colleague.name
    file_id = file_of(app, draft)
    assert call(author, draft, file_id)["others"] == []
    here(app, draft, other, "another-lesson")
    assert call(author, draft, file_id)["others"] == []
    here(app, draft, other)
    assert call(author, draft, file_id)["others"] == [name]
    assert name in author.get(f"/studio/drafts/{draft}/lessons/look-first/write").text, "also without a script"
    assert call(author, draft, file_of(app, draft, "en"))["others"] == [name], "the other language is the same lesson"
    with app.app_context(), unit_of_work():
        assert presence.others(other, draft, "look-first") == [cast.author.actor.person_id]
    with clock.held_at(clock.now() + presence.HERE_FOR + timedelta(seconds=1)):
        assert call(author, draft, file_id)["others"] == []
    with app.app_context(), unit_of_work():
        rows = session().execute(select(DraftPresence.place, DraftPresence.person_id)).all()
    assert len(rows) == len({tuple(row) for row in rows}) == 3, "a row per person and lesson"


def test_a_save_says_who_is_here_too(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, draft: UUID, other: Actor
) -> None:
    author, file_id = sign_in(client, cast.author), file_of(app, draft)
    page = f"/studio/drafts/{draft}/lessons/look-first/write"
    post_form(author, page, {"text": "坐下。"}, action=f"/files/{file_id}")
    with app.app_context(), unit_of_work(write=False):
        assert presence.others(other, draft, "look-first") == [cast.author.actor.person_id]


def test_what_another_wrote_is_told_to_who_has_nothing_unsent(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, draft: UUID, other: Actor
) -> None:
    author, file_id = sign_in(client, cast.author), file_of(app, draft)
    first = Base(file_id, whole=True)
    assert call(author, draft, file_id)["whole"] is None
    with app.app_context(), unit_of_work():
        saved = saving.save(other, draft, file_id, save_id=uuid4(), base=first, text="坐下。\n", body=True)
    told = call(author, draft, file_id, base=str(first))
    assert told["whole"] == "坐下。\n", "without the front matter"
    assert told["whole_base"] == str(Base(saved.base.save_id, whole=True))
    assert call(author, draft, file_id, base=str(saved.base))["whole"] is None
    assert call(author, draft, file_id, base="nonsense")["whole"] is None


def test_presence_is_of_a_draft_that_is_written_by_its_writers(
    app: Flask, cast: Cast, draft: UUID, other: Actor
) -> None:
    reviewer = Actor(cast.colleague.actor.person_id, grants=(Grant(Role.REVIEWER, other.grants[0].path),))
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        presence.note(reviewer, draft, "look-first")
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        presence.note(Actor(other.person_id), draft, "look-first")
    with app.app_context(), unit_of_work():
        session().execute(update(Draft).where(Draft.id == draft).values(state="in_review"))
    here(app, draft, other)
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(DraftPresence)) == 0


def test_old_rows_go(app: Flask, draft: UUID, other: Actor) -> None:
    here(app, draft, other)
    for late, left in ((presence.FORGOTTEN, 1), (presence.FORGOTTEN + timedelta(seconds=1), 0)):
        with clock.held_at(clock.now() + late - timedelta(seconds=0 if not left else 5)), app.app_context():
            with unit_of_work():
                presence.forget_old()
            with unit_of_work(write=False):
                assert session().scalar(select(func.count()).select_from(DraftPresence)) == left


@pytest.mark.parametrize("size", [60_001, 5_000_000])
def test_too_long_a_text_is_refused_with_a_sentence_and_shown_again(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, draft: UUID, size: int
) -> None:
    author = sign_in(client, cast.author)
    page = f"/studio/drafts/{draft}/lessons/look-first/write"
    before = author.get(page).text
    (form,) = [one for one in forms_of(before) if one["id"] == "zh"]
    data = dict(form["fields"]) | {"text": "x" * size}
    plain = author.post(form["action"], data=data)
    assert plain.status_code in (413, 422)
    assert "没有收下" in plain.text or ("一课最多 60000 个字" in plain.text and "x" * size in plain.text)
    told = author.post(form["action"], data=data, headers=JSON)
    assert told.status_code in (413, 422)
    assert told.get_json()["title"]
    assert "xxx" not in author.get(page).text


@pytest.mark.parametrize("text", ["x" * 5_000_000, "长" * 150_000], ids=["5 MB", "half"])
def test_every_text_of_the_studio_refuses_what_is_too_much(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, draft: UUID, text: str
) -> None:
    """Whatever form it is: a sentence, no fault, and nothing kept."""
    author, room_ = sign_in(client, cast.author), f"/studio/drafts/{draft}"
    pages = [room_, f"{room_}/lessons/look-first/write", f"{room_}/questions", f"{room_}/questions/paste",
             *(f"{room_}/settings/{name}" for name in ("course", "goals", "sources", "terms", "exam"))]  # fmt: skip
    seen, on = 0, {"on": "y"}
    for page in pages:
        answer = author.get(page)
        assert answer.status_code == 200, page
        for form in forms_of(answer.text):
            words = [name for name in form["names"] if name.startswith(("text", "title", "stem", "summary", "word"))]
            if form["method"] != "post" or not words:
                continue
            seen += 1
            sent = author.post(form["action"], data=dict(form["fields"]) | {words[0]: text} | on)
            assert sent.status_code in (413, 422), (page, form["action"], sent.status_code)
    assert seen >= 7
    with app.app_context(), unit_of_work(write=False):
        assert (session().scalar(select(func.max(DraftFile.size))) or 0) < 3000


def test_all_texts_of_a_draft_together_have_an_end(
    app: Flask, cast: Cast, draft: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id, actor = file_of(app, draft), cast.author.actor
    base = Base(file_id, whole=True)
    with app.app_context(), unit_of_work():
        saving.save(actor, draft, file_id, save_id=uuid4(), base=base, text="长" * 5000)
    monkeypatch.setattr(saving, "MOST_DRAFT", 16_000)
    with app.app_context(), unit_of_work():
        now = room.sheet(actor, draft, file_id).base
    with app.app_context(), unit_of_work(), pytest.raises(Invalid, match="合起来"):
        saving.save(actor, draft, file_id, save_id=uuid4(), base=now, text="长" * 6000)
    with app.app_context(), unit_of_work():
        saving.save(actor, draft, file_id, save_id=uuid4(), base=now, text="长" * 4000)
