"""What the log does every second: give places, sign, publish. Each step may be cut off anywhere and is met again."""

import threading
import time
from collections.abc import Callable

import structlog
from flask import Flask

from lms.credits.ledger import halting
from lms.credits.log import publishing, sequencer, state
from lms.credits.log.keys import LogKey, log_key
from lms.credits.log.models import LogOrigin
from lms.credits.log.signer import compare, sign
from lms.credits.log.state import Refused
from lms.credits.log.tree import current
from lms.kernel.uow import unit_of_work

ALARM = "signer"
ROUNDS = 50
log_of = structlog.get_logger("log")


def tick(tell: Callable[[int], None] = lambda placed: None) -> bool:
    """Put what waits into the log and sign it. False when the signer refuses: the reason is then kept where
    `/readyz` and the administrators see it."""
    try:
        _tick(tell)
    except Refused as refusal:
        with unit_of_work():
            news = halting.note(ALARM, str(refusal))
        if news:
            log_of.error("the log is not signed", reason=str(refusal))
        return False
    return True


def _tick(tell: Callable[[int], None]) -> None:
    key = log_key()
    if key is None:
        return
    with state.alone(key.state) as first:
        if not first:
            return
        log = _opened(key)
        compare(log, key)  # before anything is put behind leaves that contradict what was signed
        for _round in range(ROUNDS):
            with unit_of_work(write=False):
                waits = sequencer.waiting()
            placed = sequencer.sequence() if waits else 0
            if placed:
                tell(placed)
            if placed < sequencer.BATCH:
                break  # whoever has just come waits for the next second: a crowd must not keep the signature waiting
        sign(log, key)
    with unit_of_work(write=False):
        alarmed = halting.noted(ALARM)
    if alarmed:
        with unit_of_work():
            halting.forget(ALARM)
        log_of.warning("the log is signed again")


def _opened(key: LogKey) -> LogOrigin:
    """The log that is written; the very first one is opened here."""
    with unit_of_work(write=False):
        log = current()
    if log is None:
        with unit_of_work():
            sequencer.open_log(1, key.origin, key.vkey)
            log = current()
    assert log is not None
    if log.vkey != key.vkey:
        raise Refused(f"the log that is written is {log.origin}, and the key is that of {key.origin}")
    return log


def publish_tick() -> None:
    """Publish what is signed; asks the witnesses and may wait for them some seconds."""
    if log_key() is not None:
        publishing.publish()


def has_key() -> bool:
    """Whether this process writes the log; a key that cannot be used counts, so that it is told."""
    try:
        return log_key() is not None
    except Refused:
        return True


def tick_safely() -> bool:
    """A tick that outlives the database's restarts; False only when the signer refuses."""
    try:
        return tick()
    except Exception:
        log_of.exception("the log was not written")
        return True


def publish_until(app: Flask, stop: threading.Event, seconds: float) -> None:
    """Publish until stopped; for a thread of its own."""
    while not stop.wait(seconds):
        try:
            with app.app_context():
                publish_tick()
        except Exception:
            log_of.exception("the log was not published")


def begin_with_everything(tell: Callable[[int], None]) -> None:
    """Open the first log and put all lines there are into it (`sequencer.place_everything`); signs nothing yet. Raises
    Refused in a house that writes no log."""
    key = log_key()
    if key is None:
        raise Refused("this house has no key of a log")
    with state.alone(key.state, wait=True):
        sequencer.place_everything(_opened(key).number, tell)


def catch_up(tell: Callable[[int], None] = lambda placed: None) -> bool:
    """Everything that waits, at once: for the end of `demo` and `seed`, for the shell. False when the signer refuses;
    `tell` hears how many lines each transaction has given their places."""
    while tick(tell):
        with unit_of_work(write=False):
            waits = sequencer.waiting()
        if not waits or log_key() is None:
            publish_tick()
            return True
        time.sleep(0.05)  # somebody else is putting lines into the log
    return False
