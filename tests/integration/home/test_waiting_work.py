"""What waits for somebody by her offices is on her front page, in the number that its list shows."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import Cast, Member
from claim_stage import claimed
from credit_stage import writing
from flask import Flask
from flask.testing import FlaskClient
from record_stage import DIPLOMA, LICENCE, PRACTICE, House, decide, handed_in, settled
from teaching_stage import Ward, make_ward

from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Role
from lms.people import commands as people

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ROW = re.compile(r'<li><a href="([^"]+)"><svg.*?</svg><span><b>([^<]+?) <span class="nb">(\d+)</span></b>', re.DOTALL)
ENTRIES, ROTATIONS = ("/practice-log/signing", "实践记录等您签字"), ("/practice-log/signing#rot", "轮转等您出科签字")
RECORDS, CLAIMS = ("/audit/records?mine=y", "证件和经历等您核实"), ("/audit/claims?mine=y", "申报等您审核")


def work(client: FlaskClient) -> dict[tuple[str, str], int]:
    """The counted rows of somebody's front page: where each leads, what it says, how much waits."""
    return {(address, name): int(number) for address, name, number in ROW.findall(client.get("/today").text)}


def listed(client: FlaskClient, address: str) -> int:
    """What the list itself says that waits."""
    found = re.search(r'aria-current="page">[^<]*? (\d+)</a>', client.get(address).text)
    assert found
    return int(found[1])


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


def test_a_supervisor_sees_what_waits_for_her_signature(ward: Ward) -> None:
    teacher = ward.browser(ward.teacher)
    assert work(teacher) == {}
    assert "学员等您签字的实践和轮转" in teacher.get("/today").text
    today = clock.today()
    entries = [ward.enter(on_date=today - timedelta(days=back)) for back in range(3)]
    ward.enter(supervisor_id=ward.second.person_id, on_date=today - timedelta(days=9))
    ward.plan(-40, -10)
    ward.plan(-5, 20)
    assert work(teacher) == {ENTRIES: 3, ROTATIONS: 1}
    page = teacher.get("/practice-log/signing").text
    assert (page.count('name="entry"'), page.count("等出科签字")) == (3, 1)
    assert ward.sign(entries[0]) == (1, 0)
    assert work(teacher)[ENTRIES] == 2
    assert work(ward.browser(ward.cast.learner)) == {}


def test_auditors_see_what_waits_for_their_level(app: Flask, cast: Cast) -> None:
    there: House = settled(app, cast)
    doctor, unit, county = (there.browser(one) for one in (cast.learner, there.unit, cast.county_auditor))
    assert (work(unit), work(county)) == ({}, {})
    assert "核实证件和经历" in county.get("/today").text
    diploma = handed_in(doctor, "diploma", DIPLOMA)
    handed_in(doctor, "village_licence", LICENCE)
    handed_in(doctor, "practice", PRACTICE)
    claimed(doctor, "unit_lecture")
    assert (work(unit), work(county)) == ({RECORDS: 1, CLAIMS: 1}, {RECORDS: 2})
    for client in (unit, county):
        for (address, _), number in work(client).items():
            assert listed(client, address) == number
    decide(county, diploma)
    assert work(county) == {RECORDS: 1}
    # Her own papers are for others to look at.
    with writing(app):
        people.grant_role(SYSTEM, cast.learner.person_id, Role.COUNTY_AUDITOR, cast.places["LB-YL"])
    assert work(there.browser(cast.learner)) == {}


def test_who_learns_and_has_an_office_sees_both_at_no_more_statements(ward: Ward, count_sql: Any) -> None:
    hers = ward.cast.colleague
    today = clock.today()

    def asked() -> tuple[list[str], FlaskClient]:
        client = ward.browser(hers)
        client.get("/today")
        with count_sql() as statements:
            client.get("/today")
        return list(statements), client

    before, _ = asked()
    with writing(ward.app):
        for role in (Role.TEACHER, Role.COUNTY_AUDITOR):
            people.grant_role(SYSTEM, hers.person_id, role, ward.cast.places["LB-YL"])
    for back in range(2):
        ward.enter(supervisor_id=hers.person_id, on_date=today - timedelta(days=back))
    after, client = asked()
    assert work(client) == {ENTRIES: 2}
    assert "今年还差" in client.get("/today").text
    assert len(before) == len(after) <= 8
    assert not any("practice_entry" in one and "supervisor_id" in one for one in before)
