"""The long campaign of kills, on a database that really flushes to disk."""

import os
import random
import time
from pathlib import Path

import kills
import pytest
from assessment_stage import TOTAL
from crowd import Sitter, make_crowd
from flask import Flask
from servers import DURABLE, postgres
from stack import stack
from truth import Count, answer_ids, count, offences, wait_for

AWARDS = int(os.environ.get("TORTURE_AWARDS", "2000"))
ANSWERED = TOTAL - 5
SECONDS = 60
KINDS = {
    "postgresql": ["worker", "child", "child", "worker", "web", "worker", "child", "beat", "worker", "child"],
    "sqlite": ["child", "child", "web", "child", "child"],
}
ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "6"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_many_kills_during_many_awards_lose_and_double_nothing(database: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)
    chance = random.Random(seed)
    kinds = KINDS[database] * ROUNDS
    chance.shuffle(kinds)
    sitters: list[Sitter] = []
    apps: list[Flask] = []

    def prepare(app: object) -> None:
        assert isinstance(app, Flask)
        apps.append(app)
        sitters.extend(make_crowd(app, tmp_path / "package", AWARDS, ANSWERED))

    (tmp_path / "package").mkdir()
    if database == "postgresql":
        with postgres(DURABLE, in_memory=False) as server, stack(
            tmp_path / "house", prepare, server=server, database="torture", celery=True
        ) as running:
            _campaign(running, apps, sitters, kinds, chance, seed, tmp_path)
    else:
        with stack(tmp_path / "house", prepare) as running:
            _campaign(running, apps, sitters, kinds, chance, seed, tmp_path)


def _campaign(running, apps, sitters, kinds, chance, seed, folder) -> None:  # type: ignore[no-untyped-def]
    (app,) = apps
    journal = kills.Journal(folder / "journal")
    began = time.monotonic()
    campaign = kills.run(running, sitters, journal, kinds, chance)
    spent = time.monotonic() - began
    whole = Count(*[AWARDS] * 6)
    wait_for(lambda: count(app) == whole, SECONDS - (time.monotonic() - campaign.restarted))
    after = count(app)
    print(
        f"seed {seed}: {sum(campaign.kills.values())} kills {campaign.kills} in {spent:.0f} s, "
        f"{len(journal.answers)} answers and {len(journal.submits)} submits acknowledged, {journal.repeated} requests "
        f"repeated; {after} {time.monotonic() - campaign.restarted:.1f} s after the last restart"
    )
    assert journal.answers <= answer_ids(app), "an acknowledged answer is missing"
    assert len(answer_ids(app)) == AWARDS * TOTAL, "an answer was kept twice"
    assert after == whole
    assert offences(app) == {}
