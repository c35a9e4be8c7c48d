"""The log as it is written: places, signatures, files, and what a cut in between leaves."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from credit_stage import reading, writing
from log_stage import LogHouse, LogHouses, read_log
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.credits.ledger.entries import enter, tip
from lms.credits.log import running, sequencer
from lms.credits.models import Activity, Award
from lms.kernel.db import db, session
from lms.kernel.uow import unit_of_work
from lms.people import queries as people

ROOT = Path(__file__).parent.parent.parent.parent


def test_it_works(log_house: LogHouse) -> None:
    log_house.awards(3)
    assert log_house.ready()["log"]["pending"] == 3
    assert log_house.write()
    found = read_log(log_house.log)
    assert found.size == 3
    assert {one["learner_seq"] for one in found.told} == {1, 2}
    standing = log_house.ready()["log"]
    assert (standing["state"], standing["size"], standing["signed"], standing["published"]) == ("on", 3, 3, 3)
    assert log_house.verify()["exit"] == 0


def test_an_empty_ledger_has_no_log_yet(log_house: LogHouse) -> None:
    assert log_house.write()
    assert not (log_house.log / "checkpoint").exists()
    assert log_house.ready()["log"]["state"] == "on"
    assert log_house.verify()["exit"] == 0


def test_it_is_idempotent(log_house: LogHouse) -> None:
    log_house.awards(2)
    log_house.write()
    before = {path: path.read_bytes() for path in log_house.log.rglob("*") if path.is_file()}
    for _time in range(3):
        assert log_house.write()
    assert {path: path.read_bytes() for path in log_house.log.rglob("*") if path.is_file()} == before


def test_it_grows_over_the_edges_of_tiles(log_house: LogHouse) -> None:
    """255, 256, 257: at each size the files are those of a tree of that size."""
    seen: list[bytes] = []
    for count in (1, 254, 1, 1, 3):
        log_house.awards(count)
        assert log_house.write()
        found = read_log(log_house.log)
        assert found.leaves[: len(seen)] == seen, "what was published never changes"
        seen = found.leaves
    assert len(seen) == 260
    assert not (log_house.log / "tile/0/000.p").exists()
    assert sorted(path.name for path in (log_house.log / "checkpoints").iterdir()) == ["1", "255", "256", "257", "260"]
    assert log_house.verify()["exit"] == 0


def test_a_backlog_is_taken_in_many_transactions(log_house: LogHouse) -> None:
    log_house.awards(40)
    with log_house.app.app_context():
        log_house.tick()
        log_house.awards(25)
        while sequencer.sequence(limit=4):
            pass
    assert log_house.write()
    assert read_log(log_house.log).size == 65


@pytest.mark.parametrize("kind", ["postgresql"])  # SQLite has one writer
def test_two_transactions_that_commit_out_of_order_lose_nothing(log_houses: LogHouses) -> None:
    """The line that was entered first commits last: one who follows ids or times would never see it."""
    house = log_houses.new()
    one, other = house.cast.learner, house.cast.colleague
    house.awards(2)  # so that the first of a policy is not what they wait for
    house.write()
    entered, committed = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def slow() -> None:
        try:
            with writing(house.app):
                house.award_now(one)
                entered.set()
                assert committed.wait(30)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    assert entered.wait(30)
    house.award(other)
    assert house.write()
    assert read_log(house.log).size == 3
    committed.set()
    thread.join(30)
    assert not failed
    assert house.write()
    assert read_log(house.log).size == 4
    first, second = (told["recorded_at"] for told in read_log(house.log).told[2:])
    assert first > second, "the later one is in the log first"
    assert house.verify()["exit"] == 0


def test_a_learners_lines_keep_their_order_whatever_the_batches(log_house: LogHouse) -> None:
    """Clocks that step back and small batches change nothing: read_log checks every chain."""
    for _number in range(12):
        log_house.award(log_house.cast.learner)
        log_house.award(log_house.cast.colleague)
    log_house.tick()
    log_house.awards(10)
    with log_house.app.app_context():
        while sequencer.sequence(limit=1):
            pass
    log_house.write()
    assert read_log(log_house.log).size == 34


def test_a_line_that_was_passed_over_is_seen(log_house: LogHouse) -> None:
    """Mutant: somebody loses a pending row. The line stays out of the log, and the verification names it."""
    award_id = log_house.award()
    log_house.force("DELETE FROM log_pending")
    log_house.force("UPDATE ledger_entry SET recorded_at = '2026-01-01 00:00:00'")
    log_house.write()
    answer = log_house.verify()
    assert answer["exit"] == 1
    assert f"{award_id}/1" in answer["invariants"]["I7"]["first"]


def test_a_ledger_is_put_into_an_empty_log_at_once(log_house: LogHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "MANY", 3)
    log_house.awards(8)
    told: list[int] = []
    with log_house.app.app_context():
        running.begin_with_everything(told.append)
    assert told == [3, 3, 2]
    assert log_house.sql("SELECT COUNT(*) FROM log_pending") == [(0,)]
    log_house.awards(2)
    log_house.write()
    assert read_log(log_house.log).size == 10
    assert log_house.verify()["exit"] == 0
    with log_house.app.app_context(), pytest.raises(ValueError, match="not empty"):
        running.begin_with_everything(told.append)


def test_a_crowd_that_never_stops_does_not_keep_the_signature_waiting(log_house: LogHouse) -> None:
    """A line comes whenever one has got its place: the log is signed all the same, and the last waits a second."""
    log_house.awards(3)
    told: list[int] = []

    def more(placed: int) -> None:
        told.append(placed)
        assert len(told) < 5, "it never signs"
        log_house.award()

    with log_house.app.app_context():
        assert running.tick(more)
    assert told == [3]
    assert log_house.sql("SELECT MAX(size) FROM log_signature") == [(3,)]
    assert log_house.sql("SELECT COUNT(*) FROM log_pending") == [(1,)]


def test_two_numbers_of_one_learner_are_not_taken_twice(log_house: LogHouse) -> None:
    """Mutant: the head of the chain is read once and used twice; the second line finds its number taken."""
    award_id = log_house.award()
    other = log_house.award()
    with writing(log_house.app):
        award = session().get_one(Award, other)
        activity = session().get_one(Activity, award.activity_id)
        card = people.person(award.person_id)
        assert card is not None
        end = tip(award.person_id)
        stale = type(end)(1, end.leaf, end.key_sealed)
        assert not enter(award, activity, card, stale, 3)
    assert log_house.sql("SELECT COUNT(*) FROM ledger_entry") == [(2,)]
    assert award_id != other


def test_it_signs_the_same_when_it_was_cut_off_after_remembering(log_house: LogHouse) -> None:
    """The file knows the signature, the database does not: the power went in between."""
    log_house.awards(2)
    log_house.tick()
    log_house.awards(1)
    forbid = {
        "sqlite": ["CREATE TRIGGER cut BEFORE INSERT ON log_signature BEGIN SELECT RAISE(ABORT, 'cut'); END"],
        "postgresql": [
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cut'; END $$",
            "CREATE TRIGGER cut BEFORE INSERT ON log_signature FOR EACH ROW EXECUTE FUNCTION cut()",
        ],
    }
    allow = {"sqlite": "DROP TRIGGER cut", "postgresql": "DROP TRIGGER cut ON log_signature"}
    with log_house.app.app_context(), db.engine.connect() as connection:
        name = connection.dialect.name
        for statement in forbid[name]:
            connection.exec_driver_sql(statement)
        connection.commit()
    with pytest.raises(DBAPIError, match="cut"):
        log_house.tick()
    state = next(log_house.folder.glob("log_key.signed")).read_text()
    assert '"size": 3' in state
    with log_house.app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql(allow[name])
        connection.commit()
    assert log_house.write()
    assert read_log(log_house.log).size == 3
    assert next(log_house.folder.glob("log_key.signed")).read_text() == state
    assert log_house.verify()["exit"] == 0


def test_what_was_committed_is_published_by_the_next_process(log_houses: LogHouses) -> None:
    """Killed after the commit and before the files: another process on the same house finishes the work."""
    house = log_houses.new()
    house.awards(5)
    house.write()
    house.awards(4)
    assert house.tick()
    assert read_log(house.log).size == 5
    other = log_houses.again(house)
    other.publish()
    assert read_log(house.log).size == 9


def test_files_that_are_half_written_are_written_again(log_house: LogHouse) -> None:
    log_house.awards(3)
    log_house.write()
    log_house.awards(3)
    log_house.tick()
    # A kill while a tile is written leaves its hidden beginning, never half of the tile itself.
    (log_house.log / "tile/0/000.p/.6.new").write_bytes(b"half")
    log_house.publish()
    assert read_log(log_house.log).size == 6


@pytest.mark.parametrize("kind", ["postgresql"])  # SQLite has one writer
def test_a_sequencer_at_work_keeps_a_second_one_out(log_houses: LogHouses) -> None:
    """The first has its transaction open (as if stopped in the middle); the second does nothing until it ends."""
    house = log_houses.new()
    house.awards(2)
    house.tick()
    house.awards(4)
    other = log_houses.again(house)
    with house.app.app_context(), unit_of_work():
        assert sequencer._alone()
        with other.app.app_context():
            assert sequencer.sequence() == 0
    with other.app.app_context():
        assert sequencer.sequence() == 4


def test_two_places_with_one_number_cannot_be(log_house: LogHouse) -> None:
    """Should the lock ever fail: the second sequencer's transaction does not commit."""
    log_house.awards(3)
    log_house.tick()
    with reading(log_house.app):
        (row,) = session().execute(text("SELECT * FROM log_leaf WHERE idx = 2")).mappings().all()
    with pytest.raises(DBAPIError), writing(log_house.app):
        session().execute(
            text("INSERT INTO log_leaf (log, idx, entry_id, leaf_hash) VALUES (:log, :idx, :entry_id, :leaf_hash)"),
            dict(row) | {"entry_id": None, "idx": 2},
        )
    with pytest.raises(DBAPIError), writing(log_house.app):
        session().execute(
            text("INSERT INTO log_leaf (log, idx, entry_id, leaf_hash) VALUES (:log, :idx, :entry_id, :leaf_hash)"),
            dict(row) | {"idx": 3},
        )
    with pytest.raises(DBAPIError), writing(log_house.app):
        session().execute(
            text("INSERT INTO log_checkpoint (log, size, root, made_at) SELECT log, size, :root, made_at "
                 "FROM log_checkpoint"),
            {"root": b"another root"},
        )  # fmt: skip


