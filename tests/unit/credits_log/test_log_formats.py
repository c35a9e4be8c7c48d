"""Notes, checkpoints, keys and tiles against every example that the texts of c2sp.org print; leaves as RFC 8785."""

import base64
import hmac
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lms.credits.ledger import leaves
from lms.credits.ledger.canonical import canonical
from lms.credits.ledger.learners import Learner
from lms.credits.log.notes import (
    WITNESS,
    BadNote,
    Checkpoint,
    Signature,
    Signer,
    Verifier,
    checked,
    joined,
    key_id,
    opened,
)
from lms.credits.log.tiles import Tile, bundle, new_tiles

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
MESSAGE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
SALVATORE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


def test_the_example_of_a_signed_note() -> None:
    key = Verifier.parse(VKEY)
    text, (signature,) = opened(MESSAGE)
    assert (text, signature.name, signature.id) == ("This is an example message.\n", key.name, key.id)
    assert key.holds(text, signature.data)
    assert not key.holds(text + " ", signature.data)
    assert str(key) == VKEY


def test_the_text_of_a_note_may_hold_empty_lines() -> None:
    text, signatures = opened(SALVATORE)
    assert text.startswith("Ognuno")
    assert text.endswith("sole:\n\ned è subito sera.\n")
    assert joined(text, signatures) == SALVATORE


def test_the_example_of_a_cosigned_checkpoint() -> None:
    text, signatures = opened(COSIGNED)
    found = Checkpoint.parse(text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert found.text == text
    log, witness = signatures
    assert (len(log.data), len(witness.data)) == (64, 72)
    assert int.from_bytes(witness.data[:8], "big") == 1679315147  # the time of the example of a signed message
    assert joined(text, signatures) == COSIGNED


def test_a_cosignature_is_over_the_heading_and_the_time() -> None:
    private = Ed25519PrivateKey.generate()
    key = Verifier("witness.example/w1", WITNESS, private.public_key().public_bytes_raw())
    body = opened(COSIGNED)[0]
    signed = private.sign(b"cosignature/v1\ntime 1679315147\n" + body.encode())
    assert key.holds(body, (1679315147).to_bytes(8, "big") + signed)
    assert not key.holds(body, (1679315148).to_bytes(8, "big") + signed)
    assert key.id == sha256(b"witness.example/w1\n\x04" + key.public).digest()[:4]
    assert Verifier.parse(str(key)) == key


def test_a_key_reads_itself_and_signs() -> None:
    signer = Signer("xinglin.example/credits/2026a", bytes(range(32)))
    again = Signer.parse(f"{signer}\n")
    found = Checkpoint("xinglin.example/credits/2026a", 3, bytes(32))
    note = joined(found.text, [again.sign(found.text)])
    assert checked(note, signer.verifier) == found
    other = Signer("xinglin.example/credits/2026a", bytes(32)).verifier
    with pytest.raises(BadNote):
        checked(note, other)
    with pytest.raises(BadNote):
        checked(note.replace("\n3\n", "\n4\n"), signer.verifier)


@pytest.mark.parametrize(
    "text",
    ["", "x", "name+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VKEY[:-1], VKEY + "=",
     VKEY.replace("/", " "), "example.com/foo+530d903a+" + base64.b64encode(b"\x01" + bytes(31)).decode()],
)  # fmt: skip
def test_a_bad_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(text)
    with pytest.raises(BadNote):
        Signer.parse(f"PRIVATE+KEY+{text}")


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", "\n1\n" + "A" * 43 + "=\n",
     "a\n1\n" + "A" * 43 + "=\nmore\n", "a\n1\n" + "A" * 43 + "="],
)  # fmt: skip
def test_a_bad_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


@pytest.mark.parametrize("line", ["", "- a AAAAAAAA", "— a", "— a b c", "— a+b AAAAAAAA", "— a AAAA"])
def test_a_bad_signature_line_is_refused(line: str) -> None:
    with pytest.raises(BadNote):
        Signature.parse(line)


def test_an_id_is_not_of_another_kind() -> None:
    assert key_id("a", 1, bytes(32)) != key_id("a", 4, bytes(32))


# Tiles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (1234067, 256, "tile/0/x001/x234/067"),
        (0, 256, "tile/0/000"),
        (999, 256, "tile/0/999"),
        (1000, 256, "tile/0/x001/000"),
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_paths(number: int, width: int, path: str) -> None:
    assert Tile(0, number, width).path == path
    assert Tile(0, number, width).entries_path == path.replace("tile/0", "tile/entries")


