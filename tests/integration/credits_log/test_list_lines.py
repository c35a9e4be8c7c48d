"""Lines that lists have entered are lines like all others: they verify, and go into the log."""

from list_stage import doctors, enter
from log_stage import LogHouse, LogHouses, lecture, read_log


def test_what_lists_entered_verifies_and_is_published(log_houses: LogHouses) -> None:
    house = log_houses.keyed()
    there = doctors(house.app, house.cast, 7)
    house.award(there[2])
    for count in (7, 4, 7):
        enter(house.app, house.cast, there[:count], **lecture())
    assert house.write()
    house.award(there[0])
    enter(house.app, house.cast, there, **lecture())
    assert house.write()
    house.publish()
    answer = house.verify()
    assert answer["exit"] == 0, answer
    published = read_log(house.log)
    assert len([one for one in published.told if "award" in one]) == 1 + 7 + 4 + 7 + 1 + 7


def test_a_certificate_of_a_list_is_bound_to_its_line(log_house: LogHouse) -> None:
    there = doctors(log_house.app, log_house.cast, 3)
    enter(log_house.app, log_house.cast, there)
    with log_house.app.app_context():
        log_house.app.extensions["xinglin.runner"].drain()
    assert log_house.sql("SELECT count(*) FROM certificate WHERE state = 'issued'") == [(3,)]
    assert log_house.verify()["exit"] == 0
