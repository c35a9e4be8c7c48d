"""Several filings of one place at once on PostgreSQL, and more lines than one batch holds."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import LECTURE, award_of, reading, writing
from filing_stage import Office
from flask import Flask
from houses import House
from sqlalchemy import text

from lms.credits import commands
from lms.credits.filing import gathering, making
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

FILINGS, AWARDS = 4, 12
SOME = 50


@pytest.mark.races
def test_filings_at_once_get_numbers_of_their_own_and_share_no_line(postgresql_house: House) -> None:
    postgresql_house.restore()
    app, cast = postgresql_house.app, postgresql_house.cast
    for number in range(AWARDS):
        award_of(app, cast, cast.learner, **(LECTURE | {"on_date": date(2026, 1, 1) + timedelta(days=number)}))
    start = Barrier(FILINGS)

    def make() -> UUID:
        with app.app_context():
            start.wait()
            with unit_of_work():
                return making.make_filing(
                    cast.admin.actor, cast.places["LB-YL"], start=date(2026, 1, 1), end=date(2026, 12, 31)
                )

    def work() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with app.app_context():
                app.extensions["xinglin.runner"].drain()
            with reading(app):
                open_ones = session().scalar(text("SELECT count(*) FROM filing WHERE state <> 'filed'"))
            if not open_ones:
                return
            time.sleep(0.2)
        raise AssertionError("not all filings were made")

    with ThreadPoolExecutor(FILINGS) as pool:
        made = [done.result(30) for done in [pool.submit(make) for _ in range(FILINGS)]]
        for done in [pool.submit(work) for _ in range(2)]:
            done.result(90)
    assert len(set(made)) == FILINGS
    with reading(app):
        numbers = sorted(session().scalars(text("SELECT number FROM filing")))
        carried = Counter(session().scalars(text("SELECT award_id FROM filing_row")))
    assert numbers == list(range(1, FILINGS + 1))
    assert len(carried) == AWARDS
    assert set(carried.values()) == {1}


def test_more_lines_than_a_batch(
    app: Flask, cast: Cast, sign_in: Callable, work_off: Callable[[Flask], int],  # type: ignore[type-arg]
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # Nobody looks at the certificates of so many lines; to draw them took two thirds of the time.
    monkeypatch.setattr("lms.certificates.drawing.page.draw", lambda facts: b"%PDF-" + repr(facts).encode())
    # Two whole batches and a part of one, of fifty lines each: what ends a batch knows no other number than this.
    monkeypatch.setattr(gathering, "gather", partial(gathering.gather, most=SOME))
    monkeypatch.setattr(gathering, "BATCH", SOME)
    count = 2 * SOME + 20
    with writing(app):
        for number in range(count):
            member = (cast.learner, cast.colleague)[number % 2]
            day = date(2026, 1, 1) + timedelta(days=number // 2)
            given = LECTURE | {"on_date": day}
            commands.record_activity(cast.admin.actor, person_id=member.person_id, **given)
    office = Office(app, cast, sign_in(app.test_client(), cast.admin), work_off)
    page = office.make()
    rows = office.rows(page, "full.csv")
    assert len({row["row"] for row in rows}) == len(rows) == count
    assert len(office.data(page, "delta.json")["lines"]) == count
    assert office.rows(office.make()) == []
