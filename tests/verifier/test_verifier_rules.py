"""What leaves must be, each rule broken in a log that is signed and cosigned; and logs that go on from another."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import honest_log as honest
import pytest
from asking import verify
from honest_log import CITY, LOG, ORIGIN, PROVINCE, Chain, Fact, Signer, chain, checkpoint, make_facts, put, write_log


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    put(tmp_path, "policy", honest.policy_text().encode())
    return tmp_path / "policy"


@pytest.fixture
def facts() -> list[Fact]:
    return make_facts(Random(4), 300, learners=20, years=(2025, 2026))


def rewrite(tmp_path: Path, made: Chain) -> Path:
    return write_log(tmp_path / "rewritten", made)


def leaf_of(made: Chain, at: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.leaves[at])
    return found


def signed_with(facts: list[Fact], at: int, leaf: bytes) -> Chain:
    """The log up to `at`, then this leaf."""
    made = chain(facts[:at])
    made.put(leaf)
    return made


def changed(**fields: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda leaf: honest.canonical(leaf | fields)


def without(name: str) -> Callable[[dict[str, Any]], bytes]:
    return lambda leaf: honest.canonical({key: value for key, value in leaf.items() if key != name})


BROKEN: list[tuple[Callable[[dict[str, Any]], bytes], str]] = [
    (lambda leaf: json.dumps(leaf, ensure_ascii=False, sort_keys=True).encode(), "canonical"),
    (lambda leaf: honest.canonical(leaf).replace(b'"v":2', b'"v":2.0'), "form|canonical"),
    (lambda leaf: honest.canonical(leaf).replace(b'"v":2', b'"v":2,"v":2'), "canonical"),
    (lambda leaf: honest.canonical(leaf)[:-1], "JSON"),
    (lambda leaf: honest.canonical(leaf) + b"\n", "canonical"),
    (lambda leaf: honest.canonical(leaf).replace(b'"v"', b'"\\u0076"'), "canonical"),
    (lambda leaf: b"\xef\xbb\xbf" + honest.canonical(leaf), "JSON"),
    (lambda leaf: honest.canonical(leaf).decode().encode("utf-16"), "UTF-8"),
    (lambda leaf: honest.canonical(leaf).replace(b"issuer:", b"issuer:\xff"), "UTF-8"),
    (lambda leaf: honest.canonical(leaf).replace(b"issuer:", b"issuer:\\ud800"), "JSON"),
    (lambda leaf: b"", "JSON"),
    (lambda leaf: b"[]", "canonical"),
    (lambda leaf: b"[" * 60_000, "JSON"),
    (lambda leaf: b"1" * 60_000, "JSON"),
    (changed(name="王"), "name"),
    (without("salt"), "salt"),
    (changed(v=1), "v"),
    (changed(v=3), "v"),
    (changed(amount_milli=0), "amount_milli"),
    (changed(amount_milli=-5), "amount_milli"),
    (changed(amount_milli="5"), "amount_milli"),
    (changed(amount_milli=True), "amount_milli"),
    (changed(amount_milli=10**15), "amount_milli"),
    (changed(award="no award"), "award"),
    (changed(award="00000000-0000-0000-0000-000000000000/0"), "award"),
    (changed(award="00000000-0000-0000-0000-000000000000/1/reversal"), "between"),
    (changed(evidence="A" * 42), "evidence"),
    (changed(evidence="A" * 42 + "B"), "evidence"),
    (changed(evidence="A" * 42 + "="), "evidence"),
    (changed(rule="CN-2025"), "rule"),
    (changed(effective_on="2026-02-30"), "not a day"),
    (changed(effective_on="2026-13-01"), "effective_on"),
    (changed(recorded_at="2026-01-01T00:00:00Z"), "recorded_at"),
    (changed(recorded_at="2026-02-29T00:00:00.000000Z"), "not a day"),
    (changed(recorded_at="2026-01-01T24:00:00.000000Z"), "recorded_at"),
    (changed(credit="learner:someone/2026/I"), "account"),
    (changed(credit=f"learner:{'A' * 22}/026/I"), "account"),
    (changed(credit=f"learner:{'A' * 22}/2026/"), "account"),
    (changed(credit=f"learner:{'A' * 22}/2026/I"), "number"),
    (changed(debit="issuer:"), "issuer"),
    (changed(debit="void:x"), "issuer"),
    (changed(learner_seq=1000), "number 1000"),
    (changed(previous="A" * 43), "previous"),
    (changed(salt="A" * 21), "salt"),
    (changed(salt="A" * 21 + "B"), "salt"),
    (changed(subject=None), "subject"),
    (changed(reverses=None), "reverses"),
    (lambda leaf: honest.canonical({"v": 2, "succeeds": "no note"}), "missing"),
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_leaf_against_the_rules_is_found_and_named(
    tmp_path: Path, policy: Path, facts: list[Fact], number: int
) -> None:
    whole = chain(facts)
    awards = (at for at in range(200, 300) if not honest.is_reversal(facts[at]))
    at = next(at for at in awards if leaf_of(whole, at)["learner_seq"] > 2)
    change, why = BROKEN[number]
    made = signed_with(facts, at, change(leaf_of(whole, at)))
    status, answer = verify(rewrite(tmp_path, made), "--policy", policy)
    assert (status, answer["index"]) == (1, at), answer
    assert any(word in answer["reason"] for word in why.split("|")), answer["reason"]


# --- Between leaves --------------------------------------------------------------------------------


def award(facts: list[Fact]) -> Fact:
    """The last award that nothing reverses."""
    gone = {fact["award"].removesuffix("/reversal") for fact in facts if honest.is_reversal(fact)}
    return next(fact for fact in reversed(facts) if not honest.is_reversal(fact) and fact["award"] not in gone)


def story(facts: list[Fact], name: str) -> tuple[list[Fact], str]:
    """Facts that may not follow these, and what is said of the last."""
    chance = Random(7)
    fact = award(facts)
    learner, other = honest.learner_of(fact), "B" * 21 + "A"
    back, more = honest.reversal_of(chance, fact), honest.new_award(chance, learner, 2026, "I")
    anew = honest.awarded_anew(fact)
    return {
        "the same award twice": ([more | {"award": fact["award"]}], "stands in the log already"),
        "a second reversal": ([back, honest.reversal_of(chance, fact)], "stands in the log already"),
        "a reversal of nothing": ([honest.reversal_of(chance, more)], "not in the log before it"),
        "a reversal before its award": ([honest.reversal_of(chance, more), more], "not in the log before it"),
        "a reversal of more": ([back | {"amount_milli": fact["amount_milli"] + 1}], "exactly"),
        "a reversal of less": ([back | {"amount_milli": 0 + fact["amount_milli"] * 2}], "exactly"),
        "a reversal of another award": ([more, back | {"award": more["award"] + "/reversal"}], "exactly"),
        "a reversal to another issuer": ([back | {"credit": "issuer:me"}], "exactly"),
        "a reversal of one's neighbour": (
            [more | {"credit": f"learner:{other}/2026/I"}, back | {"debit": back["debit"].replace(learner, other)}],
            "exactly"),
        "a reversal with the accounts not swapped": (
            [back | {"debit": fact["debit"], "credit": fact["credit"]}], "between"),
        "a reversal under an award's key": ([back | {"award": anew["award"]}], "between"),
        "an award below zero": ([more | {"debit": more["credit"], "credit": more["debit"]}], "between"),
        "a reversal of a reversal": ([back, back | {"award": back["award"] + "/reversal"}], "award"),
    }[name]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "the same award twice",
        "a second reversal",
        "a reversal of nothing",
        "a reversal before its award",
        "a reversal of more",
        "a reversal of less",
        "a reversal of another award",
        "a reversal to another issuer",
        "a reversal of one's neighbour",
        "a reversal with the accounts not swapped",
        "a reversal under an award's key",
        "an award below zero",
        "a reversal of a reversal",
    ],
)
def test_facts_that_may_not_follow_are_found(tmp_path: Path, policy: Path, facts: list[Fact], name: str) -> None:
    more, why = story(facts, name)
    status, answer = verify(rewrite(tmp_path, chain(facts + more)), "--policy", policy)
    first = 300 if name == "a reversal before its award" else 300 + len(more) - 1
    assert (status, answer["index"]) == (1, first), answer
    assert why in answer["reason"]


def test_a_reversal_and_a_new_award_of_the_same_are_allowed(tmp_path: Path, policy: Path, facts: list[Fact]) -> None:
    fact = award(facts)
    more = [honest.reversal_of(Random(1), fact), honest.awarded_anew(fact)]
    assert verify(rewrite(tmp_path, chain(facts + more)), "--policy", policy)[0] == 0


# --- A log that goes on from another -------------------------------------------------------------

NEXT = Signer("xinglin.example/credits/2026b")


def succeeding(facts: list[Fact], old: bytes | str, heads: bool = True) -> Chain:
    """A log that begins with the old log's last checkpoint and goes on with its learners."""
    made = Chain(heads=dict(chain(facts).heads) if heads else {})
    made.put(honest.canonical({"v": 2, "succeeds": old if isinstance(old, str) else old.decode()}))
    return made


