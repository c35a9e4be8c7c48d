"""Flags through their doors: looked for by the command, reviewed and answered on the pages, changing no award."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, Member
from credit_stage import FACE, approve, pass_course, publish_course, reading, record, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.credits.flags import commands, detecting, queries, tasks
from lms.credits.flags.models import Flag, FlagPerson, FlagScan, FlagStep
from lms.credits.flags.rules.facts import Finding, Kind
from lms.credits.models import Award
from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.errors import Conflict, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work
from lms.people import queries as people
from lms.people.models import UserSession

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def run(app: Flask) -> dict[str, int]:
    done = app.test_cli_runner().invoke(args=["credits", "flags", "run", "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, int] = json.loads(done.stdout)
    return found


def only_flag(app: Flask, kind: Kind) -> UUID:
    with reading(app):
        return session().scalars(select(Flag.id).where(Flag.kind == kind.value)).one()


@pytest.fixture
def quick(app: Flask, cast: Cast, tmp_path: Path) -> UUID:
    """The learner passed a test faster than it can be read; the flag."""
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    run(app)
    return only_flag(app, Kind.PACE)


def award_state(app: Flask) -> tuple[str, int]:
    with reading(app):
        found = session().execute(select(Award.state, Award.version)).one()
        return found.state, found.version


def test_it_works(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, quick: UUID) -> None:
    before = award_state(app)
    auditor = sign_in(client, cast.county_auditor)
    queue = auditor.get("/audit/flags")
    assert cast.learner.name in queue.text
    assert "秒" in queue.text
    page = f"/audit/flags/{quick}"
    assert "个字" in auditor.get(page).text
    asked = post_form(auditor, page, {"action": "ask", "text": "您以前学过这门课吗？"}, follow=True)
    assert "已问医生" in asked.text
    doctor = sign_in(app.test_client(), cast.learner)
    assert "/credits/flags" in doctor.get("/credits").text
    own = doctor.get(f"/credits/flags/{quick}").text
    assert "不改变任何事" in own
    assert "您以前学过这门课吗？" in own
    told = post_form(doctor, f"/credits/flags/{quick}", {"text": "去年在县里学过。"}, follow=True)
    assert "去年在县里学过。" in told.text
    assert "去年在县里学过。" in auditor.get(page).text
    closed = post_form(auditor, page, {"action": "close", "reason_code": "explained"}, follow=True)
    assert "已了结" in closed.text
    assert "有正当的说明" in doctor.get(f"/credits/flags/{quick}").text
    assert "/credits/flags" not in doctor.get("/credits").text
    assert award_state(app) == before == ("granted", 1)


def test_a_second_run_gives_no_second_flag(app: Flask, cast: Cast, quick: UUID) -> None:
    again = run(app)
    assert (again["found"], again["noted"]) == (0, 0)
    with writing(app):
        session().execute(delete(FlagScan))
    forgotten = run(app)
    assert (forgotten["found"], forgotten["noted"]) == (1, 0)
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Flag)) == 1


def test_the_database_refuses_a_second_flag_and_keeps_what_was_said(app: Flask, cast: Cast, quick: UUID) -> None:
    with writing(app):
        commands.review(cast.county_auditor.actor, quick, "ask", version=1, text="请说明。")
    columns = "kind, subject, authority_path, state, strength, evidence, noticed_at, version"
    twice = f"INSERT INTO flag (id, {columns}) SELECT '01890000000070008000000000000000', {columns} FROM flag"
    for statement in (
        text(twice if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else twice.replace("'01", "uuid '01")),
        update(FlagStep).values(text="x"),
        delete(FlagStep),
    ):
        with pytest.raises(DBAPIError), writing(app):
            session().execute(statement)
    values = {"id": quick, "flag_id": quick, "action": "close", "by_name": "x", "reason_code": "", "at": clock.now()}
    with pytest.raises(DBAPIError), writing(app):
        session().execute(insert(FlagStep).values(text="", **values))


def test_nobody_reviews_her_own_or_her_colleagues(app: Flask, cast: Cast) -> None:
    """The county's and the province's auditor work in one office."""
    with writing(app):
        for member in (cast.county_auditor, cast.learner):
            person_id = member.person_id
            detecting.note(finding(person_id), county(app, cast))
    with reading(app):
        flags = {row[0]: row[1] for row in session().execute(select(FlagPerson.person_id, FlagPerson.flag_id))}
    own, other = flags[cast.county_auditor.person_id], flags[cast.learner.person_id]
    for member in (cast.county_auditor, cast.province_auditor):
        with pytest.raises(NotAllowed), writing(app):
            commands.review(member.actor, own, "close", version=1, reason_code="chance")
        with reading(app):
            assert queries.flag_view(member.actor, own).actions == ()
    with writing(app):
        commands.review(cast.county_auditor.actor, other, "close", version=1, reason_code="chance")


def finding(person_id: UUID, strength: float = 12.0) -> Finding:
    burst = {"deadline": "2026-12-31", "most_hours": 10, "days": [{"day": "2026-12-30", "hours": 12, "courses": []}]}
    return Finding(Kind.BURST, f"{person_id}:2026", (person_id,), strength, burst)


def county(app: Flask, cast: Cast) -> str:
    return cast.county_auditor.grants[0].path


def test_strangers_see_nothing(app: Flask, cast: Cast, sign_in: SignIn, quick: UUID) -> None:
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(f"/audit/flags/{quick}").status_code == 404
    assert cast.learner.name not in stranger.get("/audit/flags").text
    colleague = sign_in(app.test_client(), cast.colleague)
    assert colleague.get(f"/credits/flags/{quick}").status_code == 404
    for member in (cast.stranger, cast.admin, cast.learner):
        with pytest.raises(NotFound), writing(app):
            commands.review(member.actor, quick, "close", version=1, reason_code="chance")
    with pytest.raises(NotFound), writing(app):
        commands.reply(cast.colleague.actor, quick, text="不是我。")


def test_bad_input_is_refused_by_field(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, quick: UUID
) -> None:
    auditor = sign_in(client, cast.county_auditor)
    page = f"/audit/flags/{quick}"
    without = post_form(auditor, page, {"action": "close"})
    assert without.status_code == 422
    assert "请选一个原因" in without.text
    assert post_form(auditor, page, {"action": "ask", "text": ""}).status_code == 422
    assert auditor.get("/audit/flags?state=x&kind=y&page=-1").status_code == 200
    with writing(app):
        commands.review(cast.county_auditor.actor, quick, "ask", version=1, text="请说明。")
    with pytest.raises(Conflict), writing(app):
        commands.review(cast.county_auditor.actor, quick, "ask", version=1, text="请说明。")


def test_a_closed_flag_opens_again_only_for_much_more(app: Flask, cast: Cast) -> None:
    person_id, path = cast.learner.person_id, county(app, cast)
    with writing(app):
        assert detecting.note(finding(person_id), path)
    flag_id = only_flag(app, Kind.BURST)
    with writing(app):
        commands.review(cast.county_auditor.actor, flag_id, "close", version=1, reason_code="talked")
    for strength, becomes in ((13.0, "closed"), (19.0, "open")):
        with writing(app):
            assert not detecting.note(finding(person_id, strength), path)
        with reading(app):
            assert session().scalars(select(Flag.state)).one() == becomes
    with writing(app):
        session().execute(update(Flag).values(state="closed"))
    with pytest.raises(Conflict), writing(app):
        commands.reply(cast.learner.actor, flag_id, text="已经说明过。")


def test_by_night_every_authority_gets_one_task(app: Flask, cast: Cast, work_off: Callable[[Flask], int]) -> None:
    """Whatever the hour, the tasks do their work once; what was submitted a moment ago waits."""
    with app.app_context(), unit_of_work(write=False):
        authorities = people.authorities(clock.today())
    for _ in range(2):
        with writing(app):
            for authority_id, path in authorities:
                outbox.send("credits.flags", key=f"flags:{authority_id}", authority_id=str(authority_id), path=path)
        work_off(app)
    with reading(app):
        marks = session().scalars(select(FlagScan.until)).all()
    assert len(marks) == len(authorities) > 1
    assert all(mark < clock.now() - timedelta(minutes=9) for mark in marks)


def test_a_large_authority_is_looked_at_page_by_page(
    app: Flask, cast: Cast, tmp_path: Path, work_off: Callable[[Flask], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is cut off is done again; only after the last one is the authority looked at."""
    monkeypatch.setattr(detecting, "PAGE", 1)
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    for member in (cast.learner, cast.colleague):
        pass_course(app, member, edition_id)
    work_off(app)
    with reading(app):
        ((authority_id, path),) = [one for one in people.authorities(clock.today()) if one[1] == county(app, cast)]
    end = clock.now() + timedelta(seconds=1)
    told = {"authority_id": str(authority_id), "path": path, "until": end.isoformat()}
    with app.app_context(), suppress(InterruptedError), unit_of_work():
        tasks.look(**told)
        raise InterruptedError
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Flag)) == 0
    with writing(app):
        tasks.look(**told)
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Flag).where(Flag.kind == Kind.PACE.value)) == 1
        assert session().scalars(select(FlagScan.authority_id)).all() == []
    assert work_off(app) == 1
    with reading(app):
        flagged = session().scalars(
            select(FlagPerson.person_id).join(Flag, Flag.id == FlagPerson.flag_id).where(Flag.kind == Kind.PACE.value)
        )
        assert set(flagged) == {cast.learner.person_id, cast.colleague.person_id}
        assert session().scalars(select(FlagScan.authority_id)).all() == [authority_id]


