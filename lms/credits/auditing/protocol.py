"""The protocol of a sample: how it was drawn, what became of each award, and the share found wrong, in plain words."""

from lms.credits.auditing.samples import SampleRow, SampleView
from lms.credits.exports import File, file_of
from lms.credits.rules.reasons import WORDS
from lms.credits.rules.sampling import LOTS, OUTCOMES, Progress
from lms.credits.rules.words import KIND_WORDS, kind_word
from lms.kernel import audit, clock
from lms.kernel.actor import Actor
from lms.kernel.i18n import in_locale
from lms.kernel.text import Message, msg
from lms.sheets.cells import Cell, Document, Figure, Row, Table, columns, say


def share_sentence(p: Progress) -> Message:
    """The share found wrong, and what may be read from it."""
    if not p.judged:
        return msg("还没有一条审出结果，现在什么也说不了。")
    counts = {"judged": p.judged, "wrong": p.wrong, "percent": p.percent_wrong}
    if p.judged < p.drawn:
        return msg(
            "已审出结果的 {judged} 条里，{wrong} 条有错，占 {percent}%。其余 {rest} 条没有结果，不算在内。",
            rest=p.drawn - p.judged, **counts,
        )  # fmt: skip
    return msg("{judged} 条全部审出结果，{wrong} 条有错，占 {percent}%。", **counts)


READ_AS = msg("这是抽到的这些条里的比例。没抽到的学分没有人看过；对它们只能估计，抽得少，估计就粗。")


def facts(view: SampleView) -> tuple[tuple[str, str], ...]:
    """Everything by which anybody draws the same again."""
    s = view.sample
    at = clock.local(s.drawn_at)
    rest = msg("{size} 条", size=s.size)
    if s.drawn < s.size:
        rest = msg("要抽 {size} 条，范围里只有 {drawn} 条，全部抽出", size=s.size, drawn=s.drawn)
    return (
        (say(msg("编号")), str(s.id)),
        (say(msg("随机种子")), s.seed),
        (say(msg("抽查的地方")), s.place_name),
        (say(msg("年度")), str(s.year) if s.year else say(msg("全部年度"))),
        (say(msg("类型")), say(kind_word(s.kind)) if s.kind in KIND_WORDS else say(msg("全部类型"))),
        (say(msg("截至")), f"{at:%Y-%m-%d %H:%M:%S.%f} (UTC+8)"),
        (say(msg("范围里的学分")), say(msg("{n} 条", n=s.frame))),
        (say(msg("抽几条")), say(rest)),
        (say(msg("抽取的人")), s.drawn_by_name),
    )


def method() -> Message:
    """How the seed draws, for whoever wants to draw again."""
    return msg(
        "每条学分有一个签号，只由它的编号算出。种子算出 a 和 b；取 (a×签号+b) 除以 {lots} 的余数最小的几条。"
        "管系统的人有一条命令，重抽一次并比对。",
        lots=LOTS,
    )


def table(view: SampleView) -> Table:
    """The drawn awards in drawn order."""
    titles = (
        (msg("序号"), 6), (msg("姓名"), 12), (msg("单位"), 24), (msg("活动"), 34), (msg("日期"), 12),
        (msg("授予学分"), 10), (msg("结果"), 16), (msg("审核人"), 20), (msg("原因"), 40), (msg("学分编号"), 38),
    )  # fmt: skip
    return Table(say(msg("抽到的学分")), columns(titles), tuple(_row(row) for row in view.rows), head=1)


def _row(row: SampleRow) -> Row:
    a = row.award
    cells: tuple[Cell, ...] = (
        row.position, a.name, a.workplace_name, in_locale(a.titles), a.on_date, Figure(a.credits),
        say(OUTCOMES[row.outcome]), decider(row), reason(row), str(a.id),
    )  # fmt: skip
    return Row(cells, award_id=a.id)


def decider(row: SampleRow) -> str:
    """Who decided; both where two had to."""
    if row.decided is None:
        return ""
    if row.decided.first_name:
        return say(msg("{first}提议，{second}确认", first=row.decided.first_name, second=row.decided.by_name))
    return row.decided.by_name


def reason(row: SampleRow) -> str:
    """The reason from the list, and the words."""
    if row.decided is None:
        return ""
    word = say(WORDS.get(row.decided.reason_code, row.decided.reason_code))
    said = msg("{what}：{why}", what=word, why=row.decided.reason_text)
    return say(said) if row.decided.reason_text else word


def document(view: SampleView) -> Document:
    """The protocol as a file."""
    told = (
        (say(msg("结果")), say(share_sentence(view.progress))),
        (say(msg("说明")), say(READ_AS)),
        (say(msg("怎么抽的")), say(method())),
    )
    return Document(f"xinglin-sample-{view.sample.id}", say(msg("抽查记录")), (*facts(view), *told), (table(view),))


def export(actor: Actor, view: SampleView, ending: str) -> File:
    """The protocol as csv or xlsx; recorded in the audit trail."""
    made = file_of(document(view), ending)
    audit.record(actor, "sample.exported", "sample", view.sample.id, file=made.name)
    return made
