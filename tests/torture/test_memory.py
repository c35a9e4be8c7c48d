"""Memory after ten thousand requests: a gunicorn worker stays within 150 MB, `make run` within 300 MB.

In production certificates are drawn by the task worker; a single process draws them itself.
"""

import http.client
import os
import re
import socket
import subprocess
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from crowd import Sitter, make_crowd
from flask import Flask
from servers import free_port
from stack import PYTHON, ROOT, Stack, stack
from truth import count, wait_for
from visitors import Answer, Visitor

from lms.demo.build import ACCOUNTS, PASSWORD

REQUESTS = 10_000
CONNECTIONS = 4
PASSES = 60
MB = 1024 * 1024


def megabytes(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / MB


def ask_for(url: str, cookies: Sequence[str], addresses: Sequence[str], requests: int = REQUESTS) -> None:
    """So many requests in all, evenly over the addresses, on a few kept connections."""
    faults: list[str] = []

    def run(number: int) -> None:
        with closing(Visitor(url, cookies[number % len(cookies)])) as visitor:
            for turn in range(requests // CONNECTIONS):
                address = addresses[(turn + number) % len(addresses)]
                answer = get(visitor, address)
                if answer.status != 200:
                    faults.append(f"{address}: {answer.status}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults[:3]


def get(visitor: Visitor, address: str) -> Answer:
    try:
        return visitor.get(address)
    except (OSError, http.client.HTTPException):
        return visitor.get(address)  # the server may close a kept connection


def submit(running: Stack, sitters: Sequence[Sitter]) -> None:
    for sitter in sitters:
        with closing(Visitor(running.url, sitter.cookie)) as visitor:
            token = visitor.token(f"{sitter.page}?q=0", "/submit")
            assert visitor.post(f"{sitter.page}/submit", {"csrf_token": token}).status == 303


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("production", "most"), [(True, 150), (False, 300)])
def test_a_web_worker_stays_within_its_memory(
    production: bool, most: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """150 MB in production (PostgreSQL, Celery), 300 MB where one process does everything."""
    sitters: list[Sitter] = []
    apps: list[Flask] = []

    def prepare(app: object) -> None:
        assert isinstance(app, Flask)
        apps.append(app)
        sitters.extend(make_crowd(app, tmp_path / "package", PASSES + 1))

    (tmp_path / "package").mkdir()
    server = request.getfixturevalue("pg_server") if production else None
    with stack(
        tmp_path / "house", prepare, server=server, database="memory", celery=production, workers=1
    ) as running:
        (worker,) = psutil.Process(running.processes["web"].pid).children()
        seen = [megabytes(worker.pid)]
        submit(running, sitters[:PASSES])
        wait_for(lambda: count(apps[0]).drawn == PASSES, 120)
        seen.append(megabytes(worker.pid))
        last = sitters[-1]
        addresses = ["/today", "/courses", "/courses/stage", f"{last.page}?q=3", "/credits", "/certificates", "/"]
        for _ in range(5):
            ask_for(running.url, [last.cookie], addresses, REQUESTS // 5)
            seen.append(megabytes(worker.pid))
        assert worker.is_running(), "the worker was replaced"
    then = ", ".join(f"{one:.0f}" for one in seen[2:])
    print(
        f"gunicorn worker, {'production' if production else 'alone'}: {seen[0]:.0f} MB at start, {seen[1]:.0f} MB "
        f"after {PASSES} certificates, then every {REQUESTS // 5} requests {then} MB"
    )
    assert seen[-1] <= most


@pytest.mark.timeout(1800)
def test_make_run_stays_within_300_mb(tmp_path: Path) -> None:
    """With the demonstration county built by the very process, as on a first start."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XINGLIN_")}
    environment = {**kept, "XINGLIN_DATA": str(tmp_path / "var"), "PORT": str(port)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "lms.serve"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: process.poll() is not None or _listens(port), 240)
        assert process.poll() is None, (tmp_path / "log").read_text()
        url = f"http://127.0.0.1:{port}"
        start = megabytes(process.pid)
        cookie, pages = _doctor(url)
        ask_for(url, [cookie], pages)
        end = megabytes(process.pid)
    finally:
        process.terminate()
        process.wait(30)
    print(f"make run: {start:.0f} MB when ready, {end:.0f} MB after {REQUESTS} requests")
    assert end <= 300


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _doctor(url: str) -> tuple[str, list[str]]:
    """The demonstration's doctor signed in through the form, and pages of hers."""
    phone = next(phone for account, phone, _ in ACCOUNTS if account == "doctor")
    with closing(Visitor(url, "")) as visitor:
        token = visitor.token("/sign-in", "/sign-in")
        sent = {"csrf_token": token, "account": phone, "password": PASSWORD}
        assert visitor.post("/sign-in", sent).status == 303
        pages = ["/today", "/courses", "/credits", "/certificates", "/", "/account"]
        pages += sorted(set(re.findall(r'href="(/(?:learn|courses)/[^"?#]+)"', visitor.get("/today").text)))
        return visitor.cookie, pages
