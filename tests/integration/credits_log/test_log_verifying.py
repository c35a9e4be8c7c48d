"""`credits verify`: an honest ledger passes; what is broken is found, named, and stops awarding but never answering."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from assessment_stage import SLUG, TOTAL, Stage
from credit_stage import CODE, approve, publish_course, reading, state, writing
from flask.testing import FlaskClient
from log_stage import LogHouse, LogHouses
from sqlalchemy import select, text

from lms.courses import commands as courses
from lms.credits import commands
from lms.credits.log import checking
from lms.credits.log.models import LogLeaf
from lms.credits.models import LedgerEntry
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict


@pytest.fixture
def lived_in(log_house: LogHouse) -> LogHouse:
    """Awards of two doctors, one taken back; all in the log."""
    awards = log_house.awards(6)
    with writing(log_house.app):
        commands.reverse_award(
            log_house.cast.county_auditor.actor, awards[2], version=1, reason_code="duplicate", text="登记了两次。"
        )
    log_house.write()
    return log_house


def test_it_works(lived_in: LogHouse) -> None:
    answer = lived_in.verify()
    assert (answer["exit"], answer["ok"]) == (0, True)
    assert list(answer["invariants"]) == ["I1", "I2", "I5", "I6", "I7", "I8"]
    assert answer["invariants"]["I8"] == {"ok": True, "checked": 7, "failed": 0, "first": None}
    assert answer["log"]["published"] == 7
    result = lived_in.shell("credits", "verify", "--json")
    assert json.loads(result.stdout)["ok"] is True


HASH = "'00000000000000000000000000000000'"
BROKEN: dict[str, tuple[str, str]] = {
    "an award raised behind the ledger's back": (
        "I1", "UPDATE award SET awarded_milli = awarded_milli + 1, computed_milli = computed_milli + 1 "
        "WHERE state = 'granted'",
    ),
    "a reversed award made to count again": ("I1", "UPDATE award SET state = 'granted' WHERE state = 'reversed'"),
    "a certificate of a reversed award made valid": (
        "I1", "UPDATE certificate SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
    ),
    "a line removed": ("I1", "DELETE FROM ledger_entry WHERE person_sequence = 3 AND reverses IS NULL"),
    "an amount changed": ("I1", "UPDATE ledger_entry SET amount_milli = 9000 WHERE person_sequence = 1"),
    "a line put into another year": (
        "I1", "UPDATE ledger_entry SET credit_year = 2025 WHERE person_sequence = 1",
    ),
    "an account renamed": (
        "I2", "UPDATE ledger_entry SET credit = 'learner:nobody/2026/general' WHERE sequence = 1 AND award_id IN "
        "(SELECT award_id FROM ledger_entry WHERE sequence = 2)",
    ),
    "a reversal that is not its line turned round": (
        "I5", "UPDATE ledger_entry SET amount_milli = amount_milli - 1 WHERE reverses IS NOT NULL",
    ),
    "a number left out": ("I8", "UPDATE ledger_entry SET person_sequence = 40 WHERE person_sequence = 3"),
    "a decision reworded": (
        "I8", "UPDATE award SET decision = '{\"awarded\": \"9\"}' WHERE state = 'granted'",
    ),
    "a fact changed": ("I8", "UPDATE activity SET hours_milli = 1"),
    "a pseudonym exchanged": ("I8", "UPDATE learner_key SET learner = 'x' WHERE learner = "
                                    "(SELECT MIN(learner) FROM learner_key)"),
    "a day moved": ("I8", "UPDATE ledger_entry SET effective_on = '2026-01-01' WHERE person_sequence = 2"),
    "a line numbered anew": (
        "I8", "UPDATE ledger_entry SET sequence = 7 WHERE person_sequence = 3 AND reverses IS NULL",
    ),
    "a hash in the log changed": ("I6", "UPDATE log_leaf SET leaf_hash = {hash} WHERE idx = 3"),
    "the log's tail cut off": ("I6", "DELETE FROM log_leaf WHERE idx = 6"),
    "a root changed": ("I6", "UPDATE log_checkpoint SET root = {hash}"),
    "a signature exchanged": ("I6", "UPDATE log_signature SET line = '— x AAAAAAAA'"),
    "a signature without a checkpoint": ("I6", "DELETE FROM log_checkpoint"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(lived_in: LogHouse, what: str) -> None:
    _is_found(lived_in, *BROKEN[what])


@pytest.mark.parametrize("kind", ["postgresql"])  # SQLite cannot drop the constraint that refuses this
def test_two_places_exchanged_are_found(lived_in: LogHouse) -> None:
    with writing(lived_in.app):
        session().execute(text("ALTER TABLE log_leaf DROP CONSTRAINT uq_log_leaf_entry_id_log"))
    other = "(SELECT entry_id FROM log_leaf WHERE idx = 1)"
    _is_found(lived_in, "I6", f"UPDATE log_leaf SET entry_id = {other} WHERE idx = 2")


@pytest.mark.parametrize("kind", ["postgresql"])  # SQLite cannot drop the constraint that refuses this
def test_a_reversal_of_a_line_that_is_not_the_one_before_is_found(lived_in: LogHouse) -> None:
    with writing(lived_in.app):
        session().execute(text("ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_turns"))
    _is_found(lived_in, "I5", "UPDATE ledger_entry SET sequence = 4 WHERE reverses = 1")


def _is_found(lived_in: LogHouse, name: str, statement: str) -> None:
    sqlite = not lived_in.settings.get("database_url")
    value = f"CAST({HASH} AS BLOB)" if sqlite else f"{HASH}::bytea"
    lived_in.force(statement.replace("{hash}", value))
    answer = lived_in.verify()
    assert answer["exit"] == 1
    assert not answer["ok"]
    assert answer["invariants"][name]["failed"] >= 1, answer
    assert answer["invariants"][name]["first"]


FILES = {
    "a tile with one bit turned": lambda log: _flip(log / "tile/0/000.p/7"),
    "an entry with one bit turned": lambda log: _flip(log / "tile/entries/000.p/7"),
    "a tile that is gone": lambda log: (log / "tile/0/000.p/7").unlink(),
    "a checkpoint of another root": lambda log: _replace(log / "checkpoint"),
}


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)


def _replace(path: Path) -> None:
    lines = path.read_text().split("\n")
    lines[2] = "A" * 43 + "="
    path.write_text("\n".join(lines))


@pytest.mark.parametrize("what", FILES)
def test_changed_files_are_found(lived_in: LogHouse, what: str) -> None:
    FILES[what](lived_in.log)
    answer = lived_in.verify()
    assert answer["exit"] == 1
    assert answer["invariants"]["I6"]["first"]


def test_a_ledger_that_does_not_add_up_gets_no_more_awards(lived_in: LogHouse) -> None:
    award_id = lived_in.award()
    lived_in.force("UPDATE award SET awarded_milli = awarded_milli + 1, computed_milli = computed_milli + 1")
    assert lived_in.verify()["exit"] == 1
    ready = lived_in.ready()
    assert ready["status"] == "degraded"
    assert ready["ledger"]["awarding"] is False
    assert ready["ledger"]["failed"] == ["I1"]
    for deed in (
        lambda: lived_in.award(),
        lambda: reverse(lived_in, award_id),
    ):
        with pytest.raises(Conflict, match="暂停"):
            deed()
    assert lived_in.write(), "what is entered already still goes into the log"
    lived_in.force("UPDATE award SET awarded_milli = awarded_milli - 1, computed_milli = computed_milli - 1")
    assert lived_in.verify()["exit"] == 0
    assert lived_in.ready()["ledger"]["awarding"] is True
    reverse(lived_in, award_id)
    lived_in.award()
    actions = [row[0] for row in lived_in.sql("SELECT action FROM audit_trail WHERE thing = 'ledger' ORDER BY id")]
    assert actions == ["awarding.stopped", "awarding.resumed"]


def reverse(house: LogHouse, award_id: Any) -> None:
    version = state(house.app, award_id)[1]
    with writing(house.app):
        commands.reverse_award(
            house.cast.county_auditor.actor, award_id, version=version, reason_code="duplicate", text="登记了两次。"
        )


def test_who_passes_meanwhile_is_awarded_later(lived_in: LogHouse, tmp_path: Path, work_off: Any) -> None:
    """Answering never stops: she hands in, passes, and her credit comes once the ledger is put right."""
    edition_id = publish_course(lived_in.app, tmp_path)
    approve(lived_in.app, lived_in.cast)
    lived_in.force("UPDATE award SET awarded_milli = awarded_milli + 1, computed_milli = computed_milli + 1")
    lived_in.verify()
    member = lived_in.cast.learner
    with writing(lived_in.app):
        enrolment_id = courses.enrol(member.actor, SLUG)
    stage = Stage(lived_in.app, member, edition_id, enrolment_id)
    stage.read_lessons()
    attempt_id = stage.start()
    stage.answer_all(attempt_id, TOTAL)
    stage.submit(attempt_id)
    assert stage.card(attempt_id).passed
    assert awarded(lived_in) == 0
    with clock.held_at(clock.now() + timedelta(minutes=6)):
        work_off(lived_in.app)
    assert awarded(lived_in) == 0
    lived_in.force("UPDATE award SET awarded_milli = awarded_milli - 1, computed_milli = computed_milli - 1")
    lived_in.verify()
    with clock.held_at(clock.now() + timedelta(minutes=12)):
        work_off(lived_in.app)
        work_off(lived_in.app)
    assert awarded(lived_in) == 1


def awarded(house: LogHouse) -> int:
    count: int = house.sql("SELECT COUNT(*) FROM award WHERE activity_code = :code", code=CODE)[0][0]
    return count


def test_a_late_log_is_no_reason_to_stop_awarding(log_house: LogHouse) -> None:
    log_house.award()
    log_house.force("UPDATE ledger_entry SET recorded_at = '2026-01-01 00:00:00'")
    answer = log_house.verify()
    assert answer["exit"] == 1
    assert not answer["invariants"]["I7"]["ok"]


def test_it_is_done_once_a_night(lived_in: LogHouse) -> None:
    night = clock.now().replace(hour=18, minute=30)  # 02:30 in Asia/Shanghai

    def when() -> list[Any]:
        return lived_in.sql("SELECT at FROM ledger_state WHERE name = 'verified'")

    def at(moment: Any) -> None:
        with clock.held_at(moment), lived_in.app.app_context():
            checking.verify_nightly()

    at(night)
    first = when()
    assert first
    at(night + timedelta(hours=1))
    at(night + timedelta(hours=12))
    assert when() == first
    at(night + timedelta(hours=24))
    assert when() != first


# Where people see it --------------------------------------------------------------------------------


def page(house: LogHouse, sign_in: Any, member: str, address: str, language: str = "zh") -> str:
    client: FlaskClient = house.app.test_client()
    sign_in(client, getattr(house.cast, member))
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_award_says_since_when_it_is_in_the_log(log_house: LogHouse, sign_in: Any) -> None:
    log_house.award(log_house.cast.colleague)
    award_id = log_house.award()
    own, audited = f"/credits/awards/{award_id}", f"/audit/awards/{award_id}"
    assert "公开日志" not in page(log_house, sign_in, "learner", own)
    assert "公开日志" not in page(log_house, sign_in, "county_auditor", audited)
    log_house.write()
    with reading(log_house.app):
        place = session().scalar(
            select(LogLeaf.idx).join(LedgerEntry, LedgerEntry.id == LogLeaf.entry_id).where(
                LedgerEntry.award_id == award_id
            )
        )
    assert f"起在公开日志里，第 {place} 号" in page(log_house, sign_in, "learner", own)
    assert f"起在公开日志里，第 {place} 号" in page(log_house, sign_in, "county_auditor", audited)
    assert "In the public log since" in page(log_house, sign_in, "learner", own, "en")


def test_administrators_see_how_it_stands(lived_in: LogHouse, sign_in: Any) -> None:
    shown = page(lived_in, sign_in, "admin", "/admin/ledger")
    assert "还没有核对过" in shown
    assert "xinglin.example/credits/" in shown
    assert "授分已经暂停" not in shown
    assert "学分账或公开日志有问题" not in page(lived_in, sign_in, "admin", "/admin")
    lived_in.force("UPDATE award SET awarded_milli = awarded_milli + 1, computed_milli = computed_milli + 1")
    lived_in.verify()
    assert "授分已经暂停" in page(lived_in, sign_in, "admin", "/admin/ledger")
    assert "学分账或公开日志有问题" in page(lived_in, sign_in, "admin", "/admin")
    client = lived_in.app.test_client()
    sign_in(client, lived_in.cast.learner)
    assert client.get("/admin/ledger").status_code == 403


def test_metrics_tell_it(log_houses: LogHouses) -> None:
    house = log_houses.new(metrics=True)
    house.awards(2)
    house.write()
    house.awards(1)
    told = house.app.test_client().get("/metrics").text
    for line in ("xinglin_log_pending 1.0", "xinglin_log_size 2.0", "xinglin_log_signed_size 2.0",
                 "xinglin_log_published_size 2.0", "xinglin_log_refused 0.0", "xinglin_ledger_halted 0.0"):  # fmt: skip
        assert line in told
