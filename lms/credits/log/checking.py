"""The nightly verification, and what follows from it: a ledger that does not add up gets no more awards."""

from datetime import timedelta

import structlog

from lms.credits.ledger import halting
from lms.credits.log import state
from lms.credits.log.keys import house
from lms.credits.log.standing import VERIFIED, ledger_standing
from lms.credits.log.verifying import Verdict, verify
from lms.kernel import audit, clock
from lms.kernel.actor import SYSTEM
from lms.kernel.uow import unit_of_work

ONE_NIGHT, MISSED = timedelta(hours=20), timedelta(hours=44)
NIGHT = range(1, 6)
"""Hours in Asia/Shanghai."""
log_of = structlog.get_logger("ledger")


def verify_and_act() -> Verdict:
    """Verify, remember how it ended, stop awarding or let it go on."""
    verdict = verify()
    failed = {name: one.first for name, one in verdict.findings.items() if not one.ok}
    told = "; ".join(f"{name}: {first}" for name, first in sorted(failed.items()))
    with unit_of_work():
        halting.note(VERIFIED, told, always=True)
        if verdict.sound:
            changed = halting.forget(halting.HALT)
        else:
            changed = halting.note(halting.HALT, told)
        if changed:
            action = "awarding.resumed" if verdict.sound else "awarding.stopped"
            audit.record(SYSTEM, action, "ledger", "ledger", why=told)
    if failed:
        log_of.error("the ledger does not verify", failed=failed)
    return verdict


def verify_nightly() -> None:
    """The same once a night, or at once where it was never done or missed two nights. Not a job of the outbox: with
    millions of lines it takes minutes, and must hold neither a lease nor SQLite's one writer."""
    with unit_of_work(write=False):
        last = ledger_standing().verified_at
    now = clock.now()
    due = last is None or now - last > MISSED or (now - last > ONE_NIGHT and clock.local(now).hour in NIGHT)
    if due:
        with state.alone(house().data.resolve() / "verification") as first:
            if first:
                verify_and_act()
