"""`docs/curriculum.md`: the map and every sourced statement with what its second reading found, as Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lms.courses.curriculum import mapping
from lms.courses.curriculum.reading import Area, LearningPath
from lms.courses.packages.package import Package, Statement

NOBODY = "not read a second time yet"
LACKS = {"lesson": "no lesson", "test": "fewer than two questions", "refresher": "not in the refresher"}
HEAD = """# The curriculum

Made by `flask --app wsgi content curriculum --write docs/curriculum.md`; a test keeps it up to date.
Areas are those of the post of a village doctor (`content/curriculum.toml`), learning paths lie in
`content/learning-paths/`, courses in `content/courses/`.
"""


def document(
    areas: Sequence[Area],
    paths: Iterable[LearningPath],
    packages: Mapping[str, Package],
) -> str:
    """The whole document. `packages`: by course code."""
    return "\n".join((HEAD, *_map(areas, packages), *_paths(paths, packages), *_statements(packages))) + "\n"


def _map(areas: Sequence[Area], packages: Mapping[str, Package]) -> Iterator[str]:
    found = mapping.mapped(areas, packages)
    yield "## What is taught, tested and refreshed"
    yield ""
    yield "| Area | Objective | Course | Lessons | Final paper | Self-checks | Refresher | Missing |"
    yield "|---|---|---|---|--:|--:|--:|---|"
    for one in found:
        name = f"{one.area.title['en']} ({one.area.title['zh']})"
        for row in one.taught:
            lessons = ", ".join(str(lesson.position) for lesson in row.lessons)
            missing = ", ".join(LACKS[lack] for lack in row.missing)
            yield (
                f"| {name} | {_cell(row.objective.text['en'])} | {_cell(row.package.title['en'])} | {lessons} "
                f"| {row.tested} | {row.checked} | {row.refreshed} | {missing} |"
            )
        if one.unknown:
            yield f"| {name} | {', '.join(one.unknown)} | – | – | – | – | – | **not here** |"
        if not one.taught and not one.unknown:
            yield f"| {name} | – | – | – | – | – | – | **no course yet** |"
    yield ""


def _paths(paths: Iterable[LearningPath], packages: Mapping[str, Package]) -> Iterator[str]:
    yield "## Learning paths"
    yield ""
    for path in paths:
        titles = (packages[step.course].title["en"] if step.course in packages else step.course for step in path.steps)
        yield f"- **{path.title['en']}** ({path.title['zh']}): {' → '.join(titles)}"
    yield ""


def _statements(packages: Mapping[str, Package]) -> Iterator[str]:
    every = [one for package in packages.values() if package.stated for one in package.stated.statements]
    counts = {name: sum(one.reading == name for one in every) for name in ("holds", "corrected", "removed", "")}
    yield "## Every sourced statement, and its second reading"
    yield ""
    yield (
        f"{len(every)} statements: {counts['holds']} hold, {counts['corrected']} were corrected, "
        f"{counts['removed']} were removed, {counts['']} were {NOBODY}. A second reader opened the source anew "
        "and compared it with the statement."
    )
    for code, package in sorted(packages.items()):
        if package.stated is None:
            continue
        sources = {source.id: source for source in package.sources}
        yield ""
        yield f"### {package.title['en']} ({code})"
        yield ""
        yield "| Lesson | Statement | Source | Sure | Second reading |"
        yield "|---|---|---|---|---|"
        for one in package.stated.statements:
            source = f"{sources[one.source].title['zh']}，{one.place}"
            yield f"| {one.lesson} | {_cell(one.says)} | {_cell(source)} | {one.certainty} | {_verdict(one)} |"


def _verdict(one: Statement) -> str:
    if not one.reading:
        return NOBODY
    note = f": {_cell(one.note)}" if one.note else ""
    return f"{one.reading}, {one.read_on}{note}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
