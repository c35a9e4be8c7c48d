"""What somebody may do to a log, and what the verifier says of it. The log is made once; a tampering changes
files of it and is taken back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import honest_log as honest
from honest_log import CITY, LOG, ORIGIN, PROVINCE, Chain, Fact, Signer, checkpoint, policy_text, put

from verifier.checking import Undecided, check_log
from verifier.notes import Invalid
from verifier.policy import Policy, parse_policy

Edits = dict[str, bytes | None]  # files by name; None: deleted
POLICY = parse_policy(policy_text("all").encode())
KEYLESS, THIEF, EVERY_KEY = "without keys", "with the log's key", "with every key"


@dataclass
class Scene:
    """An honest log whose checkpoint over `witnessed` entries an auditor has kept."""

    folder: Path
    facts: list[Fact]
    made: Chain
    witnessed: int
    files: dict[str, bytes] = field(default_factory=dict)
    since: bytes = b""

    def __post_init__(self) -> None:
        honest.write_log(self.folder, self.made)
        self.files = honest.files_of(self.made.leaves, self.made.hashes)
        self.files["checkpoint"] = (self.folder / "checkpoint").read_bytes()
        self.since = checkpoint(self.made.hashes, self.witnessed)

    def verdict(self, edits: Edits) -> str:
        """What the verifier says while these edits are made."""
        for name, data in edits.items():
            if data is None:
                (self.folder / name).unlink()
            else:
                put(self.folder, name, data)
        try:
            return verdict(self.folder, POLICY, self.since)
        finally:
            for name in edits:
                if name in self.files:
                    put(self.folder, name, self.files[name])
                else:
                    (self.folder / name).unlink()


def verdict(folder: Path, policy: Policy, since: bytes | None) -> str:
    try:
        check_log(folder, policy, since)
    except Invalid:
        return "invalid"
    except Undecided:
        return "cannot decide"
    return "valid"


def make_scene(folder: Path, chance: Random, size: int) -> Scene:
    facts = honest.make_facts(chance, size)
    return Scene(folder, facts, honest.chain(facts), chance.randrange(size // 2, size - 5))


@dataclass(frozen=True)
class Tampering:
    """`first`: the lowest entry it touches, the log's size if only its checkpoint."""

    kind: str
    edits: Edits
    first: int = 0
    keys: str = KEYLESS
    witnesses_saw: int | None = None  # how much, when somebody with the log's key came to them


# --- Without any key -----------------------------------------------------------------------------


def flip(scene: Scene, chance: Random) -> Tampering:
    name = chance.choice([*scene.files, "checkpoint", "checkpoint"])
    data = bytearray(scene.files[name])
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return Tampering("bit flip", {name: bytes(data)})


def scribble(scene: Scene, chance: Random) -> Tampering:
    name = chance.choice(list(scene.files))
    data = scene.files[name]
    at, much = chance.randrange(len(data)), chance.randrange(1, 64)
    return Tampering("scribble", {name: data[:at] + chance.randbytes(much) + data[at + much :]})


def lose(scene: Scene, chance: Random) -> Tampering:
    return Tampering("file lost", {chance.choice(list(scene.files)): None})


def cut(scene: Scene, chance: Random) -> Tampering:
    name = chance.choice(list(scene.files))
    data = scene.files[name]
    return Tampering("file cut", {name: data[: chance.randrange(len(data))]})


def grow(scene: Scene, chance: Random) -> Tampering:
    name = chance.choice(list(scene.files))
    return Tampering("file grown", {name: scene.files[name] + chance.randbytes(chance.randrange(1, 100))})


def exchange(scene: Scene, chance: Random) -> Tampering:
    one, other = chance.sample(sorted(scene.files), 2)
    return Tampering("files exchanged", {one: scene.files[other], other: scene.files[one]})


def reorder(scene: Scene, chance: Random) -> Tampering:
    """Two entries change places, in the bundles alone or in all tiles too."""
    one, other = sorted(chance.sample(range(len(scene.facts)), 2))
    made = Chain(list(scene.made.leaves), list(scene.made.hashes))
    for row in (made.leaves, made.hashes):
        row[one], row[other] = row[other], row[one]
    edits = rebuilt(scene, made, one)
    if chance.random() < 0.5:
        edits = {name: data for name, data in edits.items() if name.startswith("tile/entries")}
    return Tampering("entries reordered", edits, one)


def drop(scene: Scene, chance: Random) -> Tampering:
    """One entry or a tail is left out of bundles and tiles; the checkpoint is left, or its text adjusted."""
    at = chance.randrange(len(scene.facts))
    end = len(scene.facts) if chance.random() < 0.3 else at + 1
    made = Chain(scene.made.leaves[:at] + scene.made.leaves[end:], scene.made.hashes[:at] + scene.made.hashes[end:])
    edits = rebuilt(scene, made, at)
    if chance.random() < 0.5:
        text = checkpoint(made.hashes, signers=()).decode()
        edits["checkpoint"] = (text + scene.files["checkpoint"].decode().partition("\n\n")[2]).encode()
    return Tampering("entries dropped", edits, at)


def roll_back(scene: Scene, chance: Random) -> Tampering:
    """A genuine checkpoint from before the auditor's last visit."""
    size = chance.randrange(scene.witnessed)
    return Tampering("rolled back", {"checkpoint": checkpoint(scene.made.hashes, size)}, size)


def strip(scene: Scene, chance: Random) -> Tampering:
    signers = [one for one in (LOG, CITY, PROVINCE) if chance.random() < 0.5][:2]
    return Tampering("signatures stripped", {"checkpoint": checkpoint(scene.made.hashes, signers=signers)})


