"""Whether somebody is named as the clinical reviewer of what she wrote herself."""

import re
from collections.abc import Collection
from uuid import UUID

from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.package import Package
from lms.courses.packages.problem import Problem
from lms.kernel.text import folded, msg
from lms.people import queries as people

_APART = re.compile(r"[\s,，、;；:：/()（）]+")


def own_work_problems(package: Package, writer_ids: Collection[UUID]) -> list[Problem]:
    """An error where `reviewer` names one of those who wrote; one statement at most."""
    if not package.reviewed or not writer_ids:
        return []
    named = set(_APART.split(folded(package.reviewer))) | {folded(package.reviewer)}
    return [
        Problem(COURSE_FILE, 0, msg("临床审核人 {name} 自己写过这份稿，要请另一位来审", name=card.name))
        for card in people.cards(set(writer_ids)).values()
        if folded(card.name) in named
    ]
