"""add-checkpoint as tlog-witness words it, asked over HTTP of a witness started from the shell."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import c2sp_examples as c2sp
import pytest
from honest_log import CITY, LOG, NOON, Signer, checkpoint, note
from witnessed_log import Running, grown, request, running, witness

from verifier.notes import parse_key, parse_note
from witness.answering import parse_request

HASHES = grown(40)
OTHER = grown(40, seed=2)
EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("witness")
    assert witness("keygen", "province.example/witness", "--out", f"{made}/key").returncode == 0
    return made


@pytest.fixture
def asked(folder: Path) -> Iterator[Running]:
    (folder / "state").unlink(missing_ok=True)
    with running(folder, "--new") as one:
        yield one


def cosigned(asked: Running, body: bytes) -> int:
    """The time of the cosignature that answers this request."""
    answer = asked.add(body)
    assert answer.status == 200, answer
    key = parse_key(asked.vkey)
    whole = body.decode().partition("\n\n")[2] + answer.body
    return parse_note(whole.encode()).signers([key])[key]


def test_the_printed_request_is_read_line_by_line() -> None:
    read = parse_request(c2sp.REQUEST.encode())
    assert (read.old, len(read.proof), read.checkpoint.size) == (20852014, 4, 20852163)
    assert base64.b64encode(read.proof[0]) == b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
    assert len(read.checkpoint.note.signatures) == 2


def test_the_printed_request_is_of_an_unknown_log(asked: Running) -> None:
    assert asked.add(c2sp.REQUEST.encode()).status == 404


def test_a_log_is_cosigned_as_it_grows(asked: Running) -> None:
    for old, size in ((0, 0), (0, 1), (1, 7), (7, 7), (7, 32), (32, 33), (33, 40)):
        assert cosigned(asked, request(HASHES, old, size)) > NOON


def test_an_answer_is_signature_lines_and_nothing_else(asked: Running) -> None:
    answer = asked.add(request(HASHES, 0, 5))
    assert answer.body.startswith("— province.example/witness ")
    assert answer.body.count("\n") == 1
    assert answer.body.endswith("\n")


def test_another_old_size_is_a_conflict_that_tells_the_right_one(asked: Running) -> None:
    cosigned(asked, request(HASHES, 0, 20))
    for old in (0, 19, 21, 30):
        answer = asked.add(request(HASHES, old, 30))
        assert (answer.status, answer.kind, answer.body) == (409, "text/x.tlog.size", "20\n")
    cosigned(asked, request(HASHES, 20, 30))


def test_the_first_conflict_of_a_log_never_seen_is_zero(asked: Running) -> None:
    answer = asked.add(request(HASHES, 5, 10))
    assert (answer.status, answer.kind, answer.body) == (409, "text/x.tlog.size", "0\n")


def test_another_history_is_refused(asked: Running) -> None:
    cosigned(asked, request(HASHES, 0, 20))
    for body in (request(OTHER, 20, 30), request(OTHER, 20, 20), request(HASHES, 20, 20) + b""):
        assert asked.add(body).status == (200 if body == request(HASHES, 20, 20) else 422)
    cosigned(asked, request(HASHES, 20, 30))


def test_a_rolled_back_log_is_refused(asked: Running) -> None:
    cosigned(asked, request(HASHES, 0, 20))
    assert asked.add(request(HASHES, 20, 20).replace(b"old 20", b"old 19")).status == 409
    lower = b"old 20\n\n" + checkpoint(HASHES.hashes, 19, [LOG])
    assert asked.add(lower).status == 400
    assert asked.add(request(HASHES, 10, 19)).status == 409


def test_a_replayed_request_changes_nothing(asked: Running, folder: Path) -> None:
    first, second = request(HASHES, 0, 20), request(HASHES, 20, 30)
    cosigned(asked, first)
    cosigned(asked, second)
    before = (folder / "state").read_bytes()
    for body in (first, second):
        assert (asked.add(body).status, asked.add(body).body) == (409, "30\n")
    assert (folder / "state").read_bytes() == before


def test_a_proof_must_fit(asked: Running) -> None:
    cosigned(asked, request(HASHES, 0, 20))
    lines = request(HASHES, 20, 30).split(b"\n")
    gap = lines.index(b"")
    step = base64.b64encode(bytes(32))
    for changed in (
        [*lines[:1], *lines[2:]],
        [lines[0], step, *lines[2:]],
        [lines[0], *lines[1:gap], step, *lines[gap:]],
        [lines[0], *lines[gap:]],
        [lines[0], *reversed(lines[1:gap]), *lines[gap:]],
    ):
        assert asked.add(b"\n".join(changed)).status == 422


def test_a_proof_from_nothing_must_be_empty(asked: Running) -> None:
    step = base64.b64encode(bytes(32)) + b"\n"
    assert asked.add(request(HASHES, 0, 5).replace(b"old 0\n", b"old 0\n" + step)).status == 422
    assert asked.add(request(HASHES, 0, 0).replace(b"old 0\n", b"old 0\n" + step)).status == 422


def test_an_empty_tree_has_the_root_of_nothing(asked: Running) -> None:
    wrong = base64.b64encode(bytes(32)).decode()
    assert asked.add(b"old 0\n\n" + note(f"{LOG.name}\n0\n{wrong}\n", [LOG])).status == 422
    assert asked.add(b"old 0\n\n" + note(f"{LOG.name}\n0\n{EMPTY}\n", [LOG])).status == 200


def test_only_the_log_itself_may_ask(asked: Running) -> None:
    forged = base64.b64encode(LOG.id + bytes(64)).decode()
    for body in (
        request(HASHES, 0, 5, [Signer(LOG.name, seed="thief")]),
        request(HASHES, 0, 5, [CITY]),
        request(HASHES, 0, 5) + f"— {LOG.name} {forged}\n".encode(),
    ):
        assert asked.add(body).status == 403
    assert asked.add(request(HASHES, 0, 5, [LOG], "other.example/log")).status == 404
    cosigned(asked, request(HASHES, 0, 5, [CITY, LOG]))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: b"\n\n",
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"old  0"),
        lambda body: body.replace(b"old 0", b"Old 0"),
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0", b"old 9223372036854775808"),
        lambda body: body.replace(b"old 0\n", b"old 0\r\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\nnot base64\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),
        lambda body: body.replace(b"old 0\n\n", b"old 0\n"),
        lambda body: body[:-1],
        lambda body: body + b"more\n",
        lambda body: body.replace(b"\n5\n", b"\nfive\n"),
        lambda body: body.replace(b"\n5\n", b"\n-5\n"),
        lambda body: b"\xff" + body,
    ],
)
def test_what_is_no_request_is_refused(asked: Running, change) -> None:  # type: ignore[no-untyped-def]
    assert asked.add(change(request(HASHES, 0, 5))).status == 400
    cosigned(asked, request(HASHES, 0, 5))


def test_the_last_checkpoint_is_there_for_monitors(asked: Running) -> None:
    path = f"/{hashlib.sha256(LOG.name.encode()).hexdigest()}/checkpoint"
    assert asked.ask("GET", path).status == 404
    cosigned(asked, request(HASHES, 0, 5, [CITY, LOG]))
    body = asked.ask("GET", path).body
    assert len(parse_note(body.encode()).signers([parse_key(asked.vkey), parse_key(LOG.vkey)])) == 2
    assert CITY.name not in body


def test_other_addresses_and_methods_are_not_answered(asked: Running) -> None:
    body = request(HASHES, 0, 5)
    assert asked.ask("GET", "/add-checkpoint").status == 405
    assert asked.ask("GET", "/").status == 404
    assert asked.ask("POST", "/", body).status == 404
    assert asked.ask("PUT", "/add-checkpoint", body).status == 501
    assert asked.ask("POST", "/add-checkpoint", body, {"Content-Length": "x"}).status == 411
    assert asked.ask("POST", "/add-checkpoint", None, {"Content-Length": "999999999"}).status == 413


def test_half_a_request_is_no_request(asked: Running, folder: Path) -> None:
    body = request(HASHES, 0, 5)
    with socket.create_connection(("127.0.0.1", asked.port)) as link:
        head = f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {len(body)}\r\n\r\n"
        link.sendall(head.encode() + body[:-9])
    assert asked.add(request(HASHES, 5, 5)).body == "0\n"


def test_several_requests_go_over_one_connection(asked: Running) -> None:
    body = request(HASHES, 0, 5)
    head = f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", asked.port)) as link:
        link.sendall(head + body + head + body)
        link.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: link.recv(65_536), b""))
    assert said.count(b"HTTP/1.1 200") == 1
    assert said.count(b"HTTP/1.1 409") == 1
