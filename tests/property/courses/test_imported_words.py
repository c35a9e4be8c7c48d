"""Words of a page that becomes Markdown: whatever they are, the lesson shows the same words and nothing else."""

import re
from html import escape, unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.courses.imports.brought import Losses
from lms.courses.imports.page import Writer
from lms.courses.imports.page_tree import tree_of
from lms.courses.packages.markdown import Page, render

PIECES = (
    *("*", "**", "_", "[", "](", "[^a]", "<b>", "&lt;", "|", "\\", "`"),
    *("# ", "1. ", "- ", "> ", ":::", "字", "a ", "+++", "~~"),
)
words = st.lists(st.sampled_from(PIECES) | st.text(st.characters(codec="utf-8"), max_size=5), max_size=8).map("".join)
marks = st.sampled_from(("", "b", "i", "a href='https://example.org/x'"))
runs = st.lists(st.tuples(words, marks), min_size=1, max_size=5)


def shown(html: str) -> str:
    return re.sub(r"[\W_]", "", unescape(re.sub(r"<[^>]*>", "", html)))


@settings(max_examples=150, deadline=None)
@given(runs)
def test_a_lesson_shows_the_same_words(found: list[tuple[str, str]]) -> None:
    page = "".join(
        f"<{mark}>{escape(text)}</{mark.split()[0]}>" if mark else escape(text) for text, mark in found
    )
    losses = Losses()
    blocks = Writer("a.html", losses, lambda address: None).write(tree_of(f"<p>{page}</p>", "a.html", losses))
    html = "".join(render(block.text, Page(lambda address: None, "表", "依据")) for block in blocks)
    assert shown(html) == shown(escape("".join(text for text, _ in found)))
    assert not re.search(r"<(?!/?(?:p|strong|em|a|br)\b)", html), html
