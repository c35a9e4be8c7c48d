"""Who verifies what, as the shipped requirements name it; the chain of a record; what is due for renewal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lms.credits.claims.rules import COUNTY, PROVINCE, UNIT
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.pathways.catalogue import library
from lms.pathways.rules import verifying
from lms.pathways.rules.checking import Told, faults
from lms.pathways.rules.records import Kind, Record, Standing
from lms.pathways.rules.renewing import due
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.verifying import Decider, Turn

# An exam point's word is entered by the county.
NAMED = {"unit": UNIT, "county": COUNTY, "exam_point": COUNTY, "province": PROVINCE}


def named() -> Iterator[tuple[Kind, set[int], str]]:
    """Of every shipped requirement that a record answers: the kind, the levels it names, where it stands. What comes
    beside the record that it names has levels of its own: training before a late registration, and exemptions from
    modules, which supervisors sign otherwise."""
    for pathway in library().values():
        for one in pathway.requirements:
            for kind in one.shape.kinds():
                if kind not in (Kind.CATCH_UP_TRAINING, Kind.EXEMPTION):
                    yield kind, {NAMED[str(who)] for who in one.by}, f"{pathway.id} {one.code}"


def test_a_record_is_verified_by_the_levels_that_requirements_name() -> None:
    found = list(named())
    assert len(found) > 40
    for kind, levels, where in found:
        asked = SCHEMAS[kind].levels
        assert levels <= set(asked), (where, kind)
        assert max(levels) == max(asked), (where, kind)


def test_levels_are_in_order_and_end_with_an_office() -> None:
    for kind, schema in SCHEMAS.items():
        assert list(schema.levels) == sorted(set(schema.levels)), kind
        assert schema.levels[-1] >= COUNTY, kind


def person(level: int, **more: bool) -> Decider:
    return Decider("somebody", level, **more)


def test_the_chain_of_a_record() -> None:
    turn = verifying.begun((UNIT, COUNTY))
    assert (turn.state, turn.waiting) == ("waiting", UNIT)
    assert verifying.may_withdraw(turn)
    turn = verifying.decided(turn, "verify", UNIT, "unit")
    assert (turn.state, turn.waiting, turn.decided) == ("waiting", COUNTY, UNIT)
    assert not verifying.may_withdraw(turn)
    assert verifying.hindrance(turn, person(UNIT, unit=True)) is not None
    assert verifying.hindrance(turn, person(COUNTY)) is None
    turn = verifying.decided(turn, "verify", COUNTY, "county")
    assert (turn.state, turn.waiting, turn.decided) == ("verified", 0, COUNTY)
    assert verifying.actions(turn) == ("reject",)
    assert verifying.hindrance(turn, person(UNIT)) is not None
    turn = verifying.decided(turn, "reject", PROVINCE, "province")
    assert (turn.state, turn.waiting, turn.decided) == ("rejected", 0, PROVINCE)
    assert verifying.may_correct(turn)
    assert verifying.begun(turn.levels, turn.decided).waiting == PROVINCE


def test_nobody_decides_on_her_own_nor_on_a_colleague_by_office() -> None:
    turn = verifying.begun((UNIT, COUNTY))
    assert verifying.hindrance(turn, person(PROVINCE, own=True)) is not None
    assert verifying.hindrance(turn, person(COUNTY, colleague=True)) is not None
    assert verifying.hindrance(turn, person(COUNTY, colleague=True, unit=True)) is None


def test_what_an_office_enters_is_its_own_to_mend() -> None:
    assert verifying.entered((COUNTY,), COUNTY, "x") == Turn("verified", (COUNTY,), 0, COUNTY, True)
    exam = verifying.entered((PROVINCE,), COUNTY, "x")
    assert (exam.state, exam.waiting) == ("waiting", PROVINCE)
    assert not verifying.may_withdraw(exam)
    assert not verifying.may_correct(verifying.decided(exam, "reject", PROVINCE, "x"))


def test_a_level_hears_what_it_has_to_do_with_a_record() -> None:
    trained = verifying.decided(verifying.begun((UNIT, COUNTY)), "verify", UNIT, "unit")
    why = verifying.hindrance(trained, person(UNIT, unit=True))
    assert why is not None
    assert translate(why) == "您这一级已经核实过，现在由县级核实。"
    qualified = verifying.begun((PROVINCE,))
    why = verifying.hindrance(qualified, person(COUNTY))
    assert why is not None
    assert translate(why) == "这一份由省级核实，不用您这一级核实。"


def test_who_may_not_correct_it_is_not_told_to() -> None:
    def hears(turn: Turn) -> str:
        said = verifying.told_of(turn, msg("医师资格证书"))
        return translate(said) if said else ""

    hers = verifying.begun((PROVINCE,))
    assert hears(hers) == ""
    assert hears(verifying.decided(hers, "verify", PROVINCE, "x")) == "您的医师资格证书已经核实。"
    rejected = verifying.decided(hers, "reject", PROVINCE, "x")
    assert verifying.may_correct(rejected)
    assert hears(rejected) == "您的医师资格证书没有通过，请看原因，改好可以再交。"
    entered = verifying.decided(verifying.entered((PROVINCE,), COUNTY, "x"), "reject", PROVINCE, "x")
    assert not verifying.may_correct(entered)
    assert hears(entered) == "登记在您名下的医师资格证书已经作废，请看原因。"


def licence(on: date, until: date) -> dict[str, str]:
    told = Told(Kind.VILLAGE_LICENCE, on, until, {"place": "石门沟"}, "XZ0001")
    return {key: str(said) for key, said in faults(told, date(2026, 11, 23), words={}, name="赵桂芳").items()}


def test_a_village_licence_holds_five_years_at_most() -> None:
    assert licence(date(2024, 2, 29), date(2029, 2, 28)) == {}
    assert "五年" in licence(date(2024, 2, 29), date(2029, 3, 1))["until"]
    assert "早于" in licence(date(2024, 2, 29), date(2024, 2, 28))["until"]
    assert licence(date(2024, 2, 29), date(2024, 2, 29)) == {}


def held(on: date, until: date, kind: Kind = Kind.VILLAGE_LICENCE, standing: Standing = Standing.VERIFIED) -> Record:
    return Record(f"{kind}{on}", kind, on, until, standing)


def test_due_from_three_months_before_the_end() -> None:
    old = held(date(2021, 3, 1), date(2026, 2, 28))
    assert due([old], date(2025, 11, 27)) == ()
    [soon] = due([old], date(2025, 11, 28))
    assert (soon.over, soon.applied) == (False, False)
    assert due([old], date(2026, 3, 1))[0].over
    applied = Record("a", Kind.RENEWAL, date(2025, 12, 1), None, Standing.SUBMITTED)
    assert due([old, applied], date(2025, 12, 2))[0].applied
    early = replace(applied, on=date(2025, 11, 27))
    assert not due([old, early], date(2025, 12, 2))[0].applied
    new = held(date(2026, 2, 20), date(2031, 2, 19))
    assert due([old, new], date(2026, 3, 1)) == ()
    assert due([held(date(2021, 3, 1), date(2026, 2, 28), standing=Standing.SUBMITTED)], date(2026, 2, 1)) == ()
