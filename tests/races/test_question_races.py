"""Authors add questions to one draft at once, on PostgreSQL: every question is there, each under a code of its own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from cast import Cast
from flask import Flask
from houses import House

from lms.courses.writing import bank, questions, starting
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.races
EACH = 15


@pytest.fixture
def house(postgresql_house: House) -> House:
    postgresql_house.restore()
    return postgresql_house


def asked(stem: str, use: str) -> dict[str, Any]:
    return {
        "type": "true_false", "use": use, "topic": "", "difficulty": 1, "objective": "", "sources": [],
        "stem": {"zh": stem, "en": ""}, "explanation": {"zh": "", "en": ""}, "answer": True,
    }  # fmt: skip


def test_two_who_add_questions_at_once_add_all_of_them(app: Flask, cast: Cast) -> None:
    author = cast.author.actor
    other = replace(cast.colleague.actor, grants=(Grant(Role.AUTHOR, author.grants[0].path),))
    with app.app_context(), unit_of_work():
        draft_id = starting.start(author, centre_id=cast.places["TC-DEMO"], title="糖尿病足")
    ready = Barrier(2)

    def write(actor: Actor, mark: str) -> list[str]:
        codes = []
        ready.wait(30)
        for number in range(EACH):
            use = "check" if number % 3 == 0 else "assessment"
            with app.app_context(), unit_of_work():
                codes += questions.add(actor, draft_id, [asked(f"{mark}{number}", use)])
        return codes

    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(write, actor, mark) for actor, mark in ((author, "甲"), (other, "乙"))]
        codes = [code for one in told for code in one.result(120)]
    with app.app_context(), unit_of_work(write=False):
        found = {one.code: one.stem["zh"] for one in bank.questions_of(draft_id)}
        files = bank.question_files(draft_id)
    assert len(set(codes)) == 2 * EACH
    assert set(found) == set(codes)
    assert sorted(found.values()) == sorted(f"{mark}{number}" for mark in "甲乙" for number in range(EACH))
    assert [file.path for file in files] == ["items/questions.toml"]