def publish(tmp_path: Path, made: Chain) -> tuple[Path, Path]:
    latest = checkpoint(made.hashes, signers=[NEXT, CITY, PROVINCE], origin=NEXT.name)
    put(tmp_path, "both", honest.policy_text(logs=[LOG, NEXT]).encode())
    return write_log(tmp_path / "next", made, latest=latest), tmp_path / "both"


def test_a_log_may_go_on_from_another(tmp_path: Path, facts: list[Fact]) -> None:
    old = checkpoint(chain(facts).hashes)
    fact = award(facts)
    stranger = honest.new_award(Random(1), "5" * 21 + "A", 2026, "I")
    more = [honest.reversal_of(Random(1), fact), honest.awarded_anew(fact), stranger]
    folder, policy = publish(tmp_path, succeeding(facts, old).add(more))
    status, answer = verify(folder, "--policy", policy)
    assert (status, answer.get("succeeds")) == (0, old.decode()), answer
    put(tmp_path, "old", old)
    assert verify(folder, "--policy", policy, "--since", tmp_path / "old")[0] == 3


@pytest.mark.parametrize(
    "old",
    ["no note", "\ud800", f"{ORIGIN}\n1\n{'A' * 43}=\n\n— {ORIGIN} AAAAAAAA\n", "of itself"],
)  # fmt: skip
def test_the_checkpoint_it_goes_on_from_must_be_one(tmp_path: Path, facts: list[Fact], old: str) -> None:
    if old == "of itself":
        old = checkpoint(chain(facts).hashes, signers=[NEXT], origin=NEXT.name).decode()
    made = Chain()
    made.put(json.dumps({"succeeds": old, "v": 2}, ensure_ascii="\ud800" in old, separators=(",", ":")).encode())
    folder, policy = publish(tmp_path, made.add(facts[:3]))
    status, answer = verify(folder, "--policy", policy)
    assert (status, answer["index"]) == (1, 0), answer


def test_what_a_log_goes_on_from_does_not_excuse_gaps_within_it(tmp_path: Path, facts: list[Fact]) -> None:
    made = succeeding(facts, checkpoint(chain(facts).hashes))
    learner = honest.learner_of(facts[0])
    made.add([honest.new_award(Random(1), learner, 2026, "I")])
    number, head = made.heads[learner]
    made.heads[learner] = (number + 1, head)
    made.add([honest.new_award(Random(2), learner, 2026, "I")])
    folder, policy = publish(tmp_path, made)
    status, answer = verify(folder, "--policy", policy)
    assert (status, answer["index"]) == (1, 2)


def test_a_learner_new_in_it_cannot_reverse_what_was_before(tmp_path: Path, facts: list[Fact]) -> None:
    made = succeeding(facts, checkpoint(chain(facts).hashes), heads=False)
    folder, policy = publish(tmp_path, made.add([honest.reversal_of(Random(1), award(facts))]))
    status, answer = verify(folder, "--policy", policy)
    assert (status, answer["index"]) == (1, 1)
