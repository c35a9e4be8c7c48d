"""The numbers of a course as tables: one source for the page and for the file."""

from collections.abc import Iterable, Sequence

from lms.improving.gains import pairs, summed
from lms.improving.numbers import Answers, Numbers
from lms.improving.results import Results
from lms.improving.rules import LEAST, mean, share
from lms.improving.surveys import Result, SurveyCard
from lms.kernel import clock
from lms.kernel.i18n import in_locale, long_date, translate
from lms.kernel.text import Message, msg
from lms.sheets.cells import NONE, Cell, Column, Document, Figure, Row, Table

TIMES = (
    msg("不到 1 分钟"), msg("1—10 分钟"), msg("10—60 分钟"), msg("1—24 小时"), msg("1—7 天"), msg("7 天以上"),
)  # fmt: skip


def document(found: Results) -> Document:
    """What the page shows, as a file."""
    edition = msg("全部版本") if found.edition is None else msg("第 {number} 版", number=found.edition)
    counted = long_date(clock.local(found.counted_at).date()) if found.counted_at else NONE
    facts = (
        (translate(msg("课程名")), in_locale(found.course.titles)),
        (translate(msg("版本")), translate(edition)),
        (translate(msg("数到")), counted),
        (translate(msg("说明")), translate(msg("少于 {least} 人回答的，只写人数。", least=LEAST))),
    )
    name = f"xinglin-{found.course.slug}-results"
    return Document(name, translate(msg("学得怎样")), facts, tables(found.numbers) if found.numbers else ())


def tables(numbers: Numbers) -> tuple[Table, ...]:
    """Everything that there is to say, a table a question; what has no rows is left out."""
    made = (
        _whole(numbers),
        _lessons(numbers),
        _times(numbers),
        _questions(msg("自测"), numbers.checks),
        _questions(msg("结业测验的题"), [one for one in numbers.items if one.number]),
        _gains(msg("小测：课前和课后都做了的"), pairs(numbers.twice, numbers.thrice), 2),
        _gains(msg("小测：三个月后又做了的"), summed(numbers.thrice), 3),
        _ratings(numbers.ratings),
    )
    return tuple(one for one in made if one.rows)


def _table(title: Message, titles: Iterable[tuple[Message, int]], rows: Iterable[Row]) -> Table:
    return Table(translate(title), tuple(Column(translate(one), width) for one, width in titles), tuple(rows))


def _share(part: int, whole: int) -> Cell:
    found = share(part, whole)
    return NONE if found is None else Figure(found)


def _whole(numbers: Numbers) -> Table:
    rows = [Row((translate(msg("开始学")), numbers.started, NONE))]
    parts = (
        (msg("学完"), numbers.finished),
        (msg("还在学"), numbers.going),
        (msg("停下了"), numbers.stopped),
        (msg("其中没有动过手"), numbers.idle),
        (msg("其中停在测验"), numbers.at_test),
    )
    rows += [Row((translate(label), part, _share(part, numbers.started))) for label, part in parts]
    titles = ((msg("学习的人"), 24), (msg("人数"), 10), (msg("占开始的 %"), 14))
    return _table(msg("谁学，谁停"), titles, rows)


def _lessons(numbers: Numbers) -> Table:
    rows = []
    for place, one in enumerate(numbers.lessons, 1):
        percent = _share(one.finished, numbers.started)
        rows.append(Row((f"{place} {in_locale(one.title)}", one.touched, one.finished, percent, one.stopped)))
    titles = (
        (msg("课题"), 34), (msg("动过手"), 10), (msg("学完"), 10), (msg("学完占开始的 %"), 16), (msg("停在这里"), 10),
    )  # fmt: skip
    return _table(msg("每一课"), titles, rows)


def _times(numbers: Numbers) -> Table:
    """Spans between a first and a last touch; of fewer than LEAST people only how many they are."""
    named = [(translate(msg("整门课")), numbers.times)]
    named += [(f"{place} {in_locale(one.title)}", one.times) for place, one in enumerate(numbers.lessons, 1)]
    rows = []
    for name, times in named:
        number = sum(times)
        if number:
            cells: Sequence[Cell] = times if number >= LEAST else (NONE,) * len(times)
            rows.append(Row((name, number, *cells)))
    titles = ((msg("课题"), 34), (msg("人数"), 8), *((one, 12) for one in TIMES))
    return _table(msg("从第一次到最后一次动手"), titles, rows)