def test_the_examples_of_trees() -> None:
    tiles = list(new_tiles(0, 70_000))
    assert [(one.level, one.width) for one in tiles if not one.full] == [(0, 112), (1, 17), (2, 1)]
    assert sum(one.full and one.level == 0 for one in tiles) == 273
    assert sum(one.full and one.level == 1 for one in tiles) == 1
    assert list(new_tiles(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(new_tiles(0, 0)) == []


@given(st.integers(0, 200_000), st.integers(0, 70_000))
def test_new_tiles_are_those_that_the_old_tree_had_not(old: int, more: int) -> None:
    new = old + more
    assert set(new_tiles(old, new)) == set(new_tiles(0, new)) - set(new_tiles(0, old))


def test_a_bundle_is_entries_behind_their_lengths() -> None:
    assert bundle([b"", b"ab"]) == b"\x00\x00\x00\x02ab"
    with pytest.raises(ValueError):
        bundle([bytes(65536)])


# Leaves --------------------------------------------------------------------------------------------


def test_canonical_text() -> None:
    """The order and the escapes of RFC 8785, section 3.2: by UTF-16, so that a rare sign comes before U+FB33."""
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(value))) == order
    assert canonical('\u20ac$\x0f\nA\'B"\\"/') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"'.encode()
    assert canonical([None, True, False, 0, -1, {}]) == b"[null,true,false,0,-1,{}]"


@pytest.mark.parametrize("value", [0.5, float("nan"), 2**53, b"", {1, 2}, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical({"x": value})


AWARD = UUID("0189d1a0-0000-7000-8000-000000000001")


def test_keys_take_turns() -> None:
    keys = [leaves.award_key(AWARD, number) for number in (1, 2, 3, 4)]
    assert keys == [f"{AWARD}/1", f"{AWARD}/1/reversal", f"{AWARD}/2", f"{AWARD}/2/reversal"]
    assert len({leaves.entry_id(key) for key in keys}) == 4
    # RFC 9562, version 5, in the name space of lines: in every process the same.
    assert leaves.entry_id(keys[0]) == UUID("c3f3e582-6501-50c0-bf6c-2e9f4a06a105")


def leaf(**changes: object) -> leaves.Leaf:
    values: dict[str, object] = {
        "award": f"{AWARD}/1", "accounts": leaves.accounts("XL-1", "self_study", "a" * 22, 2026, "general"),
        "amount_milli": 2000, "rule": "CN-2025:0123456789ab", "evidence": "b" * 43,
        "effective_on": date(2026, 1, 2), "recorded_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "learner_seq": 1, "previous": leaves.NOTHING, "subject": "c" * 43, "salt": bytes(16),
    }  # fmt: skip
    return leaves.Leaf(**(values | changes))  # type: ignore[arg-type]


def test_a_leaf_is_what_the_format_says() -> None:
    told = json.loads(leaf().bytes())
    assert list(told) == sorted(told)
    assert set(told) == {
        "v", "award", "debit", "credit", "amount_milli", "rule", "evidence", "effective_on", "recorded_at",
        "learner_seq", "previous", "subject", "salt",
    }  # fmt: skip
    assert (told["debit"], told["credit"]) == ("issuer:XL-1", f"learner:{'a' * 22}/2026/general")
    assert (told["recorded_at"], told["salt"]) == ("2026-01-02T03:04:05.000000Z", "A" * 22)
    assert b" " not in leaf().bytes()


def test_a_reversal_is_the_same_turned_round() -> None:
    one = json.loads(leaf().bytes())
    back = json.loads(leaf(amount_milli=-2000).bytes())
    assert (back["debit"], back["credit"]) == (one["credit"], one["debit"])
    assert back["amount_milli"] == one["amount_milli"] == 2000


def test_a_fact_without_a_code_comes_from_its_kind() -> None:
    assert leaves.accounts(None, "unit_lecture", "a" * 22, 2026, "general").issuer == "issuer:unit_lecture"


def test_evidence_binds_fact_and_decision_and_outlives_new_columns() -> None:
    fact = {"id": AWARD, "kind": "paper", "on_date": date(2026, 1, 2), "hours_milli": 0, "note": "", "holder": None}
    known = leaves.evidence(fact, {"awarded": "2"})
    assert known == leaves.evidence(fact | {"choice": None, "note": None}, {"awarded": "2"})
    assert known != leaves.evidence(fact | {"choice": "a"}, {"awarded": "2"})
    assert known != leaves.evidence(fact, {"awarded": "3"})
    assert known != leaves.evidence(fact | {"kind": "research"}, {"awarded": "2"})
    assert known != leaves.evidence(fact | {"hours_milli": 1}, {"awarded": "2"})


def test_a_subject_binds_name_and_mask() -> None:
    salt = bytes(16)
    hashed = sha256(salt + "赵桂芳0000**".encode()).digest()
    assert leaves.subject(salt, "赵桂芳", "0000**") == base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    assert leaves.subject(salt, "赵桂芳", "0000**") != leaves.subject(salt, "王秀英", "0000**")


def test_a_pseudonym_needs_the_learners_own_key() -> None:
    """Who knows her id and not her key cannot tell which leaves are hers."""
    person, key = UUID(int=7), bytes(range(32))
    owner = Learner(person, key)
    hashed = hmac.digest(key, str(person).encode(), "sha256")
    assert owner.pseudonym == base64.urlsafe_b64encode(hashed[:16]).decode().rstrip("=")
    assert owner.pseudonym != Learner(person, bytes(32)).pseudonym
    entry = leaves.entry_id(f"{AWARD}/1")
    assert owner.subject_salt(entry) == hmac.digest(key, f"subject {entry}".encode(), "sha256")[:16]
    assert owner.subject_salt(entry) != Learner(person, bytes(32)).subject_salt(entry)
