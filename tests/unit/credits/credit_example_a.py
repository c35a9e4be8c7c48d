"""Worked example A of the domain brief, section 8.2, as a facts file says it."""

from typing import Any


def fact(identity: str, kind: str, day: str, quantity: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identity, "kind": kind, "activity": None, "project": None, "date": day,
        "quantity": quantity, "unit": "hours", "hours": quantity, "role": "attendee",
        "assessed": False, **more,
    }  # fmt: skip


def example_a(*, self_study: bool = True) -> dict[str, Any]:
    """The whole year; without self-study it fails by 3.8 credits and 17 hours."""
    online = {"activity": "ON-18", "project": "P-ON", "assessed": True}
    facts = [
        fact("online", "recommended_project", "2025-03-12", "18", **online),
        fact("face", "promotion_project", "2025-05-15", "33",
             activity="FF-33", project="P-FF", assessed=True),
        *(
            fact(f"lecture-{n}", "unit_lecture", f"2025-06-{n:02}", "1", unit="items", hours="2")
            for n in range(1, 9)
        ),
        *(
            fact(f"case-{n}", "case_discussion", f"2025-07-{n:02}", "1", unit="items", hours="1")
            for n in range(1, 7)
        ),
        fact("again", "recommended_project", "2025-08-03", "18", **online),
    ]  # fmt: skip
    if self_study:
        facts.append(fact("self", "self_study", "2025-09-01", "42"))
    return {
        "year": 2025,
        "as_of": "2025-12-31",
        "person": {"jurisdiction": "CN-HE", "population": "village_doctor"},
        "facts": facts,
    }
