"""`flask seed`: an invented province whose ledger, log, statements and counts hold together."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from houses import build_app
from pages import post_form
from servers import Postgres
from sqlalchemy import exists, func, select, text

from lms.demo.build import PASSWORD
from lms.demo.province import LARGEST, SMALLEST, Province, county_sizes, province
from lms.kernel import clock
from lms.kernel.db import Model, db, dispose
from lms.kernel.quantities import format_credits, from_milli

ROOT = Path(__file__).parent.parent.parent.parent
SCALE = "0.005"
DOCTORS = 315
pytestmark = pytest.mark.timeout(900)
# Courses, approvals and the decisions of the auditor's desk are made by their own commands, so that their ids and
# salts, and what hashes these, are those of each house.
FIRST_LINES = "SELECT debit, credit, amount_milli, credit_year, leaf FROM ledger_entry WHERE sequence = 1"
OWN = ("evidence", "previous")


@dataclass
class Seeded:
    """A seeded house, and what the command said."""

    app: Flask
    folder: Path
    said: Result

    def shell(self, *words: str) -> Result:
        return self.app.test_cli_runner().invoke(args=list(words))

    def rows(self, statement: str, **given: Any) -> list[Any]:
        with self.app.app_context(), db.engine.connect() as connection:
            return list(connection.execute(text(statement), given))

    def signed_in(self, account: str) -> FlaskClient:
        client = self.app.test_client()
        assert post_form(client, "/sign-in", {"account": account, "password": PASSWORD}).status_code == 303
        return client


def seeded(folder: Path, scale: str, *words: str, **settings: Any) -> Seeded:
    """Seed a house of its own through the shell."""
    app = build_app(folder, **settings)
    said = app.test_cli_runner().invoke(args=["seed", "--province", "hebei", "--scale", scale, *words])
    return Seeded(app, folder, said)


def content(row: Any) -> tuple[Any, ...]:
    """A line without what is its house's own."""
    told = {name: value for name, value in json.loads(row.leaf).items() if name not in OWN}
    return (*row[:4], json.dumps(told, sort_keys=True))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pg_server: Postgres
) -> Iterator[Seeded]:
    folder = tmp_path_factory.mktemp(f"seed-{request.param}")
    if request.param == "sqlite":
        made = seeded(folder, SCALE)
    else:
        pg_server.execute("CREATE DATABASE seeded")
        # Two processes, so that the shares are made as in a large province.
        made = seeded(folder, SCALE, "--processes", "2", database_url=pg_server.url("seeded"))
    try:
        assert made.said.exit_code == 0, made.said.output
        yield made
    finally:
        dispose(made.app)
        if request.param != "sqlite":
            pg_server.execute("DROP DATABASE seeded WITH (FORCE)")


@pytest.fixture(scope="module")
def plan() -> Province:
    return province(1, float(SCALE), clock.today())


def test_it_says_what_there_is_and_who_can_sign_in(house: Seeded) -> None:
    said = house.said.stderr
    assert re.search(rf"organisation +{house.rows('SELECT COUNT(*) FROM organisation')[0][0]:,}\n", said)
    assert re.search(r"ledger entries +100\.0% +\d\d,\d{3} ", said)
    assert house.said.stdout == ""
    for account in ("doctor", "author", "reviewer", "auditor", "city", "province", "admin"):
        assert re.search(rf"^  {account} +000\d{{8}}  ", said, re.MULTILINE), said
        assert house.signed_in(account).get("/account").status_code == 200


def test_the_province_has_the_shape_of_the_model(house: Seeded, plan: Province) -> None:
    doctors = house.rows("SELECT COUNT(*) FROM learner_key")[0][0]
    assert doctors == len(plan.doctors) == DOCTORS
    awards = dict(house.rows("SELECT credit_year, COUNT(*) FROM award GROUP BY credit_year"))
    assert sorted(awards) == list(plan.years)
    passed = ((plan.today - plan.today.replace(month=1, day=1)).days + 1) / 366
    for year, count in awards.items():
        usual = 15 * doctors * (passed if year == plan.today.year else 1)
        assert 0.8 * usual < count < 1.2 * usual, awards
    assert house.rows("SELECT COUNT(*) FROM refused_activity")[0][0] > 0
    oldest = str(house.rows("SELECT MIN(at) FROM answer")[0][0])[:10]
    assert (plan.today - type(plan.today).fromisoformat(oldest)).days <= 56


def test_every_number_is_invented(house: Seeded) -> None:
    masks = house.rows("SELECT id_number_mask, phone_mask FROM person")
    assert all(number.startswith("000000") and phone.startswith("000") for number, phone in masks)


def test_every_reference_is_to_a_row(house: Seeded) -> None:
    """Mutant: a superuser's bulk does not look keys up, and one points nowhere."""
    checked = 0
    with house.app.app_context(), db.engine.connect() as connection:
        for constraint in (one for table in Model.metadata.tables.values() for one in table.foreign_key_constraints):
            child, parent = constraint.table, constraint.referred_table.alias("parent")
            pairs = [(one.parent, parent.c[one.column.name]) for one in constraint.elements]
            found = select(func.count()).select_from(child).where(
                *(mine.is_not(None) for mine, _ in pairs),
                ~exists().where(*(mine == theirs for mine, theirs in pairs)).correlate(child),
            )  # fmt: skip
            assert connection.execute(found).scalar_one() == 0, constraint.name
            checked += 1
    assert checked > 30


