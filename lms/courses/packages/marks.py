"""The marks that a template leaves where an author's own words belong: 【待写：…】 and 【To write: …】."""

import re

from lms.courses.packages.problem import Problem
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

MARK = re.compile(r"【(?:待写|To write)[：:][^】\n]{0,200}】?")
_TEXTS = (".toml", ".md")


def marks(tree: Tree) -> list[Problem]:
    """An error for each file in which a template's marks still stand: how many, at the line of the first."""
    found = []
    for path, data in sorted(tree.items()):
        text = data.decode(errors="replace") if path.endswith(_TEXTS) else ""
        hits = list(MARK.finditer(text))
        if hits:
            line = text.count("\n", 0, hits[0].start()) + 1
            found.append(Problem(path, line, msg("还有 {count} 处“待写”没有换成您自己的话", count=len(hits))))
    return found
