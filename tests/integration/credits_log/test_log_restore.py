"""A database that was put back: the signer refuses, and the way on is a new log behind the old one."""

import json
import shutil
from pathlib import Path

import pytest
from log_stage import LogHouse, LogHouses, read_log

from lms.app import create_schema
from lms.credits.log import sequencer
from lms.credits.log.keys import forget_own


def keyed_outside(log_houses: LogHouses) -> LogHouse:
    return log_houses.keyed()


def restored(log_houses: LogHouses, house: LogHouse, backup: Path) -> LogHouse:
    """The backup in an empty house, which goes on with the same key and the same published folder."""
    empty = log_houses.folder / f"restored-{house.folder.name}"
    empty.mkdir()
    settings = dict(house.settings)
    if log_houses.kind == "postgresql":
        name = f"back_{house.folder.name.replace('-', '_')}"
        log_houses.server.execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        settings["database_url"] = log_houses.server.url(name)
    new = log_houses.open(empty, settings)
    create_schema(new.app)
    result = new.shell("restore", backup)
    assert result.exit_code == 0, result.output
    shutil.copytree(house.log, new.log)
    return new


@pytest.fixture
def put_back(log_houses: LogHouses) -> LogHouse:
    """Five lines signed; the database is that of when there were three."""
    house = keyed_outside(log_houses)
    house.awards(3)
    house.write()
    result = house.shell("backup", log_houses.folder / "backup")
    assert result.exit_code == 0, result.output
    house.awards(2)
    house.write()
    return restored(log_houses, house, log_houses.folder / "backup")


def test_a_restored_older_database_is_not_signed(put_back: LogHouse) -> None:
    before = (put_back.log / "checkpoint").read_text()
    remembered = Path(put_back.settings["log_key"] + ".signed").read_bytes()
    assert not put_back.tick()
    put_back.awards(4)  # awarding goes on; other lines would now stand where signed ones stood
    assert not put_back.tick()
    assert put_back.sql("SELECT COUNT(*) FROM log_leaf") == [(3,)], "nothing is put behind what contradicts"
    put_back.publish()
    assert (put_back.log / "checkpoint").read_text() == before
    assert Path(put_back.settings["log_key"] + ".signed").read_bytes() == remembered
    assert max(row[0] for row in put_back.sql("SELECT size FROM log_signature")) == 3


def test_everybody_who_looks_sees_it(put_back: LogHouse) -> None:
    put_back.tick()
    state = put_back.ready()
    assert state["status"] == "degraded"
    assert state["log"]["state"] == "refused"
    assert "why" not in state["log"], "anybody may ask; files and places are not for anybody"
    assert "behind: it has 3 leaves, and 5 were signed" in put_back.why()
    result = put_back.shell("credits", "log", "write")
    assert result.exit_code == 3
    run = put_back.shell("credits", "log", "run")
    assert run.exit_code == 3
    assert "behind" in run.stderr
    answer = put_back.verify()
    assert answer["exit"] == 1
    assert not answer["invariants"]["I6"]["ok"]


def test_a_database_with_another_past_is_not_signed(put_back: LogHouse) -> None:
    """A sequencer that knows nothing of what was signed has put other lines into the signed places."""
    put_back.awards(3)
    with put_back.app.app_context():
        assert sequencer.sequence(limit=2) == 2
        assert sequencer.sequence() == 1
    assert not put_back.tick()
    assert "another root at size 5" in put_back.why()
    assert max(row[0] for row in put_back.sql("SELECT size FROM log_signature")) == 3


def test_a_new_log_follows_the_old_one(log_houses: LogHouses, put_back: LogHouse) -> None:
    put_back.tick()
    old = (put_back.log / "checkpoint").read_text()
    key = log_houses.folder / "second-key"
    made = put_back.shell("credits", "log", "key", key, "--origin", "xinglin.example/credits/2026b")
    assert made.exit_code == 0, made.output
    second = log_houses.again(put_back, log_key=str(key))
    assert not second.tick(), "a new key alone opens nothing"
    result = second.shell("credits", "log", "open")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["size"], told["only_in_the_old_log"], told["written"]) == (5, 2, True)
    found = read_log(second.log)
    assert (found.origin, found.size) == ("xinglin.example/credits/2026b", 4)
    assert json.loads(found.leaves[0]) == {"v": 2, "succeeds": old}
    beside = second.log.with_name("log.1")
    assert (beside / "checkpoint").read_text() == old
    assert len(list((beside / "tile/entries/000.p").iterdir())) == 2
    policy = (second.log / "policy").read_text()
    assert policy.count("log xinglin.example/credits/") == 2
    assert second.ready()["log"]["state"] == "on"
    assert second.verify()["exit"] == 0
    second.awards(2)
    assert second.write()
    assert read_log(second.log).size == 6


