"""What every storage can do, and which one this house has."""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

from flask import current_app

from lms.kernel.settings import Settings
from lms.kernel.storage.folder import FolderStorage

_making = threading.Lock()


class Storage(Protocol):
    """Bytes under names with slashes. A fault of the disk or the network is an OSError."""

    address: str  # what a person would call it: a folder, or s3://bucket/prefix

    def put(self, name: str, source: BinaryIO) -> None:
        """Keep what `source` gives from its beginning; for good before this returns, never half of it."""

    def open(self, name: str) -> BinaryIO:
        """The bytes, to be read from any place (`seek`); FileNotFoundError if there are none."""

    def size(self, name: str) -> int | None:
        """How many bytes lie under the name; None if it is not there."""

    def written(self, name: str) -> datetime | None:
        """When the bytes were last put under the name (with a zone); None if it is not there."""

    def names(self, prefix: str) -> Iterator[str]:
        """Every name that begins with a prefix ending in a slash, in order."""

    def folders(self, prefix: str) -> list[str]:
        """What stands right below a prefix and has something (or once had something) below itself."""

    def remove(self, prefix: str) -> None:
        """Remove one name, or with a slash at the end all below it. What is not there is no fault."""

    def check(self) -> None:
        """Write something small; OSError when that is not possible now."""


def open_storage(settings: Settings) -> Storage:
    """The storage the settings name."""
    if not settings.storage:
        return FolderStorage(settings.data.resolve())
    # Only here: boto3 costs a process some twenty-five megabytes that a house with a folder need not spend.
    from lms.kernel.storage.bucket import BucketStorage  # noqa: PLC0415

    return BucketStorage(settings)


def storage() -> Storage:
    """The storage of this house, opened at its first use in a process."""
    known: Storage | None = current_app.extensions.get("xinglin.storage")
    if known is None:
        with _making:
            known = current_app.extensions.get("xinglin.storage")
            if known is None:
                known = open_storage(current_app.extensions["xinglin.settings"])
                current_app.extensions["xinglin.storage"] = known
    return known
