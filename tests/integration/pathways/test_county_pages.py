"""The county's pages: every number is the number of people on the list behind it, and of the rows in its file."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from pathway_county import populate
from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.pathways import catalogue, facts
from lms.pathways.county import keeping, queries
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import Following, PersonRecord
from lms.pathways.rules.judging import judge
from lms.people import queries as people
from lms.sheets.incoming.workbook import rows_of

LINK = re.compile(r'<a [^>]*href="([^"]*/people(?:\?[^"]*)?)"[^>]*>(?:<svg.*?</svg>)?([^<]*)</a>')
NAME = re.compile(r'<th scope="row"><a class="nb"[^>]*>([^<]*)</a>')
SMALL = 15
WAYS = ("rural-gp-assistant", "village-doctor-duties", "gp-transfer-2010")


@pytest.fixture
def office(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient]
) -> FlaskClient:
    populate(app, cast, 60)
    return sign_in(client, cast.county_auditor)


def numbers(page: str) -> Iterator[tuple[str, int]]:
    """Every link to a list, and the number it shows."""
    for address, shown in LINK.findall(page):
        yield unescape(address), int(shown.replace(",", "").split()[-1])


def shown_by(page: str) -> dict[str, set[int]]:
    """By the address of a list, all the numbers that lead to it: the same one, however often it stands there."""
    found = defaultdict[str, set[int]](set)
    for address, shown in numbers(page):
        found[address].add(shown)
    return found


def names_behind(client: FlaskClient, address: str) -> list[str]:
    """The names on all pages of a list."""
    found: list[str] = []
    number = 1
    while True:
        page = client.get(f"{address}{'&' if '?' in address else '?'}page={number}").get_data(as_text=True)
        here = NAME.findall(page)
        found += here
        if f"page={number + 1}" not in page:
            return found
        number += 1


def rows_in_the_file(client: FlaskClient, address: str, first: str = "姓名") -> list[str]:
    page = client.get(address).get_data(as_text=True)
    export = next(form for form in forms_of(page) if form["method"] == "post" and form["action"].endswith("/people"))
    answer = client.post(export["action"], data=dict(export["fields"]))
    assert answer.status_code == 200
    rows = [cells for _line, cells in rows_of(answer.data, most_columns=40, most_rows=5000)]
    heading = re.search("<h1>(.*)</h1>", page)
    assert heading is not None
    assert rows[0][0] == unescape(heading[1]), "which list it is, in the words of the page"
    head = next(place for place, cells in enumerate(rows) if cells[0] == first and len(cells) > 4)
    return [cells[0] for cells in rows[head + 1 :]]


def test_every_number_is_its_list_and_its_file(
    office: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of more than one page among them: a file holds them all."""
    monkeypatch.setattr(queries, "SIZE", SMALL)
    seen, longest, walked = 0, 0, set[str]()
    for place in ("LB-YL", "LB-YL-LX", "LB-YL-LX-SM"):
        for way in WAYS:
            page = office.get(f"/reports/pathways/{cast.places[place]}?way={way}").get_data(as_text=True)
            for address, shown in shown_by(page).items():
                names = names_behind(office, address)
                assert shown == {len(names)}, address
                if names:
                    assert rows_in_the_file(office, address) == names, address
                seen, longest = seen + 1, max(longest, len(names))
                walked.update(word for word in ("failed=", "stopped=", "lapsed=") if word in address and names)
    assert seen > 60
    assert walked == {"failed=", "stopped=", "lapsed="}
    assert longest > SMALL, "some list has a second page"


def test_the_numbers_are_those_of_the_rules(office: FlaskClient, app: Flask, cast: Cast) -> None:
    """Counted anew from what is on record, person by person."""
    way = catalogue.library()["rural-gp-assistant"]
    page = office.get(f"/reports/pathways/{cast.places['LB-YL']}?way={way.id}").get_data(as_text=True)
    shown = shown_by(page)
    lacking: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    with app.app_context(), unit_of_work(write=False):
        going = Following.pathway == way.id, Following.stopped_on.is_(None)
        hers = session().scalars(select(Following.person_id).where(*going))
        for card in people.cards(hers.all()).values():
            if card.authority_id == cast.places["LB-YL"]:
                found = judge(way, facts.facts_of([card])[card.id], clock.today())
                lacking.update(one.code for one in found.lacking)
                failed.update(one.code for one in found.lacking if one.judged.failed)
    assert len(lacking) > 5
    for code, number in lacking.items():
        assert shown[next(one for one in shown if f"lacks={code}" in one)] == {number}
    assert failed["E6"] > 0
    assert shown[next(one for one in shown if "failed=E6" in one)] == {failed["E6"]}


