"""The signer: it believes neither the database nor the sequencer.

It takes the tree that it signed last from its own file, grows it with the leaves themselves (their bytes, hashed
here), and signs only if that gives the root which the database has committed to. A database that is behind what
was signed, or tells another past, gets no signature: two roots of one size would be the end of the log.
"""

from collections.abc import Iterator

from lms.credits.log import state
from lms.credits.log.keys import LogKey
from lms.credits.log.merkle import Range, leaf_hash
from lms.credits.log.models import LogOrigin, LogSignature
from lms.credits.log.notes import Checkpoint, joined
from lms.credits.log.state import Refused, Signed
from lms.credits.log.tree import Tree, newest_checkpoint, newest_signed, root_at
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.uow import unit_of_work

READ = 1000


def compare(log: LogOrigin, key: LogKey) -> Signed:
    """What was signed last, if the database agrees with it; raises Refused if not. Only for who works alone
    (`state.alone`): what another process is signing just now would look like a contradiction."""
    with unit_of_work(write=False):
        return _compared(log, key)


def sign(log: LogOrigin, key: LogKey) -> int:
    """Sign the newest checkpoint if it is not signed yet; the size that is signed afterwards, 0 for none.

    Only for who works alone. Raises Refused.
    """
    with unit_of_work(write=False):
        signed = _compared(log, key)
        newest = newest_checkpoint(log.number)
        if newest is None:
            return 0
        size, root = newest
        if newest_signed(log.number, key.vkey) == size == signed.tree.size:
            return size
        grown = _grown(log, signed, size)
    if grown.root() != root:
        raise Refused(f"the leaves up to {size} do not give the root that the database has committed to")
    text = Checkpoint(key.origin, size, root).text
    signature = key.signer.sign(text)
    if size > signed.tree.size:
        # Before anybody can see the signature: from now on nothing else is signed at this size.
        state.write(key.state, Signed(key.origin, grown, joined(text, [signature])))
    record(log.number, size, key.vkey, str(signature))
    return size


def record(log: int, size: int, vkey: str, line: str) -> None:
    """Keep a signature line; a second one of the same key changes nothing."""
    values = {"log": log, "size": size, "vkey": vkey, "line": line, "made_at": clock.now()}
    with unit_of_work():
        insert_once(LogSignature, values, on=["log", "size", "vkey"])


def _compared(log: LogOrigin, key: LogKey) -> Signed:
    """What was signed last, if the database agrees with it."""
    if log.vkey != key.vkey:
        raise Refused(f"the log that is written is {log.origin}, and the key is that of {key.origin}")
    signed = state.read(key.state, key.signer.verifier)
    size = signed.tree.size
    known = newest_signed(log.number, key.vkey)
    if known > size:
        raise Refused(f"size {known} was signed, but the file of what was signed last knows only {size}: {key.state}")
    newest = newest_checkpoint(log.number)
    have = newest[0] if newest else 0
    if have < size:
        raise Refused(f"the database is behind: it has {have} leaves, and {size} were signed")
    if size and root_at(log.number, size) != signed.tree.root():
        raise Refused(f"the database has another root at size {size} than was signed")
    return signed


def _grown(log: LogOrigin, signed: Signed, size: int) -> Range:
    """The signed tree with the leaves that came after it."""
    grown = Range(signed.tree.size, signed.tree.subtrees)
    for leaf in _leaves(log.number, grown.size, size):
        grown.append(leaf_hash(leaf))
    return grown


def _leaves(log: int, start: int, end: int) -> Iterator[bytes]:
    tree = Tree(log)
    for at in range(start, end, READ):
        try:
            yield from tree.leaves(at, min(end, at + READ))
        except LookupError as error:
            raise Refused(str(error)) from error
