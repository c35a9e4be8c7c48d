"""The ledger and its log under many hands: writers of one learner, sequencers that are stopped, doubled and killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "integration" / "credits_log"))

from cast import make_cast
from credit_stage import LECTURE
from houses import House
from log_stage import LogHouse, LogHouses, read_log
from servers import Postgres
from stack import stack
from truth import wait_for

from lms.credits import commands
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.races
WRITERS = 8
LINES = 96


@pytest.fixture
def house(tmp_path: Path, postgresql_house: House, pg_server: Postgres) -> Iterator[LogHouse]:
    postgresql_house.restore()
    houses = LogHouses(tmp_path, "postgresql", postgresql_house, pg_server)
    yield houses.keyed()
    houses.close()


class Sequencers:
    """Processes of `credits log run` on one house."""

    def __init__(self, house: LogHouse) -> None:
        settings = house.app.extensions["xinglin.settings"]
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("XINGLIN_")} | {
            "XINGLIN_DATA": str(house.folder),
            "XINGLIN_DATABASE_URL": settings.database_url,
            "XINGLIN_FIELD_KEY": settings.field_key,
            "XINGLIN_LOG_KEY": settings.log_key,
            "XINGLIN_LOG_LEVEL": "ERROR",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "credits", "log", "run", "--seconds", "0.02"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)
        self.running.append(process)
        return process

    def stop(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(20)


@pytest.fixture
def sequencers(house: LogHouse) -> Iterator[Sequencers]:
    made = Sequencers(house)
    yield made
    made.stop()


def write_by(house: LogHouse, lines: int, writers: int, whose: Callable[[int], Any]) -> None:
    """So many lines from so many threads, each in a transaction of its own, through the real command."""
    numbers = iter(range(lines))
    lock, failed = threading.Lock(), []
    day = date(2026, 1, 1).toordinal()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                with house.app.app_context(), unit_of_work():
                    given = LECTURE | {"on_date": date.fromordinal(day + number % 180)}
                    commands.record_activity(
                        house.cast.admin.actor, person_id=whose(number).person_id, **given
                    )
            except BaseException as error:
                failed.append(error)
                return

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed, failed[:2]


def whole(house: LogHouse, lines: int) -> None:
    """Every line is in the published log exactly once, every chain holds, and nothing was signed twice."""
    wait_for(lambda: (house.log / "checkpoint").exists() and read_log(house.log).size == lines, 60)
    found = read_log(house.log)
    assert found.size == lines
    assert len({told["award"] for told in found.told}) == lines
    answer = house.verify()
    assert answer["exit"] == 0, answer


def test_eight_writers_of_one_learner(house: LogHouse) -> None:
    """Whoever comes second sees that the number is taken, and puts its line behind the one that came first."""
    write_by(house, LINES, WRITERS, lambda _n: house.cast.learner)
    assert house.sql("SELECT COUNT(*), MAX(person_sequence) FROM ledger_entry") == [(LINES, LINES)]
    house.write()
    whole(house, LINES)


def test_one_fact_entered_eight_times_at_once(house: LogHouse) -> None:
    person = house.cast.learner
    activity_id = new_id()
    barrier = threading.Barrier(WRITERS)
    made: list[Any] = []

    def work() -> None:
        with house.app.app_context(), unit_of_work():
            barrier.wait(30)
            made.append(
                commands.record_activity(
                    house.cast.admin.actor, person_id=person.person_id, activity_id=activity_id, **LECTURE
                )
            )

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len([one for one in made if one]) == 1
    assert house.sql("SELECT COUNT(*) FROM ledger_entry") == [(1,)]


def test_three_sequencers_at_once_make_one_log(house: LogHouse, sequencers: Sequencers) -> None:
    for _one in range(3):
        sequencers.start()
    write_by(house, LINES, WRITERS, lambda n: [house.cast.learner, house.cast.colleague][n % 2])
    whole(house, LINES)


def test_a_stopped_sequencer_that_wakes_up_forks_nothing(house: LogHouse, sequencers: Sequencers) -> None:
    """Stopped anywhere (SIGSTOP), passed by another that the database let in, then woken."""
    chance = random.Random(20260101)
    write_by(house, 4, 1, lambda _n: house.cast.learner)
    first = sequencers.start()
    wait_for(lambda: (house.log / "checkpoint").exists(), 60)
    for _round in range(3):
        write_by(house, 8, 4, lambda n: [house.cast.learner, house.cast.colleague][n % 2])
        time.sleep(chance.random() * 0.1)
        first.send_signal(signal.SIGSTOP)
        other = sequencers.start()
        write_by(house, 8, 4, lambda n: [house.cast.learner, house.cast.colleague][n % 2])
        _end_connections(house)
        time.sleep(1.5)
        first.send_signal(signal.SIGCONT)
        time.sleep(0.3)
        other.kill()
        other.wait(20)
    sequencers.start()
    whole(house, 4 + 3 * 16)


def _end_connections(house: LogHouse) -> None:
    """The database gives up on who has been silent within a transaction: its locks are free again."""
    url = house.app.extensions["xinglin.settings"].database_url
    address = url.replace("postgresql+psycopg://", "postgresql://")
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )


def test_killed_sequencers_leave_a_whole_log(house: LogHouse, sequencers: Sequencers) -> None:
    """SIGKILL at seeded moments while it is at work: before the signature, before the files, within them."""
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)
    chance = random.Random(seed)
    cut: list[tuple[int, int, int]] = []

    def whose(number: int) -> Any:
        return [house.cast.learner, house.cast.colleague][number % 2]

    for _round in range(8):
        running = sequencers.start()
        before = leaves(house)
        write_by(house, 1, 1, whose)
        wait_for(lambda before=before: leaves(house) > before, 60)  # it is at work now
        writing = threading.Thread(target=write_by, args=(house, 40, 4, whose))
        writing.start()
        time.sleep(0.05 + chance.random() * 0.4)
        running.kill()
        running.wait(20)
        cut.append((leaves(house), signed(house), published(house)))
        writing.join(120)
    print(f"seed {seed}: leaves, signed, published after each kill: {cut}")
    house.write()
    whole(house, 8 * 41)


def leaves(house: LogHouse) -> int:
    return int(house.sql("SELECT COUNT(*) FROM log_leaf")[0][0])


def signed(house: LogHouse) -> int:
    return int(house.sql("SELECT COALESCE(MAX(size), 0) FROM log_signature")[0][0])


def published(house: LogHouse) -> int:
    checkpoint = house.log / "checkpoint"
    return int(checkpoint.read_text().split("\n")[1]) if checkpoint.exists() else 0


def test_the_worker_and_beat_write_the_log_of_the_web(tmp_path: Path, pg_server: Postgres) -> None:
    """Nothing is set up for it: a demonstration makes its key, beat wakes the log, a worker writes it."""
    made: list[LogHouse] = []

    def prepare(app: Any) -> None:
        made.append(LogHouse(app, make_cast(app), tmp_path / "house", {}))
        made[0].awards(5)

    with stack(tmp_path / "house", prepare, server=pg_server, database="logstack", celery=True) as running:
        (house,) = made
        wait_for(lambda: published(house) == 5, 60)
        house.awards(3)
        waited = wait_for(lambda: published(house) == 8, 30)
        print(f"published after {waited:.1f} s")
        assert read_log(house.log).size == 8
        with urllib.request.urlopen(f"{running.url}/readyz", timeout=10) as answer:
            assert json.loads(answer.read())["log"]["state"] == "on"


def test_one_process_writes_its_log(tmp_path: Path) -> None:
    """The same without a broker: the web process has a thread for it."""
    made: list[LogHouse] = []

    def prepare(app: Any) -> None:
        made.append(LogHouse(app, make_cast(app), tmp_path / "house", {}))
        made[0].awards(5)

    with stack(tmp_path / "house", prepare):
        (house,) = made
        waited = wait_for(lambda: published(house) == 5, 60)
        print(f"published after {waited:.1f} s")
        assert read_log(house.log).size == 5
