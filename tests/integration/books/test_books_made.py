"""A course as a book: a valid EPUB and a PDF on paper, the same bytes each time, for who may have it."""

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest
from cast import Cast
from course_generator import generated
from course_packages import good_files, tree, zipped
from epub_rules import epub_faults
from flask import Flask
from flask.testing import FlaskClient
from package_round import upload
from pages import forms_of, post_form
from pypdf import PdfReader

from lms.books import epub
from lms.books.imprint import Book, Imprint
from lms.books.pdf.pictures import NotDrawnError, _drawing
from lms.books.pdf.printing import printed
from lms.courses import commands
from lms.courses.packages.checker import load
from lms.courses.packages.tree import Tree, read_folder
from lms.kernel.uow import unit_of_work

CONTENT = Path(__file__).parents[3] / "content" / "courses"
AT = datetime(2026, 11, 1, tzinfo=UTC)
CENTRE = {"zh": "云岭县基层卫生培训中心", "en": "Yunling Training Centre"}


def book(files: Tree, *languages: str, number: int | None = 3) -> Book:
    package = load(files)
    return Book(Imprint(UUID(int=1), number, AT, CENTRE, package.content_hash), package, files, languages)


def words_of(data: bytes) -> str:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return "\n".join(archive.read(name).decode() for name in archive.namelist() if name.endswith((".xhtml", ".opf")))


@pytest.mark.parametrize("slug", sorted(path.name for path in CONTENT.iterdir()))
def test_a_shipped_course_is_a_valid_epub_in_both_languages(slug: str) -> None:
    files = read_folder(CONTENT / slug)
    data = epub.bind(book(files, "zh", "en"))
    assert epub_faults(data) == []
    assert data == epub.bind(book(files, "zh", "en"))
    package, words = load(files), words_of(data)
    for said in ("未经临床审核", "第 3 版", "2026-11-01", package.content_hash, "Edition 3", CENTRE["en"]):
        assert said in words, said
    for source in package.sources:
        assert re.sub("&", "&amp;", source.title["zh"]) in words
    archive = zipfile.ZipFile(io.BytesIO(data))
    shown = {one.sha for one in package.media}
    kept = {name.split("/")[-1].split(".")[0] for name in archive.namelist() if "/media/" in name}
    assert kept == shown


def test_exam_questions_stay_out_and_self_checks_come_with_their_answers() -> None:
    files = read_folder(CONTENT / "diabetes")
    archive = zipfile.ZipFile(io.BytesIO(epub.bind(book(files, "zh"))))
    pages = [archive.read(name) for name in archive.namelist() if name.endswith(".xhtml")]
    words = "\n".join("".join(ElementTree.fromstring(page).itertext()) for page in pages)
    for item in load(files).items:
        assert (item.stem["zh"] in words) == (item.use == "check"), item.code
        assert (item.explanation["zh"] in words) == (item.use == "check"), item.code


def test_odd_courses_are_valid_epubs_and_can_be_printed() -> None:
    for seed in range(8):
        data = epub.bind(book(generated(seed), "zh", "en", number=None))
        assert epub_faults(data) == [], seed
    assert len(PdfReader(io.BytesIO(printed(book(generated(3), "zh", "en")))).pages) > 4


def test_the_rules_find_what_is_wrong() -> None:
    """The judge himself: a book spoiled in six ways is refused in each."""
    good = epub.bind(book(tree(good_files()), "zh"))
    assert epub_faults(good) == []
    archive = zipfile.ZipFile(io.BytesIO(good))
    files = {name: archive.read(name) for name in archive.namelist()}
    one = "EPUB/zh-01.xhtml"
    spoiled = (
        {**files, one: files[one].replace(b'alt="', b'title="')},
        {**files, one: files[one].replace(b'href="#s1"', b'href="#s9"')},
        {**files, one: files[one].replace(b"</h1>", b"")},
        {**files, one: files[one].replace(b"<p", b'<p onclick="x"', 1)},
        {name: data for name, data in files.items() if "media/" not in name},
        dict(reversed(files.items())),
    )
    for given in spoiled:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as again:
            for name, data in given.items():
                again.writestr(name, data)
        assert epub_faults(out.getvalue()) != []


