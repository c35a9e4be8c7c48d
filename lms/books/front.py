"""The pages before and behind the lessons, in words: what the course is, who answers for it, what it rests on."""

from lms.books.imprint import Book
from lms.books.shape import said
from lms.courses.packages.package import Source
from lms.kernel import clock
from lms.kernel.i18n import long_date, translate
from lms.kernel.quantities import format_hours
from lms.kernel.text import Message, msg


def edition(book: Book, language: str) -> str:
    """Which edition this is."""
    number = book.imprint.number
    text: Message = msg("草稿") if number is None else msg("第 {number} 版", number=number)
    return translate(text, language)


def review(book: Book, language: str) -> str:
    """Who checked it clinically, or that nobody did."""
    if book.package.reviewed:
        return said(book.package.reviewer)
    return translate(msg("演示内容，未经临床审核"), language)


def facts(book: Book, language: str) -> list[tuple[str, str]]:
    """The imprint, line by line."""
    at = clock.local(book.imprint.at).date()
    rows = (
        (msg("编写"), said(book.imprint.centre[language])),
        (msg("版本"), edition(book, language)),
        (msg("日期"), long_date(at, language)),
        (msg("临床审核"), review(book, language)),
        (msg("下次复核"), long_date(book.package.review_by, language)),
        (msg("编号"), said(book.package.code)),
        (msg("学时"), format_hours(book.package.hours)),
        (msg("内容指纹"), book.imprint.content_hash),
    )
    return [(translate(name, language), value) for name, value in rows]


def source(one: Source, language: str) -> str:
    """A source in one line."""
    parts = (one.title[language], one.issuer[language], str(one.year), one.section[language])
    read = msg("读自原文") if one.certainty == "official" else msg("读自转载")
    comma = translate(msg("，"), language)
    return said(comma.join(part for part in (*parts, translate(read, language)) if part))
