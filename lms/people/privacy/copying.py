"""A copy of everything held of a person, for herself (PIPL article 45): asked for, made feature by feature in steps of
the outbox, sealed at rest, fetched by her alone, gone after some days.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.kernel import audit, clock, files, outbox, vault
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id
from lms.kernel.personal import KEEPERS, Keeper, Told, forget_files, rows_of
from lms.kernel.text import msg
from lms.people.privacy.models import ALIVE, OwnCopy
from lms.people.privacy.telling import Part, index, readme

PURPOSE, STEPS_PURPOSE = "own_copy.file", "own_copy.steps"
STEP = "people.copy_step"
KEPT = timedelta(days=7)
"""How long a copy can be fetched: house practice, short because it holds everything."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A copy to be sent, piece by piece."""

    size: int
    blocks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class CopyCard:
    """A copy in her list."""

    id: UUID
    state: str
    done: int
    parts: int
    size: int
    asked_at: datetime
    expires_at: datetime


def ask(actor: Actor) -> UUID:
    """Begin a copy for the person herself; Conflict while one is there already."""
    assert actor.person_id is not None
    now = clock.now()
    values = {
        "id": new_id(), "person_id": actor.person_id, "state": "waiting", "done": 0, "parts": len(KEEPERS), "size": 0,
        "asked_at": now, "expires_at": now + KEPT,
    }  # fmt: skip
    if not insert_once(OwnCopy, values, on=["person_id"], where=ALIVE):
        raise Conflict(msg("已经有一份副本了。先取那一份，过期以后可以再要。"))
    audit.record(actor, "person.copy_asked", "person", actor.person_id)
    _next(values["id"], 0)
    return UUID(str(values["id"]))


def _next(copy_id: object, number: int) -> None:
    outbox.send(STEP, key=f"copy:{copy_id}:{number}", copy_id=str(copy_id), number=number)


def _made(copy: OwnCopy) -> list[dict[str, Any]]:
    """The parts that are there, in the order of the keepers: where each lies, and its key."""
    made: list[dict[str, Any]] = json.loads(unseal(copy.steps_sealed, STEPS_PURPOSE)) if copy.steps_sealed else []
    return made


def step(copy_id: str, number: int) -> None:
    """Gather what one feature keeps; after the last, put the copy together."""
    copy = session().get(OwnCopy, UUID(copy_id))
    if copy is None:
        return
    made = _made(copy)
    if copy.state != "waiting":
        # It was ended while the step before was at work.
        _end(copy)
        return
    if number < len(KEEPERS):
        with tempfile.TemporaryFile() as plain:
            _gather(plain, KEEPERS[number], copy.person_id)
            made.append(vault.keep(plain))
        copy.done, copy.steps_sealed = number + 1, seal(json.dumps(made), STEPS_PURPOSE)
        session().flush()
        _next(copy_id, number + 1)
        return
    with tempfile.TemporaryFile() as whole:
        _assemble(whole, made, copy.asked_at)
        kept = vault.keep(whole)
    now = clock.now()
    copy.state, copy.ready_at, copy.expires_at, copy.steps_sealed = "ready", now, now + KEPT, None
    copy.size, copy.file_sealed = int(kept["size"]), seal(json.dumps(kept), PURPOSE)
    session().flush()
    forget_files(copy.person_id, [one["stored"] for one in made])


def _gather(plain: Any, keeper: Keeper, person_id: UUID) -> None:
    """What one feature keeps of her, as a ZIP of its own."""
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in keeper.told.items():
            rows = list(rows_of(name, every_told(), person_id))
            document = {"table": name, "what": one.title, "rows": rows}
            archive.writestr(f"data/{name}.json", json.dumps(document, ensure_ascii=False, indent=1, default=_plain))
        for file in keeper.files(person_id):
            archive.writestr(f"files/{file.name}", files.read(file.sha))


def every_told() -> dict[str, Told]:
    """All tables of which a person gets her rows."""
    return {name: one for keeper in KEEPERS for name, one in keeper.told.items()}


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _assemble(whole: Any, made: list[dict[str, Any]], asked_at: datetime) -> None:
    parts, names = [], []
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in made:
            piece = io.BytesIO(b"".join(vault.reader(one["stored"], one["key"])()))
            with zipfile.ZipFile(piece) as found:
                for name in found.namelist():
                    data = found.read(name)
                    archive.writestr(name, data)
                    if name.startswith("data/"):
                        document = json.loads(data)
                        parts.append(Part(name, document["what"], len(document["rows"])))
                    else:
                        names.append(name)
        withheld = {name: why for keeper in KEEPERS for name, why in keeper.withheld.items()}
        archive.writestr("index.html", index(parts, names, withheld, asked_at))
        archive.writestr("README.txt", readme(parts, names, asked_at))


def copies_of(person_id: UUID) -> list[CopyCard]:
    """Her last copies, latest first."""
    rows = session().scalars(
        select(OwnCopy).where(OwnCopy.person_id == person_id).order_by(OwnCopy.asked_at.desc()).limit(5)
    )
    return [CopyCard(one.id, one.state, one.done, one.parts, one.size, one.asked_at, one.expires_at) for one in rows]


def fetch(actor: Actor, copy_id: UUID) -> Handed:
    """Her copy; NotFound for anybody else's and for one that is not ready or is over. Recorded."""
    copy = require_found(session().get(OwnCopy, copy_id))
    require_in_place(actor.person_id is not None and copy.person_id == actor.person_id)
    require_found(copy.file_sealed if copy.state == "ready" and copy.expires_at > clock.now() else None)
    kept = json.loads(unseal(copy.file_sealed or b"", PURPOSE))
    audit.record(actor, "person.copy_fetched", "person", copy.person_id)
    return Handed(copy.size, vault.reader(kept["stored"], kept["key"]))


def expire() -> None:
    """Remove the copies whose days are over."""
    over = select(OwnCopy).where(OwnCopy.state != "over", OwnCopy.expires_at < clock.now())
    for copy in session().scalars(over).all():
        _end(copy)


def end_all(person_id: UUID) -> None:
    """Remove every copy of hers, and what is there of one that is being made."""
    for copy in session().scalars(select(OwnCopy).where(OwnCopy.person_id == person_id)).all():
        _end(copy)


def _end(copy: OwnCopy) -> None:
    whole = [stored_name(copy.file_sealed)] if copy.file_sealed is not None else []
    forget_files(copy.person_id, [*whole, *(one["stored"] for one in _made(copy))])
    copy.state, copy.file_sealed, copy.steps_sealed = "over", None, None
    session().flush()


def stored_name(file_sealed: bytes | None) -> str:
    """Where a copy lies in the store."""
    return str(json.loads(unseal(file_sealed or b"", PURPOSE))["stored"])
