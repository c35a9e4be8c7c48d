"""Hand-outs, sound and films that a course gives out: laid apart as they are, for the house to judge (`attached`).

Only the child imports this.
"""

from pathlib import PurePosixPath

from lms.courses.imports.brought import MOST_ATTACHED, Attached, Brought, address_of, file_of
from lms.courses.imports.parcel import MB, Parcel
from lms.courses.imports.pictures import Pictures
from lms.kernel.cleaning.kinds import HEAD, LOOK, TEACHING, Kind, Stranger, drawing, recognise, recording
from lms.kernel.text import Message, msg

_PICTURES = (Kind.JPEG, Kind.PNG, Kind.WEBP, Stranger.PICTURE)
STRANGE = msg("附件没有带来：只收 PDF、录音、录像和图片")


class Attachments:
    """The files that a course brings along, each once."""

    def __init__(self, parcel: Parcel, brought: Brought, pictures: Pictures) -> None:
        self._parcel, self._brought, self._pictures = parcel, brought, pictures
        self._known: dict[str, str] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def add(self, path: str, name: str) -> str:
        """The address in a lesson of a member called `name`; nothing, with a word about it, for one that cannot come.
        Raises BadPackageError."""
        if path not in self._known:
            self._known[path] = self._address(path, name)
        return self._known[path]

    def _address(self, path: str, name: str) -> str:
        look = self._parcel.head(path, LOOK)
        head = look[:HEAD]
        kind = recognise(head, b"")
        if drawing(look) or kind in _PICTURES:
            return self._pictures.add(self._parcel.read(path), name) or ""
        taken = self._brought.attached
        if kind is not Kind.PDF and not recording(head):
            fault: Message | None = STRANGE
        elif len(taken) >= MOST_ATTACHED:
            fault = msg("附件没有带来：太多，一次最多 {count} 个", count=MOST_ATTACHED)
        else:
            most = TEACHING.most_bytes if kind is Kind.PDF else TEACHING.most_recording
            whole = self._parcel.lay(path, file_of(len(taken)), most)
            fault = None if whole else msg("附件没有带来：太大，最多 {size} MB", size=most // MB)
        if fault is not None:
            self._brought.losses.add(fault, name)
            return ""
        taken.append(Attached(name, PurePosixPath(name).stem))
        return address_of(len(taken) - 1)
