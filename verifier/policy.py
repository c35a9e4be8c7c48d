"""Whom an auditor trusts: a policy in the C2SP tlog-policy format."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from verifier.notes import COSIGNATURE, ED25519, BadSignature, Checkpoint, Invalid, Key, parse_checkpoint, parse_key


class UnknownOrigin(Invalid):
    """A checkpoint of a log that the policy does not name."""


@dataclass
class Policy:
    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # how many, of which witnesses or groups
    quorum: str = ""

    def accept(self, data: bytes, quorum: bool = True) -> tuple[Checkpoint, dict[str, int]]:
        """The checkpoint in these bytes and when which witnesses signed it, the quorum or any; raises Invalid."""
        checkpoint = parse_checkpoint(data)
        logs = [key for key in self.logs if key.name == checkpoint.origin]
        if not logs:
            raise UnknownOrigin(f"unknown origin: the policy names no log {checkpoint.origin!r}")
        signers = checkpoint.note.signers([*logs, *self.witnesses.values()])
        if not any(key in signers for key in logs):
            raise BadSignature(f"no signature by a key that the policy names for {checkpoint.origin!r}")
        cosigned = {name: signers[key] for name, key in self.witnesses.items() if key in signers}
        if quorum and not self.stands(self.quorum, cosigned):
            raise BadSignature(f"the quorum {self.quorum!r} is not met: cosigned by {', '.join(cosigned) or 'nobody'}")
        return checkpoint, cosigned

    def stands(self, name: str, cosigned: Collection[str]) -> bool:
        """Whether a witness, or enough of a group, is among those that signed."""
        if name not in self.groups:
            return name == "none" or name in cosigned
        needed, members = self.groups[name]
        return sum(self.stands(member, cosigned) for member in members) >= needed

    def read(self, words: list[str]) -> None:
        """Take in the words of one line; raises Invalid."""
        defined = {*self.witnesses, *self.groups}
        free = len(words) > 1 and words[1] not in defined | {"none"}
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(_key(vkey, ED25519, self.logs))
            case ["witness", name, vkey] | ["witness", name, vkey, _] if free:
                self.witnesses[name] = _key(vkey, COSIGNATURE, self.witnesses.values())
            case ["group", name, count, *members] if members and free:
                grouped = {member for _, others in self.groups.values() for member in others}
                counts = {"any": 1, "all": len(members)} | {str(n): n for n in range(1, len(members) + 1)}
                if len({*members} & defined - grouped) < len(members) or count not in counts:
                    raise Invalid("a member that is not defined above or is in a group, or a count out of range")
                self.groups[name] = (counts[count], members)
            case ["quorum", name] if not self.quorum and name in defined | {"none"}:
                self.quorum = name
            case _:
                raise Invalid("not a line of a policy, or a name that is taken or not defined above")


def _key(vkey: str, kind: int, others: Collection[Key]) -> Key:
    key = parse_key(vkey)
    if key.kind != kind or any(key.public == one.public or (key.name, key.id) == (one.name, one.id) for one in others):
        raise Invalid("the same key again, or a log's key not of kind 0x01, a witness's not of kind 0x04")
    return key


def parse_policy(data: bytes) -> Policy:
    """Read a policy; raises Invalid with the line. Bytes above 127 in names are compared as they are."""
    policy = Policy()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = [word.decode("utf-8", "surrogateescape") for word in re.split(b"[ \t]+", line.strip(b" \t"))]
        try:
            if re.search(b"[\x00-\x08\x0b-\x1f\x7f]", line):
                raise Invalid("a control character")
            if words[0] and not words[0].startswith("#"):
                policy.read(words)
        except Invalid as fault:
            raise Invalid(f"line {number}: {fault}") from fault
    if not policy.quorum:
        raise Invalid("no quorum line")
    return policy
