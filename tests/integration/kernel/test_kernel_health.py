"""Alive, ready, counted."""

from datetime import timedelta

import pytest
from flask import Flask
from kernel_probe import Houses
from servers import free_port, valkey

from lms.kernel import clock, jobs, outbox
from lms.kernel.uow import unit_of_work


def test_it_works(kernel_app: Flask, kind: str) -> None:
    client = kernel_app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    state = answer.get_json()
    # On PostgreSQL the public log is off until somebody sets its key: loudly, and nothing else is.
    assert state.pop("status") == ("ok" if kind == "sqlite" else "degraded")
    assert state.pop("log")["state"] == ("on" if kind == "sqlite" else "off")
    assert state.pop("ledger")["awarding"] is True
    assert state == {
        "database": True,
        "storage": True,
        "broker": True,
        "outbox": {"waiting": 0, "parked": 0, "oldest_seconds": 0.0},
        "outbox_late": False,
        "schedule_seconds": None,
    }


def test_a_late_outbox_is_told_and_does_not_take_the_web_down(kernel_app: Flask) -> None:
    now = clock.now()
    with kernel_app.app_context(), clock.held_at(now), unit_of_work():
        outbox.send("probe.write", key="k", words="later")
    with clock.held_at(now + timedelta(minutes=6)):
        answer = kernel_app.test_client().get("/readyz")
    assert answer.status_code == 200
    state = answer.get_json()
    assert state["outbox_late"] is True
    assert state["outbox"] == {"waiting": 1, "parked": 0, "oldest_seconds": 360.0}


def test_a_dead_schedule_is_seen(kernel_app: Flask) -> None:
    now = clock.now()
    with kernel_app.app_context(), clock.held_at(now):
        jobs.tick()
    with clock.held_at(now + timedelta(hours=1)):
        assert kernel_app.test_client().get("/readyz").get_json()["schedule_seconds"] == 3600.0


def test_a_dead_broker_is_unready(houses: Houses) -> None:
    app = houses.new(redis_url=f"redis://127.0.0.1:{free_port()}/0")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["broker"] is False
    assert answer.get_json()["database"] is True


def test_a_living_broker_is_ready(houses: Houses) -> None:
    with valkey() as url:
        app = houses.new(redis_url=url)
        assert app.test_client().get("/readyz").status_code == 200


def test_a_dead_database_is_unready_and_shows_no_inside(houses: Houses) -> None:
    address = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/nothing"
    app = houses.new("sqlite", tables=False, database_url=address)
    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"] is False
    assert client.get("/healthz").status_code == 200
    page = client.get("/readyz", headers={"Accept": "text/html"})
    assert "psycopg" not in page.text


def test_metrics_are_not_for_everybody(kernel_app: Flask) -> None:
    assert kernel_app.test_client().get("/metrics").status_code == 404


@pytest.mark.parametrize("line", [
    'xinglin_requests_total{endpoint="probe.page",status="200"}',
    'xinglin_request_seconds_count{endpoint="probe.page"}',
    "xinglin_outbox_waiting 1.0",
    "xinglin_outbox_parked 0.0",
    "xinglin_schedule_seconds",
])
def test_metrics_count_requests_and_tell_the_outbox(houses: Houses, line: str) -> None:
    app = houses.new(metrics=True)
    with app.app_context():
        jobs.JOBS.clear()
        jobs.register([jobs.every(minutes=1, name="probe.job", run=lambda: None)])
        jobs.tick()
    client = app.test_client()
    client.get("/probe")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert line in answer.text
