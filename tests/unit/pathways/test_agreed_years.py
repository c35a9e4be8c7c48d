"""A service is for as long as was agreed upon, six years where the record does not say."""

import json
from datetime import date

import pytest

from lms.credits.rules.reading import FaultyFileError
from lms.pathways.rules.checking import Told, faults
from lms.pathways.rules.facts_file import load_facts
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.pathways.rules.shapes import Served, Wanted
from lms.pathways.rules.states import State

SIX = Served(Wanted(Kind.SERVICE), 72)
TODAY = date(2026, 11, 23)


def service(first: str, last: str | None, years: str = "", standing: Standing = Standing.VERIFIED) -> Record:
    until = date.fromisoformat(last) if last else None
    fields = {"agreed_years": years} if years else {}
    return Record(f"{first} {standing}", Kind.SERVICE, date.fromisoformat(first), until, standing, fields)


@pytest.mark.parametrize(
    ("records", "state", "lacking"),
    [
        ([service("2021-11-24", None)], State.MISSING, (12, 0)),
        ([service("2020-11-24", None)], State.VERIFIED, None),
        ([service("2021-11-24", None, "5")], State.VERIFIED, None),
        ([service("2021-11-26", None, "5")], State.MISSING, (0, 1)),
        ([service("2016-11-24", "2024-11-23", "10")], State.MISSING, (24, 0)),
        ([service("2021-11-24", None, "1", Standing.SUBMITTED)], State.SUBMITTED, (72, 0)),
        ([service("2020-01-01", "2020-12-31"), service("2022-11-24", None, "5")], State.VERIFIED, None),
        ([service("2019-11-24", "2022-11-23", "3"), service("2024-11-24", None, "5")], State.VERIFIED, None),
        ([service("2019-11-24", "2022-11-23", "3"), service("2024-11-24", None, "8")], State.MISSING, (36, 0)),
        ([service("2023-11-24", None, "3"), service("2024-01-01", None, "1", Standing.SUBMITTED)], State.VERIFIED,
         None),
    ],
)  # fmt: skip
def test_the_latest_verified_agreement_decides(
    records: list[Record], state: State, lacking: tuple[int, int] | None
) -> None:
    found = SIX.judge(Facts(tuple(records)), TODAY)
    assert (found.state, found.lacking) == (state, lacking)
    assert SIX.judge(Facts(tuple(reversed(records))), TODAY) == found


@pytest.mark.parametrize(
    ("years", "fine"),
    [("", True), ("1", True), ("12", True), ("0", False), ("13", False), ("06", False), ("5年", False), ("5.5", False),
     ("-3", False), ("５", False), ("9" * 60, False)],
)  # fmt: skip
def test_years_are_whole_and_between_one_and_twelve(years: str, fine: bool) -> None:
    told = Told(Kind.SERVICE, date(2021, 3, 1), None, {"place": "柳溪镇卫生院", "agreed_years": years})
    found = faults(told, TODAY, words={}, name="赵桂芳")
    assert set(found) == (set() if fine else {"agreed_years"})
    content = {"records": [{"id": "1", "kind": "service", "on": "2021-03-01", "standing": "verified",
                            "fields": {"agreed_years": years}}]}  # fmt: skip
    if fine and years:
        assert load_facts(json.dumps(content).encode(), "facts.json").records[0].fields == {"agreed_years": years}
    elif years:
        with pytest.raises(FaultyFileError, match=r"records\[0\].fields.agreed_years"):
            load_facts(json.dumps(content).encode(), "facts.json")
