"""Two hundred generated changes of a course with a hundred learners in the middle of each: `make editions`."""

import os
import time
from collections import Counter
from random import Random

import pytest
from cast import Cast
from edition_campaign import hasty, make_people, run_change
from flask import Flask

CHANGES = int(os.environ.get("EDITION_CHANGES", "200"))
LEARNERS = int(os.environ.get("EDITION_LEARNERS", "100"))


@pytest.mark.timeout(3600)
def test_the_preview_is_what_happens_and_a_roll_back_leaves_nothing(app: Flask, cast: Cast) -> None:
    seed = int(os.environ.get("TEST_SEED", "20261123"))
    chance, states, began = Random(seed), Counter[str](), time.monotonic()
    people = make_people(app, cast, LEARNERS)
    with hasty(app):
        for number in range(CHANGES):
            states += run_change(app, cast, chance, number, people)
    assert set(states) == {"moves", "sitting", "complete"}
    kind = app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0]
    spent = time.monotonic() - began
    print(f"{kind}: {CHANGES} changes x {LEARNERS} learners, seed {seed}: {dict(states)}, {spent:.0f} s")
