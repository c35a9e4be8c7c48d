"""What a witness must never forget: the last checkpoint it cosigned of each log, in one file."""

import contextlib
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType

from verifier.notes import Checkpoint, Invalid, parse_checkpoint

LARGEST_STATE = 64 << 20


class State:
    """The state file, held by one process at a time; use as a context manager.

    A witness that lost its file and began again from nothing could be led to cosign another past. So a
    file that is not there is an error, unless the operator says that this witness is new; and saying so
    is an error where there is a file.
    """

    def __init__(self, path: Path, new: bool = False) -> None:
        self.path = path
        self._lock = open(path.with_name(path.name + ".lock"), "a")  # noqa: SIM115 - held as long as the state
        self.last: dict[str, Checkpoint] = {}
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if new:
                self._begin()
            self.last = self._load()
        except BlockingIOError as fault:
            self.close()
            raise Invalid(f"{path} is in use by another witness") from fault
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        if self.path.exists():
            raise Invalid(f"{self.path} is there already: start without --new")
        self._write({})

    def _load(self) -> dict[str, Checkpoint]:
        try:
            with self.path.open("rb") as file:
                found = json.loads(file.read(LARGEST_STATE))["logs"]
            last = {origin: parse_checkpoint(note.encode()) for origin, note in found.items()}
        except FileNotFoundError as fault:
            raise Invalid(
                f"{self.path} is missing. A witness that forgets what it cosigned can be led to cosign another past: "
                "put the file back from its last copy. Only a witness that has never cosigned is started with --new."
            ) from fault
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Invalid(f"{self.path} is damaged: put it back from its last copy") from fault
        if any(origin != checkpoint.origin for origin, checkpoint in last.items()):
            raise Invalid(f"{self.path} is damaged: put it back from its last copy")
        return last

    def keep(self, note: str) -> None:
        """Remember a cosigned checkpoint as its log's last; it is on the disk when this returns."""
        checkpoint = parse_checkpoint(note.encode())
        after = self.last | {checkpoint.origin: checkpoint}
        self._write({origin: one.note.whole for origin, one in after.items()})
        self.last = after

    def _write(self, logs: dict[str, str]) -> None:
        draft = self.path.with_name(self.path.name + ".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"v": 1, "logs": logs}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._lock.close()

    def __enter__(self) -> "State":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()
