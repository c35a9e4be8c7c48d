"""Words as Markdown spells them: every sign that would mean something else is written so that it means itself. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SIGNS = re.compile(r"[\\*_`\[\]|]")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,32};)")
_FIRST = re.compile(r"(?:[#>+=-]|:::|[0-9]{1,9}(?=[.)](?:\s|$)))")
_LINES = re.compile(r"[^\S\n]*\n\s*")
_WHITE = re.compile(r"[^\S\n\u00a0\u3000]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look the same; with `mark`, the name of a footnote."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""
    mark: bool = False


def run_text(text: str) -> str:
    """Words as they are kept: NFC, nothing that nobody sees."""
    return unicodedata.normalize("NFC", _HIDDEN.sub("", text.replace("\r", " ")))


def plain(text: str) -> str:
    """Words on one line, meaning themselves."""
    # "[^" and "](" would look like a mark or a link to the checker, however they are escaped.
    apart = text.replace("[^", "[ ^").replace("](", "] (")
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", _SIGNS.sub(lambda match: "\\" + match[0], apart)))


def quoted(caption: str) -> str:
    """A caption as the title of a picture; nothing for none."""
    return ' "' + plain(caption).replace('"', '\\"') + '"' if caption else ""


def paragraph(runs: Sequence[Run]) -> str:
    """Runs as one paragraph; a line end is a hard one."""
    parts = [
        (key, "".join(one.text for one in group))
        for key, group in groupby(_spaced(runs), lambda one: (one.bold, one.italic, one.link, one.mark))
    ]
    whole = ""
    for index, ((bold, italic, link, mark), text) in enumerate(parts):
        if mark:
            whole = whole.rstrip(" ") + f"[^{text}]"
            continue
        following = parts[index + 1][1][:1] if index + 1 < len(parts) else ""
        whole += _run(text, bold, italic, link, whole[-1:], following)
    return "\\\n".join(_begun(line.strip()) for line in whole.strip().split("\n") if line.strip())


def _spaced(runs: Sequence[Run]) -> list[Run]:
    """White space as one blank or one line end."""
    found: list[Run] = []
    for one in runs:
        text = one.text if one.mark else _LINES.sub("\n", _WHITE.sub(" ", one.text if one.text == "\n" else
                                                                     one.text.replace("\n", " ")))  # fmt: skip
        if text:
            found.append(Run(text, one.bold, one.italic, one.link, one.mark))
    return found


def _run(text: str, bold: bool, italic: bool, link: str, before: str, after: str) -> str:
    """One run; emphasis only where it would be seen as such, each line by itself."""
    return "\n".join(_line(line, bold, italic, link, before, after) for line in text.split("\n"))


def _line(text: str, bold: bool, italic: bool, link: str, before: str, after: str) -> str:
    inner = text.strip(" \u00a0\u3000\t")
    if not inner:
        return text
    head, tail = text[: text.index(inner[0])], text[len(text.rstrip(" \u00a0\u3000\t")) :]
    shown = plain(inner)
    sign = "**" * bold + "*" * italic
    if sign and _flanked(inner, " " if head else before, " " if tail else after):
        shown = f"{sign}{shown}{sign}"
    if link:
        shown = f"[{shown}]({link})"
    return head + shown + tail


def _flanked(inner: str, before: str, after: str) -> bool:
    """Whether stars beside these letters open and close: a sign inside of them needs a blank or sign outside."""
    opens = inner[0].isalnum() or not before or before.isspace() or not before.isalnum()
    closes = inner[-1].isalnum() or not after or after.isspace() or not after.isalnum()
    return opens and closes and not (before == "*" or after == "*")


def _begun(line: str) -> str:
    """A line whose beginning begins nothing but a paragraph."""
    match = _FIRST.match(line)
    if not match:
        return line
    at = match.end() if match[0][0].isdigit() else 0
    return line[:at] + "\\" + line[at:]
