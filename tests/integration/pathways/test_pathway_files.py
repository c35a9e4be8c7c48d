"""Pathways that a county writes itself, and the shell that judges them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cast import Cast, Member, make_cast
from click.testing import Result
from cookies import NAME, cookie_of
from county_programme import TEMPLATE, county_programme
from flask import Flask
from houses import House, build_app
from sqlalchemy import update

from lms.app import create_schema
from lms.credits.rules.reading import FaultyFileError
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.pathways import catalogue
from lms.pathways.county.models import PathwayResult


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    """The shell's: what it judges here is in files."""
    return sqlite_house.app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The house's pathways, and a county's own beside them."""
    made = tmp_path / "pathways"
    shutil.copytree(catalogue.FOLDER, made, ignore=shutil.ignore_patterns("templates"))
    (made / "yunling.toml").write_text(county_programme(), "utf-8")
    return made


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["pathways", *map(str, words)])


def test_a_countys_own_pathway_is_offered_and_followed(tmp_path: Path, folder: Path) -> None:
    app = build_app(tmp_path / "house", pathways=str(folder))
    create_schema(app)
    cast = make_cast(app)
    doctor = browser(app, cast.learner)
    page = doctor.get("/pathways").text
    assert "云岭县村医培养计划" in page
    assert "乡村医生考乡村全科执业助理医师" in page
    way = doctor.get("/pathways/county-programme").text
    assert "跟班学习：" in way
    assert "40 学时" in way
    assert "各地做法" in way
    answer = doctor.post("/pathways/county-programme/follow", data={"csrf_token": "x"})
    assert answer.status_code == 303
    assert "您走的路" in doctor.get("/pathways").text
    (folder / "yunling.toml").unlink()
    catalogue._read.cache_clear()
    assert doctor.get("/pathways/county-programme").status_code == 404
    assert "您走的路" not in doctor.get("/pathways").text, "a way the house no longer has is not shown"


OFFERED = {"LB-YL": (True, False), "LB-ST": (False, True), "LB-YZ": (True, True), "LB": (True, True),
           "LB-XX": (False, False), "CN-HE": (False, False)}  # fmt: skip
"""To whom a programme of a place is offered: to a doctor of LB-YL, to one of LB-ST, both of the city LB-YZ."""


def test_a_countys_own_pathway_is_for_its_own_doctors(tmp_path: Path, folder: Path) -> None:
    """Who is audited elsewhere neither sees it nor goes it, nor hands anything in for it."""
    for place in OFFERED:
        text = county_programme(f"plan-{place.lower()}", place).replace("云岭县村医培养计划", f"{place} 的计划")
        (folder / f"{place}.toml").write_text(text, "utf-8")
    app = build_app(tmp_path / "house", pathways=str(folder))
    create_schema(app)
    cast = make_cast(app)
    for place, offered in OFFERED.items():
        for member, hers in zip((cast.learner, cast.stranger), offered, strict=True):
            doctor, address = browser(app, member), f"/pathways/plan-{place.lower()}"
            assert (f"{place} 的计划" in doctor.get("/pathways").text) is hers
            assert doctor.get(address).status_code == (200 if hers else 404)
            answer = doctor.post(f"{address}/follow", data={"csrf_token": "x"})
            assert answer.status_code == (303 if hers else 404)
            form = doctor.get("/pathways/records/new?kind=final_assessment")
            assert (f"{place} 的计划" in form.text) is hers


def test_a_countys_own_pathway_is_counted_where_it_holds(
    tmp_path: Path, folder: Path, work_off: Callable[[Flask], int]
) -> None:
    """In its county, above it and below it; the county beside it does not know of it, until somebody moves there."""
    app = build_app(tmp_path / "house", pathways=str(folder))
    create_schema(app)
    cast = make_cast(app)
    doctor, office, province, other = (
        browser(app, one) for one in (cast.learner, cast.county_auditor, cast.province_auditor, cast.stranger)
    )
    assert doctor.post("/pathways/county-programme/follow", data={"csrf_token": "x"}).status_code == 303
    work_off(app)
    for client, place in ((office, "LB-YL"), (province, "LB"), (province, "LB-YZ"), (province, "LB-YL-LX-SM")):
        page = client.get(f"/reports/pathways/{cast.places[place]}").text
        assert "云岭县村医培养计划（1）" in page, place
        assert "北京的安排" not in page, "what holds in another province only is not listed"
        listed = client.get(f"/reports/pathways/{cast.places[place]}/county-programme/people")
        assert "赵桂芳" in listed.text
    for client in (other, province):
        address = f"/reports/pathways/{cast.places['LB-ST']}"
        assert "云岭县村医培养计划" not in client.get(address).text
        assert client.get(f"{address}?way=county-programme").status_code == 404
        assert client.get(f"{address}/county-programme/people").status_code == 404
    with app.app_context(), unit_of_work():
        session().execute(
            update(PathwayResult)
            .where(PathwayResult.pathway == "county-programme")
            .values(place_path=path_of(cast, "LB-ST"), authority_path=path_of(cast, "LB-ST"))
        )
    assert "云岭县村医培养计划（1）" in other.get(f"{address}?way=county-programme").text
    assert other.get(f"{address}/county-programme/people").status_code == 200


def path_of(cast: Cast, code: str) -> str:
    return organisations.cards([cast.places[code]])[cast.places[code]].path


def browser(app: Flask, member: Member) -> Any:
    with app.app_context(), unit_of_work():
        cookie = cookie_of(app, member.person_id, csrf="x")
    client = app.test_client()
    client.set_cookie(NAME, cookie)
    return client


def test_a_faulty_pathway_stops_the_start(tmp_path: Path, folder: Path) -> None:
    file = folder / "yunling.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('citation = { zh = "第三条", en = "Article 3" }\n', "", 1), "utf-8")
    with pytest.raises(FaultyFileError, match=r"requirements\[0\].citation"):
        build_app(tmp_path / "house", pathways=str(folder))


def test_two_pathways_of_one_name_stop_the_start(tmp_path: Path, folder: Path) -> None:
    shutil.copy(folder / "yunling.toml", folder / "again.toml")
    with pytest.raises(FaultyFileError, match=r"yunling\.toml: id: "):
        build_app(tmp_path / "house", pathways=str(folder))


def test_check_says_what_a_folder_holds(app: Flask, folder: Path) -> None:
    found = run(app, "check", folder)
    assert found.exit_code == 0
    assert "yunling.toml: county-programme: 2 项要求，1 个模块" in found.stdout
    told = json.loads(run(app, "check", folder / "yunling.toml", "--json").stdout)
    assert told["ok"] is True
    assert [(one["id"], one["requirements"], one["modules"]) for one in told["files"]] == [("county-programme", 2, 1)]


def test_check_names_every_fault_with_its_key(app: Flask, folder: Path) -> None:
    file = folder / "yunling.toml"
    file.write_text(
        file.read_text("utf-8")
        .replace('certainty = "practice"', 'certainty = "sure"', 1)
        .replace('shape = "held"\n', 'shape = "held"\nrenewed_by = "renewal"\n'),
        "utf-8",
    )
    shutil.copy(folder / "physician.toml", folder / "zz.toml")
    found = run(app, "check", folder)
    assert found.exit_code == 1
    assert f"{file}: requirements[0].certainty: " in found.stderr
    assert f"{file}: requirements[1].renewed_by: 先写 renew_months：提前几个月申请" in found.stderr
    assert "zz.toml: id: “physician”用了两次" in found.stderr
    told = json.loads(run(app, "check", folder, "--json").stdout)
    assert told["ok"] is False
    assert {fault["key"] for one in told["files"] for fault in one["faults"]} == {
        "requirements[0].certainty", "requirements[1].renewed_by", "id",
    }  # fmt: skip


def test_check_names_what_a_copy_of_the_template_still_has_of_it(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "yunling.toml"
    file.write_text(TEMPLATE.read_text("utf-8").replace('id = "county-programme"', 'id = "yunling-plan"', 1), "utf-8")
    found = run(app, "check", file)
    assert found.exit_code == 1
    said = found.stderr.splitlines()
    assert f"{file}: requirements[0].citation.zh: 还是模板里的“第几条”，请换成你们自己的" in said
    assert f"{file}: title.en: 还是模板里的“The county's own programme”，请换成你们自己的" in said
    (programme,) = (one for one in said if "requirements[1].where.programme: " in one)
    assert "表里选不到“county-programme”" in programme
    assert any(one.startswith(f"{file}: jurisdiction: 不认识“本县的代码”") for one in said)
    with pytest.raises(FaultyFileError, match=r"requirements\[1\].where.programme"):
        build_app(tmp_path / "house", pathways=str(tmp_path))


def test_check_knows_the_other_programmes(app: Flask, folder: Path) -> None:
    """Of the folder; of a file alone, those of the house."""
    file = folder / "yunling.toml"
    for named, fine in (("gp-transfer-2010", True), ("shitang-plan", False), ("physician", False)):
        text = county_programme().replace('programme = ["county-programme"]', f'programme = ["{named}"]')
        file.write_text(text, "utf-8")
        assert run(app, "check", file).exit_code == (0 if fine else 1), named
        assert run(app, "check", folder).exit_code == (0 if fine else 1), named
    file.write_text(county_programme().replace('["county-programme"]', '["shitang-plan"]'), "utf-8")
    (folder / "shitang.toml").write_text(county_programme("shitang-plan", "LB-ST"), "utf-8")
    assert run(app, "check", folder).exit_code == 0


@pytest.mark.parametrize(
    ("place", "fine"), [("LB-YL", True), ("LB-YZ", True), ("LB", True), ("CN-HE", True), ("LB-XX", False),
                        ("LB-YL-LX", False), ("130123", False)],
)  # fmt: skip
def test_check_looks_for_the_place_in_the_tree(app: Flask, tmp_path: Path, place: str, fine: bool) -> None:
    file = tmp_path / "yunling.toml"
    file.write_text(county_programme(place=place), "utf-8")
    found = run(app, "check", file)
    assert found.exit_code == (0 if fine else 1)
    assert found.stderr == ("" if fine else f"{file}: jurisdiction: 机构树里没有代码是“{place}”的县、市或者省\n")


def test_check_without_a_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "yunling.toml"
    file.write_text(county_programme(), "utf-8")
    bare = build_app(tmp_path / "house")
    found = run(bare, "check", file)
    assert found.exit_code == 1
    assert f"{file}: jurisdiction: 数据库打不开，查不了“LB-YL”" in found.stderr
    file.write_text(county_programme(place="CN"), "utf-8")
    assert run(bare, "check", file).exit_code == 0


def test_check_refuses_a_source_that_nothing_rests_on(app: Flask, folder: Path) -> None:
    file = folder / "yunling.toml"
    more = '''[[sources]]
id = "unread"
year = 2020
title = { zh = "没有人引用的通知", en = "A notice that nobody cites" }
issuer = { zh = "县里", en = "The county" }

[[sources]]'''
    file.write_text(file.read_text("utf-8").replace("[[sources]]", more, 1), "utf-8")
    found = run(app, "check", file)
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [f"{file}: sources[0].id: 没有哪一项依据“unread”：写进 source，或者删掉"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"id = ", b"x" * 200_001, b"[[requirements]]\n"])
def test_check_refuses_what_is_no_pathway(app: Flask, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.toml").write_bytes(content)
    found = run(app, "check", tmp_path / "odd.toml")
    assert found.exit_code == 1
    assert "odd.toml: " in found.stderr


def test_check_of_nothing_is_refused(app: Flask, tmp_path: Path) -> None:
    assert run(app, "check", tmp_path).exit_code == 1
    assert run(app, "check", tmp_path / "none.toml").exit_code == 1


FACTS: dict[str, Any] = {
    "records": [
        {"id": "1", "kind": "village_licence", "on": "2022-01-01", "until": "2026-12-31", "standing": "verified"},
        {"id": "2", "kind": "training", "on": "2025-09-01", "standing": "verified"},
        {"id": "3", "kind": "assessment", "on": "2025-05-20", "standing": "submitted", "fields": {"result": "pass"}},
    ],
    "years": {"2026": "pass"},
}


def decided(app: Flask, tmp_path: Path, facts: object, pathway: str, on: str) -> Result:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts), "utf-8")
    return run(app, "standing", "--facts", file, "--pathway", pathway, "--on", on, "--json")


def test_a_standing_is_decided_without_a_database(app: Flask, tmp_path: Path, count_sql: Any) -> None:
    with count_sql() as statements:
        found = decided(app, tmp_path, FACTS, "village-doctor-duties", "2026-11-23")
    assert statements == []
    assert found.exit_code == 0, found.stderr
    told = json.loads(found.stdout)
    assert {one["code"]: one["state"] for one in told["requirements"]} == {
        "V1": "verified", "V2": "verified", "V3": "submitted", "V4": "missing", "L5": "verified",
    }  # fmt: skip
    assert (told["asked"], told["verified"], told["waiting"], told["next"]) == (5, 3, 1, "V1")
    licence = next(one for one in told["clocks"] if one["clock"] == "licence")
    assert (licence["phase"], licence["due"], licence["days_left"]) == ("to_do", "2026-12-31", 38)


def test_modules_are_told_by_pathway_and_module(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(county_programme(), "utf-8")
    done = {"pathway": "county-programme", "module": "A", "signed": "25.5", "waiting": "4"}
    facts = {"records": [], "modules": [done]}
    told = json.loads(decided(app, tmp_path, facts, str(file), "2026-11-23").stdout)
    (part,) = told["requirements"][0]["modules"]
    assert (part["state"], part["lacking"], told["next"]) == ("missing", "14.5", "T1")


def test_without_json_it_is_a_table(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS), "utf-8")
    found = run(app, "standing", "--facts", file, "--pathway", "village-doctor-duties", "--on", "2026-11-23")
    assert "V3   已交，等核实  每两年考核合格" in found.stdout


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ([], "-"),
        ({}, "records"),
        ({"records": [{"id": "1", "kind": "licence", "on": "2020-01-01", "standing": "verified"}]}, "records[0].kind"),
        ({"records": [{"id": "1", "kind": "training", "on": "2020-02-30", "standing": "verified"}]}, "records[0].on"),
        ({"records": [{"id": "1", "kind": "training", "on": "2020-02-03", "standing": "sure"}]}, "records[0].standing"),
        ({"records": [FACTS["records"][0] | {"until": "2020-01-01"}]}, "records[0].until"),
        ({"records": [FACTS["records"][2] | {"fields": {"result": "good"}}]}, "records[0].fields.result"),
        ({"records": [FACTS["records"][2] | {"fields": {"colour": "red"}}]}, "records[0].fields.colour"),
        ({"records": [FACTS["records"][0], FACTS["records"][0]]}, "records.id"),
        ({"records": [], "years": {"soon": "pass"}}, "years.soon"),
        ({"records": [], "years": {"2026": "yes"}}, "years.2026"),
        ({"records": [], "modules": [{"pathway": "x"}]}, "modules[0].module"),
        ({"records": [], "more": 1}, "more"),
    ],
)
def test_a_fault_of_the_facts_is_named(app: Flask, tmp_path: Path, facts: object, key: str) -> None:
    found = decided(app, tmp_path, facts, "village-doctor-duties", "2026-11-23")
    assert found.exit_code == 1
    assert f"facts.json: {key}: " in found.stderr


def test_a_wrong_day_and_an_unknown_pathway_are_named(app: Flask, tmp_path: Path) -> None:
    assert "--on 2026-13-01: " in decided(app, tmp_path, FACTS, "village-doctor-duties", "2026-13-01").stderr
    unknown = decided(app, tmp_path, FACTS, "nowhere", "2026-11-23")
    assert "--pathway nowhere: 没有这条路" in unknown.stderr
    assert unknown.exit_code == 1
