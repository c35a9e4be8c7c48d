"""A hundred thousand people and a hundred thousand learners' keys are sealed anew while the house serves, on a durable
PostgreSQL; the bar is ten minutes."""

import json
import os
from pathlib import Path

import pytest
from rotating import change_the_key, town
from servers import DURABLE, postgres

PEOPLE = int(os.environ.get("TORTURE_ROTATION_PEOPLE", "100000"))
WITHIN = 600


@pytest.mark.timeout(1800)
def test_the_key_of_a_province_changes_while_it_serves(tmp_path: Path) -> None:
    with postgres(DURABLE, in_memory=False) as server, town(tmp_path, server, PEOPLE) as made:
        told = change_the_key(made, seed=PEOPLE)
    print(json.dumps(told))
    assert told["seconds"] <= WITHIN
