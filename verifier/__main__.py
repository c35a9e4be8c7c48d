"""python -m verifier log DIR --policy POLICY: exit status 0 valid, 1 invalid, 3 cannot decide."""

import argparse
import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from verifier.checking import Report, Undecided, check_log
from verifier.notes import LARGEST_NOTE, Invalid
from verifier.policy import parse_policy
from verifier.tiles import read_file

SUMS = ("awards", "reversals", "amount_milli")
LAST_SECOND = 253402300799  # of the year 9999


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Undecided(message)


def tell(report: Report, since: bool) -> dict[str, object]:
    """What there is to say about a valid log."""
    book, checkpoint = report.book, report.checkpoint
    times = {name: datetime.fromtimestamp(min(at, LAST_SECOND), UTC) for name, at in report.cosigned.items()}
    told: dict[str, object] = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64.b64encode(checkpoint.root).decode(),
        "cosigned": {name: f"{time:%Y-%m-%dT%H:%M:%SZ}" for name, time in times.items()},
        "newest_recorded_at": book.newest,
        "totals": {name: dict(zip(SUMS, sums, strict=True)) for name, sums in sorted(book.totals.items())},
    }
    if since:
        told["since"] = "consistent"
    if book.succeeds is not None:
        told["succeeds"] = book.succeeds
    if report.index is not None:
        proof = [base64.b64encode(one).decode() for one in report.proof]
        lines = ["c2sp.org/tlog-proof@v1", f"index {report.index}", *proof, "", checkpoint.note.whole]
        told |= {"entry": report.index, "leaf": report.leaf.decode(), "proof": "\n".join(lines)}
    return told


def ask(words: list[str]) -> tuple[int, dict[str, object]]:
    """Exit status and answer to a command line."""
    try:
        parser = Parser(prog="python -m verifier", description=__doc__)
        log = parser.add_subparsers(required=True).add_parser("log", help="check the directory of a log")
        log.add_argument("directory", type=Path)
        log.add_argument("--policy", type=Path, required=True, help="whom to trust: C2SP tlog-policy")
        log.add_argument("--since", type=Path, help="a checkpoint kept from an earlier visit")
        log.add_argument("--entry", help="an entry's award key or index: print it and the proof that it is in the log")
        log.add_argument("--json", action="store_true")
        asked = parser.parse_args(words)
        try:
            policy = parse_policy(read_file(asked.policy, LARGEST_NOTE))
            since = read_file(asked.since, LARGEST_NOTE) if asked.since else None
        except Invalid as fault:
            raise Undecided(f"the policy, or the earlier checkpoint: {fault}") from fault
        report = check_log(asked.directory, policy, since, asked.entry)
    except Invalid as fault:
        return 1, {"verdict": "invalid", "reason": str(fault), "index": fault.index}
    except (Undecided, OSError) as fault:
        return 3, {"verdict": "cannot decide", "reason": str(fault)}
    return 0, {"verdict": "valid"} | tell(report, since is not None)


def shown(value: object) -> str:
    """A value for people's eyes, without anything that a terminal could take for a command."""
    if isinstance(value, dict):
        return "".join(f"\n  {shown(key)}: {shown(one).replace(chr(10), '')}" for key, one in value.items())
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in str(value))


def main() -> int:
    status, answer = ask(sys.argv[1:])
    text = json.dumps(answer) if "--json" in sys.argv else "\n".join(f"{key}: {shown(answer[key])}" for key in answer)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(text + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
