"""Laws of filings: the files of changes add up to the whole; what was filed is accounted for; cells stay texts."""

import csv
import io
from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lms.credits.filing.answers import Answer, Known, plan
from lms.credits.filing.columns import NAMES, exact
from lms.credits.filing.documents import write_csv
from lms.credits.filing.models import Filing
from lms.credits.filing.rules import (
    ACCEPTED,
    FILED,
    REJECTED,
    REVERSED,
    Before,
    Line,
    Totals,
    apply,
    change_of,
    closes,
)
from lms.sheets.incoming.tables import read_table
from lms.sheets.text_file import LEADS

AWARDS = [UUID(int=n) for n in range(1, 6)]
PLAIN = Line(
    AWARDS[0], "赵桂芳", "000000********001X", "LB", "石门沟村卫生室", "unit_lecture", "讲座", "", "general", 2026,
    date(2026, 4, 1), 500, 2000, "CN-2025:abc", UUID(int=99),
)  # fmt: skip
# What may happen to an award between two filings: it is there or not, under some name, marked as mended or not.
WORLD = st.dictionaries(
    st.sampled_from(AWARDS), st.tuples(st.booleans(), st.sampled_from("甲乙丙"), st.sampled_from([500, 750]))
)
ANSWERED = st.dictionaries(st.sampled_from(AWARDS), st.tuples(st.sampled_from([ACCEPTED, REJECTED]), st.booleans()))


@given(st.lists(st.tuples(WORLD, ANSWERED), max_size=6))
def test_the_changes_of_all_filings_make_the_whole(rounds: list[tuple[dict, dict]]) -> None:  # type: ignore[type-arg]
    held: dict[UUID, Line] = {}
    last: dict[UUID, Before] = {}
    world: dict[UUID, tuple[bool, Line]] = {}
    for happened, answers in rounds:
        for award, (standing, name, credits) in happened.items():
            known = award in world
            if known or standing:
                world[award] = (standing, replace(PLAIN, award=award, name=name, credits_milli=credits))
        delta = {}
        for award, (standing, line) in world.items():
            change = change_of(line, standing, last.get(award))
            if change is not None:
                delta[award] = (change, line)
        held = apply(held, delta)
        for award, (change, line) in delta.items():
            last[award] = Before(line, change, FILED, False)
        # Whatever was refused and not mended, the file of the whole still says what was filed last.
        waits = {award for award, one in last.items() if one.state == REJECTED and not one.ready}
        standing_now = {award: line for award, (there, line) in world.items() if there}
        assert {a: line for a, line in held.items() if a not in waits} == {
            a: line for a, line in standing_now.items() if a not in waits
        }
        again = {a for a, (there, line) in world.items() if change_of(line, there, last.get(a)) is not None}
        assert not again, "a second filing at once carries nothing"
        for award, (state, ready) in answers.items():
            if award in last:
                last[award] = replace(last[award], state=state, ready=ready and state == REJECTED)


@given(st.sampled_from(["new", "changed", "refiled", "reversed"]), st.booleans(), st.booleans(), st.booleans())
def test_a_refused_row_goes_again_when_it_is_mended_or_says_something_else(
    change: str, ready: bool, standing: bool, same: bool
) -> None:
    before = Before(PLAIN, change, REJECTED, ready)
    now = PLAIN if same else replace(PLAIN, name="赵桂芬")
    found = change_of(now, standing, before)
    if change != REVERSED and standing:
        assert found == ("refiled" if ready or not same else None)
    if found is not None:
        assert closes(before, found) in ("refiled", "void")
        assert (closes(before, found) == "void") == (found == REVERSED and change != REVERSED)


ANSWER = st.builds(
    Answer, st.integers(2, 60), st.sampled_from([*AWARDS, UUID(int=77)]), st.sampled_from([ACCEPTED, REJECTED]),
    st.sampled_from(["", "E1"]), st.sampled_from(["", "不符"]),
)  # fmt: skip
KNOWN = st.dictionaries(
    st.sampled_from(AWARDS),
    st.builds(Known, st.integers(1, 3), st.sampled_from([FILED, ACCEPTED, REJECTED, "refiled", "void"]), st.just(""),
              st.sampled_from(["", "不符"])),
)  # fmt: skip


@given(st.lists(ANSWER, max_size=12), KNOWN)
def test_every_line_of_an_answer_is_accounted_for_once(answers: list[Answer], known: dict[UUID, Known]) -> None:
    found = plan(answers, known, [])
    assert found.lines == len(answers)
    entered = [one.award for one in (*found.accepted, *found.rejected)]
    assert len(entered) == len(set(entered)), "no row gets two results"
    assert all(known[award].state in (FILED, ACCEPTED, REJECTED) for award in entered)
    counts = dict.fromkeys((FILED, ACCEPTED, REJECTED, "refiled", "void"), 0)
    after = {award: row.state for award, row in known.items()}
    after |= {one.award: one.state for one in (*found.accepted, *found.rejected)}
    for state in after.values():
        counts[state] += 1
    refused = counts[REJECTED] + counts["refiled"] + counts["void"]
    assert len(known) == counts[ACCEPTED] + refused + counts[FILED]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
SIGNS = sorted(LEADS - {"\0", "\t", "\r", "\n"})
CELLS = st.one_of(TEXTS, st.builds(lambda lead, rest: lead + rest, st.sampled_from(SIGNS), TEXTS))


@given(CELLS, CELLS)
def test_no_cell_is_a_formula_and_every_cell_comes_back(name: str, title: str) -> None:
    out = io.BytesIO()
    write_csv(out, Filing(), [("new", 1, replace(PLAIN, name=name, title=title))], {})
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == NAMES
    for cell in rows[1]:
        assert cell.lstrip(" \u00a0\u3000\u200b\ufeff")[:1] not in LEADS or not cell.strip(" \u00a0\u3000\u200b\ufeff")
    back = read_table(out.getvalue(), {one: one for one in NAMES}, NAMES)
    assert back.encoding == "UTF-8"
    assert not back.faults
    assert back.rows[0].cells["credits"] == "0.500"


@given(st.lists(st.tuples(st.sampled_from("甲乙"), st.integers(1, 10**9), st.sampled_from(["class_1", "class_2"]))))
def test_totals_by_class_and_by_institution_add_up(lines: list[tuple[str, int, str]]) -> None:
    totals = Totals()
    for code, credits, one in lines:
        totals.add(replace(PLAIN, institution_code=code, credits_milli=credits, credit_class=one))
    for parts in (totals.by_class, totals.by_institution):
        assert [sum(column) for column in zip(*parts.values(), strict=True)] == (totals.all if lines else [])
    assert exact(totals.all[1]) * 1000 == totals.all[1]
