"""A policy in the tlog-policy format: who must have signed."""

import itertools

import c2sp_examples as c2sp
import pytest
from honest_log import CITY, LOG, PROVINCE, Signer, note, policy_text

from verifier.notes import BadSignature, Invalid
from verifier.policy import UnknownOrigin, parse_policy

TEXT = f"{LOG.name}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")


def example() -> bytes:
    """The policy that the text prints, with keys in the places it leaves open."""
    keys = [LOG.vkey, *(Signer(f"{name}.example", 4).vkey for name in NAMES)]
    parts = c2sp.POLICY.split("<vkey>")
    return "".join(part + key for part, key in itertools.zip_longest(parts, keys, fillvalue="")).encode()


@pytest.mark.parametrize("signed", [set(some) for n in range(7) for some in itertools.combinations(NAMES, n)])
def test_the_printed_policy_wants_two_of_one_group_and_any_of_the_other(signed: set[str]) -> None:
    policy = parse_policy(example())
    wanted = len(signed & {"X1", "X2", "X3"}) >= 2 and bool(signed & {"Y1", "Y2", "Y3"})
    assert policy.stands(policy.quorum, signed) == wanted


def test_it_says_who_cosigned_and_when() -> None:
    policy = parse_policy(policy_text("any").encode())
    checkpoint, cosigned = policy.accept(note(TEXT, [LOG, PROVINCE], 99))
    assert (checkpoint.origin, cosigned) == (LOG.name, {"province": 99})


@pytest.mark.parametrize(("quorum", "signers"), [("all", [LOG, CITY]), ("any", [LOG]), ("all", [LOG])])
def test_it_refuses_without_the_quorum(quorum: str, signers: list[Signer]) -> None:
    policy = parse_policy(policy_text(quorum).encode())
    with pytest.raises(BadSignature, match="quorum"):
        policy.accept(note(TEXT, signers))
    assert policy.accept(note(TEXT, signers), quorum=False)[0].size == 0


def test_none_wants_nobody_but_the_log() -> None:
    policy = parse_policy(policy_text("none").encode())
    assert policy.accept(note(TEXT, [LOG]))[1] == {}
    with pytest.raises(BadSignature):
        policy.accept(note(TEXT, [CITY, PROVINCE]))


def test_an_unknown_log_is_neither_right_nor_wrong() -> None:
    with pytest.raises(UnknownOrigin):
        parse_policy(policy_text().encode()).accept(note(TEXT.replace(LOG.name, "other.example/log"), [LOG]))


def test_the_key_of_one_log_does_not_sign_for_another() -> None:
    other = Signer("other.example/log")
    policy = parse_policy(policy_text("none", [LOG, other]).encode())
    with pytest.raises(BadSignature):
        policy.accept(note(TEXT, [other]))


def test_a_log_may_have_changed_its_key() -> None:
    new = Signer(LOG.name, seed="new")
    policy = parse_policy(policy_text("none", [LOG, new]).encode())
    assert policy.accept(note(TEXT, [new]))
    assert policy.accept(note(TEXT, [LOG]))


def test_a_witness_key_does_not_stand_for_a_log_nor_the_other_way() -> None:
    for line in (f"log {CITY.vkey}", f"witness city {LOG.vkey}"):
        with pytest.raises(Invalid, match="line 1"):
            parse_policy(f"{line}\nquorum none\n".encode())


def test_comments_tabs_blank_lines_and_strange_bytes_are_allowed() -> None:
    text = f"# 注\n#\n\n \t log\t{LOG.vkey}  https://a.example/ \n\twitness 市 {CITY.vkey}\n".encode()
    text += b"witness \xff\xfe " + PROVINCE.vkey.encode() + b"\ngroup g 1 \xff\xfe\nquorum g"
    policy = parse_policy(text)
    assert policy.accept(note(TEXT, [LOG, PROVINCE]))


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "quorum",
        "quorum nobody",
        "quorum none\nquorum none",
        f"log {LOG.vkey}\nlog {LOG.vkey}\nquorum none",
        f"witness a {CITY.vkey}\nwitness b {CITY.vkey}\nquorum none",
        f"witness a {CITY.vkey}\nwitness a {PROVINCE.vkey}\nquorum none",
        f"witness none {CITY.vkey}\nquorum none",
        f"quorum a\nwitness a {CITY.vkey}",
        f"witness a {CITY.vkey}\ngroup a all a\nquorum a",
        f"witness a {CITY.vkey}\ngroup g all g\nquorum g",
        f"witness a {CITY.vkey}\ngroup g all\nquorum g",
        f"witness a {CITY.vkey}\ngroup g 0 a\nquorum g",
        f"witness a {CITY.vkey}\ngroup g 2 a\nquorum g",
        f"witness a {CITY.vkey}\ngroup g ² a\nquorum g",
        f"witness a {CITY.vkey}\ngroup g most a\nquorum g",
        f"witness a {CITY.vkey}\ngroup g all none\nquorum g",
        f"witness a {CITY.vkey}\ngroup g 1 a a\nquorum g",
        f"witness a {CITY.vkey}\ngroup g all a\ngroup h all a\nquorum h",
        f"log {LOG.vkey} a b\nquorum none",
        f"log {LOG.vkey[:-1]}\nquorum none",
        "log a+b+c\nquorum none",
        "quorum none\r\n",
        "quorum\x00none",
        "QUORUM none",
    ],
)
def test_a_policy_with_a_fault_is_refused_with_its_line(lines: str) -> None:
    with pytest.raises(Invalid, match=r"line \d|no quorum"):
        parse_policy(lines.encode())


def test_a_key_of_a_kind_unknown_here_is_named_as_such() -> None:
    with pytest.raises(Invalid, match="line 1"):
        parse_policy(f"log {Signer('a', 6).vkey}\nquorum none".encode())


def test_many_logs_witnesses_and_groups_are_read() -> None:
    lines = [f"log {Signer(f'log{n}').vkey}" for n in range(40)]
    lines += [f"witness w{n} {Signer(f'w{n}', 4).vkey}\ngroup g{n} all w{n}" for n in range(40)]
    policy = parse_policy("\n".join([*lines, "quorum g39"]).encode())
    assert policy.stands("g39", {"w39"})
    assert not policy.stands("g39", {"w38"})