def test_a_new_log_needs_a_key_of_its_own_and_the_old_checkpoint(log_houses: LogHouses) -> None:
    house = keyed_outside(log_houses)
    assert house.shell("credits", "log", "open").exit_code == 1
    house.awards(2)
    house.write()
    assert house.shell("credits", "log", "open").exit_code == 1
    key = log_houses.folder / "other-key"
    house.shell("credits", "log", "key", key, "--origin", "xinglin.example/credits/2026b")
    second = log_houses.again(house, log_key=str(key))
    forged = log_houses.folder / "forged"
    forged.write_text((house.log / "checkpoint").read_text().replace("\n2\n", "\n9\n"))
    assert second.shell("credits", "log", "open", "--succeeds", forged).exit_code == 1
    assert second.shell("credits", "log", "open", "--succeeds", log_houses.folder / "none").exit_code == 1
    assert house.sql("SELECT COUNT(*) FROM log_origin") == [(1,)]
    assert house.write()


@pytest.mark.parametrize("what", ["gone", "damaged", "older", "of another log", "unsigned"])
def test_without_its_memory_nothing_is_signed(log_houses: LogHouses, what: str) -> None:
    house = keyed_outside(log_houses)
    memory = Path(house.settings["log_key"] + ".signed")
    house.awards(2)
    house.write()
    older = memory.read_text()
    house.awards(1)
    house.write()
    told = json.loads(memory.read_text())
    if what == "gone":
        memory.unlink()
    elif what == "damaged":
        memory.write_text(memory.read_text().replace(told["subtrees"][0], "0" * 64))
    elif what == "older":
        memory.write_text(older)
    elif what == "unsigned":
        memory.write_text(json.dumps(told | {"note": ""}))
    else:
        other = log_houses.keyed()
        memory.write_text(Path(other.settings["log_key"] + ".signed").read_text())
    house.awards(1)
    assert not house.tick()
    assert house.ready()["log"]["state"] == "refused"
    assert house.sql("SELECT MAX(size) FROM log_signature")[0][0] == 3


def test_a_memory_put_right_is_signed_again(log_houses: LogHouses) -> None:
    house = keyed_outside(log_houses)
    memory = Path(house.settings["log_key"] + ".signed")
    house.awards(2)
    house.write()
    kept = memory.read_bytes()
    memory.unlink()
    house.awards(1)
    assert not house.tick()
    memory.write_bytes(kept)
    assert house.write()
    assert house.ready()["log"]["state"] == "on"
    assert read_log(house.log).size == 3


def test_a_changed_leaf_is_not_signed(log_house: LogHouse) -> None:
    """The bytes of a leaf changed between its place and its signature: the signer hashes them itself."""
    log_house.awards(2)
    log_house.write()
    log_house.award()
    with log_house.app.app_context():
        assert sequencer.sequence() == 1
    cast = "CAST(REPLACE(CAST(leaf AS TEXT), 'general', 'generous') AS BLOB)"
    if log_house.settings.get("database_url"):
        cast = "convert_to(replace(convert_from(leaf, 'UTF8'), 'general', 'generous'), 'UTF8')"
    log_house.force(f"UPDATE ledger_entry SET leaf = {cast} WHERE id = (SELECT entry_id FROM log_leaf WHERE idx = 2)")
    assert not log_house.tick()
    assert "do not give the root" in log_house.why()
    assert read_log(log_house.log).size == 2


def test_a_demonstration_begun_anew_begins_a_new_log(log_house: LogHouse) -> None:
    """As `demo --reset` does: the key that the house made itself goes with the database."""
    log_house.awards(2)
    log_house.write()
    first = read_log(log_house.log).origin
    with log_house.app.app_context():
        forget_own()
    assert not log_house.tick(), "the old database is of the old key"
    assert not (log_house.log / "checkpoint").exists()
    assert first


@pytest.mark.parametrize("kind", ["postgresql"])  # an SQLite house makes its own key
def test_a_house_without_a_key_says_that_its_log_is_off(log_houses: LogHouses) -> None:
    house = log_houses.new(demo=False)
    house.awards(2)
    assert house.write()
    assert not house.log.exists()
    state = house.ready()
    assert (state["status"], state["log"]["state"], state["log"]["pending"]) == ("degraded", "off", 2)
    assert house.shell("credits", "log", "write").exit_code == 3
    run = house.shell("credits", "log", "run")
    assert run.exit_code == 3


def test_a_key_of_another_name_is_refused(log_houses: LogHouses) -> None:
    house = log_houses.keyed(log_origin="xinglin.example/another")
    house.awards(1)
    assert not house.tick()
    assert "XINGLIN_LOG_ORIGIN" in house.why()
