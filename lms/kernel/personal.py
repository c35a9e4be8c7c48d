"""What each feature keeps of people, said by the feature itself: what she gets a copy of, what keeps an account from
being closed, what happens to it when it is closed and when it is erased. `app.py` gathers the keepers.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Table, or_, select
from sqlalchemy.sql import Select

from lms.kernel import files, outbox
from lms.kernel.db import Model, session
from lms.kernel.ids import new_id
from lms.kernel.text import Message

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """A table of which a person gets her rows. They are hers by one of the columns `by`, which hold her id, or
    (`parent`) through a row of another told table. `left_out`: columns that are not hers to have. `opened`: sealed
    columns, with what opens them."""

    title: str
    by: tuple[str, ...] = ("person_id",)
    parent: tuple[str, str] | None = None
    left_out: tuple[str, ...] = ()
    opened: Mapping[str, Callable[[bytes | None], Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A stored file of hers: its name in the copy, its name in the store."""

    name: str
    sha: str


def nothing(person_id: UUID) -> None:
    """For a feature that has nothing to do."""


def none(person_id: UUID) -> Sequence[Any]:
    """For a feature that has nothing to say."""
    return ()


def unused(names: Collection[str]) -> Collection[str]:
    """For a feature whose stored files are each of one person's alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Keeper:
    """A feature as a keeper of personal data. `blocks`: what must be settled before she may leave. `weight`: the
    last year in which something of hers has legal weight, None without any. `close`: take her name out of what is
    shown; `erase`: remove what names her. Both run in the caller's transaction and may be done twice. `uses`: which
    of these stored files something still needs: the same content handed in twice is one file."""

    told: Mapping[str, Told]
    withheld: Mapping[str, str]
    files: Callable[[UUID], Iterable[OwnFile]] = none
    blocks: Callable[[UUID], Sequence[Message]] = none
    weight: Callable[[UUID], int | None] = nothing
    close: Callable[[UUID], None] = nothing
    erase: Callable[[UUID], None] = nothing
    uses: Callable[[Collection[str]], Collection[str]] = unused


KEEPERS: list[Keeper] = []
FORGET = "kernel.forget_files"


def forget_files(person_id: UUID, names: Iterable[str | None]) -> None:
    """Remove stored files of hers, after the commit that says so: a deed that is taken back has lost nothing. What
    something still needs by then stays."""
    wanted = sorted({name for name in names if name})
    if wanted:
        outbox.send(FORGET, key=f"{FORGET}:{person_id}:{new_id()}", names=wanted)


@outbox.task(FORGET)
def forget_stored(names: list[str]) -> None:
    """Remove stored files for good, but for those that something needs now: somebody else may have handed in the
    same since."""
    needed = {name for keeper in KEEPERS for name in keeper.uses(names)}
    for name in names:
        if name not in needed:
            files.forget(name)


def tables_about_people() -> set[str]:
    """Every table that holds somebody's id, and every one that hangs on a told table: each must be told or
    withheld with a reason."""
    found = {
        table.name
        for table in Model.metadata.tables.values()
        if any(key.column.table.name == "person" for key in table.foreign_keys)
        or any(name in table.columns for name in ("person_id", "by"))
    }
    told = {name for keeper in KEEPERS for name in keeper.told}
    hanging = {
        table.name
        for table in Model.metadata.tables.values()
        if any(key.column.table.name in told for key in table.foreign_keys)
    }
    return found | told | hanging | {"person"}


def rows_of(name: str, told: Mapping[str, Told], person_id: UUID) -> Iterable[dict[str, Any]]:
    """Her rows of a table, oldest id first, without what is left out."""
    one, table = told[name], Model.metadata.tables[name]
    columns = [column for column in table.columns if _is_told(one, column.name, column.type)]
    for row in session().execute(select(*columns).where(_hers(name, told, person_id)).order_by(*table.primary_key)):
        yield {
            key.removesuffix("_sealed"): one.opened[key](value) if key in one.opened else value
            for key, value in row._mapping.items()
        }


def _is_told(one: Told, name: str, kind: object) -> bool:
    if name in one.opened:
        return True
    return name not in one.left_out and not isinstance(kind, LargeBinary)


def _hers(name: str, told: Mapping[str, Told], person_id: UUID) -> ColumnElement[bool]:
    one, table = told[name], Model.metadata.tables[name]
    if one.parent is None:
        return or_(*(table.columns[column] == person_id for column in one.by))
    column, above = one.parent
    return table.columns[column].in_(_keys(above, told, person_id))


def _keys(name: str, told: Mapping[str, Told], person_id: UUID) -> Select[Any]:
    table: Table = Model.metadata.tables[name]
    return select(table.columns["id"]).where(_hers(name, told, person_id))


# What the kernel itself keeps.
KEEPER = Keeper(
    told={},
    withheld={
        "audit_trail": "who did what to whom: deeds on others and of others; it names nobody, only ids",
        "outbox": "work on its way; what it carries of her is sealed and told with the thing it is about",
        "sent_message": "messages of a demonstration, sealed; they repeat what was sent to her",
    },
)
