"""Samples are drawn once and kept: by whom, from what, which awards; anybody draws the same again."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import FACE, LECTURE, SAID, award_of, reading, state, writing
from flask import Flask
from pages import forms_of, post_form
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from two_persons import WRONG, auditor, browser, limited

from lms.credits import commands
from lms.credits.auditing import sampling
from lms.credits.auditing.models import AuditSample, SampledAward
from lms.credits.auditing.samples import SampleView, my_samples, sample_view
from lms.credits.auditing.sampling import Wanted
from lms.credits.models import Award
from lms.kernel import audit, clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid, NotAllowed, NotFound
from lms.kernel.ids import new_id


def draw(app: Flask, cast: Cast, actor: object = None, **wanted: object) -> UUID:
    """A sample of the county; its id."""
    sample_id = new_id()
    given = {"place_id": cast.places["LB-YL"], "seed": "2026-11", "size": 5, **wanted}
    with writing(app):
        assert sampling.draw(actor or cast.county_auditor.actor, sample_id, Wanted(**given))  # type: ignore[arg-type]
    return sample_id


def drawn(app: Flask, sample_id: UUID) -> list[UUID]:
    with reading(app):
        return list(
            session().scalars(
                select(SampledAward.award_id).filter_by(sample_id=sample_id).order_by(SampledAward.position)
            )
        )


def view(app: Flask, actor: object, sample_id: UUID) -> SampleView:
    with reading(app):
        found = sample_view(actor, sample_id)  # type: ignore[arg-type]
        session().expunge_all()
        return found


def test_it_is_kept_and_neither_decisions_nor_later_awards_change_it(app: Flask, cast: Cast) -> None:
    made = [award_of(app, cast, cast.learner) for _ in range(15)]
    sample_id = draw(app, cast)
    first = drawn(app, sample_id)
    assert len(set(first)) == 5
    assert set(first) <= set(made)
    award_of(app, cast, cast.colleague)
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, made[0], version=1)
        commands.reverse_award(cast.county_auditor.actor, made[1], version=1, **WRONG)
    with reading(app):
        found = sampling.check(sample_id)
        assert found.holds
        assert (found.frame, found.sample.frame, found.missing, found.foreign) == (15, 15, (), ())
    again = draw(app, cast)
    with reading(app):
        assert session().get_one(AuditSample, again).frame == 16
    others = {tuple(drawn(app, draw(app, cast, seed=f"seed {n}"))) for n in range(6)}
    assert others != {tuple(first)}
    with reading(app):
        assert [row.action for row in audit.history("sample", sample_id)] == ["sample.drawn"]


def test_year_kind_and_place_narrow_the_frame(app: Flask, cast: Cast) -> None:
    lecture, face = award_of(app, cast, cast.learner), award_of(app, cast, cast.learner, **FACE)
    old = award_of(app, cast, cast.colleague, **(LECTURE | {"on_date": date(2025, 4, 1)}))
    assert set(drawn(app, draw(app, cast))) == {lecture, face, old}
    assert drawn(app, draw(app, cast, year=2025)) == [old]
    assert drawn(app, draw(app, cast, kind="promotion_project")) == [face]
    assert len(drawn(app, draw(app, cast, cast.province_auditor.actor, place_id=cast.places["LB"]))) == 3
    with pytest.raises(Invalid), writing(app):
        sampling.draw(cast.stranger.actor, new_id(), Wanted(cast.places["LB-ST"], "a", 5))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"size": 0}, "size"), ({"size": -1}, "size"), ({"size": 101}, "size"), ({"size": 10**12}, "size"),
        ({"seed": " "}, "seed"), ({"seed": "长" * 41}, "seed"), ({"kind": "no"}, "kind"), ({"year": 9999}, "year"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_nothing_is_kept(
    app: Flask, cast: Cast, wanted: dict[str, object], field: str
) -> None:
    award_of(app, cast, cast.learner)
    with pytest.raises(Invalid) as caught:
        draw(app, cast, **wanted)
    assert set(caught.value.fields) == {field}
    with reading(app):
        assert session().scalar(select(func.count()).select_from(AuditSample)) == 0


def test_places_of_others_and_samples_of_others_do_not_exist(app: Flask, cast: Cast) -> None:
    award_of(app, cast, cast.learner)
    for actor, place in (
        (cast.stranger.actor, "LB-YL"), (cast.county_auditor.actor, "LB"), (cast.admin.actor, "LB-YL"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            draw(app, cast, actor, place_id=cast.places[place])
    of_county, of_province = draw(app, cast), draw(app, cast, cast.province_auditor.actor)
    stranger, county = browser(app, cast.stranger), browser(app, cast.county_auditor)
    for sample_id in (of_county, of_province, new_id()):
        assert stranger.get(f"/audit/samples/{sample_id}").status_code == 404
        assert stranger.get(f"/audit/samples/{sample_id}/protocol").status_code == 404
    assert county.get(f"/audit/samples/{of_province}").status_code == 404
    assert browser(app, cast.province_auditor).get(f"/audit/samples/{of_county}").status_code == 200
    with reading(app):
        assert [one.sample.id for one in my_samples(cast.county_auditor.actor, 1).items] == [of_county]
    with pytest.raises(NotFound), writing(app):  # an id that is somebody else's
        sampling.draw(cast.province_auditor.actor, of_county, Wanted(cast.places["LB-YL"], "a", 5))


def test_a_form_sent_twice_draws_once_and_a_small_frame_is_drawn_whole(app: Flask, cast: Cast) -> None:
    for _ in range(3):
        award_of(app, cast, cast.learner)
    client = browser(app, cast.county_auditor)
    page = client.get("/audit/samples").text
    form = next(one for one in forms_of(page) if one["action"] == "/audit/samples")
    data = dict(form["fields"]) | {"seed": "云卫〔2026〕8号", "size": "50"}
    first = client.post("/audit/samples", data=data)
    second = client.post("/audit/samples", data=data | {"seed": "别的"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    with reading(app):
        (sample,) = session().scalars(select(AuditSample))
        assert (sample.seed, sample.size, sample.drawn, sample.frame) == ("云卫〔2026〕8号", 50, 3, 3)
    shown = client.get(first.location).text
    assert "刚才已经抽过" in shown
    assert "要抽 50 条，范围里只有这些，全部抽出。" in shown
    assert "已审 0 条，共 3 条" in client.get("/audit/samples").text


def test_the_form_says_what_is_wrong(app: Flask, cast: Cast) -> None:
    client = browser(app, cast.county_auditor)
    assert "这里没有可抽的学分" in post_form(client, "/audit/samples", {"size": "5"}).text
    award_of(app, cast, cast.learner)
    for fill, said in (
        ({"size": "0"}, "1 到 100"), ({"size": "101"}, "1 到 100"), ({"size": "many"}, "请填整数"),
        ({"place": str(cast.places["LB-ST"])}, "请从列出的几项里选一项"), ({"sample_id": "x"}, "请再提交一次"),
        ({"year": "1999"}, "请从列出的几项里选一项"), ({"seed": ""}, "填写"),
    ):  # fmt: skip
        answer = post_form(client, "/audit/samples", fill)
        assert answer.status_code == 422, fill
        assert said in answer.text, fill
    assert "已审" not in client.get("/audit/samples").text


def test_deciding_leads_to_the_next_of_the_sample_and_counts(app: Flask, cast: Cast) -> None:
    for _ in range(3):
        award_of(app, cast, cast.learner)
    award_of(app, cast, cast.county_auditor)  # her own: drawn, and left to others
    sample_id = draw(app, cast)
    own = {row.award.id for row in view(app, cast.county_auditor.actor, sample_id).rows if row.award.own}
    order = [one for one in drawn(app, sample_id) if one not in own]
    client, page = browser(app, cast.county_auditor), f"/audit/samples/{sample_id}"
    assert f"/audit/awards/{order[0]}?sample={sample_id}" in client.get(page).text
    fills = [
        {"action": "approve"}, {"action": "return", **SAID}, {"action": "reverse", **WRONG},
    ]  # fmt: skip
    for number, fill in enumerate(fills):
        sent = post_form(client, f"/audit/awards/{order[number]}?sample={sample_id}", {**fill, "then": "next"})
        following = f"/audit/awards/{order[number + 1]}?sample={sample_id}" if number < 2 else page
        assert sent.location == following
    found = view(app, cast.county_auditor.actor, sample_id)
    assert (found.progress.decided, found.progress.drawn) == (3, 4)
    assert (found.progress.judged, found.progress.wrong, found.progress.percent_wrong) == (2, 1, "50.0")
    shown = client.get(page).text
    assert "已审出结果的 2 条里，1 条有错，占 50.0%。其余 2 条没有结果，不算在内。" in shown
    assert "剩下的要由别的审核人员来审。" in shown
    with writing(app):
        commands.reply_to_award(cast.learner.actor, order[1], text="签到表在卫生院。")
    again = view(app, cast.county_auditor.actor, sample_id)
    assert again.following() == order[1]
    assert again.progress.decided == 2


def test_what_was_settled_before_tells_nothing_and_a_higher_level_looks_again(app: Flask, cast: Cast) -> None:
    one, two = award_of(app, cast, cast.learner), award_of(app, cast, cast.colleague)
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, one, version=1)
        commands.reverse_award(cast.county_auditor.actor, two, version=1, **WRONG)
    of_county = view(app, cast.county_auditor.actor, draw(app, cast))
    assert of_county.progress.counts["before"] == 2
    assert of_county.progress.share_wrong is None
    province = cast.province_auditor.actor
    sample_id = draw(app, cast, province)
    before = view(app, province, sample_id)
    assert {row.award.id: row.outcome for row in before.rows} == {one: "open", two: "before"}
    assert before.following() == one
    with writing(app):
        commands.approve_award(province, one, version=2)
    assert view(app, province, sample_id).progress.counts["right"] == 1


def test_a_second_person_finds_it_and_no_colleague_is_led_to_it(app: Flask, cast: Cast) -> None:
    with limited(app) as small:
        award_id = award_of(small, cast, cast.learner, **FACE)
        sample_id = draw(small, cast)
        with writing(small):
            commands.reverse_award(cast.county_auditor.actor, award_id, version=1, **WRONG)
        mine = view(small, cast.county_auditor.actor, sample_id)
        assert (mine.rows[0].outcome, mine.following(), mine.progress.decided) == ("second", None, 0)
        second = auditor(small, cast, 80, "褚文彬")
        in_clinic = auditor(small, cast, 81, "卫秀兰", workplace="LB-YL-LX-SM")
        assert view(small, second.actor, sample_id).following() == award_id
        assert view(small, in_clinic.actor, sample_id).following() is None
        with pytest.raises(NotAllowed), writing(small):
            commands.answer_proposal(in_clinic.actor, award_id, "confirm", version=1)
        client = browser(small, second)
        page = f"/audit/awards/{award_id}?sample={sample_id}"
        sent = post_form(client, page, {"action": "confirm", "then": "next"}, action="/second")
        assert sent.location == f"/audit/samples/{sample_id}"
        protocol = client.get(f"/audit/samples/{sample_id}/protocol").text
        assert "何文静提议，褚文彬确认" in protocol
        assert "1 条全部审出结果，1 条有错，占 100.0%。" in protocol


def test_the_protocol_is_a_file_without_formulas_and_taking_it_is_recorded(app: Flask, cast: Cast) -> None:
    title = {"zh": '=HYPERLINK("http://x.example","点")', "en": "+1"}
    award_id = award_of(app, cast, cast.learner, **(LECTURE | {"title": title}))
    sample_id = draw(app, cast, seed="=1+1", size=50)
    with writing(app):
        commands.reverse_award(
            cast.county_auditor.actor, award_id, version=1, reason_code="absent", text="@SUM(A1)"
        )
    client = browser(app, cast.county_auditor)
    page = f"/audit/samples/{sample_id}/protocol"
    answer = post_form(client, page, {"ending": "csv"}, action="/file")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert "'=1+1" in cells
    assert str(award_id) in cells
    assert any("1 条全部审出结果，1 条有错，占 100.0%。" in cell for cell in cells)
    assert any("核实没有参加：@SUM(A1)" in cell for cell in cells)
    assert post_form(client, page, {"ending": "xlsx"}, action="/file").data[:2] == b"PK"
    with reading(app):
        deeds = [row.action for row in audit.history("sample", sample_id)]
    assert deeds == ["sample.drawn", "sample.exported", "sample.exported"]
    assert "=1+1" in client.get(page).text


def test_the_database_lets_nobody_change_a_sample(app: Flask, cast: Cast) -> None:
    award_of(app, cast, cast.learner)
    sample_id = draw(app, cast)
    for statement in (
        "UPDATE audit_sample SET seed = 'x'", "DELETE FROM audit_sample",
        "UPDATE audit_sample_award SET position = 9", "DELETE FROM audit_sample_award",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"), writing(app):
            session().execute(text(statement))
    award_id = drawn(app, sample_id)[0]
    with pytest.raises(DBAPIError), writing(app):
        session().execute(insert(SampledAward).values(sample_id=sample_id, position=2, award_id=award_id))


def test_the_command_draws_shows_and_finds_what_was_tampered_with(app: Flask, cast: Cast, tmp_path: Path) -> None:
    for _ in range(8):
        award_of(app, cast, cast.learner)
    shell = app.test_cli_runner()
    words = ["credits", "sample", "draw", "--place", "LB-YL", "--seed", "8号", "--size", "4", "--json"]
    made = shell.invoke(args=words)
    assert made.exit_code == 0, made.output
    answer = json.loads(made.stdout)
    assert (answer["drawn"], answer["frame"], len(answer["awards"])) == (4, 8, 4)
    shown = shell.invoke(args=["credits", "sample", "show", answer["id"], "--json"])
    assert [one["award"] for one in json.loads(shown.stdout)["awards"]] == [
        one["award"] for one in answer["awards"]
    ]
    assert "8号" in shell.invoke(args=["credits", "sample", "show", answer["id"]]).stdout
    assert shell.invoke(args=["credits", "sample", "check", answer["id"]]).exit_code == 0
    kept = drawn(app, UUID(answer["id"]))
    with reading(app):
        spare = session().scalars(select(Award.id).where(Award.id.not_in(kept))).first()
        row = session().get_one(AuditSample, UUID(answer["id"]))
        values = {column.name: getattr(row, column.name) for column in AuditSample.__table__.columns}
    forged = new_id()
    with writing(app):  # another award put in the place of the one drawn last
        session().execute(insert(AuditSample).values(**values | {"id": forged}))
        for position, one in enumerate([*kept[:3], spare], start=1):
            session().execute(insert(SampledAward).values(sample_id=forged, position=position, award_id=one))
    found = shell.invoke(args=["credits", "sample", "check", str(forged)])
    assert found.exit_code == 1
    assert str(spare) in found.output
    assert str(kept[3]) in found.output
    with writing(app):  # and an award that claims to have been there
        session().execute(
            Award.__table__.update().where(Award.id == spare).values(awarded_at=clock.now() + timedelta(days=1))
        )
    assert shell.invoke(args=["credits", "sample", "check", answer["id"]]).exit_code == 1
    for bad in (["show", str(new_id())], ["check", "x"], ["draw", "--place", "NO", "--seed", "a", "--size", "5"],
                ["draw", "--place", "LB-YL", "--seed", "a", "--size", "0"]):  # fmt: skip
        assert shell.invoke(args=["credits", "sample", *bad]).exit_code != 0
    assert state(app, kept[0]) == ("granted", 1)
