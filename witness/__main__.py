"""python -m witness keygen NAME --out FILE | serve --state FILE --key FILE (--policy FILE | --log VKEY…)."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from verifier.notes import ED25519, Invalid, Key, parse_key
from verifier.policy import parse_policy
from witness.answering import Witness
from witness.keys import new_secret, read_secret, write_secret
from witness.serving import Server
from witness.state import State


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m witness", description="A witness of transparency logs.")
    commands = parser.add_subparsers(dest="command", required=True)
    keygen = commands.add_parser("keygen", help="make a key, print its verifier key")
    keygen.add_argument("name", help="a name like province.example/witness")
    keygen.add_argument("--out", type=Path, required=True, help="a file that does not exist yet")
    serve = commands.add_parser("serve", help="cosign what continues the logs named")
    serve.add_argument("--state", type=Path, required=True, help="the file of what was cosigned last")
    serve.add_argument("--new", action="store_true", help="this witness has never cosigned: make the file")
    serve.add_argument("--key", type=Path, required=True)
    serve.add_argument("--policy", type=Path, help="the logs of a policy file")
    serve.add_argument("--log", action="append", default=[], metavar="VKEY", help="a log's verifier key")
    serve.add_argument("--listen", default="127.0.0.1:8711", metavar="ADDRESS:PORT")
    return parser.parse_args(words)


def logs_of(asked: argparse.Namespace) -> list[Key]:
    """The logs to witness; raises Invalid if there is none."""
    logs = [parse_key(vkey) for vkey in asked.log]
    if asked.policy:
        logs += parse_policy(asked.policy.read_bytes()).logs
    if not logs or any(key.kind != ED25519 for key in logs):
        raise Invalid("name the logs, by --policy FILE or --log VKEY, with keys of kind 0x01")
    return logs


def serve(asked: argparse.Namespace) -> None:
    host, _, port = asked.listen.rpartition(":")
    if not host or not port.isdecimal():
        raise Invalid("--listen ADDRESS:PORT")
    secret, logs = read_secret(asked.key), logs_of(asked)
    with State(asked.state, asked.new) as state, Server((host, int(port)), Witness(secret, logs, state)) as server:
        sys.stdout.write(f"{secret.vkey}\nwitness is ready: http://{host}:{server.server_port}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stderr.write("stopped\n")


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    try:
        if asked.command == "keygen":
            secret = new_secret(asked.name)
            write_secret(secret, asked.out)
            sys.stdout.write(f"{secret.vkey}\n")
        else:
            serve(asked)
    except (Invalid, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
