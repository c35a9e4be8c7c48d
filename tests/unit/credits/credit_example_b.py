"""Worked examples B and C of the domain brief, sections 8.3 and 8.4, as a facts file says them."""

from typing import Any

from credit_example_a import fact


def example_b(*, paper: bool = False) -> dict[str, Any]:
    """The old two classes in 2023; fails by 3.5 credits until the paper is added."""
    facts = [
        fact("national", "national_project", "2023-02-10", "12", activity="N", project="P-N", assessed=True),
        fact("provincial", "provincial_project", "2023-03-10", "15", activity="S", project="P-S", assessed=True),
        fact("review", "self_study_review", "2023-04-10", "8000", unit="characters", hours="0"),
        *(
            fact(f"lecture-{n:02}", "unit_lecture", f"2023-05-{n:02}", "1", unit="items", hours="2")
            for n in range(1, 15)
        ),
        *(
            fact(f"case-{n:02}", "case_discussion", f"2023-06-{n:02}", "1", unit="items", hours="1")
            for n in range(1, 21)
        ),
    ]
    if paper:
        facts.append(fact("paper", "paper", "2023-09-01", "1", unit="items", hours="0", role="author_2"))
    return _case(2023, facts, "CN")


def example_c(jurisdiction: str = "CN-HI") -> dict[str, Any]:
    """Four unit activities of 5, 6, 9 and 34 hours in 2025."""
    hours = enumerate(("5", "6", "9", "34"), 1)
    return _case(
        2025, [fact(f"u{n}", "unit_activity", f"2025-03-0{n}", amount) for n, amount in hours], jurisdiction
    )  # fmt: skip


def _case(year: int, facts: list[dict[str, Any]], jurisdiction: str) -> dict[str, Any]:
    person = {"jurisdiction": jurisdiction, "population": "assistant_physician"}
    return {"year": year, "as_of": f"{year}-12-31", "person": person, "facts": facts}
