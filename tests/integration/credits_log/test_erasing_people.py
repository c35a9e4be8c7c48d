"""Erasure that leaves the ledger whole (T27): a hundred people go, nothing of them can be read anywhere, and every
line, sum and proof stays as it was. And the way back from a backup that still knew them."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Member, id_number
from credit_stage import LECTURE, reading, writing
from log_stage import LogHouse, LogHouses, learner_of
from pages import post_form
from sqlalchemy import select, text
from test_log_from_outside import verifier

from lms.app import create_schema
from lms.credits import commands as credits
from lms.credits.filing import making
from lms.credits.models import AuditDecision
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.people import commands as people
from lms.people import queries
from lms.people.models import Person
from lms.people.privacy import closing
from lms.people.privacy.models import Closing

PEOPLE = 100


def name_of(number: int) -> str:
    return f"郎{chr(0x6C00 + number)}{chr(0x7300 + number)}"


def serial(number: int) -> int:
    return 300 + number


def registered(house: LogHouse, count: int) -> list[UUID]:
    """So many doctors with an award each, and a message to each."""
    with writing(house.app):
        ids = [
            people.add_person(
                SYSTEM,
                name=name_of(n),
                workplace_id=house.cast.places["LB-YL-LX-SM"],
                phone=f"0009{serial(n):07d}",
                email=f"doctor{n}.gone@demo.example",
                id_number=id_number(serial(n)),
                starts_on=date(2026, 1, 1),
                licence_number=f"LICENCE-{serial(n)}-X",
            )
            for n in range(count)
        ]
        for n, person_id in enumerate(ids):
            made = credits.record_activity(
                house.cast.admin.actor, person_id=person_id, **LECTURE | {"on_date": date(2026, 2, 1 + n % 28)}
            )
            assert made is not None
            assert made.award_id is not None
        people.send_code(SYSTEM, ids[0])
    drain(house)
    return ids


def drain(house: LogHouse) -> None:
    with house.app.app_context():
        house.app.extensions["xinglin.runner"].drain()


def close_all(house: LogHouse, ids: list[UUID]) -> None:
    with writing(house.app):
        for person_id in ids:
            closing.close(SYSTEM, person_id, "office")
    drain(house)


def due_day(house: LogHouse, person_id: UUID) -> date:
    with reading(house.app):
        return session().scalars(select(Closing.due_on).where(Closing.person_id == person_id)).one()


def sweep(house: LogHouse, monkeypatch: pytest.MonkeyPatch, on: date) -> dict[str, Any]:
    """`privacy sweep` on a day to come."""
    with monkeypatch.context() as patched:
        patched.setattr(clock, "today", lambda: on)
        done = house.shell("privacy", "sweep")
    assert done.exit_code == 0, done.output
    drain(house)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def totals(house: LogHouse) -> dict[str, int]:
    """What each pseudonym has, from the lines themselves."""
    rows = house.sql("SELECT leaf, amount_milli FROM ledger_entry")
    found: dict[str, int] = {}
    for leaf, amount in rows:
        learner = learner_of(json.loads(bytes(leaf)))
        found[learner] = found.get(learner, 0) + amount
    return found


def secrets(number: int) -> list[bytes]:
    words = (
        name_of(number), id_number(serial(number)), f"0009{serial(number):07d}", f"doctor{number}.gone",
        f"LICENCE-{serial(number)}-X",
    )  # fmt: skip
    return [word.encode() for word in words]


def everything(house: LogHouse, folder: Path) -> bytes:
    """Every byte that the house keeps: its data folder, and every row as a backup writes it."""
    done = house.shell("backup", folder)
    assert done.exit_code == 0, done.output
    found = b"".join(gzip.decompress(part.read_bytes()) for part in sorted((folder / "tables").iterdir()))
    # A backup writes what is no ASCII as it is.
    lying = (one.read_bytes() for one in house.folder.rglob("*") if one.is_file())
    return found + b"".join(lying)


def test_a_hundred_people_are_erased_and_the_ledger_holds(
    log_house: LogHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = registered(log_house, PEOPLE)
    log_house.award()
    assert log_house.write()
    cast = log_house.cast
    with writing(log_house.app):
        filing_id = making.make_filing(
            cast.admin.actor, cast.places["LB-YL"], start=date(2026, 1, 1), end=date(2026, 12, 31), full_numbers=True,
            reason="省卫健委要求",
        )  # fmt: skip
    drain(log_house)
    before, lines = totals(log_house), log_house.sql("SELECT id, leaf FROM ledger_entry ORDER BY id")
    found = everything(log_house, tmp_path / "before")
    assert name_of(3).encode() in found
    close_all(log_house, ids)
    day = due_day(log_house, ids[0])
    assert day == date(2026 + 5 + 1, 1, 1)
    assert sweep(log_house, monkeypatch, clock.today())["erased"] == 0
    assert sweep(log_house, monkeypatch, day) == {
        "erased": PEOPLE, "failed": [], "accounts": {"restricted": 0, "erased": PEOPLE},
    }  # fmt: skip
    assert totals(log_house) == before
    assert log_house.sql("SELECT id, leaf FROM ledger_entry ORDER BY id") == lines
    verdict = log_house.verify()
    assert verdict["exit"] == 0, verdict
    log_house.publish()
    status, told = verifier(log_house.log, log_house.log / "policy")
    assert status == 0, told
    found = everything(log_house, tmp_path / "after")
    for number in range(PEOPLE):
        for secret in secrets(number):
            assert secret not in found, secret
    assert log_house.sql("SELECT count(*) FROM learner_key WHERE key_sealed IS NULL") == [(PEOPLE,)]
    with reading(log_house.app):
        files = making.files_of(session().get(making.Filing, filing_id))
        assert set(files) >= {"full.csv", "delta.json"}


def test_a_restricted_person_is_stored_reported_and_nowhere_shown(log_house: LogHouse) -> None:
    [person_id] = registered(log_house, 1)
    cast = log_house.cast
    close_all(log_house, [person_id])
    with reading(log_house.app):
        card = queries.person(person_id)
        assert card is not None
        assert (card.name, card.id_number_mask, card.phone_mask, card.closed) == (GONE, "", "", True)
        assert queries.by_account(f"0009{serial(0):07d}") is None
        assert queries.kept_identities([person_id])[person_id].name == name_of(0)
    admin = browser(log_house, cast.admin)
    for page in ("/admin/people", f"/admin/people/{person_id}", "/audit", "/audit/claims", "/reports"):
        shown = admin.get(page, follow_redirects=True).text
        assert name_of(0) not in shown
        assert id_number(serial(0))[-4:] not in shown
    for deed in (
        lambda: people.edit_person(cast.admin.actor, person_id, name="新名", population="staff"),
        lambda: people.enable_person(SYSTEM, person_id),
        lambda: people.unmask(SYSTEM, person_id, "id_number", "contact", "找她有急事"),
        lambda: people.send_code(SYSTEM, person_id),
        lambda: credits.record_activity(cast.admin.actor, person_id=person_id, **LECTURE),
        lambda: closing.close(SYSTEM, person_id, "office"),
    ):
        with pytest.raises(Conflict), writing(log_house.app):
            deed()
    with writing(log_house.app):
        filing_id = making.make_filing(
            cast.admin.actor, cast.places["LB-YL"], start=date(2026, 1, 1), end=date(2026, 12, 31)
        )
    drain(log_house)
    rows = log_house.sql("SELECT name, id_number_mask FROM filing_row")
    assert rows == [(name_of(0), id_number(serial(0))[:6] + "*" * 8 + id_number(serial(0))[-4:])]
    assert name_of(0) not in admin.get(f"/reports/filings/{filing_id}").text
    assert GONE in admin.get(f"/reports/filings/{filing_id}").text
    assert log_house.verify()["exit"] == 0


def browser(house: LogHouse, member: Member) -> Any:
    client = house.app.test_client()
    assert post_form(client, "/sign-in", {"account": member.phone, "password": "xinglin-demo"}).status_code == 303
    return client


def test_without_credit_all_is_gone_at_once(log_house: LogHouse, tmp_path: Path) -> None:
    cast = log_house.cast
    plan = json.loads(log_house.shell("people", "erase", cast.colleague.person_id).stdout)
    assert (plan["at_once"], plan["blocks"]) == (True, [])
    wrong = log_house.shell("people", "erase", cast.colleague.person_id, "--code", "00000000")
    assert wrong.exit_code == 1
    assert cast.colleague.name.encode() in everything(log_house, tmp_path / "before")
    done = log_house.shell("people", "erase", cast.colleague.person_id, "--code", plan["code"])
    assert (done.exit_code, json.loads(done.stdout)["state"]) == (0, "erased"), done.output
    drain(log_house)
    found = everything(log_house, tmp_path / "after")
    assert cast.colleague.name.encode() not in found
    assert id_number(2).encode() not in found
    assert log_house.shell("people", "erase", cast.colleague.person_id).exit_code == 1


def test_an_auditor_who_decided_is_kept_as_long_as_the_credit(log_house: LogHouse) -> None:
    """Closing one's own account must not wash one's name off decisions on others."""
    award_id = log_house.award()
    cast = log_house.cast
    with writing(log_house.app):
        credits.return_award(cast.county_auditor.actor, award_id, version=1, reason_code="evidence", text="请补签到表")
    close_all(log_house, [cast.county_auditor.person_id])
    with reading(log_house.app):
        assert session().scalars(select(AuditDecision.by_name)).all() == [cast.county_auditor.name]
        assert session().scalars(select(Closing.state)).all() == ["restricted"]
    with writing(log_house.app):
        closing.erase(SYSTEM, cast.county_auditor.person_id)
    with reading(log_house.app):
        assert session().scalars(select(AuditDecision.by_name)).all() == [GONE]
    for statement in ("UPDATE audit_decision SET by_name = '别人'", "UPDATE audit_decision SET action = 'approved'"):
        with pytest.raises(Exception, match="append-only"), writing(log_house.app):
            session().execute(text(statement))


def test_the_only_administrator_and_an_open_matter_keep_her(log_house: LogHouse) -> None:
    cast = log_house.cast
    plan = json.loads(log_house.shell("people", "erase", cast.admin.person_id).stdout)
    assert "唯一的管理员" in plan["blocks"][0]
    assert plan["code"] is None
    award_id = log_house.award()
    with writing(log_house.app):
        credits.return_award(cast.county_auditor.actor, award_id, version=1, reason_code="evidence", text="请补签到表")
    with pytest.raises(Conflict, match="补材料"), writing(log_house.app):
        closing.close(SYSTEM, cast.learner.person_id, "office")
    with reading(log_house.app):
        name = session().scalar(select(Person.name).where(Person.id == cast.learner.person_id))
    assert name == cast.learner.name


def test_after_a_restore_the_list_erases_again(
    log_houses: LogHouses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    house = log_houses.new()
    ids = registered(house, 3)
    assert house.shell("backup", tmp_path / "kept").exit_code == 0
    close_all(house, ids[:2])
    assert sweep(house, monkeypatch, due_day(house, ids[0]))["erased"] == 2
    close_all(house, ids[2:])
    listed = house.shell("privacy", "list", "--out", tmp_path / "list")
    assert json.loads(listed.stdout)["lines"] == 5
    beside = (house.folder / "closed-accounts.jsonl").read_text().splitlines()
    assert sorted(beside) == sorted((tmp_path / "list").read_text().splitlines())
    restored = empty(log_houses, house, kind)
    assert restored.shell("restore", tmp_path / "kept").exit_code == 0
    assert name_of(0).encode() in everything(restored, tmp_path / "knew")
    done = restored.shell("privacy", "replay", tmp_path / "list")
    assert (done.exit_code, json.loads(done.stdout)["changed"]) == (0, 5), done.output
    assert json.loads(restored.shell("privacy", "replay", tmp_path / "list").stdout)["changed"] == 0
    drain(restored)
    found = everything(restored, tmp_path / "again")
    for number in range(2):
        for secret in secrets(number):
            assert secret not in found, secret
    with reading(restored.app):
        assert queries.kept_identities(ids)[ids[2]].name == name_of(2)
    assert restored.verify()["exit"] == 0
    (tmp_path / "list").write_text("{}\n")
    assert "第 1 行" in restored.shell("privacy", "replay", tmp_path / "list").stderr


def empty(houses: LogHouses, like: LogHouse, kind: str) -> LogHouse:
    """A house with its tables, nothing in them, and the same field key."""
    folder = houses.folder / "restored"
    folder.mkdir()
    settings = {name: value for name, value in like.settings.items() if name != "database_url"}
    if kind == "postgresql":
        houses.server.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)", "CREATE DATABASE empty")
        settings["database_url"] = houses.server.url("empty")
    made = houses.open(folder, settings)
    create_schema(made.app)
    return made