def test_what_was_verified_is_counted_after_it(
    office: FlaskClient, app: Flask, cast: Cast, work_off: Callable[[Flask], int]
) -> None:
    """A record that somebody verifies takes her out of the number of those who lack it."""
    address = f"/reports/pathways/{cast.places['LB-YL']}/rural-gp-assistant/people?lacks=E4"
    before = names_behind(office, address)
    with app.app_context(), unit_of_work():
        county = organisations.cards([cast.places["LB-YL"]])[cast.places["LB-YL"]]
        lacks = select(PathwayResult.person_id).where(
            PathwayResult.pathway == "rural-gp-assistant", PathwayResult.lacking.contains("E4"),
            ~PathwayResult.lapsed.contains("E4"), ~PathwayResult.waiting.contains("E4"),
            PathwayResult.authority_path == county.path, PathwayResult.stopped_why == "",
        )  # fmt: skip
        hers = session().scalars(lacks.order_by(PathwayResult.person_id)).first()
        assert hers is not None
        session().add(
            PersonRecord(
                id=new_id(), person_id=hers, kind="declaration", on_date=clock.today(), state="verified",
                fields={}, handed_in_at=clock.now(), changed_at=clock.now(), verified_at=clock.now(),
            )
        )  # fmt: skip
        keeping.changed(hers)
        name = people.cards([hers])[hers].name
    work_off(app)
    after = names_behind(office, address)
    assert Counter(before) - Counter(after) == Counter([name])


def test_a_file_says_which_list_it_is(office: FlaskClient, cast: Cast) -> None:
    """In the reader's language; two lists of one way have two names."""
    whole = f"/reports/pathways/{cast.places['LB-YL']}/rural-gp-assistant/people"
    post_form(office, whole, {"language": "en"}, action="/account/language")
    lists = {
        "": "xinglin-rural-gp-assistant.xlsx",
        "?lacks=E4": "xinglin-rural-gp-assistant-lacks-E4.xlsx",
        "?failed=*": "xinglin-rural-gp-assistant-failed-any.xlsx",
    }
    for words, name in lists.items():
        assert rows_in_the_file(office, whole + words, "Name")
        answer = post_form(office, whole + words, {}, action="/people")
        assert name in answer.headers["Content-Disposition"]


def test_another_county_does_not_exist(office: FlaskClient, cast: Cast) -> None:
    for page in ("?way=physician", "/physician/people"):
        assert office.get(f"/reports/pathways/{cast.places['LB-ST']}{page}").status_code == 404
    page = office.get(f"/reports/pathways/{cast.places['LB-YL']}/physician/people").get_data(as_text=True)
    export = next(form for form in forms_of(page) if form["method"] == "post" and form["action"].endswith("/people"))
    theirs = export["action"].replace(str(cast.places["LB-YL"]), str(cast.places["LB-ST"]))
    assert office.post(theirs, data=dict(export["fields"])).status_code == 404


def test_a_pathway_the_house_has_not(office: FlaskClient, cast: Cast) -> None:
    for page in ("?way=nothing", "/nothing/people"):
        assert office.get(f"/reports/pathways/{cast.places['LB-YL']}{page}").status_code == 404


def test_nonsense_in_the_address_chooses_nothing(office: FlaskClient, cast: Cast) -> None:
    whole = f"/reports/pathways/{cast.places['LB-YL']}/rural-gp-assistant/people"
    everybody = names_behind(office, whole)
    assert names_behind(office, f"{whole}?steps=9999999999999999999&licence=x&here=2&page=abc") == everybody
    assert names_behind(office, f"{whole}?lacks=%25") == []


def test_the_turn_of_a_year_counts_the_licences_that_its_list_shows(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient]
) -> None:
    """/admin/rollover, for who administers the county: its number is that of the county's list, and of no other's."""
    admin = sign_in(client, cast.admin)
    assert "乡村医生证 12 个月内到期的" not in admin.get("/admin/rollover").text
    populate(app, cast, 60)
    page = admin.get("/admin/rollover").text
    ((address, number),) = re.findall(r'href="(/reports/pathways/[^"]*licence=12)">.*?到期的 (\d+) 人</b>', page, re.S)
    assert int(number) == len(names_behind(admin, unescape(address))) > 0
