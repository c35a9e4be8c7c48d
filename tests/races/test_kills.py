"""SIGKILL of web and task workers during 200 awards: every award ends with exactly one certificate
in exactly one file, and no acknowledged answer is missing (B5)."""

import os
import random
import time
from pathlib import Path

import kills
import pytest
from assessment_stage import TOTAL
from crowd import Sitter, make_crowd
from flask import Flask
from stack import stack
from truth import Count, answer_ids, count, offences, wait_for

pytestmark = pytest.mark.races

AWARDS = 200
OVER_THE_WIRE = {"postgresql": 3, "sqlite": 1}  # answers of each learner; the others are there before
SECONDS = 60


@pytest.mark.parametrize(
    ("database", "kinds"),
    [
        ("postgresql", ["worker", "child", "web", "worker", "child"]),
        ("sqlite", ["child", "web", "child"]),
    ],
)
def test_kills_during_200_awards_lose_and_double_nothing(
    database: str, kinds: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)
    chance = random.Random(seed)
    chance.shuffle(kinds := list(kinds))
    sitters: list[Sitter] = []
    apps: list[Flask] = []

    def prepare(app: object) -> None:
        assert isinstance(app, Flask)
        apps.append(app)
        sitters.extend(make_crowd(app, tmp_path / "package", AWARDS, TOTAL - OVER_THE_WIRE[database]))

    (tmp_path / "package").mkdir()
    server = request.getfixturevalue("pg_server") if database == "postgresql" else None
    with stack(tmp_path / "house", prepare, server=server, database="kills", celery=bool(server)) as running:
        (app,) = apps
        journal = kills.Journal(tmp_path / "journal")
        began = time.monotonic()
        campaign = kills.run(running, sitters, journal, kinds, chance)
        spent = time.monotonic() - began
        whole = Count(*[AWARDS] * 6)
        wait_for(lambda: count(app) == whole, SECONDS - (time.monotonic() - campaign.restarted))
        after = count(app)
        print(
            f"{database}, seed {seed}: killed {campaign.kills} in {spent:.1f} s, {len(journal.answers)} answers and "
            f"{len(journal.submits)} submits acknowledged, {journal.repeated} requests repeated; {after} "
            f"{time.monotonic() - campaign.restarted:.1f} s after the last restart"
        )
        assert len(journal.submits) == AWARDS
        assert journal.answers <= answer_ids(app), "an acknowledged answer is missing"
        assert len(answer_ids(app)) == AWARDS * TOTAL, "an answer was kept twice"
        assert after == whole
        assert offences(app) == {}
