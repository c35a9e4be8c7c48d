"""How lessons name media: the line that shows one, and which lessons show which."""

import re
from dataclasses import dataclass
from uuid import UUID

from lms.courses.packages import pictures
from lms.courses.packages.lesson_files import FILE
from lms.courses.writing.files import tree_of
from lms.courses.writing.lessons import lessons_of
from lms.kernel.text import nfc

MOST_SAID = 300
_WIDE = str.maketrans({"[": "［", "]": "］", "\\": "＼", '"': "”"})
_SHOWN = re.compile(r"!\[([^\]\n]{0,1000})\]\(media/([A-Za-z0-9._-]{1,100})")


@dataclass(frozen=True)
class Use:
    """A lesson that shows a file, in one language, and the words that stand for it there."""

    lesson: str
    slug: str
    language: str
    said: str


def line_of(name: str, said: str, caption: str = "") -> str:
    """The line of Markdown that shows a file."""
    words, below = _plain(said), _plain(caption)
    return f'![{words}](media/{name} "{below}")' if below else f"![{words}](media/{name})"


def _plain(text: str) -> str:
    """Words without what would end them: brackets and quotation marks become their wide sisters."""
    return " ".join(nfc(text).split())[:MOST_SAID].translate(_WIDE)


def uses_of_media(draft_id: UUID) -> dict[str, list[Use]]:
    """By the name that lessons use (without a language): who shows it."""
    titles = {one.slug: one.titles for one in lessons_of(draft_id)}
    found: dict[str, list[Use]] = {}
    for path, data in sorted(tree_of(draft_id).items()):
        match = FILE.fullmatch(path)
        if match is None:
            continue
        for shown in _SHOWN.finditer(data.decode(errors="replace")):
            slug, language = match["slug"], match["language"]
            use = Use(titles.get(slug, {}).get(language) or slug, slug, language, shown[1])
            found.setdefault(pictures.base(shown[2]), []).append(use)
    return found
