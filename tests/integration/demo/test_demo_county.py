"""The demonstration as a newcomer meets it: `make run`'s process, its accounts, its people."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from houses import build_app
from pages import post_form
from servers import free_port
from sqlalchemy import text

from lms.demo.build import ACCOUNTS, PASSWORD, NotEmpty, build_demo
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass
class Running:
    """A started `make run` process, what it printed, and its data."""

    said: str
    folder: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XINGLIN_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "lms.serve"],
        cwd=ROOT,
        env=clean | {"PORT": str(port), "XINGLIN_DATA": str(folder), "XINGLIN_LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    said = ""
    try:
        while "password" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield Running(said, folder)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        process.stdout.close()


@pytest.fixture(scope="module")
def visitor(running: Running) -> FlaskClient:
    """A browser on the data that the process built."""
    return build_app(running.folder).test_client()


def test_it_says_where_it_is_and_who_may_sign_in(running: Running) -> None:
    assert re.search(r"^Xinglin is ready: http://127\.0\.0\.1:\d+$", running.said, re.MULTILINE)
    for account, _phone, _what in ACCOUNTS:
        assert account in running.said


@pytest.mark.parametrize("account", [account for account, *_ in ACCOUNTS])
def test_each_account_signs_in_by_its_name(running: Running, account: str) -> None:
    client = build_app(running.folder).test_client()
    answer = post_form(client, "/sign-in", {"account": account, "password": PASSWORD})
    assert answer.status_code == 303
    assert client.get("/today").status_code == 200


def test_the_doctor_sees_what_she_lacks_and_what_came_back(visitor: FlaskClient) -> None:
    post_form(visitor, "/sign-in", {"account": "doctor", "password": PASSWORD})
    page = visitor.get("/today").text
    assert "今年还差" in page
    assert page.index("退回给您补充") < page.index("今年还差")
    assert "学完两样都够" in page or "学完还差" in page, "the card says how far courses go, on every day of a year"


def test_the_author_sees_how_a_course_goes(running: Running) -> None:
    client = build_app(running.folder).test_client()
    post_form(client, "/sign-in", {"account": "author", "password": PASSWORD})
    assert "还没有数" not in client.get("/studio").text
    course = "/studio/courses/hypertension"
    numbers = client.get(f"{course}/results").text
    assert "还没有数过" not in numbers
    assert re.search(r"停下 [1-9][0-9]* 人", numbers), "some leave a course"
    assert "学以前、学完、三个月后答对多少" in numbers
    words = client.get(f"{course}/words").text
    assert "等答复" in words
    assert "答复过" in words
    evaluation = re.findall(r'href="(/surveys/[^"]+|/studio/surveys/[^"]+)"', client.get(f"{course}/surveys").text)
    assert len(evaluation) == 2


def test_some_pass_some_lack_and_every_state_is_there(running: Running) -> None:
    app = build_app(running.folder)
    with app.app_context(), unit_of_work(write=False):
        states = {row[0] for row in session().execute(text("SELECT DISTINCT state FROM award"))}
        people = session().scalar(text("SELECT count(*) FROM person"))
    assert states == {"granted", "approved", "returned", "reversed"}
    assert people == 61


def test_every_certificate_gets_drawn(running: Running) -> None:
    app = build_app(running.folder)
    waiting = 1
    end = time.monotonic() + 120
    while waiting and time.monotonic() < end:
        with app.app_context(), unit_of_work(write=False):
            waiting = session().scalar(text("SELECT count(*) FROM certificate WHERE state = 'queued'")) or 0
        time.sleep(1 if waiting else 0)
    assert not waiting


def test_it_never_mixes_with_people_who_are_there_already(running: Running) -> None:
    app = build_app(running.folder)
    with app.app_context(), pytest.raises(NotEmpty):
        build_demo()
