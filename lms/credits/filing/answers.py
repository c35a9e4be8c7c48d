"""What a regulator answers, line by line, and what each line would do. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.credits.filing.rules import ACCEPTED, FILED, REJECTED
from lms.kernel.text import msg
from lms.sheets.incoming.tables import Fault, Row

NAMES = {
    "row": "row", "行编号": "row", "result": "result", "结果": "result", "code": "code", "代码": "code",
    "text": "text", "说明": "text",
}  # fmt: skip
NEEDED = ("row", "result")
RESULTS = {
    "accepted": ACCEPTED, "接受": ACCEPTED, "已接受": ACCEPTED, "通过": ACCEPTED,
    "rejected": REJECTED, "退回": REJECTED, "拒绝": REJECTED, "不通过": REJECTED,
}  # fmt: skip
MOST_CODE, MOST_TEXT = 40, 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the regulator says of one row."""

    line: int
    award: UUID
    state: str
    code: str
    text: str

    @property
    def said(self) -> tuple[str, str, str]:
        return (self.state, self.code, self.text)


@dataclass(frozen=True, slots=True)
class Known:
    """A filed row as it stands: of which filing, in which state, with what the regulator said last."""

    number: int
    state: str
    code: str
    text: str

    @property
    def said(self) -> tuple[str, str, str]:
        return (self.state, self.code, self.text)


@dataclass(frozen=True, slots=True)
class Plan:
    """What answers would do: every line of the file is in exactly one of these."""

    accepted: tuple[Answer, ...]
    rejected: tuple[Answer, ...]
    unchanged: int
    repeated: int
    faults: tuple[Fault, ...]

    @property
    def lines(self) -> int:
        return len(self.accepted) + len(self.rejected) + self.unchanged + self.repeated + len(self.faults)

    def report(self) -> dict[str, int]:
        """As JSON."""
        return {
            "lines": self.lines,
            "accepted": len(self.accepted),
            "rejected": len(self.rejected),
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "faults": len(self.faults),
        }


def read_answers(rows: Sequence[Row]) -> tuple[list[Answer], list[Fault]]:
    """The answers in the rows of a table, and a fault for each row that is none."""
    answers, faults = [], []
    for row in rows:
        found = _answer(row)
        if isinstance(found, Answer):
            answers.append(found)
        else:
            faults.append(found)
    return answers, faults


def _answer(row: Row) -> Answer | Fault:
    code, text = row.cells.get("code", ""), row.cells.get("text", "")
    state = RESULTS.get(row.cells["result"].lower())
    try:
        award = UUID(row.cells["row"])
    except ValueError:
        return Fault(row.line, "row", msg("不是上报文件里的行编号。"))
    if state is None:
        return Fault(row.line, "result", msg("要写 accepted（接受）或 rejected（退回）。"))
    if state == REJECTED and not (code or text):
        return Fault(row.line, "text", msg("退回要写代码或说明，否则没有人知道要改什么。"))
    if len(code) > MOST_CODE:
        return Fault(row.line, "code", msg("最多 {most} 个字。", most=MOST_CODE))
    if len(text) > MOST_TEXT:
        return Fault(row.line, "text", msg("最多 {most} 个字。", most=MOST_TEXT))
    return Answer(row.line, award, state, *((code, text) if state == REJECTED else ("", "")))


def plan(answers: Sequence[Answer], known: Mapping[UUID, Known], faults: Sequence[Fault]) -> Plan:
    """What the answers would do to the rows as they stand."""
    taken: dict[UUID, Answer] = {}
    found: dict[str, list[Answer]] = {ACCEPTED: [], REJECTED: []}
    wrong, unchanged, repeated = list(faults), 0, 0
    for answer in answers:
        row, first = known.get(answer.award), taken.get(answer.award)
        if row is None:
            wrong.append(Fault(answer.line, "row", msg("这次和以前的上报里都没有这一行。")))
        elif first is not None and first.said != answer.said:
            wrong.append(Fault(answer.line, "row", msg("第 {line} 行对同一行有不同的结果。", line=first.line)))
        elif first is not None:
            repeated += 1
        elif row.said == answer.said:
            unchanged += 1
        elif row.state not in (FILED, ACCEPTED, REJECTED):
            wrong.append(Fault(answer.line, "row", msg("这一行退回以后已经重新上报，不能再按这次的结果改。")))
        else:
            found[answer.state].append(answer)
        if row is not None:
            taken.setdefault(answer.award, answer)
    wrong.sort(key=lambda fault: fault.line)
    return Plan(tuple(found[ACCEPTED]), tuple(found[REJECTED]), unchanged, repeated, tuple(wrong))