def test_a_printed_course_says_who_answers_for_it_and_cuts_nothing() -> None:
    files = dict(tree(good_files()))
    rows = "\n".join(f"| 第{number}行 | {'很长的话' * (200 if number == 3 else 3)} |" for number in range(60))
    path = "lessons/01-part-1.zh.md"
    box = "::: key 记住\n" + "\n".join(f"- 要点{number}" for number in range(90)) + "\n:::"
    files[path] += f"\n| 甲 | 乙 |\n|---|---|\n{rows}\n\n{box}\n".encode()
    data = printed(book(files, "zh"))
    assert data == printed(book(files, "zh"))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    text = "\n".join(pages)
    for number in range(60):
        assert f"第{number}行" in text
    for number in range(90):
        assert f"要点{number}" in text
    assert text.count("很") == 59 * 3 + 200
    fingerprint = load(files).content_hash[:16]
    for number, page in enumerate(pages, 1):
        assert fingerprint in page
        assert "第 3 版" in page
        assert "未经临床审核" in page
        assert str(number) in page
    assert "量准血压" in text
    fonts = re.findall(rb"/FontFile2 \d+ 0 R", data)
    assert fonts, "the typeface is not inside"


FOOT = 3
"""Lines that every page begins with when it is read: what and which edition, the page's number, the fingerprint."""


def lines_of(data: bytes) -> list[list[str]]:
    pages = [page.extract_text().split("\n") for page in PdfReader(io.BytesIO(data)).pages]
    return [[line.strip() for line in page if line.strip()][FOOT:] for page in pages]


def test_no_heading_stands_alone_at_a_foot_and_no_self_check_is_cut() -> None:
    files = read_folder(CONTENT / "hypertension")
    package = load(files)
    for language, sources, check, answer in (
        ("zh", "本课依据", "自测 ", "答案："),
        ("en", "Sources of this lesson", "Self-check ", "Answer: "),
    ):
        text = "\n".join(one.texts[language].body for one in package.lessons)
        heads = {re.sub(r"\*", "", line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
        seen: list[str] = []
        for page in lines_of(printed(book(files, language)))[2:]:
            assert page[-1] not in heads | {sources}, page[-1]
            assert sum(one.startswith(check) for one in page) == sum(one.startswith(answer) for one in page), page
            seen += page
        assert seen.count(sources) == len(package.lessons)
        assert sum(one.startswith(check) for one in seen) == sum(item.use == "check" for item in package.items)
        assert len(heads & set(seen)) > 20


def test_a_quotation_that_begins_with_two_long_paragraphs_is_printed() -> None:
    files = dict(tree(good_files()))
    path = "lessons/01-part-1.zh.md"
    files[path] += f"\n> {'长' * 1100}\n>\n> {'久' * 1100}\n".encode()
    text = "".join(line for page in lines_of(printed(book(files, "zh"))) for line in page)
    assert (text.count("长"), text.count("久")) == (1100, 1100)


@pytest.mark.parametrize("length", [300, 620, 980])
def test_a_self_check_longer_than_a_page_goes_on_and_loses_nothing(length: int) -> None:
    files = dict(tree(good_files()))
    checks = files["items/checks.toml"].decode()
    files["items/checks.toml"] = re.sub(r'(zh = "[^"]*)"', rf'\1{"长" * length}"', checks).encode()
    long = checks.count("zh = ")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(book(files, "zh")))).pages)
    # The right option is said twice: among the options and as the answer.
    assert text.count("长") == (long + checks.count("stem = ")) * length


