"""`course.toml`: what the course is, what it promises, what it rests on, how it is assessed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.courses.packages.fields import Document, Table
from lms.courses.packages.package import (
    AUDIENCES,
    CERTAINTIES,
    LANGUAGES,
    SHOW_ANSWERS,
    SUBJECTS,
    Assessment,
    DrawRule,
    Objective,
    Source,
    Term,
    Text,
    Topic,
)
from lms.kernel.text import msg

CODE = r"[A-Z0-9][A-Z0-9-]{1,28}[A-Z0-9]"
NAME = r"[a-z0-9][a-z0-9-]{0,59}"
DRAW_LOW, DRAW_HIGH = 15, 20

_KEYS = (
    *("code", "slug", "centre", "subject", "audience", "hours", "prerequisites", "languages"),
    *("reviewer", "review_by", "title", "summary", "objectives", "topics", "sources", "terms"),
    "assessment",
)


@dataclass(frozen=True)
class CourseFile:
    """The values of course.toml, each usable even where a problem was reported."""

    document: Document
    code: str
    slug: str
    centre: str
    subject: str
    audience: tuple[str, ...]
    hours: Decimal
    prerequisites: tuple[str, ...]
    languages: tuple[str, ...]
    reviewer: str
    review_by: date
    title: Text
    summary: Text
    objectives: tuple[Objective, ...]
    topics: tuple[Topic, ...]
    sources: tuple[Source, ...]
    terms: tuple[Term, ...]
    assessment: Assessment | None


def read_course(document: Document) -> CourseFile | None:
    """Read and judge course.toml; None if it is not TOML at all."""
    if document.data is None:
        return None
    top = Table(document, document.data)
    top.known(_KEYS)
    code = top.string("code", CODE)
    prerequisites = top.strings("prerequisites", CODE)
    if code and code in prerequisites:
        top.error("prerequisites", msg("课程不能以自己为先修课"))
    languages = top.strings("languages", "|".join(LANGUAGES))
    if "languages" in top.data and set(languages) != set(LANGUAGES):
        top.error("languages", msg("两种语言都要有：{languages}", languages='["zh", "en"]'))
    audience = top.strings("audience", "|".join(AUDIENCES))
    if "audience" in top.data and not audience:
        top.error("audience", msg("至少写一类学员：{allowed}", allowed=", ".join(AUDIENCES)))
    topics = _topics(top)
    return CourseFile(
        document=document,
        code=code,
        slug=top.string("slug", NAME),
        centre=top.string("centre", CODE),
        subject=top.choice("subject", SUBJECTS),
        audience=audience,
        hours=top.decimal("hours", Decimal("0.5"), Decimal(60)),
        prerequisites=prerequisites,
        languages=LANGUAGES,
        reviewer=top.string("reviewer"),
        review_by=top.day("review_by"),
        title=top.words("title"),
        summary=top.words("summary"),
        objectives=_objectives(top),
        topics=topics,
        sources=_sources(top),
        terms=_terms(top),
        assessment=_assessment(top, topics),
    )


def _ids(tables: list[Table]) -> list[tuple[Table, str]]:
    """Each table with its id; a repeated id is a problem."""
    seen: set[str] = set()
    found = []
    for table in tables:
        name = table.string("id", NAME)
        if name and name in seen:
            table.error("id", msg("编号 {id} 重复了", id=name))
        seen.add(name)
        found.append((table, name))
    return found


def _objectives(top: Table) -> tuple[Objective, ...]:
    found = []
    for table, name in _ids(top.tables("objectives")):
        table.known(("id", "text"))
        found.append(Objective(name, table.words("text")))
    return tuple(found)


def _topics(top: Table) -> tuple[Topic, ...]:
    found = []
    for table, name in _ids(top.tables("topics")):
        table.known(("id", "title"))
        found.append(Topic(name, table.words("title")))
    return tuple(found)


def _sources(top: Table) -> tuple[Source, ...]:
    found = []
    for table, name in _ids(top.tables("sources")):
        table.known(("id", "title", "issuer", "year", "section", "url", "certainty"))
        found.append(
            Source(
                id=name,
                title=table.words("title"),
                issuer=table.words("issuer"),
                year=table.integer("year", 1949, 2100),
                section=table.words("section"),
                url=table.string("url", r"https?://[^\s<>\"']{3,500}", required=False),
                certainty=table.choice("certainty", CERTAINTIES),
            )
        )
    return tuple(found)


def _terms(top: Table) -> tuple[Term, ...]:
    """Words that lessons explain; most courses have none."""
    found = []
    for table, name in _ids(top.tables("terms", required=False)):
        table.known(("id", "word", "meaning"))
        found.append(Term(name, table.words("word"), table.words("meaning")))
    return tuple(found)


def _assessment(top: Table, topics: tuple[Topic, ...]) -> Assessment | None:
    table = top.table("assessment")
    if table is None:
        return None
    table.known(("minutes", "pass_mark", "attempts", "cooldown_minutes", "show_answers", "title", "draw"))
    known = {topic.id for topic in topics}
    draw = []
    for rule in table.tables("draw"):
        rule.known(("topic", "difficulty", "count"))
        topic = rule.string("topic", NAME)
        if topic and topic not in known:
            rule.error("topic", msg("没有这个主题：{topic}", topic=topic))
        difficulty = rule.integer("difficulty", 1, 3) if "difficulty" in rule.data else None
        draw.append(DrawRule(topic, difficulty, rule.integer("count", 1, DRAW_HIGH)))
    assessment = Assessment(
        title=table.words("title"),
        minutes=table.integer("minutes", 5, 240),
        pass_mark=table.integer("pass_mark", 1, 100),
        attempts=table.integer("attempts", 1, 10),
        cooldown_minutes=table.integer("cooldown_minutes", 0, 60 * 24 * 30),
        show_answers=table.choice("show_answers", SHOW_ANSWERS),
        draw=tuple(draw),
    )
    if draw and not DRAW_LOW <= assessment.item_count <= DRAW_HIGH:
        table.error(
            "draw",
            msg(
                "一份卷子抽 {low} 到 {high} 题，这里是 {count} 题",
                low=DRAW_LOW,
                high=DRAW_HIGH,
                count=assessment.item_count,
            ),
        )
    return assessment