def _questions(title: Message, answers: Sequence[Answers]) -> Table:
    rows = [
        Row((in_locale(one.title), one.key, one.number, _share(one.counts[0], one.number) if one.told else NONE))
        for one in answers
    ]
    titles = ((msg("题目"), 60), (msg("题号"), 14), (msg("答的人"), 10), (msg("第一次就对的 %"), 16))
    return _table(title, titles, rows)


_OCCASIONS = (msg("课前对的 %"), msg("课后对的 %"), msg("三个月后对的 %"))


def _gains(title: Message, goals: Sequence[Answers], tests: int) -> Table:
    rows = []
    for one in goals:
        shares: Sequence[Cell] = _shares(one) if one.told else (NONE,) * tests
        rows.append(Row((in_locale(one.title), one.number, *shares)))
    titles = ((msg("目标"), 60), (msg("人数"), 10), *((name, 14) for name in _OCCASIONS[:tests]))
    return _table(title, titles, rows)


def _shares(one: Answers) -> list[Cell]:
    """Per cent right of what was asked, on each occasion."""
    asked, *right = one.counts
    return [_share(part, asked) for part in right]


def _ratings(ratings: Sequence[Answers]) -> Table:
    rows = []
    for one in ratings:
        total = sum(value * number for value, number in enumerate(one.counts, 1))
        middle = mean(total, one.number) if one.told else None
        counts: Sequence[Cell] = one.counts if one.told else (NONE,) * 5
        rows.append(Row((in_locale(one.title), one.number, NONE if middle is None else Figure(middle), *counts)))
    titles = ((msg("课题"), 34), (msg("评的人"), 8), (msg("平均"), 8), *((msg("{n} 分", n=n), 8) for n in range(1, 6)))
    return _table(msg("有用吗（1—5）"), titles, rows)


def survey_document(card: SurveyCard, found: Sequence[Result]) -> Document:
    """A survey's counts as a file; what the page shows."""
    facts = (
        (translate(msg("问卷")), in_locale(card.titles)),
        (translate(msg("答的人")), str(card.answered)),
        (translate(msg("说明")), translate(msg("少于 {least} 人回答的，只写人数。", least=LEAST))),
    )
    return Document(f"xinglin-survey-{card.slug}", in_locale(card.titles), facts, (survey_table(found), _texts(found)))


def survey_table(found: Sequence[Result]) -> Table:
    """A row for each choice of each question, with its number and share, and the mean of numbers."""
    rows = []
    for place, one in enumerate(found, 1):
        rows.append(Row((f"{place} {in_locale(one.question['text'])}", "", one.number, NONE)))
        rows += [Row(("", label, number, _share(number, one.number))) for label, number in _choices(one)]
        if one.counts and one.question["kind"] in ("scale", "number"):
            total = sum(value * number for value, number in one.counts.items())
            rows.append(Row(("", translate(msg("平均")), _mean(total, one.number), NONE)))
    titles = ((msg("题目"), 50), (msg("选的"), 34), (msg("人数"), 10), (msg("占答的人 %"), 14))
    return _table(msg("问卷结果"), titles, rows)


def _mean(total: int, number: int) -> Cell:
    found = mean(total, number)
    return NONE if found is None else Figure(found)


def _choices(one: Result) -> list[tuple[str, int]]:
    """What could be chosen, with how often it was; nothing where too few answered."""
    if not one.counts:
        return []
    options = [in_locale(option) for option in one.question["options"]]
    if one.question["kind"] == "scale":
        named = {1: f"1 {options[0]}", 5: f"5 {options[1]}"}
        return [(named.get(value, str(value)), one.counts.get(value, 0)) for value in range(1, 6)]
    if one.question["kind"] == "number":
        return [(str(value), number) for value, number in sorted(one.counts.items())]
    return [(option, one.counts.get(value, 0)) for value, option in enumerate(options)]


def _texts(found: Sequence[Result]) -> Table:
    rows = [
        Row((f"{place} {in_locale(one.question['text'])}", text))
        for place, one in enumerate(found, 1)
        for text in one.texts
    ]
    return _table(msg("写的话"), ((msg("题目"), 50), (msg("写的话"), 90)), rows)
