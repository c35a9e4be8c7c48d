"""Signed notes, keys, checkpoints and cosignatures, on the examples that C2SP prints."""

import base64
import contextlib

import c2sp_examples as c2sp
import pytest
from honest_log import CITY, LOG, Signer, note

from verifier.notes import BadSignature, Invalid, Key, cosigned_message, parse_checkpoint, parse_key, parse_note

TEXT = f"{LOG.name}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def test_the_example_key_verifies_the_example_note() -> None:
    key = parse_key(c2sp.FOO_KEY)
    assert (key.name, key.id.hex()) == ("example.com/foo", "530d903a")
    note_ = parse_note(c2sp.FOO_NOTE.encode())
    assert note_.text == "This is an example message.\n"
    assert note_.signers([key]) == {key: 0}


@pytest.mark.parametrize("at", range(0, len(c2sp.FOO_NOTE.encode()), 3))
def test_the_example_note_with_a_changed_byte_is_not_signed(at: int) -> None:
    data = bytearray(c2sp.FOO_NOTE.encode())
    data[at] ^= 1
    with contextlib.suppress(Invalid):
        assert parse_note(bytes(data)).signers([parse_key(c2sp.FOO_KEY)]) == {}


def test_a_poem_with_an_empty_line_is_a_note() -> None:
    parsed = parse_note(c2sp.POEM.encode())
    assert parsed.text.endswith("\n\ned è subito sera.\n")
    ((name, number, data),) = parsed.signatures
    assert (name, number.hex(), len(data)) == ("quasimodo.example/salvatore", "367ba04b", 64)
    assert parsed.signers([parse_key(c2sp.FOO_KEY)]) == {}


def test_the_example_checkpoint_and_its_cosignature_are_read() -> None:
    parsed = parse_checkpoint(c2sp.SOFA_COSIGNED.encode())
    assert (parsed.origin, parsed.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(parsed.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert parsed.note.text == c2sp.SOFA_TEXT
    assert parsed.note.whole == c2sp.SOFA_COSIGNED
    (_, log_id, plain), (name, witness_id, cosignature) = parsed.note.signatures
    assert (log_id.hex(), len(plain)) == ("033de0ae", 64)
    assert (name, witness_id.hex(), len(cosignature)) == ("witness.example.com/w1", "8d66cf3f", 72)
    assert int.from_bytes(cosignature[:8], "big") == c2sp.W1_TIME
    assert cosigned_message(parsed.note.text, c2sp.W1_TIME) == c2sp.COSIGNED.encode()


def test_a_response_under_its_checkpoint_is_a_note() -> None:
    lines = parse_note((c2sp.SOFA + c2sp.RESPONSE).encode()).signatures
    assert [name for name, _, _ in lines[1:]] == ["witness.example/w1", "witness.example/w1", "witness.example/w2"]
    assert len({number for _, number, _ in lines}) == 4


def test_a_cosignature_gives_its_time_and_a_false_one_is_refused() -> None:
    key = parse_key(CITY.vkey)
    assert parse_note(note(TEXT, [CITY], 1234567890)).signers([key]) == {key: 1234567890}
    moved = note(TEXT, [CITY], 1234567890).replace(CITY.line(TEXT, 1234567890).encode(), _at(CITY, 1234567891))
    with pytest.raises(BadSignature):
        parse_note(moved).signers([key])
    with pytest.raises(BadSignature):
        parse_note(note(TEXT, [CITY], 0)).signers([key])


def _at(witness: Signer, time: int) -> bytes:
    signed = base64.b64decode(witness.line(TEXT, 1234567890).split(" ")[2])
    data = signed[:4] + time.to_bytes(8, "big") + signed[12:]
    return f"— {witness.name} {base64.b64encode(data).decode()}\n".encode()


def test_signatures_of_strangers_are_ignored_and_a_false_one_of_a_friend_is_not() -> None:
    key, stranger = parse_key(LOG.vkey), Signer(LOG.name, seed="another")
    assert parse_note(note(TEXT, [stranger, LOG])).signers([key]) == {key: 0}
    assert parse_note(note(TEXT, [stranger])).signers([key]) == {}
    forged = base64.b64encode(LOG.id + bytes(64)).decode()
    with pytest.raises(BadSignature):
        parse_note(note(TEXT, [LOG]) + f"— {LOG.name} {forged}\n".encode()).signers([key])


def test_the_same_key_in_two_kinds_has_two_ids() -> None:
    public = parse_key(LOG.vkey).public
    assert Key("a", 1, public).id != Key("a", 4, public).id


SIGNED = note(TEXT, [LOG])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT.encode(),
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b"\n\n", b"\n"),
        SIGNED.replace("—".encode(), b"-"),
        SIGNED.replace(b"\n\n", b"\t\n\n"),
        SIGNED.replace(b"xinglin", b"xing\xfflin"),
        SIGNED + b"no signature\n",
        SIGNED + "— two words AAAAAAAA\n".encode(),
        SIGNED + "— plus+name AAAAAAAA\n".encode(),
        SIGNED + "— wide\u3000space AAAAAAAA\n".encode(),
        SIGNED + "— short AAAA\n".encode(),
        SIGNED + "— padded AAAAAB==\n".encode(),
        SIGNED + "— spelt AAAAAAB=\n".encode(),
        SIGNED + "— uneven AAAAA\n".encode(),
        SIGNED + "— url AAAA-_AA\n".encode(),
        SIGNED + b"".join("— a AAAAAAAA\n".encode() for _ in range(100)),
        SIGNED.replace(b"\n\n", b"\n" + b"x" * (1 << 20) + b"\n\n"),
    ],
)
def test_what_is_no_signed_note_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        parse_checkpoint(data)


def test_sixteen_signatures_and_more_are_read() -> None:
    assert len(parse_note(note(TEXT, [LOG] * 16)).signatures) == 16


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        f"{LOG.name}\n0\n",
        f"\n0\n{ROOT}\n",
        f"{LOG.name}\n00\n{ROOT}\n",
        f"{LOG.name}\n+1\n{ROOT}\n",
        f"{LOG.name}\n-1\n{ROOT}\n",
        f"{LOG.name}\n１\n{ROOT}\n",
        f"{LOG.name}\n9223372036854775808\n{ROOT}\n",
        f"{LOG.name}\n1\n{ROOT[:-5]}=\n",
        f"{LOG.name}\n1\n{ROOT.replace('U=', 'V=')}\n",
        f"{LOG.name}\n1\n{ROOT}\n\nmore\n",
        f"{LOG.name}\n1 \n{ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_checkpoint(note(text, [LOG]))


def test_lines_after_the_root_are_allowed_and_signed() -> None:
    parsed = parse_checkpoint(note(TEXT + "an extension\n", [LOG]))
    assert parsed.size == 0
    assert parse_key(LOG.vkey) in parsed.note.signers([parse_key(LOG.vkey)])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "+",
        "name",
        c2sp.FOO_KEY.replace("530d903a", "530D903A"),
        c2sp.FOO_KEY.replace("530d903a", "530d903b"),
        c2sp.FOO_KEY.replace("foo", "bar"),
        c2sp.FOO_KEY.replace("+AekyeRr", "+AukyeRr"),
        c2sp.FOO_KEY[:-1],
        c2sp.FOO_KEY + "=",
        c2sp.FOO_KEY.replace("example.com/foo", "a b"),
        c2sp.FOO_KEY.replace("example.com/foo", ""),
    ],
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(Invalid):
        parse_key(vkey)