def forge(scene: Scene, chance: Random) -> Tampering:
    """A log written anew and signed by keys of one's own."""
    facts, at = rewritten(scene, chance, 0, len(scene.facts))
    made = chained(scene, facts, at)
    origin = chance.choice([ORIGIN, "xinglin.example/credits/2026b"])
    signers = [Signer(one.name if one != LOG else origin, one.kind, "own") for one in (LOG, CITY, PROVINCE)]
    edits = rebuilt(scene, made, at)
    edits["checkpoint"] = checkpoint(made.hashes, signers=signers, origin=origin)
    return Tampering("signed by other keys", edits, at)


# --- With stolen keys ----------------------------------------------------------------------------


def steal_log_key(scene: Scene, chance: Random) -> Tampering:
    """The log is written anew under its own key; witnesses cosign it only if it goes on from what they saw."""
    seen = chance.choice([scene.witnessed, len(scene.facts)])
    facts, at = rewritten(scene, chance, 0, len(scene.facts))
    made = chained(scene, facts, at)
    edits = rebuilt(scene, made, at)
    if made.hashes[:seen] == scene.made.hashes[:seen]:  # what `witness` asks to be proven
        edits["checkpoint"] = checkpoint(made.hashes)
    else:
        stale = scene.files["checkpoint"].decode().split("\n\n")[1].split("\n", 1)[1] if chance.random() < 0.5 else ""
        edits["checkpoint"] = checkpoint(made.hashes, signers=[LOG]) + stale.encode()
    return Tampering("written anew by a thief of the key", edits, at, THIEF, seen)


def split_view(scene: Scene, chance: Random) -> Tampering:
    """Another continuation from a point on, signed by the log: shown to one, the honest log to others."""
    at = chance.randrange(scene.witnessed)
    made = chained(scene, scene.facts[:at] + honest.make_facts(chance, len(scene.facts) - at, 50), at)
    edits = rebuilt(scene, made, at)
    every = chance.random() < 0.5
    edits["checkpoint"] = checkpoint(made.hashes, signers=(LOG, CITY, PROVINCE) if every else (LOG,))
    return Tampering("split view", edits, at, EVERY_KEY if every else THIEF, len(scene.facts))


def steal_every_key(scene: Scene, chance: Random) -> Tampering:
    """The same by somebody who can sign for the witnesses too: only the kept checkpoint is left to find it."""
    facts, at = rewritten(scene, chance, 0, scene.witnessed)
    made = chained(scene, facts, at)
    edits = rebuilt(scene, made, at)
    edits["checkpoint"] = checkpoint(made.hashes)
    return Tampering("written anew with every key", edits, at, EVERY_KEY)


def rewritten(scene: Scene, chance: Random, low: int, high: int) -> tuple[list[Fact], int]:
    """Facts that keep all rules but are not those of the scene, and the first that differs."""
    gone = {fact["award"].removesuffix("/reversal") for fact in scene.facts if honest.is_reversal(fact)}
    while True:
        at = chance.randrange(low, high)
        fact, facts = scene.facts[at], list(scene.facts)
        if honest.is_reversal(fact) or fact["award"] in gone:
            continue
        other = honest.new_award(chance, honest.learner_of(chance.choice(scene.facts)), 2026, "I")
        match chance.randrange(6):
            case 0:
                facts[at] = fact | {"amount_milli": fact["amount_milli"] + chance.randrange(1, 9999)}
            case 1:
                del facts[at]
            case 2:
                facts.insert(at, other)
            case 3:
                facts[at] = other
            case 4 if at + 1 < high:  # at the edge, what differs first would stand above it
                facts.insert(at + 1, honest.reversal_of(chance, fact))
                at += 1
            case 4:
                continue
            case _:
                facts[at] = fact | {"subject": honest.base64url(chance.randbytes(32))}
        return facts, at


def chained(scene: Scene, facts: list[Fact], at: int) -> Chain:
    """The leaves of these facts, which are those of the scene up to `at`."""
    made = Chain(scene.made.leaves[:at], scene.made.hashes[:at])
    for fact, digest in zip(facts[:at], made.hashes, strict=True):
        learner = honest.learner_of(fact)
        made.heads[learner] = (made.heads.get(learner, (0, b""))[0] + 1, digest)
    return made.add(facts[at:])


def rebuilt(scene: Scene, made: Chain, at: int) -> Edits:
    """The files in which another tree differs, from an entry on; files that have no place in it are gone."""
    edits: Edits = dict(honest.files_of(made.leaves, made.hashes, at))
    gone = names(len(scene.made.leaves)) - names(len(made.leaves))
    return edits | dict.fromkeys(gone)


@cache
def names(size: int) -> frozenset[str]:
    """The tiles and bundles of a tree of this size."""
    found: set[str] = set()
    for level in ("entries", *range(8)):
        count = size >> 8 * (0 if level == "entries" else int(level))
        found |= {honest.tile_path(level, at // 256, min(256, count - at)) for at in range(0, count, 256)}
    return frozenset(found)


KINDS: list[tuple[Callable[[Scene, Random], Tampering], int]] = [
    (flip, 24), (scribble, 8), (lose, 4), (cut, 8), (grow, 4), (exchange, 4), (reorder, 8), (drop, 8), (roll_back, 4),
    (strip, 2), (forge, 4), (steal_log_key, 12), (split_view, 5), (steal_every_key, 5),
]  # fmt: skip


def tamper(scene: Scene, chance: Random) -> Tampering:
    """One tampering that changes something."""
    (make,) = chance.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])
    while True:
        done = make(scene, chance)
        edits = {name: data for name, data in done.edits.items() if data != scene.files.get(name)}
        if edits:
            return Tampering(done.kind, edits, done.first, done.keys, done.witnesses_saw)
