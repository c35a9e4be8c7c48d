"""A standing computed while its way is left, and while its person's account is closed: nothing comes back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cast import Cast
from credit_stage import reading, writing
from flask import Flask
from sqlalchemy import select

from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.pathways import following
from lms.pathways.county import keeping
from lms.pathways.county.models import PathwayResult
from lms.people.privacy import closing

pytestmark = pytest.mark.races
WAYS = ("rural-gp-assistant", "assistant-physician", "graduate-village-doctor")


def at_once(app: Flask, *deeds: Callable[[], object]) -> None:
    """Each in a unit of work of its own, begun at the same moment; what each leaves in the outbox is done."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        barrier.wait(30)
        with writing(app):
            deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))
    with app.app_context():
        app.extensions["xinglin.runner"].drain()


def kept(app: Flask, cast: Cast) -> set[str]:
    """The ways on which she is counted; one that she left is kept with the day on which she did."""
    with reading(app):
        hers = select(PathwayResult.pathway).where(PathwayResult.person_id == cast.learner.person_id)
        return set(session().scalars(hers.where(PathwayResult.stopped_on.is_(None))))


def test_what_is_left_while_it_is_computed_does_not_come_back(app: Flask, cast: Cast) -> None:
    actor, hers = cast.learner.actor, cast.learner.person_id
    for way in WAYS:
        at_once(app, lambda way=way: following.follow(actor, way))
        assert kept(app, cast) == {keeping.LICENSED, way}
        refreshing = [lambda: keeping.refresh([hers])] * 4
        at_once(app, *refreshing[:2], lambda way=way: following.stop(actor, way), *refreshing[2:])
        assert kept(app, cast) == {keeping.LICENSED}, way


def test_whose_account_is_closed_while_she_is_computed_is_counted_no_more(app: Flask, cast: Cast) -> None:
    actor, hers = cast.learner.actor, cast.learner.person_id
    at_once(app, *(lambda way=way: following.follow(actor, way) for way in WAYS))
    assert kept(app, cast) == {keeping.LICENSED, *WAYS}
    refreshing = [lambda: keeping.refresh([hers])] * 4
    at_once(app, *refreshing[:2], lambda: closing.close(SYSTEM, hers, "office"), *refreshing[2:])
    assert kept(app, cast) == set()
