"""The campaign against the planner, `make plans`: 300 doctors, each plan checked and compared with the least hours;
then the times with 500 offers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "pathways"))

import pytest
from plan_campaign import judged, timed

SECONDS = 0.3


@pytest.mark.timeout(3600)
def test_three_hundred_plans_hold_and_are_the_shortest() -> None:
    counts = judged(range(300))
    print(f"\n{counts.compared} compared with the least hours, {counts.exact} exact; {counts.impossible} impossible")
    print(f"{counts.joined} join an activity, {counts.joined_exact} of them exact")
    assert counts.compared >= 100
    assert counts.joined_exact >= 20


@pytest.mark.timeout(3600)
def test_five_hundred_offers_are_planned_in_time() -> None:
    times = timed(range(100))
    half, most = times[len(times) // 2], times[len(times) * 95 // 100]
    print(f"\n500 offers: p50 {half * 1000:.0f} ms, p95 {most * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms")
    assert most <= SECONDS
