"""What two ways ask in common is one line of the plan, and what rests on it rests on that one."""

from collections.abc import Mapping, Sequence
from datetime import date

from lms.pathways import catalogue
from lms.pathways.plans import _needs, _open_lines
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.records import Facts, Kind, Record, Standing

DAY = date(2026, 6, 1)
RURAL, ASSISTANT = "rural-gp-assistant", "assistant-physician"


def standings(*ways: str, records: tuple[Record, ...] = ()) -> list[PathwayStanding]:
    return [judge(catalogue.library()[way], Facts(records), DAY) for way in ways]


def test_the_same_thing_is_asked_once_under_the_way_that_comes_first() -> None:
    lines = _open_lines(standings(RURAL, ASSISTANT))
    assert f"{RURAL}:E4" in lines
    assert f"{ASSISTANT}:E4" not in lines  # the same declaration
    assert {f"{RURAL}:E1", f"{ASSISTANT}:E1"} <= set(lines)  # a secondary school is enough for the first only
    turned = _open_lines(standings(ASSISTANT, RURAL))
    assert f"{ASSISTANT}:E4" in turned
    assert f"{RURAL}:E4" not in turned
    assert len(turned) == len(lines)


def test_what_rests_on_it_rests_on_the_one_line_there_is() -> None:
    both = standings(RURAL, ASSISTANT)
    lines = _open_lines(both)
    needs = _needs(both, lines)
    assert before(needs, f"{ASSISTANT}:E5") >= {f"{ASSISTANT}:E1", f"{RURAL}:E4"}
    assert before(needs, f"{RURAL}:E5") >= {f"{RURAL}:E1", f"{RURAL}:E4"}
    assert all(need in lines and need != code for code, first in needs.items() for need in first)


def before(needs: Mapping[str, Sequence[str]], code: str) -> set[str]:
    """What comes before a line, directly or not."""
    found = set(needs[code])
    for one in needs[code]:
        found |= before(needs, one)
    return found


def test_what_is_met_is_nobodys_first_step() -> None:
    declared = Record("1", Kind.DECLARATION, date(2026, 5, 1), None, Standing.VERIFIED)
    both = standings(RURAL, ASSISTANT, records=(declared,))
    lines = _open_lines(both)
    assert not any(code.endswith(":E4") for code in lines)
    assert not any(need.endswith(":E4") for first in _needs(both, lines).values() for need in first)
