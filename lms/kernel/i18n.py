"""Two languages: Chinese is the source, English a complete catalogue.

Chinese sentences are the message ids, so Chinese needs no look-up; English is read once from
`translations/en/*.po`, one file a feature. Each language has a template environment of its own, so a
page pays nothing for choosing (ADR 0010).
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from lms.kernel.text import COMMA, Message

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
CATALOGUES = Path(__file__).parent.parent / "translations"

_language: ContextVar[str] = ContextVar("language", default="zh")


class Catalogue:
    """Sentences of one language by their Chinese source; a missing one stays Chinese."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.single: dict[str, str] = {}
        self.plural: dict[str, tuple[str, str]] = {}
        for path in sorted((CATALOGUES / language).glob("*.po")):
            with path.open("rb") as file:
                for entry in read_po(file, locale=language):
                    self._add(entry.id, entry.string)

    def _add(self, msgid: Any, string: Any) -> None:
        if isinstance(msgid, (tuple, list)):
            forms = tuple(string) if isinstance(string, (tuple, list)) else (string, string)
            if all(forms):
                self.plural[msgid[0]] = (forms[0], forms[-1])
        elif msgid and string:
            self.single[msgid] = string

    def gettext(self, sentence: str) -> str:
        """The sentence in this language."""
        return self.single.get(sentence, sentence)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The sentence for a count; Chinese has one form, English two."""
        forms = self.plural.get(one)
        if forms is None:
            return many
        return forms[0] if count == 1 else forms[1]


@lru_cache(maxsize=4)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, read once a process."""
    return Catalogue(language)


def locale() -> str:
    """The language spoken here and now: "zh" or "en"."""
    return _language.get()


def speak(language: str) -> None:
    """Speak this language for the rest of the request, task or command; unknown ones are Chinese."""
    _language.set(language if language in LANGUAGES else "zh")


def translate(text: Message | str, language: str | None = None) -> str:
    """A message in the language of the reader; messages, dates, bilingual texts and lists within it too."""
    language = language or locale()
    words = catalogue(language)
    if isinstance(text, str):
        return words.gettext(text)
    if not text.params:
        return words.gettext(text.msgid)
    params = {name: _shown(value, language) for name, value in text.params.items()}
    return words.gettext(text.msgid).format_map(params)


def _shown(value: object, language: str) -> object:
    if isinstance(value, Message):
        return translate(value, language)
    if isinstance(value, Mapping):
        return in_locale(value, language)
    if isinstance(value, date):
        return long_date(value, language)
    if isinstance(value, list | tuple):
        return translate(COMMA, language).join(str(_shown(one, language)) for one in value)
    return value


def in_locale(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """The reader's language out of {"zh": …, "en": …}; the other one rather than nothing."""
    if not texts:
        return ""
    return texts.get(language or locale()) or texts.get("zh") or next(iter(texts.values()))


def long_date(day: date, language: str | None = None) -> str:
    """A civil date in words: 2026年11月21日 / 21 November 2026."""
    if (language or locale()) == "en":
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def short_date(day: date, language: str | None = None) -> str:
    """A civil date of this year: 11月21日 / 21 Nov."""
    if (language or locale()) == "en":
        return f"{day.day} {day:%b}"
    return f"{day.month}月{day.day}日"
