"""Batches while something else happens: a role is lost, a worker is killed, the night forgets what is old."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from roster_desk import PAGE, Desk
from roster_dump import dumped
from roster_files import as_csv, roster
from sqlalchemy import insert, select, update

from lms.kernel import clock, outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.paging import SIZE
from lms.kernel.uow import unit_of_work
from lms.people import commands
from lms.people.batches import commands as batches
from lms.people.batches import working
from lms.people.batches.models import Batch, BatchLine
from lms.people.models import RoleGrant
from lms.sheets.incoming.tables import read_table


@pytest.fixture
def desk(
    app: Flask, cast: Cast, sign_in: Callable[..., FlaskClient], work_off: Callable[[Flask], int]
) -> Desk:
    return Desk(app, sign_in(app.test_client(), cast.admin), work_off)


@contextmanager
def later(app: Flask, **by: int) -> Iterator[None]:
    with app.app_context(), clock.held_at(clock.now() + timedelta(**by)):
        yield


def batch(app: Flask) -> Batch:
    """The last one."""
    with app.app_context(), unit_of_work(write=False):
        found = session().scalars(select(Batch).order_by(Batch.made_at.desc())).first()
        assert found is not None
        session().expunge(found)
        return found


def roles_of(app: Flask, cast: Cast, *, withdrawn: bool) -> None:
    with app.app_context(), unit_of_work():
        session().execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.admin.person_id)
            .values(withdrawn_at=clock.now() if withdrawn else None)
        )


def pressed(desk: Desk, page: str, action: str) -> None:
    """A press; nothing is worked off yet."""
    assert post_form(desk.client, page, {}, action=action).status_code == 303


def test_the_page_of_a_done_batch_opens_none_of_its_lines(app: Flask, desk: Desk, count_sql: Any) -> None:
    page = desk.do(as_csv(roster(3)))
    with count_sql() as statements:
        assert "先看哪些行收不回" in desk.text(page)
    assert not [one for one in statements if "batch_line" in one]
    pressed(desk, page, "/undo/rehearse")
    waiting = desk.text(page)
    assert "正在看哪些行收不回" in waiting
    assert "先看哪些行收不回" not in waiting
    desk.work_off(app)
    assert "每一行都收得回" in desk.text(page)
    assert batch(app).state == "done"
    # What was looked up is not in the way of doing it.
    desk.press(page, "/undo")
    assert "收回 3 行，留下 0 行" in desk.text(page)


def test_whoever_has_lost_her_role_takes_nothing_back(app: Flask, cast: Cast, desk: Desk) -> None:
    page = desk.do(as_csv(roster(2)))
    before = dumped(app)
    pressed(desk, page, "/undo")
    roles_of(app, cast, withdrawn=True)
    desk.work_off(app)
    roles_of(app, cast, withdrawn=False)
    assert dumped(app) == before
    assert batch(app).state == "done"
    assert "您已经没有办这种表格的身份了" in desk.text(page)
    with app.app_context(), unit_of_work(write=False):
        assert None not in session().scalars(select(BatchLine.kept_sealed)).all()
    # Whoever has it again may ask again.
    desk.press(page, "/undo")
    said = desk.text(page)
    assert "收回 2 行，留下 0 行" in said
    assert "没有办这种表格的身份" not in said


def test_whoever_has_lost_her_role_has_nothing_done(app: Flask, cast: Cast, desk: Desk) -> None:
    page, before = desk.rehearse(as_csv(roster(2))), dumped(app)
    pressed(desk, page, "/commit")
    roles_of(app, cast, withdrawn=True)
    desk.work_off(app)
    roles_of(app, cast, withdrawn=False)
    assert dumped(app) == before
    assert "您管的范围里没有这个机构" in desk.text(page)


def test_a_press_while_it_is_rehearsed_again_is_told_so(app: Flask, desk: Desk) -> None:
    page, before = desk.rehearse(as_csv(roster(2))), dumped(app)
    seen = next(one for one in forms_of(desk.text(page)) if one["action"].endswith("/commit"))
    pressed(desk, page, "/commit")
    with app.app_context(), unit_of_work():
        batches.rehearse_anew(batch(app).id)
    stale = desk.client.post(seen["action"], data=dict(seen["fields"]))
    assert stale.status_code == 422
    assert "正在重新预演。请等它做完，看过再确认。" in stale.text
    assert "下面是新的预演" not in stale.text
    desk.work_off(app)
    assert dumped(app) == before


def test_faults_that_come_with_doing_it_have_a_marked_copy_too(app: Flask, cast: Cast, desk: Desk) -> None:
    rows = roster(2)
    page = desk.rehearse(as_csv(rows))
    with app.app_context(), unit_of_work():
        commands.add_person(
            SYSTEM, name="王建国", phone="00000009800", id_number=rows[1]["身份证号"],
            workplace_id=cast.places["LB-ST-HW"], starts_on=date(2024, 3, 1),
        )  # fmt: skip
    desk.press(page, "/commit")
    said = desk.text(page)
    assert "名单刚刚有变化，还没有办理" in said
    found = re.search(r'href="(/admin/rosters/[^"]+/faults.xlsx)"', said)
    assert found, said
    table = read_table(desk.client.get(found[1]).data, {"问题": "said"}, ["said"])
    assert [bool(row.cells["said"]) for row in table.rows] == [False, True]


@pytest.mark.parametrize("step", ["rehearse", "commit", "undo/rehearse", "undo"])
def test_what_a_killed_worker_has_left_is_taken_up_again(app: Flask, desk: Desk, step: str) -> None:
    after = {"rehearse": "rehearsed", "commit": "done", "undo/rehearse": "done", "undo": "undone"}
    if step == "rehearse":
        page = desk.send(as_csv(roster(2))).location
    elif step == "commit":
        page = desk.rehearse(as_csv(roster(2)))
    else:
        page = desk.do(as_csv(roster(2)))
    if step != "rehearse":
        pressed(desk, page, f"/{step}")
    with app.app_context():
        [row] = [row_id for name, row_id in outbox.due_rows() if name.startswith("people.batches.")]
        assert outbox._claim(row) is not None  # and then nothing more of that worker
    desk.work_off(app)
    with app.app_context(), unit_of_work(write=False):
        assert batches.waits_for(batch(app)) is not None
        assert not batches.is_stuck(batch(app))
    with later(app, minutes=11):
        desk.work_off(app)
        assert batch(app).state == after[step]
        assert batches.waits_for(batch(app)) is None


def test_what_was_given_up_is_tried_again_by_a_press(app: Flask, desk: Desk) -> None:
    page = desk.rehearse(as_csv(roster(2)))
    pressed(desk, page, "/commit")
    with app.app_context(), unit_of_work():
        given_up = outbox.OutboxRow.task == batches.COMMIT
        session().execute(update(outbox.OutboxRow).where(given_up).values(state="parked"))
    assert "这一步没有做成，什么也没有改动" in desk.text(page)
    listed = desk.text(PAGE)
    assert "这一步没有做成" in listed
    assert "正在做" not in listed
    desk.press(page, "/again")
    assert "已办理" in desk.text(page)
    assert "/again" not in desk.text(page)


def test_older_batches_are_on_the_next_page(app: Flask, cast: Cast, desk: Desk) -> None:
    with app.app_context(), unit_of_work():
        for n in range(SIZE + 1):
            session().execute(
                insert(Batch).values(
                    id=new_id(), kind="people", name=f"{n}.csv", state="refused", made_by=cast.admin.person_id,
                    made_by_name="-", made_at=clock.now() - timedelta(days=n),
                )
            )  # fmt: skip
    first = desk.text(PAGE)
    assert "0.csv" in first
    assert f">{SIZE}.csv" not in first
    assert f">{SIZE}.csv" in desk.text(f"{PAGE}?page=2")


def test_a_table_that_was_never_done_is_forgotten(app: Flask, desk: Desk) -> None:
    page = desk.rehearse(as_csv(roster(2)))
    pressed(desk, page, "/commit")
    with later(app, days=15), unit_of_work():
        batches.expire()
    assert batch(app).state == "running", "it is on its way"
    with app.app_context(), unit_of_work():
        session().execute(update(outbox.OutboxRow).values(state="parked"))
    with later(app, days=15), unit_of_work():
        batches.expire()
    assert (batch(app).state, batch(app).files_sealed) == ("refused", None)
    assert "太久没有办理，表格已经删除" in desk.text(page)


def test_what_could_not_be_taken_back_is_forgotten_too(app: Flask, desk: Desk) -> None:
    page = desk.do(as_csv(roster(2)))
    pressed(desk, page, "/undo")
    for state, kept in (("ready", 2), ("parked", 0)):
        with app.app_context(), unit_of_work():
            session().execute(update(outbox.OutboxRow).values(state=state))
        with later(app, days=15), unit_of_work():
            batches.expire()
        with app.app_context(), unit_of_work(write=False):
            lines = session().scalars(select(BatchLine.kept_sealed)).all()
        assert len([one for one in lines if one is not None]) == kept, state
    assert batch(app).state == "done"
    assert "一直没有收回成" in desk.text(page)


def test_the_night_does_not_forget_what_is_being_started(app: Flask, cast: Cast, desk: Desk) -> None:
    """Started and not committed yet when the night comes by."""
    desk.rehearse(as_csv(roster(2)))
    batch_id: UUID = batch(app).id
    started, passed = Event(), Event()

    def start() -> None:
        with later(app, days=15), unit_of_work():
            assert batches.start(cast.admin.actor, batch_id)
            started.set()
            # On SQLite the night waits for this one anyway.
            passed.wait(0.3)

    def night() -> None:
        assert started.wait(30)
        with later(app, days=15), unit_of_work():
            batches.expire()
        passed.set()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(start), pool.submit(night)]:
            done.result()
    assert batch(app).files_sealed is not None
    with app.app_context():
        working.commit(batch_id, cast.admin.person_id)
    assert batch(app).state == "done"
