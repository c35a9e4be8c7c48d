"""Many tamperings with one log, and honest logs: a few hundred on every day, thousands in `make torture`."""

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import honest_log as honest
from honest_log import checkpoint
from tampering import POLICY, THIEF, Scene, Tampering, make_scene, tamper, verdict

QUICK_DISK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # files are changed and changed back


def must_be_found(scene: Scene, done: Tampering) -> bool:
    """All but what a thief of the log's key wrote above everything that witnesses had seen."""
    return done.keys != THIEF or done.witnesses_saw is None or done.first < done.witnesses_saw


def attack(seed: str, size: int, count: int) -> Counter[str]:
    """Tamper so often with one log; counts by outcome, and of those missed by kind."""
    chance = Random(seed)
    counts: Counter[str] = Counter()
    folder = Path(tempfile.mkdtemp(prefix="tampering-", dir=QUICK_DISK if size < 5_000 else None))
    try:
        scene = make_scene(folder / "log", chance, size)
        assert verdict(scene.folder, POLICY, scene.since) == "valid"
        counts["window entries"] += size - scene.witnessed
        for _ in range(count):
            done = tamper(scene, chance)
            said = scene.verdict(done.edits)
            counts["tamperings"] += 1
            counts[f"kind: {done.kind}"] += 1
            if must_be_found(scene, done):
                counts["must be found"] += 1
                counts["found"] += said != "valid"
                counts[said] += 1
                counts[f"missed: {done.kind}"] += said == "valid"
            else:
                counts["in the uncovered window"] += 1
                counts["in the uncovered window, accepted"] += said == "valid"
        assert verdict(scene.folder, POLICY, scene.since) == "valid"
    finally:
        shutil.rmtree(folder)
    return counts


def honest_one(seed: str) -> str:
    """The verdict on a random honest log, checked against a random earlier checkpoint of it."""
    chance = Random(seed)
    size = chance.choice([0, 1, 2, 255, 256, 257, 511, 512, 513, chance.randrange(1500), chance.randrange(1500)])
    made = honest.chain(honest.make_facts(chance, size, chance.randrange(1, 100), (2024, 2025, 2026)))
    kept = sorted({chance.randrange(size + 1) for _ in range(chance.randrange(6))})
    with tempfile.TemporaryDirectory(prefix="honest-") as folder:
        honest.write_log(Path(folder), made, kept)
        before = checkpoint(made.hashes, chance.randrange(size + 1)) if chance.random() < 0.8 else None
        return verdict(Path(folder), POLICY, before)
