"""Recordings made small enough for a village's network: one after the other, under a lease, resumed once.

The row is the truth: whoever holds its lease works; a worker that was killed holds it no longer when it runs out, and
the next one begins again. Killed twice, it fails where its author can see it. What is made is named by its content,
so that making it twice changes nothing, and the row goes in the very transaction in which the film enters the draft.
"""

import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, delete, func, insert, select, update

from lms.courses.media import ffmpeg, keeping
from lms.courses.media.models import Transcode
from lms.courses.media.mp4 import BadMovie, read_movie, strip
from lms.courses.media.records import put_record
from lms.courses.media.sizes import copied
from lms.courses.models import Draft
from lms.courses.packages.media_files import jpeg_size
from lms.courses.packages.recording import AUDIO, FILM, MediaFile, Recording
from lms.courses.packages.recording_files import MOST_SECONDS
from lms.courses.writing.files import EDITABLE
from lms.kernel import clock, files, outbox
from lms.kernel.cleaning import kinds
from lms.kernel.db import session
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.uploads.receiving import work_folder

TASK = "media.transcode"
LEASE = timedelta(seconds=60)
TELL_SECONDS = 3.0
MOST_ATTEMPTS = 2
HEIGHTS = (240, 360, 480)
SOUNDS = ("audio/ogg", "audio/mp4")
LOST = 0.9
"""A file that holds less than this part of the time it claims is not whole."""
log = structlog.get_logger("media")

STOPPED = msg("做到一半停了两次，没有做成。可以再试一次；还不行，请换一台电脑另存为 MP4 再传。")
UNREADABLE = msg("这个录像或录音打不开，没有做成。请另存为 MP4（H.264）或 MP3 再传。")
CUT_OFF = msg("这个文件不完整：说有 {claimed} 秒，实际只有 {real} 秒。请重新导出再传。")
TOO_LONG = msg("录像、录音最长 {most} 分钟。请剪成几段再传。", most=MOST_SECONDS // 60)


class Lost(Exception):
    """Somebody else has taken the work over, or its author does not want it any more."""


@dataclass(frozen=True)
class Work:
    """A recording in hand; `attempt` is the number of this beginning."""

    id: UUID
    draft_id: UUID
    name: str
    source_sha: str
    source_mime: str
    attempt: int


def send_work(key: str) -> None:
    """Say after the commit that there is something to make smaller."""
    outbox.send(TASK, key=f"{TASK}:{key}")


def enqueue(draft_id: UUID, name: str, source: MediaFile, source_name: str, person_id: UUID) -> None:
    """Let a stored film or sound be made smaller, and then be the draft's under that name."""
    transcode_id = new_id()
    session().execute(
        insert(Transcode).values(
            id=transcode_id, draft_id=draft_id, name=name, source_sha=source.sha, source_mime=source.mime,
            source_size=source.size, source_name=source_name, state="waiting", done=0, attempts=0, made_by=person_id,
            made_at=clock.now(),
        )
    )  # fmt: skip
    send_work(str(transcode_id))


@outbox.task(TASK, lease=timedelta(hours=6), long=True)
def work() -> None:
    """Make recordings smaller until none waits."""
    while (now := _claim()) is not None:
        _do(now)


def resume() -> None:
    """By the clock: have somebody begin what waits or was left by a worker that is no more."""
    now = clock.now()
    with unit_of_work(write=False):
        left = session().scalar(select(func.count()).select_from(Transcode).where(_claimable()))
        busy = session().scalar(select(func.count()).select_from(Transcode).where(Transcode.lease_until >= now))
    if left and (busy or 0) < _at_once():
        with unit_of_work():
            send_work(f"{int(now.timestamp()) // 15}")


def left() -> int:
    """How many recordings wait or are in work."""
    return session().scalar(select(func.count(Transcode.id)).where(Transcode.state != "failed")) or 0


def _at_once() -> int:
    most: int = current_app.extensions["xinglin.settings"].media_at_once
    return most if ffmpeg.programme() else 0


def _claimable() -> ColumnElement[bool]:
    return (Transcode.state == "waiting") | ((Transcode.state == "working") & (Transcode.lease_until < clock.now()))


def _claim() -> Work | None:
    """The oldest recording that nobody works on, now ours; None if there is none or enough are in work."""
    with unit_of_work():
        session().execute(
            update(Transcode)
            .where(_claimable(), Transcode.attempts >= MOST_ATTEMPTS)
            .values(state="failed", lease_until=None, fault=_fault(STOPPED))
            .execution_options(synchronize_session=False)
        )
        busy = session().scalar(
            select(func.count()).select_from(Transcode).where(Transcode.lease_until >= clock.now())
        )
        if (busy or 0) >= _at_once():
            return None
        first = select(Transcode.id).where(_claimable()).order_by(Transcode.made_at, Transcode.id).limit(1)
        row = session().execute(
            update(Transcode)
            .where(Transcode.id == first.scalar_subquery(), _claimable())
            .values(state="working", attempts=Transcode.attempts + 1, lease_until=clock.now() + LEASE, done=0)
            .returning(
                Transcode.id, Transcode.draft_id, Transcode.name, Transcode.source_sha, Transcode.source_mime,
                Transcode.attempts,
            )
            .execution_options(synchronize_session=False)
        ).one_or_none()  # fmt: skip
    return Work(*row) if row else None


def _mine(work: Work) -> ColumnElement[bool]:
    return (Transcode.id == work.id) & (Transcode.state == "working") & (Transcode.attempts == work.attempt)


def _set(work: Work, **values: object) -> bool:
    """Change the row, if the work is still ours."""
    with unit_of_work():
        result = session().execute(
            update(Transcode).where(_mine(work)).values(**values).execution_options(synchronize_session=False)
        )
        changed: int = result.rowcount  # type: ignore[attr-defined]
        return changed == 1


def _do(work: Work) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=work_folder(), prefix=f"film-{work.id}-") as folder:
            made = _make(work, Path(folder))
        with unit_of_work():
            _finish(work, made)
    except Lost:
        log.info("work was taken over or withdrawn", name=work.name)
    except DomainError as refused:
        _set(work, state="failed", lease_until=None, fault=_fault(refused.message))
    except (ffmpeg.Failed, BadMovie) as failed:
        log.info("a recording cannot be read", name=work.name, why=str(failed))
        _set(work, state="failed", lease_until=None, fault=_fault(UNREADABLE))
    except Exception:
        # The disk or the store: another try, and no third one.
        log.exception("making a recording smaller failed", name=work.name, attempt=work.attempt)
        _set(work, state="waiting", lease_until=None)


