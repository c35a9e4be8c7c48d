"""A web page by itself, saved as a file or pasted: headings begin lessons."""

import re
from html import unescape

from lms.courses.imports.brought import Brought, Losses, refuse
from lms.courses.imports.cutting import cut, require_count, title_of, written
from lms.courses.imports.page import Writer
from lms.courses.imports.page_tree import text_in, tree_of
from lms.courses.imports.pictures import Pictures
from lms.kernel.text import msg

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,400})<", re.IGNORECASE)


def read(data: bytes, file: str, title: str) -> Brought:
    """What a page brings. Raises BadPackageError."""
    brought = Brought("page", title)
    losses: Losses = brought.losses
    pictures = Pictures(brought.media, losses)

    def picture(address: str) -> str | None:
        if address.strip().lower().startswith("data:"):
            return pictures.add_data(address, file)
        losses.add(msg("图片不在文件里，没有带来：{name}", name=address[:80]), file)
        return None

    html = text_in(data, file, losses)
    said = _TITLE.search(html[:20_000])
    blocks = Writer(file, losses, picture).write(tree_of(html, file, losses))
    brought.title, lessons = cut(blocks, (title_of(unescape(said[1])) if said else "") or title)
    for name, part in lessons:
        brought.lessons += written(name, part, losses, file)
    if not any(lesson.body for lesson in brought.lessons):
        raise refuse(msg("文档里没有文字"), file)
    require_count(brought.lessons)
    return brought