def test_a_drawing_that_cannot_be_drawn_is_told_in_words() -> None:
    files = dict(tree(good_files()))
    space = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"'
    for inside in ('<use href="#a"/>', '<path d="M0 0 L"/>', '<rect width="x"/>', f"{5000 * '<g>'}{5000 * '</g>'}"):
        with pytest.raises(NotDrawnError):
            _drawing(f"<svg {space}>{inside}</svg>".encode(), None)  # type: ignore[arg-type]
    files["media/flow.svg"] = f'<svg {space}><defs><path id="a" d="M0 0"/></defs><use href="#a"/></svg>'.encode()
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(book(files, "zh")))).pages)
    assert "这张图印不出来" in text
    assert "流程" in text


@pytest.fixture
def learner(app: Flask, cast: Cast, sign_in, tmp_path: Path) -> tuple[FlaskClient, str]:
    """Somebody inside a course, and the address of her books."""
    for path, data in tree(good_files()).items():
        (tmp_path / "sample" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sample" / path).write_bytes(data)
    with app.app_context(), unit_of_work():
        commands.publish_folder(tmp_path / "sample")
    with app.app_context(), unit_of_work():
        enrolment_id = commands.enrol(cast.learner.actor, "sample")
    return sign_in(app.test_client(), cast.learner), f"/books/{enrolment_id}"


def test_a_learner_asks_waits_sees_the_size_and_downloads(
    app: Flask, cast: Cast, learner: tuple[FlaskClient, str], work_off, sign_in
) -> None:
    client, address = learner
    assert address in client.get("/courses/sample").text
    assert client.get(f"{address}/zh.epub").status_code == 404
    for name in ("zh.epub", "zh.pdf"):
        form = next(one for one in forms_of(client.get(address).text) if ("book", name) in one["buttons"])
        for _ in range(2):
            answer = client.post(address, data={**dict(form["fields"]), "book": name})
            assert answer.location == address
        assert "正在做" in client.get(address).text
        work_off(app)
        data = client.get(f"{address}/{name}")
        assert data.status_code == 200
        assert f"{len(data.data) // 1000} kB" in client.get(address).text
        assert f"sample-1-{name.replace('.', '.')}" in data.headers["Content-Disposition"]
    assert epub_faults(client.get(f"{address}/zh.epub").data) == []
    colleague = sign_in(app.test_client(), cast.colleague)
    for path in ("", "/zh.epub"):
        assert colleague.get(address + path).status_code == 404
    for name in ("fr.epub", "zh.exe", "zh", "../zh.epub"):
        assert client.get(f"{address}/{name}").status_code == 404


def test_a_draft_is_made_anew_after_it_was_changed(app: Flask, cast: Cast, sign_in, work_off) -> None:
    author = sign_in(app.test_client(), cast.author)
    draft = upload(author, zipped(good_files()))
    post_form(author, draft, action="/write")

    def made() -> bytes:
        post_form(author, f"{draft}/books", {"book": "zh.epub"}, action="/books")
        work_off(app)
        return author.get(f"{draft}/books/zh.epub").data

    first = made()
    assert epub_faults(first) == []
    assert "草稿" in words_of(first)
    post_form(author, draft, {"title": "再看一课"}, action="/lessons")
    assert author.get(f"{draft}/books/zh.epub").status_code == 404
    assert "再看一课" in words_of(made())


def test_the_shell_makes_a_book(app: Flask, learner: tuple[FlaskClient, str], tmp_path: Path) -> None:
    path = tmp_path / "out.epub"
    args = ["books", "make", "sample", str(path), "--form", "epub", "--language", "both"]
    told = app.test_cli_runner().invoke(args=args)
    assert told.exit_code == 0, told.output
    assert epub_faults(path.read_bytes()) == []
    assert app.test_cli_runner().invoke(args=["books", "make", "nowhere", str(path), "--form", "pdf"]).exit_code == 1
