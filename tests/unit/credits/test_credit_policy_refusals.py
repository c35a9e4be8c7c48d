"""What a policy file may not say; each fault names its line."""

from pathlib import Path

import pytest
from credit_rules import GROUNDS, HEAD, conversion, line, policy

from lms.credits import policies
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Status
from lms.credits.rules.reading import FaultyFileError

FIXED = 'shape = "fixed"\ncredits = "1"'
LINEAR = 'shape = "linear"\nunit = "{}"\nquantity = "1"\ncredits = "1"\nrounding = "floor"\ndecimals = 0'
NATION = Path("content/policies/CN-2025.toml").read_bytes()
PROVINCE = Path("content/policies/CN-HI-2025.toml").read_text("utf-8")


def faults(*lines: str) -> dict[str, str]:
    with pytest.raises(FaultyFileError) as caught:
        policy(*lines)
    return {fault.key: str(fault.message) for fault in caught.value.faults}


def steps(*found: str) -> str:
    return conversion(f'shape = "steps"\nunit = "hours"\nsteps = [ {", ".join(found)} ]')


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('shape = "guess"', "conversions[0].shape"),
        ('shape = "fixed"\ncredits = "1"\nkinds = ["picnic"]', "conversions[0].kinds"),
        ('shape = "fixed"\ncredits = "1"\nroles = ["cook"]', "conversions[0].roles"),
        (LINEAR.format("minutes"), "conversions[0].unit"),
        ('shape = "by_role"\nrates = { cook = "1" }', "conversions[0].rates.cook"),
        ('shape = "by_role"\nrates = { lecturer = "0" }', "conversions[0].rates.lecturer"),
        ('shape = "by_role"\nrates = { }', "conversions[0].rates"),
        ('shape = "choice"\nrates = { }', "conversions[0].rates"),
        ('shape = "choice"\nrates = { theory = "-1" }', "conversions[0].rates.theory"),
        ('shape = "ranks"\nrates = { }', "conversions[0].rates"),
        ('shape = "ranks"\nrates = { foreign = { } }', "conversions[0].rates.foreign"),
        ('shape = "ranks"\nrates = { foreign = "10" }', "conversions[0].rates.foreign"),
        ('shape = "ranks"\nrates = { foreign = { cook = "1" } }', "conversions[0].rates.foreign.cook"),
        ('shape = "ranks"\nrates = { foreign = { host = "0" } }', "conversions[0].rates.foreign.host"),
        ('shape = "ranks"\nrates = { foreign = { host = "1" } }\ndefault = "home"', "conversions[0].default"),
        ('shape = "steps"\nunit = "hours"', "conversions[0].steps"),
        ('shape = "steps"\nunit = "hours"\nsteps = []', "conversions[0].steps"),
        ('shape = "deemed"\ncredits = "25"\nunit = "months"', "conversions[0].quantity"),
        ('shape = "fixed"\ncredits = "1"\ncategory = "class_9"', "conversions.c.category"),
    ],
)
def test_it_refuses_what_it_does_not_know(body: str, key: str):
    assert key in faults(conversion(body))


@pytest.mark.parametrize(
    "found",
    [
        ('{ from = "6", credits = "1" }', '{ from = "5", credits = "2" }'),
        ('{ from = "6", credits = "1" }', '{ from = "6", credits = "2" }'),
        ('{ above = "6", credits = "1" }', '{ from = "6", credits = "2" }'),
        ('{ from = "6", credits = "2" }', '{ from = "7", credits = "2" }'),
    ],
)
def test_it_refuses_steps_that_do_not_ascend(found: tuple[str, str]):
    assert set(faults(steps(*found))) == {"conversions[0].steps"}


@pytest.mark.parametrize("step", ['{ credits = "1" }', '{ from = "1", above = "1", credits = "1" }'])
def test_it_refuses_a_step_without_one_bound(step: str):
    assert "conversions[0].steps[0].from" in faults(steps(step))


def test_it_refuses_a_maximum_below_the_minimum_of_its_category():
    title = 'title = { zh = "I类", en = "Class I" }\n'
    assert set(faults(line("categories", "class_1", title + 'minimum = "10"\nmaximum = "5"'))) == {
        "categories[0].maximum"
    }
    policy(line("categories", "class_1", title + 'minimum = "5"\nmaximum = "5"'))


def test_it_refuses_a_line_without_a_citation():
    bare = "\n".join(row for row in GROUNDS.splitlines() if not row.startswith("citation"))
    assert "conversions[0].citation" in faults(conversion(FIXED, grounds=bare))


def test_it_refuses_a_line_that_ends_before_it_begins():
    assert "conversions[0].effective_until" in faults(conversion(FIXED + "\neffective_until = 2024-12-31"))
    policy(conversion(FIXED + "\neffective_until = 2025-01-01"))


def until(day: str) -> str:
    return f"\neffective_until = {day}"