def _fault(message: Message) -> dict[str, object]:
    return {"msgid": message.msgid, "params": {name: str(value) for name, value in message.params.items()}}


def _make(work: Work, folder: Path) -> Recording:
    """Make everything and store it; the recording. Raises Lost, Invalid, ffmpeg.Failed, BadMovie."""
    source = folder / "source"
    copied(work.source_sha, source)
    kind = kinds.Recording(work.source_mime)
    film = work.name.endswith(FILM)
    found = ffmpeg.probe(source, kind)
    heights = [height for height in HEIGHTS if height <= max(found.height, HEIGHTS[0])] if film else []
    steps = len(heights) or len(SOUNDS)
    made = []
    milliseconds = 0
    for step in range(steps):
        target = folder / f"{step}"
        beat = _Beat(work, step, steps, found.milliseconds)
        if film:
            ffmpeg.film(source, kind, target, heights[step], MOST_SECONDS + 1, beat)
            length, file = measured(target, "video/mp4")
        else:
            ffmpeg.sound(source, kind, target, SOUNDS[step], MOST_SECONDS + 1, beat)
            length, file = measured(target, SOUNDS[step])
        milliseconds = max(milliseconds, length)
        made.append((target, file))
    _judge_length(milliseconds, found.milliseconds)
    poster = _poster(source, kind, folder, milliseconds) if film else None
    for target, _ in [*made, *([poster] if poster else [])]:
        with target.open("rb") as file_:
            files.store_stream(file_)
        _Beat(work, steps, steps, 1)(0)
    seconds = max(1, round(milliseconds / 1000))
    recording_kind = FILM if film else AUDIO
    return Recording(work.name, recording_kind, seconds, tuple(file for _, file in made), poster[1] if poster else None)


def measured(path: Path, mime: str) -> tuple[int, MediaFile]:
    """How long a file that was made is (0 for Ogg, which does not say), and what it is, without the notes that it
    may still have. Raises BadMovie."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        if mime == "audio/ogg":
            return 0, MediaFile(files.digest(file), mime, size)
        movie = read_movie(file, size)
        strip(file, movie)
        sha = files.digest(file)
    video = movie.video
    return movie.milliseconds, MediaFile(sha, mime, size, video.width if video else 0, video.height if video else 0)


def _judge_length(real: int, claimed: int) -> None:
    """Raise Invalid for what is too long, or much shorter than it says."""
    if real > MOST_SECONDS * 1000 + 500:
        raise Invalid(TOO_LONG)
    if real < LOST * claimed - 2000 or real < 200:
        gaps = {"claimed": f"{claimed / 1000:.0f}", "real": f"{real / 1000:.0f}"}
        raise Invalid(Message(CUT_OFF.msgid, gaps))


def _poster(source: Path, kind: kinds.Recording, folder: Path, milliseconds: int) -> tuple[Path, MediaFile] | None:
    target = folder / "poster.jpg"
    ffmpeg.poster(source, kind, target, min(1.0, milliseconds / 2000))
    data = target.read_bytes()
    size = jpeg_size(data)
    if size is None:
        return None
    with target.open("rb") as file:
        return target, MediaFile(files.digest(file), "image/jpeg", len(data), *size)


class _Beat:
    """Keeps the lease and says how far the work is, every few seconds; raises Lost when it is ours no more."""

    def __init__(self, work: Work, step: int, steps: int, total: int) -> None:
        self.work, self.step, self.steps, self.total = work, step, steps, max(total, 1)
        self.told = 0.0

    def __call__(self, milliseconds: int) -> None:
        if time.monotonic() - self.told < TELL_SECONDS:
            return
        self.told = time.monotonic()
        done = (self.step + min(1.0, milliseconds / self.total)) / self.steps
        if not _set(self.work, done=min(999, int(done * 1000)), lease_until=clock.now() + LEASE):
            raise Lost


def _finish(work: Work, made: Recording) -> None:
    """Put what was made into the draft and forget the work: both or neither. Raises Lost, Invalid."""
    draft = keeping.lock_course(work.draft_id)
    row = session().execute(
        delete(Transcode).where(_mine(work)).returning(Transcode.made_by).execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise Lost
    if draft.state not in EDITABLE:
        raise Invalid(msg("做好的时候，这份稿已经送审或者办完，没有放进去。稿退回来以后可以再试一次。"))
    keeping.require_room(draft, sum(file.size for file in made.stored))
    put_record(draft, made, row.made_by)


def retry(draft: Draft, transcode_id: UUID) -> None:
    """Begin a failed recording anew, as if for the first time."""
    session().execute(
        update(Transcode)
        .where(Transcode.id == transcode_id, Transcode.draft_id == draft.id, Transcode.state == "failed")
        .values(state="waiting", attempts=0, done=0, fault=None, made_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    send_work(str(new_id()))
