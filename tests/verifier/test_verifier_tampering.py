"""A few hundred tamperings and a few honest logs; the campaign is in tests/torture."""

import os
import random
from collections import Counter

from campaign import attack, honest_one
from tampering import KINDS


def seed() -> int:
    return int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)


def test_every_tampering_that_can_be_found_is_found() -> None:
    chosen = seed()
    counts: Counter[str] = Counter()
    for number in range(4):
        counts += attack(f"{chosen} {number}", 300, 100)
    assert counts["found"] == counts["must be found"], (chosen, counts)
    assert counts["in the uncovered window, accepted"] == counts["in the uncovered window"], (chosen, counts)
    assert len([kind for kind in counts if kind.startswith("kind")]) >= len(KINDS) - 2


def test_no_honest_log_raises_an_alarm() -> None:
    chosen = seed()
    assert {honest_one(f"{chosen} {number}") for number in range(12)} == {"valid"}, chosen