def since(day: str, people: str = '["*"]') -> str:
    return GROUNDS.replace("2025-01-01", day).replace('["*"]', people)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (conversion(FIXED), conversion(FIXED, "d")),
        (conversion(FIXED), conversion(LINEAR.format("hours"), "d")),
        (conversion(LINEAR.format("hours")), conversion(LINEAR.format("hours"), "d")),
        (conversion(FIXED + until("2025-06-30")), conversion(FIXED, "d", since("2025-06-30"))),
        (conversion(FIXED), conversion(FIXED, "d", since("2025-01-01", '["village_doctor"]'))),
        (conversion(FIXED), conversion('shape = "by_role"\nrates = { attendee = "1" }', "d")),
    ],
)
def test_it_refuses_two_lines_for_the_same_thing_and_names_both(one: str, other: str):
    found = faults(one, other)
    assert set(found) == {"conversions.d"}
    assert "“c”" in found["conversions.d"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (conversion(LINEAR.format("hours")), conversion(LINEAR.format("characters"), "d")),
        (conversion(FIXED), conversion(FIXED + '\nroles = ["lecturer"]', "d")),
        (conversion(FIXED), conversion(FIXED + '\nkinds = ["paper"]', "d")),
        (conversion(FIXED + until("2025-06-30")), conversion(FIXED, "d", since("2025-07-01"))),
        (
            conversion(FIXED, grounds=since("2025-01-01", '["physician"]')),
            conversion(FIXED, "d", since("2025-01-01", '["village_doctor"]')),
        ),
        (
            conversion(FIXED + '\nexempt = ["village_doctor"]'),
            conversion(FIXED, "d", since("2025-01-01", '["village_doctor"]')),
        ),
    ],
)
def test_lines_that_never_meet_are_taken(one: str, other: str):
    assert len(policy(one, other).conversions) == 2


def province_faults(old: str, new: str, nation: bytes | None = NATION) -> set[str]:
    assert old in PROVINCE
    with pytest.raises(FaultyFileError, match=r"p\.toml") as caught:
        load_policy(PROVINCE.replace(old, new, 1).encode(), "p.toml", {"CN-2025": nation}.get)
    return {fault.key for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('extends = "CN-2025"', 'extends = "CN-1999"', "extends"),
        ('jurisdiction = "CN-HI"', 'jurisdiction = "VN"', "extends"),
        ("first_year = 2025", "first_year = 2024", "extends"),
        ("first_year = 2025", "first_year = 2025\nlast_year = 2024", "last_year"),
        ('status = "unconfirmed"', 'status = "perhaps"', "status"),
        ('id = "CN-HI-2025"', 'id = "CN-HI-2025-b"', "id"),
        ('id = "CN-HI-2025"', 'id = "CN-HI-2025"\nvariant = "b"', "id"),
        ('id = "unit-activity"', 'id = "self-study-year"', "caps.self-study-year"),
        ('kinds = ["unit_activity"]', 'kinds = ["unit_lecture"]', "conversions.unit-activity"),
        ('source = "provincial-tables"', 'source = "hearsay"', "conversions[0].source"),
    ],
)
def test_it_refuses_a_province_that_does_not_fit_the_nation(old: str, new: str, key: str):
    assert key in province_faults(old, new)


def test_it_refuses_to_build_on_a_policy_that_is_faulty_or_builds_on_another():
    assert province_faults("first_year = 2025", "first_year = 2025", b"a = = b") == {"extends"}
    assert province_faults("first_year = 2025", "first_year = 2025", PROVINCE.encode()) == {"extends"}


def test_a_line_with_the_id_of_the_nations_replaces_it():
    text = PROVINCE.replace('id = "unit-activity"', 'id = "unit-lecture"').replace('"unit_activity"', '"unit_lecture"')
    nation = load_policy(NATION, "n")
    found = load_policy(text.encode(), "p.toml", {"CN-2025": NATION}.get)
    assert [one.id for one in found.conversions] == [one.id for one in nation.conversions]
    assert found.conversions[1] != nation.conversions[1]
    assert (found.caps, found.requirements, found.year_ends) == (nation.caps, nation.requirements, nation.year_ends)


def test_a_province_is_another_version_when_the_nation_changes():
    first = load_policy(PROVINCE.encode(), "p.toml", {"CN-2025": NATION}.get)
    again = load_policy(PROVINCE.encode(), "p.toml", {"CN-2025": NATION + b"\n# changed\n"}.get)
    assert first.version != again.version


def test_the_house_keeps_every_policy_under_its_id_and_lets_only_what_is_in_force_govern():
    known = {one.policy.id: one.policy for one in policies.library()}
    assert set(known) == {file.stem for file in policies.FOLDER.glob("*.toml")}
    assert {one.id for one in known.values() if one.status is Status.IN_FORCE} == {"CN-2025"}
    for place in ("CN", "CN-HE", "CN-HI", "CN-HA", "CN-HN"):
        found = policies.governing(place, 2026)
        assert found is not None
        assert found.id == "CN-2025"
        assert policies.governing(place, 2023) is None


def test_a_policy_in_force_governs_its_years_only():
    both = HEAD.replace("first_year = 2025", "first_year = 2025\nlast_year = 2026").encode()
    found = load_policy(both, "p.toml")
    assert [year for year in range(2023, 2029) if found.governs(year)] == [2025, 2026]
