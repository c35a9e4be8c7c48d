"""Words that are translated where they are shown, not where they are written.

Rules, commands and errors speak in messages; the edge (page, shell, PDF) turns a message into a
sentence of the reader's language. Pure: no Flask, no catalogue.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

COMMA = "、"
"""Between the words of a list that fills a gap."""


@dataclass(frozen=True)
class Message:
    """A Chinese source sentence with named gaps (`{name}`), and what fills them: a list is read out word for word."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def filled(self, sentence: str) -> str:
        """Fill `sentence` (the msgid or its translation) with the parameters."""
        params = {name: _plain(value) for name, value in self.params.items()}
        return sentence.format_map(params) if params else sentence

    def __str__(self) -> str:
        return self.filled(self.msgid)

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted((k, str(v)) for k, v in self.params.items()))))


def _plain(value: object) -> object:
    return COMMA.join(str(one) for one in value) if isinstance(value, list | tuple) else value


def msg(msgid: str, /, **params: object) -> Message:
    """A message to be translated at the edge; the extraction tool looks for this name."""
    return Message(msgid, params)


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext tools know
    """Mark a sentence for translation without making a message of it."""
    return msgid


def nfc(text: str) -> str:
    """Canonical text as it is stored: NFC, outer white space gone; rare characters stay as they are."""
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """Text as search sees it: compatibility forms, case and white space folded. Never an identity."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
