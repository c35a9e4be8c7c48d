"""What a supervisor signs is what counts for the modules of a programme, in each module's own unit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from cast import Cast
from flask import Flask
from standing_stage import became
from teaching_stage import Ward, make_ward

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.pathways import catalogue, facts
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import Following
from lms.pathways.rules.judging import judge
from lms.pathways.rules.modules import ModuleState
from lms.pathways.rules.months import later
from lms.teaching import commands

PROGRAMME = "gp-transfer-2010"


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


def modules(ward: Ward, programme: str = PROGRAMME) -> dict[str, ModuleState]:
    with ward.app.app_context(), unit_of_work(write=False):
        known = facts.facts_about(ward.cast.learner.person_id)
        found = judge(catalogue.library()[programme], known, clock.today())
        line = next(one for one in found.states if one.modules)
        return {one.module.code: one for one in line.modules}


def test_hours_count_once_they_are_signed(ward: Ward) -> None:
    rotation = ward.plan(-5, 5, programme=PROGRAMME, module="T")
    entry = ward.enter(rotation_id=rotation, hours=Decimal(8))
    assert (modules(ward)["T"].done.signed, modules(ward)["T"].done.waiting) == (0, 8)
    ward.sign(entry)
    assert (modules(ward)["T"].done.signed, modules(ward)["T"].done.waiting) == (8, 0)
    assert modules(ward)["T"].lacking == 152


def test_months_count_once_the_rotation_is_signed_off(ward: Ward) -> None:
    today = clock.today()
    first = later(today, -10)
    rotation = ward.plan((first - today).days, -1, programme=PROGRAMME, module="C")
    assert (modules(ward)["C"].state, modules(ward)["C"].done.waiting) == ("submitted", 10)
    with ward.app.app_context(), unit_of_work():
        commands.finish_rotation(ward.teacher.actor, rotation, "pass", version=1)
    assert (modules(ward)["C"].state, modules(ward)["C"].lacking) == ("verified", 0)


def test_a_failed_exit_assessment_counts_nothing(ward: Ward) -> None:
    rotation = ward.plan(-70, -1, programme="gp-transfer-two-nine-one", module="S")
    with ward.app.app_context(), unit_of_work():
        commands.finish_rotation(ward.teacher.actor, rotation, "fail", version=1)
    assert modules(ward, "gp-transfer-two-nine-one")["S"].lacking == 1


def test_days_to_come_are_not_done(ward: Ward) -> None:
    ward.plan(-6, 300, programme="gp-transfer-beijing", module="C")
    assert modules(ward, "gp-transfer-beijing")["C"].done.waiting == 1


def test_a_programme_the_house_has_not_is_left_out(ward: Ward) -> None:
    ward.plan(-6, 300)
    assert {one.done.waiting for one in modules(ward).values()} == {0}


def test_the_form_offers_the_modules_of_the_house(ward: Ward) -> None:
    person = ward.cast.learner.person_id
    became(ward.app, ward.cast.learner, "physician")
    page = ward.browser(ward.cast.county_auditor).get(f"/practice-log/planning/{person}").get_data(as_text=True)
    assert f"{PROGRAMME}/C" in page


def test_a_signature_makes_her_standing_anew(ward: Ward) -> None:
    with ward.app.app_context(), unit_of_work():
        session().add(Following(person_id=ward.cast.learner.person_id, pathway=PROGRAMME, since=clock.today()))
    rotation = ward.plan(-5, 5, programme=PROGRAMME, module="T")
    ward.sign(ward.enter(rotation_id=rotation, on_date=clock.today() - timedelta(days=1)))
    with ward.app.app_context():
        ward.app.extensions["xinglin.runner"].drain()
    with ward.app.app_context(), unit_of_work(write=False):
        kept = session().get(PathwayResult, (ward.cast.learner.person_id, PROGRAMME))
        assert kept is not None
        assert kept.lacking
