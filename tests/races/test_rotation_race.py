"""The field key changes under a crowd, on PostgreSQL; the large one is tests/torture/test_rotation.py."""

import json
from pathlib import Path

import pytest
from rotating import change_the_key, town
from servers import Postgres

pytestmark = pytest.mark.races
PEOPLE = 2000
PAUSE = 0.6  # each step of the change stands for some seconds: every client comes several times in each


@pytest.mark.timeout(900)
def test_the_key_changes_while_people_come_and_go(tmp_path: Path, pg_server: Postgres) -> None:
    with town(tmp_path, pg_server, PEOPLE) as made:
        told = change_the_key(made, seed=20_261_122, pause=PAUSE)
    print(json.dumps(told))
    assert told["rows"]["person"] > 0
    assert min(told["meanwhile"].values()) > 0
