"""What the pages of a course's settings ask: each field's place in course.toml, how it is shown and read. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lms.courses.packages.course_file import CODE, DRAW_HIGH, NAME
from lms.courses.packages.package import AUDIENCES, CERTAINTIES, NO_REVIEWER, SHOW_ANSWERS, SUBJECTS
from lms.courses.writing.toml_blocks import Name, Toml
from lms.kernel.text import Message, msg, nfc

MOST_ROWS = 60
URL = r"https?://[^\s<>\"']{3,500}"
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class WrongError(ValueError):
    """What was typed cannot be; says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a page asks. `read` raises WrongError; it gives None for what course.toml then does not say."""

    name: str
    path: Name
    read: Callable[[str], Toml | None]
    show: Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Things of a kind, one below the other; `said`: a row in which all these are empty is none."""

    name: str
    table: Name
    fields: tuple[Field, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a course's settings. `table`: what its single fields belong to."""

    name: str
    table: Name = ()
    fields: tuple[Field, ...] = ()
    lists: tuple[Rows, ...] = ()


Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Values:
    """What a page shows, every value as a form sends it. `on`: whether there is such a table at all."""

    cells: Cells = field(default_factory=dict)
    rows: Mapping[str, Sequence[Cells]] = field(default_factory=dict)
    on: bool = True


def cleaned(typed: str) -> str:
    """A text as it is kept: NFC, Unix line ends, no invisible signs (with which the checker reads no file)."""
    return nfc(_HIDDEN.sub("", typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")))


def on_one_line(typed: str) -> str:
    """The same without line ends."""
    return cleaned(typed).replace("\n", " ")


def narrow(typed: str) -> str:
    """Numbers and names as they are on a Latin keyboard."""
    return unicodedata.normalize("NFKC", on_one_line(typed)).strip()


def _shown(value: object) -> str:
    return on_one_line(value) if isinstance(value, str) else ""


def _shown_lines(value: object) -> str:
    return cleaned(value) if isinstance(value, str) else ""


def _shown_number(value: object) -> str:
    return on_one_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _words(name: str, key: str, most: int, *, lines: bool = False) -> tuple[Field, Field]:
    """A text in both languages; English may be twice as long. Either may be empty while the course is written."""

    def reader(limit: int) -> Callable[[str], str]:
        def read(typed: str) -> str:
            if len(typed) > limit:
                raise WrongError(msg("最多 {most} 个字。", most=limit))
            return typed

        return read

    show = _shown_lines if lines else _shown
    prefix = f"{name}_" if name else ""
    return (
        Field(f"{prefix}zh", (key, "zh"), reader(most), show),
        Field(f"{prefix}en", (key, "en"), reader(2 * most), show),
    )


def _name(name: str, pattern: str, most: int, said: Message) -> Field:
    def read(typed: str) -> str:
        if not re.fullmatch(pattern, typed) or len(typed) > most:
            raise WrongError(said)
        return typed

    return Field(name, (name,), read, _shown)


def _choice(name: str, allowed: Sequence[str]) -> Field:
    def read(typed: str) -> str:
        if typed not in allowed:
            raise WrongError(msg("请从列出的几项里选一项。"))
        return typed

    return Field(name, (name,), read, _shown)


def _number(name: str, low: int, high: int, *, needed: bool = True) -> Field:
    def read(typed: str) -> int | None:
        if not typed and not needed:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", typed) or not low <= int(typed) <= high:
            raise WrongError(msg("请填 {low} 到 {high} 之间的整数。", low=low, high=high))
        return int(typed)

    return Field(name, (name,), read, _shown_number)


def _hours(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", typed) or not Decimal("0.5") <= Decimal(typed) <= 60:
        raise WrongError(msg("请填 0.5 到 60 之间的数，最多三位小数。"))
    return typed


def _day(typed: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        raise WrongError(msg("日期的样子是 2026-11-21。"))
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise WrongError(msg("日期的样子是 2026-11-21。")) from None


def _shown_day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else ""


def _reviewer(typed: str) -> str:
    if len(typed) > 120:
        raise WrongError(msg("最多 {most} 个字。", most=120))
    return typed or NO_REVIEWER


def _shown_reviewer(value: object) -> str:
    return "" if value == NO_REVIEWER else _shown(value)


def _shown_list(value: object) -> str:
    found = value if isinstance(value, list) else []
    return " ".join(dict.fromkeys(_shown(one) for one in found if isinstance(one, str) and one.strip()))


def _audience(typed: str) -> list[str]:
    chosen = typed.split()
    if not chosen:
        raise WrongError(msg("至少选一类学员。"))
    if set(chosen) - set(AUDIENCES):
        raise WrongError(msg("请从列出的几项里选一项。"))
    return chosen


def _codes(typed: str) -> list[str]:
    codes = list(dict.fromkeys(typed.split()))
    if any(not re.fullmatch(CODE, one) for one in codes):
        raise WrongError(msg("课程代码是大写字母、数字和短横，例如 XL-T2D。"))
    return codes


def _url(typed: str) -> str | None:
    if typed and not re.fullmatch(URL, typed):
        raise WrongError(msg("网址要以 http:// 或 https:// 开头，中间没有空格。"))
    return typed or None


ID = Field("id", ("id",), str, _shown)
PAGES: dict[str, Page] = {
    "course": Page("course", (), (
        *_words("title", "title", 60),
        *_words("summary", "summary", 400, lines=True),
        _choice("subject", SUBJECTS),
        Field("audience", ("audience",), _audience, _shown_list),
        Field("hours", ("hours",), _hours, _shown_number),
        Field("reviewer", ("reviewer",), _reviewer, _shown_reviewer),
        Field("review_by", ("review_by",), _day, _shown_day),
        Field("prerequisites", ("prerequisites",), _codes, _shown_list),
        _name("code", CODE, 30, msg("大写字母、数字和短横，3 到 30 个。")),
        _name("slug", NAME, 60, msg("小写字母、数字和短横，最多 60 个。")),
    )),
    "goals": Page("goals", lists=(
        Rows("objectives", ("objectives",), (ID, *_words("", "text", 200)), ("zh", "en")),
        Rows("topics", ("topics",), (ID, *_words("", "title", 60)), ("zh", "en")),
    )),
    "sources": Page("sources", lists=(
        Rows("sources", ("sources",), (
            ID, *_words("title", "title", 200), *_words("issuer", "issuer", 200), *_words("section", "section", 300),
            _number("year", 1949, 2100, needed=False), Field("url", ("url",), _url, _shown),
            _choice("certainty", CERTAINTIES),
        ), ("title_zh", "title_en", "issuer_zh", "issuer_en", "section_zh", "section_en", "year", "url")),
    )),
    "terms": Page("terms", lists=(
        Rows("terms", ("terms",), (ID, *_words("word", "word", 40), *_words("meaning", "meaning", 300)),
             ("word_zh", "word_en", "meaning_zh", "meaning_en")),
    )),
    "exam": Page("exam", ("assessment",), (
        *_words("title", "title", 60),
        _number("minutes", 5, 240), _number("pass_mark", 1, 100), _number("attempts", 1, 10),
        _number("cooldown_minutes", 0, 60 * 24 * 30), _choice("show_answers", SHOW_ANSWERS),
    ), (
        Rows("draw", ("assessment", "draw"), (
            Field("topic", ("topic",), str, _shown), _number("difficulty", 1, 3, needed=False),
            _number("count", 1, DRAW_HIGH),
        ), ("count",)),
    )),
}  # fmt: skip
LATIN = frozenset({"hours", "prerequisites", "code", "slug", "year", "url", "minutes", "pass_mark", "attempts",
                   "cooldown_minutes", "count", "review_by"})  # fmt: skip
LINES = frozenset({"summary_zh", "summary_en"})


def typed_cell(name: str, typed: str) -> str:
    """A cell as it is compared with what was shown."""
    if name == "prerequisites":
        return " ".join(re.split(r"[\s,;、，；]+", narrow(typed).upper())).strip()
    if name in LATIN:
        return narrow(typed)
    return cleaned(typed) if name in LINES else on_one_line(typed)
