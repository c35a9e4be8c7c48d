"""A self-check on a lesson page: the question, or her answer opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.courses import editions
from lms.courses.editions import ONE_ORDER
from lms.courses.learning import CheckState
from lms.courses.packages.package import Package
from lms.items.base import BadResponse, Explained, Presented
from lms.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class CheckView:
    """What the template needs of one self-check. `explained` is there once it is answered."""

    code: str
    number: int
    shown: Presented
    explained: Explained | None
    answer_id: UUID | None


def views(
    package_hash: str,
    package: Package,
    codes: Sequence[str],
    states: Mapping[str, CheckState],
    language: str,
    again: str = "",
) -> dict[str, CheckView]:
    """The self-checks of a lesson by code; `again` is one that she wants to answer once more."""
    found = {}
    for number, code in enumerate(codes, 1):
        item = package.item(code)
        if item is None:
            continue
        state = None if code == again else states.get(code)
        explained = None
        if state is not None:
            explained = item.explain(language, item.shuffled(ONE_ORDER), state.response)
        found[code] = CheckView(
            code=code,
            number=number,
            shown=editions.presented(package_hash, item, language),
            explained=explained,
            answer_id=None if state else new_id(),
        )
    return found


def tried(package: Package, code: str, values: Mapping[str, Sequence[str]]) -> dict[str, CheckState]:
    """The state of a self-check answered in a preview, which keeps nothing."""
    item = package.item(code)
    if item is None:
        return {}
    try:
        response = item.read(item.shuffled(ONE_ORDER), values)
    except BadResponse:
        return {}
    if response is None or response == []:
        return {}
    return {code: CheckState(response, item.score(response) == 1)}
