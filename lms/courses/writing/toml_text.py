"""Values as TOML writes them. Pure."""

from collections.abc import Iterable, Mapping


def text_of(value: str) -> str:
    """A text on one line, in quotes."""
    named = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(named.get(c, c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in value) + '"'


def list_of(values: Iterable[str]) -> str:
    """A list of texts on one line."""
    return "[" + ", ".join(text_of(value) for value in values) + "]"


def words_of(value: Mapping[str, str]) -> str:
    """The same words in every language."""
    return "{ " + ", ".join(f"{language} = {text_of(text)}" for language, text in value.items()) + " }"
