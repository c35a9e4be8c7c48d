"""A year, or all of them, as tables: the years, their classes, their lines."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from lms.credits.lines import COUNTING, StatementLine, no_rule
from lms.credits.rules.counting import Compliance
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.statements import ClassSum, Statement
from lms.kernel.i18n import in_locale, locale
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.text import Message, msg
from lms.sheets.cells import NONE, Cell, Figure, Row, Table, columns, credits, hours, say, total

YEAR = (msg("年度"), 8)


def result(s: Statement) -> str:
    """Whether the year's requirement is met, in a sentence."""
    standing = s.standing
    if standing is None:
        return say(no_rule(s.year))
    if standing.compliance is Compliance.NOT_REQUIRED:
        return say(msg("没有学分要求。"))
    if standing.compliance is Compliance.UNKNOWN:
        return say(msg("还没有任职记录，不能判断够不够。"))
    if standing.compliance is Compliance.PASS:
        return say(msg("够了。"))
    lacking = {"credits": format_credits(standing.gap_credits), "hours": format_hours(standing.gap_hours)}
    if standing.gap_credits and standing.gap_hours:
        return say(msg("还差 {credits} 学分、{hours} 学时。", **lacking))
    if standing.gap_credits:
        return say(msg("还差 {credits} 学分。", credits=lacking["credits"]))
    return say(msg("还差 {hours} 学时。", hours=lacking["hours"]))


def policy_title(s: Statement) -> str:
    """The rule set that governs the year, or that there is none."""
    return in_locale(s.standing.policy.title.both()) if s.standing else NONE


def years_table(statements: Sequence[Statement]) -> Table:
    """A row for each year, and their sums where there are several."""
    rows = [_year_row(s) for s in statements]
    if len(rows) > 1:
        judged = [s.standing.counted for s in statements if s.standing]
        sums = (
            say(msg("合计")),
            NONE,
            NONE,
            Figure(total(s.computed for s in statements)),
            Figure(total(judged)),
            Figure(total(s.account.total for s in statements)),
            Figure(total(s.hours for s in statements), whole=True),
            "",
            "",
        )
        rows.append(Row(sums, "total"))
    titles = (
        YEAR, (msg("要求学分"), 10), (msg("要求学时"), 10), (msg("折算"), 10), (msg("计入学分"), 10),
        (msg("账上"), 10), (msg("学时"), 10), (msg("结果"), 32), (msg("规则集"), 28),
    )  # fmt: skip
    return Table(say(msg("各年")), columns(titles), tuple(rows))


def _year_row(s: Statement) -> Row:
    t = s.standing
    cells = (
        s.year,
        hours(t.need_credits if t else None),
        hours(t.need_hours if t else None),
        Figure(s.computed),
        credits(t.counted if t else None),
        Figure(s.account.total),
        Figure(s.hours, whole=True),
        result(s),
        policy_title(s),
    )
    return Row(cells)


def classed(s: Statement) -> bool:
    """Whether the year knows classes of credits: by its policy, or by what was awarded in it."""
    return any(one.code != "general" for one in s.classes)


def class_name(one: ClassSum) -> str:
    """What a class is called."""
    return say(one.title) if isinstance(one.title, Message) else in_locale(one.title)


def classes_table(statements: Sequence[Statement], *, with_year: bool = True) -> Table:
    """A row for each class of each year that knows classes."""
    rows = []
    for s in statements:
        for one in s.classes if classed(s) else ():
            bounds = (hours(one.minimum), hours(one.maximum))
            cells = (class_name(one), Figure(one.account), credits(one.counted), *bounds, _lacking(s, one))
            rows.append(Row((s.year, *cells) if with_year else cells))
    titles = (
        (msg("学分类别"), 22), (msg("账上"), 10), (msg("计入学分"), 10), (msg("至少"), 8), (msg("至多"), 8),
        (msg("还差"), 10),
    )  # fmt: skip
    return Table(say(msg("按类别")), columns([YEAR, *titles] if with_year else titles), tuple(rows))


def _lacking(s: Statement, one: ClassSum) -> Cell:
    """What a class lacks; nothing in a year for which something else stands whole."""
    if s.standing is None or one.gap is None:
        return NONE
    return Figure(one.gap) if one.gap and s.standing.gap_credits else say(msg("够了"))