def test_the_ledger_and_its_log_verify(house: Seeded) -> None:
    found = house.shell("credits", "verify", "--json")
    verdict = json.loads(found.stdout)
    assert found.exit_code == 0, verdict
    lines = house.rows("SELECT COUNT(*) FROM ledger_entry")[0][0]
    assert verdict["log"]["pending"] == 0
    assert verdict["log"]["published"] == verdict["log"]["size"] == lines
    assert verdict["invariants"]["I8"]["checked"] == lines


def test_the_verifier_accepts_the_published_log(house: Seeded) -> None:
    log = house.folder / "log"
    command = [sys.executable, "-m", "verifier", "log", str(log), "--policy", str(log / "policy"), "--json"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["size"] == house.rows("SELECT COUNT(*) FROM ledger_entry")[0][0]


@pytest.mark.parametrize("number", [3, 4])
def test_a_statement_is_the_sum_of_its_entries(house: Seeded, plan: Province, number: int) -> None:
    doctor = Random(number).choice(plan.doctors).person
    client = house.signed_in(doctor.phone)
    for year in plan.years:
        [(milli,)] = house.rows(
            "SELECT COALESCE(SUM(amount_milli), 0) FROM ledger_entry "
            "WHERE credit_year = :year AND REPLACE(CAST(person_id AS TEXT), '-', '') = :doctor",
            year=year, doctor=doctor.id.hex,
        )  # fmt: skip
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/credits?year={year}").text))
        assert f"账上合计 {format_credits(from_milli(int(milli)))} " in page or not milli
        assert "账上合计和明细对不上" not in page


def test_the_overview_is_what_recomputing_says(house: Seeded, plan: Province) -> None:
    page = house.signed_in("province").get("/reports/compliance").text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    states = dict(
        house.rows(
            "SELECT compliance, COUNT(*) FROM year_result WHERE year = :year GROUP BY compliance", year=plan.today.year
        )
    )
    assert states["pass"] > 0
    assert states["fail"] > 0
    assert f"还不够 {states['fail']} 已达标 {states['pass']} " in words
    found = json.loads(house.shell("credits", "compliance", "--all", "--json").stdout)
    people = house.rows("SELECT COUNT(*) FROM person")[0][0]
    for year in found["years"]:
        assert (year["same"], year["made"], year["different"]) == (people, 0, 0), year


def test_a_second_time_changes_nothing(house: Seeded) -> None:
    before = house.rows("SELECT COUNT(*) FROM person UNION ALL SELECT COUNT(*) FROM ledger_entry")
    again = house.shell("seed", "--province", "hebei", "--scale", SCALE)
    assert again.exit_code == 1
    assert "没有改动" in again.stderr
    assert "nothing was changed" in again.stderr
    assert house.rows("SELECT COUNT(*) FROM person UNION ALL SELECT COUNT(*) FROM ledger_entry") == before
    assert (house.folder / "log" / "checkpoint").exists()


def test_one_number_makes_one_province(tmp_path: Path, pg_server: Postgres) -> None:
    pg_server.execute("CREATE DATABASE again")
    small = ("0.001", "--seed", "7")
    houses = [
        seeded(tmp_path / "one", *small),
        seeded(tmp_path / "two", *small, "--processes", "2", database_url=pg_server.url("again")),
        seeded(tmp_path / "three", "0.001", "--seed", "8"),
    ]
    one, two, three = (sorted(map(content, house.rows(FIRST_LINES))) for house in houses)
    assert len(one) > 1000
    assert one == two
    assert not {line[1] for line in one} & {line[1] for line in three}, "another number, the same learners"
    for house in houses:
        dispose(house.app)
    pg_server.execute("DROP DATABASE again WITH (FORCE)")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--province", "atlantis", "--scale", "0.01"), "--province"),
        (("--province", "hebei", "--scale", "0"), "--scale"),
        (("--province", "hebei", "--scale", "2"), "--scale"),
        (("--province", "hebei", "--scale", "x"), "--scale"),
        (("--province", "hebei", "--scale", "nan"), "--scale"),
        (("--province", "hebei", "--scale", "-0.01"), "--scale"),
        (("--province", "hebei", "--scale", "0.01", "--seed", "one"), "--seed"),
        (("--province", "hebei", "--scale", "0.01", "--processes", "0"), "--processes"),
    ],
)
def test_bad_words_are_named_in_both_languages(tmp_path: Path, words: tuple[str, ...], field: str) -> None:
    app = build_app(tmp_path)
    said = app.test_cli_runner().invoke(args=["seed", *words])
    assert said.exit_code == 2
    assert f"{field}：" in said.stderr
    assert f"{field}: " in said.stderr
    assert not (tmp_path / "DEMO").exists()
    dispose(app)


@pytest.mark.parametrize("doctors", [60, 315, 6300, 62_982])
def test_counties_differ_in_size(doctors: int) -> None:
    sizes = county_sizes(doctors, Random(doctors))
    assert sum(sizes) == doctors
    assert min(sizes) >= SMALLEST
    assert max(sizes) <= LARGEST
