"""Two who decide the same proposal at the same moment: one does, and there is one approval or none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from cast import Cast
from credit_stage import publish_course, reading, writing
from flask import Flask
from houses import House
from sqlalchemy import func, select

from lms.credits.models import Approval
from lms.credits.proposals import commands, queries
from lms.credits.proposals.models import CreditProposal
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.races
KIND = "recommended_project"


@pytest.fixture
def house(postgresql_house: House) -> House:
    """On SQLite writers wait for each other before they begin."""
    postgresql_house.restore()
    return postgresql_house


@pytest.mark.parametrize("other", ["approve", "refuse", "withdraw"])
def test_one_of_two_decides(app: Flask, cast: Cast, tmp_path: Path, other: str) -> None:
    publish_course(app, tmp_path)
    with writing(app):
        page = queries.credit_page(cast.author.actor, "stage")
        credits = next(one.credits for one in page.worth if one.kind == KIND)
        proposal = commands.propose(
            cast.author.actor, "stage", authority_id=cast.places["LB-YL-WJ"], kind=KIND, hours=page.hours,
            credits=credits,
        )  # fmt: skip
    start, year = Barrier(2), clock.today().year

    def decide(deed: str, number: str) -> str:
        start.wait(30)
        try:
            with writing(app):
                if deed == "approve":
                    commands.approve(
                        cast.admin.actor, proposal, project_number=number, valid_from=date(year, 1, 1),
                        valid_until=date(year, 12, 31),
                    )  # fmt: skip
                elif deed == "refuse":
                    commands.refuse(cast.admin.actor, proposal, "课时要再核")
                else:
                    commands.withdraw(cast.author.actor, proposal)
        except (Conflict, Invalid):
            return "late"
        return deed

    with ThreadPoolExecutor(2) as pool:
        told = [one.result(90) for one in [pool.submit(decide, "approve", "A-1"), pool.submit(decide, other, "A-2")]]
    assert sorted(told).count("late") == 1, told
    with reading(app):
        state = session().scalar(select(CreditProposal.state))
        approvals = session().scalar(select(func.count()).select_from(Approval))
    won = next(one for one in told if one != "late")
    assert state == {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}[won]
    assert approvals == (1 if won == "approve" else 0)