def test_the_policy_names_the_log(log_house: LogHouse) -> None:
    log_house.awards(1)
    log_house.write()
    lines = (log_house.log / "policy").read_text().splitlines()
    assert lines[0].startswith("log xinglin.example/credits/2026-")
    assert lines[1:] == ["quorum none"]


def test_the_shell_writes_the_log_and_says_so(log_houses: LogHouses) -> None:
    house = log_houses.keyed()
    house.awards(2)
    result = house.shell("credits", "log", "write")
    assert result.exit_code == 0, result.output
    assert '"published": 2' in result.stdout


def test_an_award_is_proved_to_be_in_the_log(log_house: LogHouse) -> None:
    awards = log_house.awards(20)
    assert log_house.shell("credits", "log", "proof", awards[3]).exit_code == 1
    log_house.write()
    result = log_house.shell("credits", "log", "proof", awards[3])
    assert result.exit_code == 0, result.output
    lines = result.stdout.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    index = int(lines[1].removeprefix("index "))
    assert str(awards[3]) in read_log(log_house.log).told[index]["award"]
    assert result.stdout.endswith((log_house.log / "checkpoint").read_text())


def test_the_key_is_made_once(log_houses: LogHouses) -> None:
    house = log_houses.keyed()
    key = house.settings["log_key"]
    again = house.shell("credits", "log", "key", key, "--origin", "xinglin.example/other")
    assert again.exit_code == 1
    assert "already" in again.stderr
    assert Path(key).stat().st_mode & 0o077 == 0
    bad = house.shell("credits", "log", "key", f"{key}-2", "--origin", "two words")
    assert bad.exit_code == 1


def test_it_runs_as_a_process_of_its_own(log_houses: LogHouses, tmp_path: Path) -> None:
    """`credits log run`, started and stopped as a service manager does."""
    house = log_houses.keyed()
    house.awards(3)
    settings = house.app.extensions["xinglin.settings"]
    environment = {
        "PATH": "/usr/bin:/bin", "XINGLIN_DATA": str(house.folder), "XINGLIN_LOG_KEY": settings.log_key,
        "XINGLIN_FIELD_KEY": settings.field_key, "XINGLIN_DATABASE_URL": settings.database_url,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "credits", "log", "run", "--seconds", "0.1"],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for _try in range(1200):
            if (house.log / "checkpoint").exists() or process.poll() is not None:
                break
            threading.Event().wait(0.1)
        process.terminate()
        said = process.communicate(timeout=30)[1]
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert read_log(house.log).size == 3
