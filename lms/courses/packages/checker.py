"""The checker: a tree in, every problem by file and line out; the package if none is an error."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from lms.courses.packages import pictures
from lms.courses.packages.balance import judge_balance
from lms.courses.packages.bodies import Bodies, Used
from lms.courses.packages.cards import read_card
from lms.courses.packages.contrast import read_contrast
from lms.courses.packages.course_file import CourseFile, read_course
from lms.courses.packages.fields import Document, Findings, decode
from lms.courses.packages.item_files import read_items
from lms.courses.packages.lesson_files import read_lessons
from lms.courses.packages.media_files import drawings_of, read_media
from lms.courses.packages.package import Assessment, Lesson, Medium, Package
from lms.courses.packages.problem import Problem, has_errors, is_readable
from lms.courses.packages.recording import Recording
from lms.courses.packages.recording_files import by_name, read_recordings
from lms.courses.packages.statements import read_statements
from lms.courses.packages.tree import Tree, content_hash
from lms.courses.packages.weight import Weight, judge_weights
from lms.courses.packages.wording import judge_wording
from lms.items.base import Item
from lms.kernel.text import msg

COURSE_FILE = "course.toml"
FEWEST_KNOWLEDGE, MOST_KNOWLEDGE = 3, 10
"""Questions of a knowledge test, if a course has one: few enough that nobody minds, enough to tell something."""
MINUTES_AN_HOUR = 45
CHECK_MINUTES = 2
GENEROUS = Decimal("1.2")
"""Hours may exceed the counted minutes by a fifth (reading again, notes) before we ask."""


@dataclass(frozen=True)
class Report:
    """Problems in order of file and line; the package only if none of them is an error. `readable`: the package also
    where all its errors are such as forbid publishing only."""

    problems: tuple[Problem, ...]
    package: Package | None
    readable: Package | None = None
    weights: Mapping[str, Weight] = field(default_factory=dict)
    """Of every lesson that can be drawn, by its file; only where the checker knows the day."""


def check(tree: Tree, *, folder: str = "", today: date | None = None) -> Report:
    """Judge a package. `folder` is its folder's name where it has one, which must be its slug."""
    findings = Findings()
    package = _Checker(tree, folder, today, findings).package()
    weights = judge_weights(package, findings) if package is not None and today is not None else {}
    order = {path: place for place, path in enumerate(["", COURSE_FILE, *sorted(set(tree) - {COURSE_FILE})])}
    problems = tuple(sorted(findings.problems, key=lambda one: (order.get(one.file, 0), one.line)))
    readable = package if is_readable(problems) else None
    return Report(problems, None if has_errors(problems) else package, readable, weights)


def load(tree: Tree) -> Package:
    """The package of a tree that was accepted before: whatever stricter rules would say today.

    Raises ValueError if there is no readable course.toml.
    """
    package = _Checker(tree, "", None, Findings()).package()
    if package is None:
        raise ValueError("not a course package")
    return package


