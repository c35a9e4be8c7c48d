"""`sources.toml`: what the lessons and the card state, each with the place in its source; and whether all that is said
there is said here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from lms.courses.packages.amounts import Amount, amounts
from lms.courses.packages.course_file import NAME
from lms.courses.packages.fields import Document, Findings, Table, decode
from lms.courses.packages.markdown import SOURCE_MARK
from lms.courses.packages.package import CERTAINTIES, Example, LessonText, Source, Stated, Statement
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

FILE = "sources.toml"
READINGS = ("holds", "corrected", "removed")


def read_statements(
    tree: Tree, texts: Mapping[str, Iterable[LessonText]], sources: Iterable[Source], findings: Findings
) -> Stated | None:
    """What `sources.toml` says; None where a package has none. `texts`: by slug, a lesson in its languages (and the
    card). With problems for what is wrong in the file and for numbers and marks that it does not speak of."""
    data = tree.get(FILE)
    text = decode(FILE, data, findings) if data is not None else None
    document = Document(FILE, text, findings) if text is not None else None
    if document is None or document.data is None:
        if data is None:
            _judge_unlisted(texts, findings)
        return None
    top = Table(document, document.data)
    top.known(("statements", "examples"))
    known = {source.id: source.certainty for source in sources}
    stated = Stated(
        tuple(_statement(table, texts, known) for table in top.tables("statements")),
        tuple(_example(table, texts) for table in top.tables("examples", required=False)),
    )
    _judge_covered(texts, stated, findings)
    return stated


def _statement(table: Table, lessons: Iterable[str], known: Mapping[str, str]) -> Statement:
    table.known(("lesson", "source", "place", "says", "certainty", "reading", "read_on", "note"))
    source = table.string("source", NAME)
    if source and source not in known:
        table.error("source", msg("course.toml 里没有 {name}", name=source))
    certainty = table.choice("certainty", CERTAINTIES)
    if certainty == "official" and known.get(source) == "secondary":
        table.error("certainty", msg("这个依据读自转载，写成 secondary"))
    reading = table.choice("reading", READINGS) if "reading" in table.data else ""
    return Statement(
        lesson=_lesson(table, lessons),
        source=source,
        place=table.string("place", r"[^\n]{1,200}"),
        says=table.string("says", r"[^\n]{1,400}"),
        certainty=certainty,
        reading=reading,
        read_on=table.day("read_on") if reading else None,
        note=table.string("note", r"[^\n]{1,400}", required=False),
    )


def _example(table: Table, lessons: Iterable[str]) -> Example:
    table.known(("lesson", "says"))
    return Example(_lesson(table, lessons), table.string("says", r"[^\n]{1,400}"))


def _lesson(table: Table, lessons: Iterable[str]) -> str:
    name = table.string("lesson")
    if name and name not in lessons and table.data.get("reading") != "removed":
        # A lesson that was taken out leaves its statements: the draft stays readable.
        table.document.unfit((*table.path, "lesson"), msg("没有这一课：{name}", name=name[:60]))
    return name


def _judge_covered(texts: Mapping[str, Iterable[LessonText]], stated: Stated, findings: Findings) -> None:
    """Every number with a unit is stated or an example; every source that a lesson marks has a statement there."""
    said: dict[str, set[Amount]] = defaultdict(set)
    cited: dict[str, set[str]] = defaultdict(set)
    for one in stated.standing:
        said[one.lesson] |= amounts(one.says).keys()
        cited[one.lesson].add(one.source)
    for example in stated.examples:
        said[example.lesson] |= amounts(example.says).keys()
    for slug, languages in texts.items():
        for text in languages:
            marked = {name for _, line in _lines(text) for name in SOURCE_MARK.findall(line)}
            for number, line in _lines(text):
                for amount, written in amounts(line).items():
                    if amount not in said[slug]:
                        told = msg("{amount}：sources.toml 里没有这个数的依据", amount=written)
                        findings.unfit(text.file, number, told)
            for name in sorted(marked - cited[slug]):
                told = msg("引用了 {name}，sources.toml 里没有写它说了什么", name=name)
                findings.unfit(text.file, text.first_line, told)
            for name in sorted(cited[slug] - marked):
                findings.warn(text.file, text.first_line, msg("sources.toml 里有 {name}，正文没有引用", name=name))


def _judge_unlisted(texts: Mapping[str, Iterable[LessonText]], findings: Findings) -> None:
    """Where nothing is listed, a number with a unit wants a source's mark in its paragraph, list item or row (a
    heading takes none)."""
    for languages in texts.values():
        for text in languages:
            for first, block in _blocks(text):
                found = amounts(block)
                if found and not SOURCE_MARK.search(block) and not block.startswith("#"):
                    told = msg("{amount}：这里没有写依据", amount=next(iter(found.values())))
                    findings.hint(text.file, first, told)


def _lines(text: LessonText) -> Iterator[tuple[int, str]]:
    return enumerate(text.body.split("\n"), text.first_line)


def _blocks(text: LessonText) -> Iterator[tuple[int, str]]:
    """Paragraphs, list items and rows, each with its first line."""
    block: list[str] = []
    first = text.first_line
    for number, line in _lines(text):
        alone = line.lstrip().startswith(("|", "- ", ":::", "#")) or line.lstrip()[:1].isdigit()
        if block and (alone or not line.strip()):
            yield first, "\n".join(block)
            block = []
        if line.strip():
            first = first if block else number
            block.append(line)
    if block:
        yield first, "\n".join(block)