def test_two_places_at_once(app: Flask, cast: Cast) -> None:
    today = clock.today()
    away = FACE | {"started_on": today - timedelta(days=3), "on_date": today, "hours": Decimal(33), "holder": "市医院"}
    here = {
        "kind": "unit_lecture", "title": {"zh": "讲座", "en": "Lecture"}, "on_date": today, "hours": Decimal(8),
        "quantity": Decimal(1), "unit": "items", "holder": "柳溪镇卫生院",
    }  # fmt: skip
    record(app, cast, cast.learner, **away)
    record(app, cast, cast.learner, **here)
    assert run(app)["noted"] == 1
    with reading(app):
        view = queries.flag_view(cast.county_auditor.actor, only_flag_id())
    assert (view.kind, len(view.sentences)) == ("places", 3)


def only_flag_id() -> UUID:
    return session().scalars(select(Flag.id)).one()


def test_a_browser_is_known_by_a_keyed_hash_that_outlives_its_people(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    post_form(client, "/account", {}, action="/sign-out")
    sign_in(client, cast.colleague)
    sign_in(app.test_client(), cast.author)
    with reading(app):
        rows = {row[0]: row[1] for row in session().execute(select(UserSession.person_id, UserSession.browser_hash))}
    assert rows[cast.learner.person_id] == rows[cast.colleague.person_id] != rows[cast.author.person_id]
    assert all(one and len(one) == 64 for one in rows.values())


def test_copied_answers_show_side_by_side_and_to_the_doctor_without_name_or_answer(
    app: Flask, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    edition_id = publish_course(app, tmp_path)
    people = (cast.learner.person_id, cast.colleague.person_id)
    same = [{"course": str(edition_id), "item": "ST-SI-1", "response": '"canary-3"', "share": 0.1}]
    evidence = {"compared": 30, "same": same, "times_power": 6, "colleagues": True}
    with writing(app):
        detecting.note(Finding(Kind.COPY, "a:b:2026", people, 6.0, evidence), county(app, cast))
    flag_id = only_flag(app, Kind.COPY)
    auditor = sign_in(app.test_client(), cast.county_auditor).get(f"/audit/flags/{flag_id}").text
    assert "题 ST-SI-1" in auditor
    assert "选项 3" in auditor
    own = sign_in(app.test_client(), cast.learner).get(f"/credits/flags/{flag_id}").text
    assert "30" in own
    for hidden in (cast.colleague.name, "ST-SI-1", "选项 3", "canary"):
        assert hidden not in own


def test_the_report_answers_json(app: Flask, cast: Cast, quick: UUID) -> None:
    report = app.test_cli_runner().invoke(args=["credits", "flags", "report", "--json"])
    assert json.loads(report.stdout)["pace"] == {"open": 1, "asked": 0, "answered": 0, "closed": 0}