def lines_table(statements: Sequence[Statement], *, with_year: bool = True) -> Table:
    """Every activity, year by year, by class where there are classes, with the sums of each year."""
    with_class = any(classed(s) for s in statements)
    rows: list[Row] = []
    for s in statements:
        rows += _year_lines(s, with_class=with_class, with_year=with_year)
    titles = [(msg("日期"), 16), (msg("活动"), 34), (msg("类型"), 14)]
    titles += [(msg("学分类别"), 14)] if with_class else []
    titles += [
        (msg("学时"), 9), (msg("折算"), 9), (msg("计入学分"), 10), (msg("未计学分"), 10), (msg("状态"), 12),
        (msg("怎么算的，为什么"), 60),
    ]  # fmt: skip
    head = 2 if with_year else 1
    return Table(say(msg("明细")), columns([YEAR, *titles] if with_year else titles), tuple(rows), head)


def _year_lines(s: Statement, *, with_class: bool, with_year: bool) -> Iterable[Row]:
    before: tuple[Cell, ...] = (s.year,) if with_year else ()
    names = {one.code: class_name(one) for one in s.classes}
    order = {code: number for number, code in enumerate(names)}
    # Refused activities are in no class; they come last.
    lines = sorted(s.lines, key=lambda line: order.get(line.credit_class, len(order))) if with_class else s.lines
    for code, group in groupby(lines, key=lambda line: line.credit_class if with_class else ""):
        mine = list(group)
        for line in mine:
            yield Row((*before, *_line_cells(line, names if with_class else None)), award_id=line.award_id)
        if code and len(mine) > 1:
            yield Row((*before, *_sums(say(msg("小计")), mine, names, s)), "total")
    if s.lines:
        yield Row((*before, *_sums(say(msg("合计")), s.lines, {} if with_class else None, s)), "total")


def _line_cells(line: StatementLine, classes: dict[str, str] | None) -> tuple[Cell, ...]:
    return (
        line.on_date,
        in_locale(line.titles),
        say(KIND_WORDS.get(line.kind, line.kind)),
        *(() if classes is None else (classes.get(line.credit_class, NONE),)),
        Figure(line.hours, whole=True),
        Figure(line.computed),
        Figure(line.counted) if line.judged else NONE,
        Figure(line.uncounted) if line.judged else NONE,
        condition(line),
        explanation(line),
    )


def _sums(label: str, lines: Sequence[StatementLine], classes: dict[str, str] | None, s: Statement) -> tuple[Cell, ...]:
    judged = [line for line in lines if line.judged]
    code = lines[0].credit_class
    return (
        label,
        "",
        "",
        *(() if classes is None else (classes.get(code, ""),)),
        Figure(total(line.hours for line in lines), whole=True),
        Figure(total(line.computed for line in lines)),
        Figure(total(line.counted for line in judged)) if s.standing else NONE,
        Figure(total(line.uncounted for line in judged)) if s.standing else NONE,
        "",
        "",
    )


def condition(line: StatementLine) -> str:
    """In a word what became of a line, as its chip on the page says it."""
    if not line.judged:
        return say(msg("没有规则"))
    if line.state == "returned":
        return say(msg("待补充"))
    if line.state == "reversed":
        return say(msg("已撤销"))
    if line.state in COUNTING:
        if line.uncounted:
            return say(msg("计到上限") if line.counted or line.hours else msg("超出上限"))
        return say(msg("已审核") if line.state == "approved" else msg("已计入"))
    if "not_assessed" in line.codes:
        return say(msg("没有考核"))
    return say(msg("已计过") if "already_awarded" in line.codes else msg("不计入"))


def explanation(line: StatementLine) -> str:
    """How a line was computed, how sure its rule is where that must be said, and why not all of it counts."""
    basis = say(line.basis.sentence)
    certainty = line.basis.certainty
    if certainty is not None and certainty.labelled:
        basis = say(msg("{sentence}（{label}）", sentence=basis, label=say(CERTAINTY_WORDS[certainty])))
    return (" " if locale() == "en" else "").join([basis, *(say(sentence) for sentence in line.why)])
