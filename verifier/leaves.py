"""What a leaf must be, byte for byte, and what leaves must be to one another."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from verifier.notes import Invalid

YEAR = "[1-9][0-9]{3}"
HASH, SALT = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", "[A-Za-z0-9_-]{21}[AQgw]"  # 32 and 16 bytes in base64url
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TEXT = r'(?:[^"\\\x00-\x1f]++|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))+'  # as RFC 8785 spells a string
DAY = YEAR + "-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
TIME = "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{6}Z"
FIELDS = {  # in the order of the canonical form, which is thereby the only form that matches
    "amount_milli": "([1-9][0-9]{0,14})",
    "award": f'"({UUID}/[1-9][0-9]{{0,8}}(?:/reversal)?)"',
    "credit": f'"({TEXT})"',
    "debit": f'"({TEXT})"',
    "effective_on": f'"({DAY})"',
    "evidence": f'"{HASH}"',
    "learner_seq": "([1-9][0-9]{0,8})",
    "previous": f'"({HASH})"',
    "recorded_at": f'"(({DAY}){TIME})"',
    "rule": '"[A-Za-z0-9._-]+:[0-9a-f]{12}"',
    "salt": f'"{SALT}"',
    "subject": f'"{HASH}"',
    "v": "2",
}
LEAF = re.compile("{" + ",".join(f'"{name}":{value}' for name, value in FIELDS.items()) + "}")
ACCOUNT = re.compile(f"learner:({SALT})/({YEAR}/{TEXT})")


def canonical(value: object) -> bytes:
    """RFC 8785 form of a value without fractions and with ASCII keys; raises ValueError or RecursionError."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(leaf: bytes) -> dict[str, object]:
    """A leaf's object; raises Invalid unless these are the canonical bytes of one."""
    try:
        value = json.loads(leaf.decode())
        if isinstance(value, dict) and canonical(value) == leaf:
            return value
    except (ValueError, RecursionError) as fault:
        raise Invalid("not JSON in UTF-8") from fault
    raise Invalid("not the canonical bytes (RFC 8785) of an object")


def explain(value: dict[str, object]) -> str:
    """Why an object is not a leaf."""
    if strange := FIELDS.keys() ^ value.keys():
        return f"keys missing, or not of a leaf: {', '.join(sorted(strange))[:200]}"
    wrong = (name for name, form in FIELDS.items() if not re.fullmatch(form, canonical(value[name]).decode()))
    return f"not of the form that a leaf has: {', '.join(wrong)}"


@cache
def is_day(text: str) -> bool:
    """Whether a day of this form is in the calendar."""
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def base64url(data: bytes) -> str:
    """Bytes as leaves write them."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


NOTHING = base64url(bytes(32))  # what a learner's first leaf names as the one before it


def short(award: str) -> bytes:
    """An award's key in few bytes."""
    number, _, rest = award.partition("/")
    return bytes.fromhex(number.replace("-", "")) + (b"" if rest == "1" else rest.encode())


@dataclass(slots=True)
class Book:
    """What has to be remembered of the leaves so far, to judge the next one.

    As each reversal cancels exactly one standing award, no account of a learner can fall below zero.
    """

    wanted: str | None = None  # the award key of an entry looked for, and where it was found
    found: int | None = None
    succeeds: str | None = None  # the old log's last checkpoint, if this log goes on from another
    newest: str = ""
    totals: dict[str, list[int]] = field(default_factory=dict)  # year/class: awards, reversals, thousandths
    learners: dict[str, tuple[int, str, bool]] = field(default_factory=dict)  # number, leaf hash, from the log before
    awards: dict[bytes, bytes] = field(default_factory=dict)  # what a reversal must repeat, hashed

    def add(self, index: int, leaf: bytes, digest: bytes) -> None:
        """Take in the next leaf with its hash; raises Invalid."""
        try:
            match = LEAF.fullmatch(leaf.decode())
        except UnicodeDecodeError as fault:
            raise Invalid("not UTF-8") from fault
        if match is None:
            value = parse(leaf)
            if index or value.keys() != {"succeeds", "v"} or value["v"] != 2:
                raise Invalid(explain(value))
            self.succeeds = str(value["succeeds"])
            return
        amount, award, credit, debit, on, number, previous, at, day = match.groups()
        if not is_day(on) or not is_day(day):
            raise Invalid(f"{on} or {day} is not a day")
        reversal = award.endswith("/reversal")
        issuer, to = (credit, debit) if reversal else (debit, credit)
        account = ACCOUNT.fullmatch(to)
        if account is None or not issuer.startswith("issuer:") or issuer == "issuer:":
            raise Invalid("not between an issuer and the account of a learner, year and class")
        old = self._follow(account[1], int(number), previous, digest)
        self.found = index if award == self.wanted else self.found
        self._book(award, hashlib.sha256(f"{amount} {to} {issuer}".encode()).digest(), reversal, old)
        total = self.totals.setdefault(account[2], [0, 0, 0])
        total[1 if reversal else 0] += 1
        total[2] += -int(amount) if reversal else int(amount)
        self.newest = max(self.newest, at)

    def _follow(self, learner: str, number: int, previous: str, digest: bytes) -> bool:
        """Keep the learner's chain; True if it began in the log before this one."""
        last, before, old = self.learners.get(learner, (0, NOTHING, False))
        if last == 0 and self.succeeds is not None and number > 1:
            last, before, old = number - 1, previous, True
        if number != last + 1:
            raise Invalid(f"number {number} of its learner follows number {last}")
        if previous != before:
            raise Invalid("`previous` is not the hash of the learner's previous leaf")
        self.learners[learner] = (number, base64url(digest), old)
        return old

    def _book(self, award: str, facts: bytes, reversal: bool, old: bool) -> None:
        """Note an award, or cancel one; `old`: what is cancelled may stand in the log before this one."""
        if (key := short(award)) in self.awards:
            raise Invalid(f"the award {award} stands in the log already")
        self.awards[key] = b"" if reversal else facts
        cancelled = self.awards.get(short(award.removesuffix("/reversal"))) if reversal else facts
        if cancelled is None and not old:
            raise Invalid("it reverses an award that is not in the log before it")
        if cancelled not in (None, facts):
            raise Invalid("it does not cancel the award exactly: amount or accounts differ")