class _Checker:
    def __init__(self, tree: Tree, folder: str, today: date | None, findings: Findings) -> None:
        self.tree = tree
        self.folder = folder
        self.today = today
        self.findings = findings

    def package(self) -> Package | None:
        data = self.tree.get(COURSE_FILE)
        if data is None:
            self.findings.error("", 0, msg("课程包里没有 course.toml"))
            return None
        text = decode(COURSE_FILE, data, self.findings)
        course = read_course(Document(COURSE_FILE, text, self.findings)) if text is not None else None
        if course is None:
            return None
        self._judge_course(course)
        media = read_media(self.tree, self.findings)
        recordings = read_recordings(self.tree, self.findings)
        items = read_items(self.tree, course, self.findings)
        lessons = read_lessons(self.tree, course, self.findings)
        self._judge_languages_of(media)
        terms = {term.id for term in course.terms}
        bodies = Bodies(pictures.by_name(media), {item.code: item for item in items}, self.findings, terms)
        bodies.recordings = by_name(recordings)
        for lesson in lessons:
            bodies.judge(lesson)
        card = read_card(self.tree, course, self.findings)
        if card is not None:
            bodies.judge_card(card)
        read = (*lessons, *([card] if card else []))
        texts = {one.slug: tuple(one.texts.values()) for one in read}
        stated = read_statements(self.tree, texts, course.sources, self.findings)
        self._judge_unused(course, read, items, media, bodies.used)
        self._judge_unused_recordings(recordings, bodies.used)
        if course.assessment is not None:
            self._judge_paper(course, course.assessment, items)
        self._judge_knowledge(course, [item for item in items if item.use == "knowledge"])
        self._judge_hours(course, lessons, bodies.used)
        if self.today is not None:
            drawings = drawings_of(self.tree, media, self.findings)
            judge_wording(course, read, items, drawings, self.findings)
            read_contrast(drawings, self.findings)
            judge_balance(items, course.objectives, self.findings)
        package = self._build(course, lessons, items, media)
        return replace(package, recordings=recordings, card=card, stated=stated)

    def _build(
        self,
        course: CourseFile,
        lessons: tuple[Lesson, ...],
        items: tuple[Item, ...],
        media: tuple[Medium, ...],
    ) -> Package:
        values = {key: value for key, value in vars(course).items() if key != "document"}
        return Package(
            **values,
            lessons=lessons,
            items=items,
            media=media,
            content_hash=content_hash(self.tree),
        )

    def _judge_course(self, course: CourseFile) -> None:
        if self.folder and course.slug and course.slug != self.folder:
            course.document.error(("slug",), msg("slug 要和文件夹同名：{folder}", folder=self.folder))
        if self.today and course.review_by != date.min and course.review_by < self.today:
            course.document.unfit(("review_by",), msg("复核日期已经过了，请先复核内容"))
        for number, source in enumerate(course.sources):
            if self.today and source.year > self.today.year:
                course.document.error(("sources", number, "year"), msg("年份还没有到：{year}", year=source.year))

    def _judge_languages_of(self, media: tuple[Medium, ...]) -> None:
        names = {medium.name for medium in media}
        for name in sorted(names):
            base = pictures.base(name)
            if base == name or base in names:
                continue
            for language in ("zh", "en"):
                wanted = pictures.variant(base, language)
                if wanted not in names:
                    self.findings.error(f"media/{name}", 0, msg("缺少另一种语言的图：{name}", name=wanted))

    def _judge_unused(
        self,
        course: CourseFile,
        lessons: tuple[Lesson, ...],
        items: tuple[Item, ...],
        media: tuple[Medium, ...],
        used: Used,
    ) -> None:
        taught = {objective for lesson in lessons for objective in lesson.objectives}
        cited = {source for lesson in lessons for source in lesson.sources}
        cited |= {source for item in items for source in item.sources}
        for number, objective in enumerate(course.objectives):
            if objective.id and objective.id not in taught:
                course.document.warn(("objectives", number), msg("没有一课讲到目标 {name}", name=objective.id))
        for number, source in enumerate(course.sources):
            if source.id and source.id not in cited:
                course.document.warn(("sources", number), msg("依据 {name} 没有用到", name=source.id))
        for number, term in enumerate(course.terms):
            if term.id and term.id not in used.terms:
                course.document.warn(("terms", number), msg("词语 {name} 没有用到", name=term.id))
        for lesson in lessons:
            if not lesson.sources:
                file = next(iter(lesson.texts.values())).file
                self.findings.error(file, 0, msg("这一课没有写依据，至少要有一条"))
        for item in items:
            if not item.sources:
                self.findings.unfit("", 0, msg("题目 {code} 没有写依据", code=item.code))
            if item.use == "check" and item.code not in used.checks:
                self.findings.warn("", 0, msg("自测题 {code} 没有放进课文", code=item.code))
        for medium in media:
            if medium.name not in used.media:
                self.findings.warn(f"media/{medium.name}", 0, msg("这张图片没有用到"))

    def _judge_unused_recordings(self, recordings: tuple[Recording, ...], used: Used) -> None:
        for one in recordings:
            if one.name not in used.media:
                self.findings.warn(f"media/{one.name}.toml", 0, msg("这份录像、录音或讲义没有用到"))

    def _judge_paper(self, course: CourseFile, paper: Assessment, items: tuple[Item, ...]) -> None:
        """Whether the bank can fill the paper, rule by rule, with room to spare."""
        bank = [item for item in items if item.use == "assessment"]
        exact = Counter((item.topic, item.difficulty) for item in bank)
        whole = Counter(item.topic for item in bank)
        wanted_exact: Counter[tuple[str, int]] = Counter()
        wanted: Counter[str] = Counter()
        for number, rule in enumerate(paper.draw):
            path = ("assessment", "draw", number)
            wanted[rule.topic] += rule.count
            have, want = whole[rule.topic], wanted[rule.topic]
            if rule.difficulty is not None:
                key = (rule.topic, rule.difficulty)
                wanted_exact[key] += rule.count
                if exact[key] - wanted_exact[key] <= have - want:
                    have, want = exact[key], wanted_exact[key]
            if have < want:
                course.document.error(path, msg("题库不够抽：要 {want} 题，只有 {have} 题", want=want, have=have))
            elif have == want:
                course.document.warn(path, msg("题库没有余地：{have} 题全部会抽到，再加几题", have=have))
        if paper.draw and len(bank) <= paper.item_count:
            said = msg(
                "题库要比卷子多：卷子 {want} 题，题库 {have} 题",
                want=paper.item_count,
                have=len(bank),
            )
            course.document.error(("assessment",), said)

    def _judge_knowledge(self, course: CourseFile, test: list[Item]) -> None:
        """Whether the knowledge test, if there is one, is of a good length and asks for every goal."""
        if not test:
            return
        if not FEWEST_KNOWLEDGE <= len(test) <= MOST_KNOWLEDGE:
            said = msg(
                "小测要有 {fewest} 到 {most} 题，现在 {have} 题",
                fewest=FEWEST_KNOWLEDGE, most=MOST_KNOWLEDGE, have=len(test),
            )  # fmt: skip
            self.findings.error("", 0, said)
        asked = {item.objective for item in test}
        for number, objective in enumerate(course.objectives):
            if objective.id and objective.id not in asked:
                line = course.document.line(("objectives", number))
                self.findings.hint(COURSE_FILE, line, msg("小测没有问到目标 {name}", name=objective.id))

    def _judge_hours(self, course: CourseFile, lessons: tuple[Lesson, ...], used: Used) -> None:
        minutes = sum(lesson.minutes for lesson in lessons) + CHECK_MINUTES * len(used.checks)
        minutes += course.assessment.minutes if course.assessment else 0
        if course.hours * MINUTES_AN_HOUR > minutes * GENEROUS:
            course.document.warn(
                ("hours",),
                msg(
                    "学时写多了：课文、自测和考试合起来约 {minutes} 分钟，一学时 45 分钟",
                    minutes=minutes,
                ),
            )


def by_severity(problems: tuple[Problem, ...]) -> Mapping[str, int]:
    """How many errors, warnings and hints."""
    counts = Counter(problem.severity.value for problem in problems)
    return {"error": counts["error"], "warning": counts["warning"], "hint": counts["hint"]}
