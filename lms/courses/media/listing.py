"""What the media page of a draft shows, and what the shell tells of a course."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms.courses import studio
from lms.courses.media import ffmpeg, keeping
from lms.courses.media.lines import Use, line_of, uses_of_media
from lms.courses.media.models import Transcode
from lms.courses.models import Draft
from lms.courses.packages import pictures
from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import read_media
from lms.courses.packages.package import LANGUAGES, Medium
from lms.courses.packages.players import length
from lms.courses.packages.recording import AUDIO, FILM, MediaFile, Recording
from lms.courses.packages.recording_files import read_recordings
from lms.courses.studio import DraftCard
from lms.courses.writing.files import EDITABLE, tree_of
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.text import Message


@dataclass(frozen=True)
class Thing:
    """A file that lessons may show. `files` are what a learner may fetch, smallest first."""

    name: str
    kind: str
    seconds: int
    files: Sequence[MediaFile]
    thumbnail: str
    captions: tuple[str, ...]
    uses: Sequence[Use]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.files)

    @property
    def no_captions(self) -> tuple[str, ...]:
        """The languages in which a film or sound still has no captions."""
        return tuple(one for one in LANGUAGES if one not in self.captions) if self.kind in (FILM, AUDIO) else ()

    @property
    def line(self) -> str:
        """What to write into a lesson to show it."""
        return line_of(pictures.base(self.name), next((one.said for one in self.uses if one.said), "") or "…")

    def lasts(self, language: str) -> str:
        return length(self.seconds, language)


@dataclass(frozen=True)
class InWork:
    """A recording on its way into the draft."""

    id: UUID
    name: str
    source_name: str
    source_size: int
    state: str
    percent: int
    fault: Message | None


@dataclass(frozen=True)
class MediaPage:
    """A draft's media."""

    draft: DraftCard
    things: Sequence[Thing]
    in_work: Sequence[InWork]
    used: int
    quota: int
    can_convert: bool

    @property
    def busy(self) -> bool:
        return any(one.state != "failed" for one in self.in_work)


def media_page(actor: Actor, draft_id: UUID) -> MediaPage:
    """The media of a draft of her centres; NotFound otherwise, and for one that is not written here."""
    card = studio.draft(actor, draft_id)
    row = require_found(session().scalar(select(Draft).where(Draft.id == draft_id)))
    require_found(row if row.state in EDITABLE else None)
    return MediaPage(
        card, things_of(draft_id), in_work(draft_id), keeping.used(row), keeping.quota(), bool(ffmpeg.programme())
    )


def things_of(draft_id: UUID) -> list[Thing]:
    """Everything under media/ of a draft that can be shown, by name."""
    tree = {path: data for path, data in tree_of(draft_id).items() if path.startswith("media/")}
    findings = Findings()
    media, recordings = read_media(tree, findings), read_recordings(tree, findings)
    sizes = keeping.sizes_of({one.sha for one in media})
    uses = uses_of_media(draft_id)
    found = [_picture(one, sizes, uses) for one in media] + [_recording(one, uses) for one in recordings]
    return sorted(found, key=lambda one: one.name)


def _picture(medium: Medium, sizes: keeping.Sizes, uses: Mapping[str, Sequence[Use]]) -> Thing:
    own = MediaFile(medium.sha, medium.mime, medium.size, medium.width, medium.height)
    smaller = sizes.get(medium.sha, [])
    shown = smaller[0].address if smaller else medium.address
    return Thing(medium.name, "picture", 0, [*smaller, own], shown, (), uses.get(pictures.base(medium.name), ()))


def _recording(recording: Recording, uses: Mapping[str, Sequence[Use]]) -> Thing:
    return Thing(
        recording.name, recording.kind, recording.seconds, recording.files,
        recording.poster.address if recording.poster else "", tuple(sorted(recording.captions)),
        uses.get(pictures.base(recording.name), ()),
    )  # fmt: skip


def in_work(draft_id: UUID) -> list[InWork]:
    """The recordings on their way into a draft, oldest first."""
    rows = session().scalars(select(Transcode).where(Transcode.draft_id == draft_id).order_by(Transcode.made_at))
    return [
        InWork(
            row.id, row.name, row.source_name, row.source_size, row.state, row.done // 10,
            Message(row.fault["msgid"], row.fault["params"]) if row.fault else None,
        )
        for row in rows
    ]  # fmt: skip
