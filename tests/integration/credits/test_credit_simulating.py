"""`credits simulate`: what a draft would change for everybody, through the shell, writing nothing."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cast import Cast, Member, id_number
from click.testing import Result
from credit_stage import FACE, LECTURE, SAID, SELF_STUDY, award_of, awards, reading, record, writing
from flask import Flask

from lms.credits import commands, queries
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import Model, session
from lms.organisations import commands as organisations
from lms.organisations import queries as organisation_queries
from lms.people import commands as people
from lms.people import queries as people_queries
from lms.people.rules import Population

IN_FORCE = Path("content/policies/CN-2025.toml").read_text("utf-8")
HAINAN = "content/policies/CN-HI-2025.toml"
LECTURES = """
[[conversions]]
id = "unit-lecture"
shape = "fixed"
kinds = ["unit_lecture"]
roles = ["attendee"]
credits = "1"
source = "provincial-tables"
citation = { zh = "试", en = "Trial" }
certainty = "assumed"
effective_from = 2025-01-01
populations = ["*"]
"""
AGAIN: dict[str, Any] = LECTURE | {"project_number": "L-1", "on_date": date(2026, 4, 2)}


def draft(folder: Path, *changes: tuple[str, str]) -> Path:
    """The national policy as it is, but from 2026 on and with these changes."""
    text = IN_FORCE.replace('id = "CN-2025"', 'id = "CN-2026"').replace("first_year = 2025", "first_year = 2026")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "draft.toml"
    file.write_text(text, "utf-8")
    return file


def simulate(app: Flask, file: Path | str, *more: str, year: int = 2026) -> Result:
    words = ["credits", "simulate", "--policy", str(file), "--year", str(year), *more]
    found: Result = app.test_cli_runner().invoke(args=words)
    return found


def answer(app: Flask, file: Path | str, year: int = 2026) -> dict[str, Any]:
    result = simulate(app, file, "--json", year=year)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def of(found: dict[str, Any], member: Member) -> dict[str, Any] | None:
    return next((one for one in found["changes"] if one["person"] == str(member.person_id)), None)


def content(app: Flask) -> dict[str, str]:
    """Every row of every table."""
    with reading(app):
        tables = Model.metadata.tables.items()
        rows = {name: sorted(repr(tuple(row)) for row in session().execute(table.select())) for name, table in tables}
    return {name: f"{len(found)} {sha256(chr(10).join(found).encode()).hexdigest()}" for name, found in rows.items()}


def a_year(app: Flask, cast: Cast) -> None:
    """Awards that stand, were returned and reversed, facts that were refused, recorded in no order of days."""
    record(app, cast, cast.learner, **FACE | {"on_date": date(2026, 9, 1), "hours": Decimal(24)})
    early = award_of(app, cast, cast.learner, **FACE | {"activity_code": "F-2", "hours": Decimal(12)})
    record(app, cast, cast.learner, **SELF_STUDY)
    record(app, cast, cast.learner, **FACE | {"project_number": "P-9", "assessed": False})
    lecture = award_of(app, cast, cast.learner, **AGAIN)
    record(app, cast, cast.learner, **AGAIN)
    award_of(app, cast, cast.colleague)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, early, version=1, **SAID)
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, lecture, version=1, **SAID | {"reason_code": "absent"})
    record(app, cast, cast.learner, **AGAIN)
    # What was reversed leaves its room under the project's cap to what comes after it.
    undone = award_of(app, cast, cast.colleague, **FACE | {"hours": Decimal(24)})
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, undone, version=1, **SAID | {"reason_code": "absent"})
    record(app, cast, cast.colleague, **FACE | {"activity_code": "F-3", "hours": Decimal(24)})


def test_the_policy_in_force_as_a_draft_changes_nobody(app: Flask, cast: Cast, tmp_path: Path) -> None:
    a_year(app, cast)
    with reading(app):
        standing = queries.year_standing(cast.learner.person_id, 2026)
    assert standing is not None
    found = answer(app, draft(tmp_path))
    assert (found["people"], found["same"], found["gain"], found["lose"]) == (8, 8, 0, 0)
    assert found["changes"] == found["no_rule"] == []
    counted = standing.counted + Decimal("8.5")
    assert Decimal(found["credits"]["before"]) == Decimal(found["credits"]["after"]) == counted
    assert found["compliance"] == [
        {"before": "fail", "after": "fail", "people": 3},
        {"before": "not_required", "after": "not_required", "people": 5},
    ]
    assert found["governed_by"] == [{"policy": "CN-2025", "people": 8}]


def test_who_gains_and_who_loses_is_told_person_by_person(app: Flask, cast: Cast, tmp_path: Path) -> None:
    record(app, cast, cast.learner, **SELF_STUDY)  # 14, of which 10 count
    award_of(app, cast, cast.colleague)
    file = draft(tmp_path, ('credits = "0.5"', 'credits = "0.75"'), ('maximum = "10"', 'maximum = "4"'))
    found = answer(app, file)
    assert (found["draft"], found["status"], found["year"]) == ("CN-2026", "in_force", 2026)
    assert [one["person"] for one in found["changes"]] == [str(cast.learner.person_id), str(cast.colleague.person_id)]
    loses, gains = found["changes"]
    assert (loses["name"], loses["workplace"], loses["outcome"]) == ("赵桂芳", "石门沟村卫生室", "lose")
    assert (loses["before"]["counted"], loses["after"]["counted"]) == ("10.0", "4.0")
    assert (loses["before"]["policy"], loses["after"]["policy"]) == ("CN-2025", "CN-2026")
    assert (loses["before"]["gap_credits"], loses["after"]["gap_credits"]) == ("15.0", "21.0")
    assert (gains["outcome"], gains["before"]["counted"], gains["after"]["counted"]) == ("gain", "0.5", "0.75")
    assert found["credits"] == {"before": "10.5", "after": "4.75", "up": "0.25", "down": "6.0"}
    assert (found["gain"], found["lose"], found["same"]) == (1, 1, 6)


def test_a_verdict_that_changes_is_a_gain_or_a_loss_though_no_credit_moves(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    record(app, cast, cast.learner, **SELF_STUDY)
    lower = (('minimum = "25"', 'minimum = "10"'), ('minimum = "90"', 'minimum = "42"'))
    found = answer(app, draft(tmp_path, *lower))
    (change,) = (one for one in found["changes"] if one["person"] == str(cast.learner.person_id))
    assert change["outcome"] == "gain"
    assert (change["before"]["compliance"], change["after"]["compliance"]) == ("fail", "pass")
    assert {"before": "fail", "after": "pass", "people": 1} in found["compliance"]
    # Those who still fail lack less.
    assert found["gain"] == 3
    assert found["credits"]["up"] == found["credits"]["down"] == "0.0"
    higher = answer(app, draft(tmp_path, ('minimum = "25"', 'minimum = "30"')))
    assert (higher["lose"], higher["gain"]) == (3, 0)


def test_what_was_refused_is_judged_anew(app: Flask, cast: Cast, tmp_path: Path) -> None:
    assert record(app, cast, cast.learner, **FACE | {"assessed": False}).award_id is None
    free = ('kinds = ["recommended_project", "promotion_project"]\nsource', 'kinds = ["research"]\nsource')
    change = of(answer(app, draft(tmp_path, free)), cast.learner)
    assert change is not None
    assert (change["before"]["counted"], change["after"]["counted"]) == ("0.0", "10.0")
    assert (change["before"]["hours"], change["after"]["hours"]) == ("0", "33")


def test_what_was_returned_or_reversed_stays_not_counting(app: Flask, cast: Cast, tmp_path: Path) -> None:
    a_year(app, cast)
    (found,) = (answer(app, draft(tmp_path, ('credits = "0.5"', 'credits = "5"')))["changes"],)
    # Only the colleague's lecture: the learner's was reversed, and its repetition is not a new one.
    assert [one["person"] for one in found] == [str(cast.colleague.person_id)]
    assert {one.state for one in awards(app, cast.learner)} == {"granted", "returned", "reversed"}


def test_facts_without_a_rule_count_nothing_and_are_listed_by_kind(app: Flask, cast: Cast, tmp_path: Path) -> None:
    award_of(app, cast, cast.learner)
    record(app, cast, cast.colleague, **SELF_STUDY)
    lectures = ('kinds = ["unit_lecture"]', 'kinds = ["ward_round"]')
    file = draft(tmp_path, lectures, ('kinds = ["self_study"]', 'kinds = ["paper"]'))
    found = answer(app, file)
    assert found["no_rule"] == [
        {"kind": "self_study", "field": "kind", "facts": 1},
        {"kind": "unit_lecture", "field": "kind", "facts": 1},
    ]
    assert found["lose"] == 2
    assert [one["after"]["counted"] for one in found["changes"]] == ["0.0", "0.0"]
    assert [one["before"]["counted"] for one in found["changes"]] == ["10.0", "0.5"]


def hainan_doctor(app: Flask) -> str:
    """A doctor of another province; her id."""
    with writing(app):
        place = organisations.add_organisation(
            SYSTEM, kind="province", code="HI", name="琼岛省", parent_id=None, region_code="CN-HI"
        )
        county = organisations.add_organisation(SYSTEM, kind="county", code="HI-1", name="海湾县", parent_id=place)
        clinic = organisations.add_organisation(
            SYSTEM, kind="village_clinic", code="HI-1-1", name="滩头村卫生室", parent_id=county
        )
        person_id = people.add_person(
            SYSTEM, name="符海生", workplace_id=clinic, phone="00000000900", id_number=id_number(900),
            population=Population.VILLAGE_DOCTOR, starts_on=date(2024, 1, 1),
        )  # fmt: skip
    with writing(app):
        commands.record_activity(SYSTEM, person_id=person_id, **LECTURE)
    return str(person_id)


def test_a_provincial_draft_is_tried_on_its_province_only(app: Flask, cast: Cast, tmp_path: Path) -> None:
    award_of(app, cast, cast.learner)
    person = hainan_doctor(app)
    file = tmp_path / "hi.toml"
    file.write_text(Path(HAINAN).read_text("utf-8") + LECTURES, "utf-8")
    found = answer(app, file)
    assert (found["people"], found["status"]) == (1, "unconfirmed")
    assert [(one["person"], one["after"]["counted"]) for one in found["changes"]] == [(person, "1.0")]
    assert answer(app, draft(tmp_path))["people"] == 9
    assert answer(app, "content/policies/CN-GD-2025.toml")["people"] == 0


def test_only_people_with_a_posting_of_today_are_asked(app: Flask, cast: Cast, tmp_path: Path) -> None:
    with writing(app):
        people.add_person(
            SYSTEM, name="新来的", workplace_id=cast.places["LB-YL-LX-SM"], phone="00000000901",
            id_number=id_number(901), population=Population.VILLAGE_DOCTOR, starts_on=date(2099, 1, 1),
        )  # fmt: skip
    assert answer(app, draft(tmp_path))["people"] == 8


def test_another_year_is_simulated_when_asked_for(app: Flask, cast: Cast, tmp_path: Path) -> None:
    record(app, cast, cast.learner, **LECTURE | {"on_date": date(2025, 4, 1)})
    text = IN_FORCE.replace('credits = "0.5"', 'credits = "1"')
    file = tmp_path / "draft.toml"
    file.write_text(text, "utf-8")
    change = of(answer(app, file, year=2025), cast.learner)
    assert change is not None
    assert (change["before"]["counted"], change["after"]["counted"]) == ("0.5", "1.0")
    assert answer(app, file)["changes"] == []


def test_nothing_is_written(app: Flask, cast: Cast, tmp_path: Path, count_sql: Callable[[], Any]) -> None:
    a_year(app, cast)
    before = content(app)
    file = draft(tmp_path, ('credits = "0.5"', 'credits = "1"'))
    with count_sql() as statements:
        first = simulate(app, file, "--json")
    assert first.exit_code == 0
    assert content(app) == before
    assert all(one.lstrip().upper().startswith("SELECT") for one in statements), statements
    # One for the provinces, two for the one batch of people, one that finds no more.
    assert len(statements) == 4
    assert simulate(app, file, "--json").stdout == first.stdout


@pytest.mark.parametrize("most", [1, 3, 500])
def test_everybody_is_read_once_whatever_the_size_of_a_batch(app: Flask, cast: Cast, most: int) -> None:
    met: list[people_queries.PostedPerson] = []
    with reading(app):
        while batch := people_queries.posted_people(date(2026, 6, 1), met[-1].id if met else None, most):
            assert len(batch) <= most
            met += batch
    assert [one.id for one in met] == sorted(one.person_id for one in cast.members)
    (hers,) = (one for one in met if one.id == cast.learner.person_id)
    assert (hers.name, hers.workplace_name, hers.population) == ("赵桂芳", "石门沟村卫生室", "village_doctor")


def test_provinces_are_told_as_one_by_one(app: Flask, cast: Cast) -> None:
    hainan_doctor(app)
    with reading(app):
        codes = organisation_queries.region_codes()
        paths = [one.path for one in organisation_queries.in_scope(["/"])]
        found = {path: organisation_queries.jurisdiction_among(codes, path) for path in paths}
        assert found == {path: organisation_queries.jurisdiction_of(path) for path in paths}
    assert set(found.values()) == {"CN", "CN-HI"}


def test_without_json_it_is_a_table_for_people(app: Flask, cast: Cast, tmp_path: Path) -> None:
    award_of(app, cast, cast.learner)
    result = simulate(app, draft(tmp_path, ('credits = "0.5"', 'credits = "0.25"')))
    assert result.exit_code == 0
    rows = result.stdout.splitlines()
    assert rows[0].startswith("CN-2026:")
    assert "共 8 人" in rows[0]
    (hers,) = (row for row in rows if str(cast.learner.person_id) in row)
    assert "赵桂芳" in hers
    assert "0.5 → 0.25" in hers
    assert "不够 → 不够" in hers
    assert "已算 8 人" in result.stderr


def test_without_a_year_it_is_the_current_one(app: Flask, cast: Cast) -> None:
    result = app.test_cli_runner().invoke(args=["credits", "simulate", "--policy", HAINAN, "--json"])
    assert json.loads(result.stdout)["year"] == clock.today().year


def test_a_bad_draft_is_refused_with_all_its_faults(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = draft(tmp_path, ('minimum = "25"', 'minimum = "many"'), ('maximum = "10"', 'maximum = "-1"'))
    for more in ((), ("--json",)):
        result = simulate(app, file, *more)
        assert result.exit_code == 1
        assert result.stdout == ""
        for word in ("draft.toml", "requirements[0].minimum", "caps[0].maximum", "caps[1].maximum"):
            assert word in result.stderr
    missing = simulate(app, tmp_path / "none.toml")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "none.toml" in missing.stderr


def test_a_draft_for_other_years_is_refused(app: Flask, cast: Cast, tmp_path: Path) -> None:
    early = simulate(app, draft(tmp_path), "--json", year=2025)
    assert (early.exit_code, early.stdout) == (1, "")
    assert "2026" in early.stderr
    late = simulate(app, "content/policies/CN-2006.toml", "--json")
    assert (late.exit_code, late.stdout) == (1, "")
    assert "2024" in late.stderr
    absurd = simulate(app, draft(tmp_path), "--json", year=99999)
    assert (absurd.exit_code, absurd.stdout) == (2, "")
