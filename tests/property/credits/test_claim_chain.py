"""No order of deeds breaks the chain: higher levels lock lower ones, what is decided stays, nobody decides her own."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lms.credits.claims import rules
from lms.credits.claims.rules import Decider, Standing

LEVELS = st.sets(st.sampled_from(rules.RANKS), min_size=1).map(lambda found: tuple(sorted(found)))
DECIDERS = st.builds(
    Decider,
    who=st.sampled_from(("a", "b", "c", "d")),
    level=st.sampled_from(rules.RANKS),
    unit=st.booleans(),
    own=st.booleans(),
    took_part=st.booleans(),
    colleague=st.booleans(),
)
ACTIONS = st.sampled_from(tuple(rules.BECOMES))
FINAL = ("approved", "not_counted", "withdrawn")


class Chain(RuleBasedStateMachine):
    """One claim, everybody who might decide on it, and the doctor, in any order."""

    @initialize(levels=LEVELS, two=st.booleans())
    def begin(self, levels: tuple[int, ...], two: bool) -> None:
        self.standing = Standing("draft", levels, two=two)
        self.highest = 0
        self.approvals: list[tuple[int, object]] = []
        self.answers = 0

    @precondition(lambda self: self.standing.state in rules.EDITABLE)
    @rule()
    def hand_in(self) -> None:
        self.standing = rules.handed_in(self.standing)
        self.approvals.clear()
        assert self.standing.waiting >= self.highest

    @precondition(lambda self: rules.may_withdraw(self.standing))
    @rule()
    def withdraw(self) -> None:
        assert self.highest == 0
        self.standing = rules.withdrawn(self.standing)

    @precondition(lambda self: rules.may_answer(self.standing))
    @rule()
    def answer(self) -> None:
        self.answers += 1
        assert self.answers == 1
        self.standing = rules.answered(self.standing)

    @rule(decider=DECIDERS, action=ACTIONS, closed=st.booleans())
    def decide(self, decider: Decider, action: str, closed: bool) -> None:
        before = self.standing
        if rules.hindrance(before, decider, closed=closed) is not None:
            return
        level = rules.acting_level(decider)
        assert not decider.own
        assert level >= self.highest, "a lower level acted after a higher one"
        assert not (closed and level < rules.TOP)
        assert not decider.colleague or (decider.unit and level == rules.UNIT)
        assert not (decider.took_part and level == rules.UNIT)
        assert before.state == "waiting" or (before.state == "refused" and before.answered)
        self.highest = level
        self.standing = rules.decided(before, action, level, decider.who)
        if action == "approve":
            self.approvals.append((level, decider.who))

    @invariant()
    def what_is_approved_was_approved_by_enough(self) -> None:
        if getattr(self, "standing", None) is None or self.standing.state != "approved":
            return
        assert max(level for level, _ in self.approvals) >= self.standing.levels[-1]
        assert not self.standing.two or len({who for _, who in self.approvals}) >= 2

    @invariant()
    def what_is_decided_stays(self) -> None:
        if getattr(self, "standing", None) is None or self.standing.state not in FINAL:
            return
        everybody = [Decider("z", level) for level in rules.RANKS]
        assert all(rules.hindrance(self.standing, one, closed=False) is not None for one in everybody)
        assert self.standing.state not in rules.EDITABLE

    @invariant()
    def somebody_can_always_go_on(self) -> None:
        """No claim waits for nobody: while it waits, the province, if it is somebody new, may act."""
        if getattr(self, "standing", None) is not None and self.standing.state == "waiting":
            assert rules.hindrance(self.standing, Decider("new", rules.TOP), closed=True) is None


Chain.TestCase.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
TestChain = Chain.TestCase
