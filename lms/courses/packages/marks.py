"""The marks that a template leaves where an author's own words belong: 【待写：…】 and 【To write: …】."""

import re

from lms.courses.packages.problem import Problem
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

MARK = re.compile(r"【(?:待写|To write)[：:][^】\n]{0,200}】?")
_TEXTS = (".toml", ".md")
MOST_SHOWN = 40


def marks(tree: Tree) -> list[Problem]:
    """An error for each line on which a template's mark still stands, in the order of files and lines."""
    found = []
    for path, data in sorted(tree.items()):
        if not path.endswith(_TEXTS):
            continue
        for number, line in enumerate(data.decode(errors="replace").split("\n"), 1):
            match = MARK.search(line)
            if match:
                words = match.group()[:MOST_SHOWN]
                found.append(Problem(path, number, msg("这里还是模板的提示，换成您自己的话：{words}", words=words)))
    return found
