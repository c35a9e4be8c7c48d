"""The account as a table, and the documents that files hold."""

from collections.abc import Sequence

from lms.credits.accounts import Account, Entry
from lms.credits.rules.reasons import ACTIONS, WORDS
from lms.credits.sheets.tables import classed, classes_table, lines_table, years_table
from lms.credits.statements import Statement
from lms.credits.transcripts import Transcript
from lms.kernel.i18n import in_locale
from lms.kernel.text import N_, Message, msg
from lms.people.queries import PersonCard
from lms.sheets.cells import NONE, Cell, Document, Figure, Row, Table, columns, say, total

WHAT = {"granted": N_("授予"), "reversed": ACTIONS["reversed"], "restored": ACTIONS["restored"]}


def account_table(made: Account, statements: Sequence[Statement]) -> Table:
    """The entries of the ledger with their sum, and what of the sum counts, waits, or is over a limit."""
    rows = []
    if made.untouched:
        said = say(msg("没有更正过的授予，共 {n} 条", n=made.untouched))
        rows.append(Row(("", said, "", Figure(made.untouched_sum, signed=True))))
    rows += [Row(_entry_cells(one), award_id=one.award_id) for one in made.corrected]
    rows.append(Row(("", say(msg("账上合计")), "", Figure(made.total)), "total"))
    parts = [
        (msg("其中计入"), total(s.standing.counted for s in statements if s.standing)),
        (msg("其中等补充"), total(s.waiting for s in statements)),
        (msg("其中超出上限"), total(s.over for s in statements)),
        (msg("其中没有规则、不判断"), total(line.awarded for s in statements for line in s.unjudged_lines)),
    ]
    rows += [Row(("", say(label), "", Figure(amount)), "part") for label, amount in parts if amount]
    titles = ((msg("记账日期"), 16), (msg("活动"), 34), (msg("事项"), 24), (msg("学分"), 10))
    return Table(say(msg("学分账")), columns(titles), tuple(rows), head=1)


def _entry_cells(one: Entry) -> tuple[Cell, ...]:
    what = say(WHAT[one.what])
    if one.reason_code in WORDS:
        what = say(msg("{what}：{why}", what=what, why=say(WORDS[one.reason_code])))
    return (one.on, in_locale(one.titles), what, Figure(one.amount, signed=True))


def statement_document(s: Statement) -> Document:
    """A year as a file."""
    return _document(f"xinglin-credits-{s.year}", msg("{year} 年学分明细", year=s.year), s.person, (s,), s.account)


def transcript_document(t: Transcript) -> Document:
    """All years as a file."""
    return _document("xinglin-credits-all-years", msg("历年学分"), t.person, t.years, t.account)


def _document(
    name: str, title: Message, person: PersonCard, statements: Sequence[Statement], made: Account
) -> Document:
    tables = [years_table(statements)]
    if any(classed(s) for s in statements):
        tables.append(classes_table(statements))
    tables += [lines_table(statements), account_table(made, statements)]
    facts = (
        (say(msg("姓名")), person.name),
        (say(msg("证件号")), person.id_number_mask or NONE),
        (say(msg("单位")), person.workplace_name or NONE),
        (say(msg("说明")), say(msg("文件可以改动，不能证明真伪，以网页查验为准。"))),
    )
    return Document(name, say(title), facts, tuple(tables))
