"""What a file brought as the files of a draft, in the language in which it is written; the other one is empty. Pure."""

from dataclasses import replace

from lms.courses.imports.brought import LINKS, Brought, Lesson
from lms.courses.imports.questions import turned
from lms.courses.packages import front
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.lesson_files import MAX_MINUTES
from lms.courses.packages.package import LANGUAGES
from lms.courses.packages.reading_time import length_of
from lms.courses.packages.recording import record_text
from lms.courses.packages.tree import Tree
from lms.courses.writing.item_tables import next_code, written
from lms.courses.writing.lessons import free_name, name_for_addresses
from lms.courses.writing.questions import MOST_IN_FILE
from lms.courses.writing.toml_text import list_of, text_of, words_of


def tree_of(brought: Brought, language: str, course_file: str, code: str) -> Tree:
    """The files; `course_file` is a course.toml to go on with, `code` the course's own."""
    tree: dict[str, bytes] = {COURSE_FILE: (course_file + _tables(brought, language)).encode()}
    taken: set[str] = set()
    for number, lesson in enumerate(brought.lessons, 1):
        if lesson.title == LINKS["zh"]:
            lesson = replace(lesson, title=LINKS[language])
        name = name_for_addresses(lesson.title) if language == "en" else ""
        slug = free_name(name or f"lesson-{number}", taken)
        taken.add(slug)
        for one in LANGUAGES:
            said = lesson if one == language else Lesson("", "", lesson.notes)
            tree[f"lessons/{number:02d}-{slug}.{one}.md"] = _lesson(said, _minutes(lesson)).encode()
    for name, data in brought.media.items():
        tree[f"media/{name}"] = data
    for recording in brought.recordings:
        tree[f"media/{recording.name}.toml"] = record_text(recording).encode()
    return tree | _questions(brought, language, code)


def _minutes(lesson: Lesson) -> int:
    """What a lesson takes is only proposed, by the measure of the checker."""
    return min(length_of(lesson.body).minutes, MAX_MINUTES)


def _lesson(lesson: Lesson, minutes: int) -> str:
    said = (
        f"title = {text_of(lesson.title)}\nminutes = {minutes}\nobjectives = []\nsources = {list_of(lesson.notes)}\n"
    )
    return front.joined(said, lesson.body)


def _tables(brought: Brought, language: str) -> str:
    """Topics of the questions, and footnotes as sources: what only the author knows is empty."""

    def words(text: str) -> str:
        return words_of({one: text if one == language else "" for one in LANGUAGES})

    topics = [f"\n[[topics]]\nid = {text_of(name)}\ntitle = {words(title)}\n" for name, title in brought.topics.items()]
    sources = [
        f"\n[[sources]]\nid = {text_of(note.id)}\ntitle = {words(note.text)}\nissuer = {words('')}\n"
        f"section = {words('')}\n"
        for note in brought.notes
    ]
    return "".join([*topics, *sources])


def _questions(brought: Brought, language: str, code: str) -> dict[str, bytes]:
    """Files of questions, none longer than can be opened as text."""
    texts, codes = [""], set[str]()
    for table in brought.items:
        new = next_code(codes, code, str(table["use"]))
        codes.add(new)
        text = written({**turned(table, language), "code": new})
        if texts[-1] and len(texts[-1]) + len(text) > MOST_IN_FILE:
            texts.append("")
        texts[-1] += ("\n" if texts[-1] else "") + text
    names = ["items/questions.toml", *(f"items/questions-{number}.toml" for number in range(2, len(texts) + 1))]
    return {name: text.encode() for name, text in zip(names, texts, strict=True) if text}
