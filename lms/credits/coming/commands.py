"""Entering, changing and cancelling activities that are to come."""

from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import ColumnElement, update

from lms.credits import policies
from lms.credits.coming import judging
from lms.credits.coming.models import ComingActivity
from lms.credits.coming.queries import managed
from lms.credits.entering import Told, fact_values
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg, nfc
from lms.organisations import queries as organisations

NOT_KEPT = ("activity_code", "role", "note", "recorded_by", "recorded_at")
"""What is told of an activity only once it was held."""
LISTED = msg("这一场已经登记了签到表，不能再取消。")
OTHER = msg("这一页已经登记过另一场。要登记的是新的一场，请再按一次“登记”。")
CHANGED = msg("这一场刚刚被别人改过，或者已经取消、已经开始。什么也没有改，请看现在的。")


def enter(actor: Actor, *, coming_id: UUID, place_id: UUID, venue: str, **told: Unpack[Told]) -> bool:
    """Enter an activity that people of a place may join; True if this call did, False if this very one is entered
    already.

    Raises NotFound for a place that is not hers, Invalid for what does not fit, Conflict where another one has this
    id."""
    row = _row(actor, place_id, venue, told)
    new = {"id": coming_id, "version": 1, "entered_by": actor.person_id, "entered_at": clock.now()}
    if not insert_once(ComingActivity, row | new, on=["id"]):
        kept = session().get(ComingActivity, coming_id, populate_existing=True)
        if kept is None or any(getattr(kept, name) != value for name, value in row.items()):
            raise Conflict(OTHER)
        return False
    audit.record(actor, "coming.entered", "coming_activity", coming_id, kind=row["kind"], on=row["on_date"].isoformat())
    return True


def change(
    actor: Actor, coming_id: UUID, version: int, *, place_id: UUID, venue: str, **told: Unpack[Told]
) -> bool:
    """Change one that has not begun; False where it is changed so already. Raises NotFound for one or a place that is
    not hers, Invalid for what does not fit, Conflict where it was changed or cancelled meanwhile, or has begun."""
    managed(actor, coming_id)
    row = _row(actor, place_id, venue, told)
    standing = row | {"cancelled_at": None, "cancelled_by": None}
    if not _write(coming_id, version, standing, ComingActivity.started_on > clock.today()):
        return False
    audit.record(actor, "coming.changed", "coming_activity", coming_id, kind=row["kind"], on=row["on_date"].isoformat())
    return True


def cancel(actor: Actor, coming_id: UUID, version: int) -> bool:
    """It will not be held: plans no longer offer it; False where she has cancelled it already. Until its first day is
    over, and nobody is listed as having been there. Raises NotFound and Conflict as `change`."""
    found = managed(actor, coming_id).row
    if found.listed_at is not None:
        raise Conflict(LISTED)
    gone = {"cancelled_at": clock.now(), "cancelled_by": actor.person_id}
    may = (ComingActivity.started_on >= clock.today()) & ComingActivity.listed_at.is_(None)
    try:
        _write(coming_id, version, gone, may)
    except Conflict:
        now = managed(actor, coming_id).row
        if now.cancelled_at is not None and now.cancelled_by == actor.person_id:
            return False
        raise
    audit.record(actor, "coming.cancelled", "coming_activity", coming_id)
    return True


def list_entered(coming: ComingActivity) -> None:
    """An attendance list of it is entered in this unit of work: it is cancelled no more. Raises Conflict where it was
    cancelled meanwhile."""
    if coming.listed_at is not None:
        return
    done = session().execute(
        update(ComingActivity)
        .where(ComingActivity.id == coming.id, ComingActivity.cancelled_at.is_(None))
        .values(listed_at=clock.now())
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(CHANGED)


def _row(actor: Actor, place_id: UUID, venue: str, told: Told) -> dict[str, Any]:
    place = require_found(organisations.organisation(place_id))
    require_in_place(actor.holds(Role.ADMINISTRATOR, place.path))
    facts = {**fact_values(actor, told), "venue": nfc(venue)}
    faults = judging.faults(facts, policies.for_place(place.path, facts["on_date"].year), clock.today())
    if faults:
        raise Invalid(fields=faults)
    kept = {name: value for name, value in facts.items() if name not in NOT_KEPT}
    return kept | {"place_id": place.id, "place_path": place.path}


def _write(coming_id: UUID, version: int, values: dict[str, Any], when: ColumnElement[bool]) -> bool:
    """Whether this call wrote; False where the next version says the same. Raises Conflict for any other."""
    done = session().execute(
        update(ComingActivity)
        .where(
            ComingActivity.id == coming_id,
            ComingActivity.version == version,
            ComingActivity.cancelled_at.is_(None),
            when,
        )
        .values(values | {"version": version + 1})
    )
    if done.rowcount == 1:  # type: ignore[attr-defined]
        return True
    now = session().get(ComingActivity, coming_id, populate_existing=True)
    if now is None or now.version != version + 1 or any(getattr(now, name) != one for name, one in values.items()):
        raise Conflict(CHANGED)
    return False
