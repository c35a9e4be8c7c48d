"""Files that an author brings into a draft: judged by their bytes, counted, named, and put where lessons find them."""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select

from lms.courses.media import accepting, keeping, transcoding
from lms.courses.media.lines import line_of, uses_of_media
from lms.courses.media.models import Transcode
from lms.courses.media.records import drop_files, paths_of, put_file, put_record
from lms.courses.media.sizes import MADE_OF, keep_sizes, make_sizes
from lms.courses.models import Draft
from lms.courses.packages import pictures
from lms.courses.packages.captions import MOST_BYTES, BadCaptions, captions_text, read_captions
from lms.courses.packages.package import LANGUAGES
from lms.courses.packages.recording import AUDIO, ENDINGS, FILM, HANDOUT, MediaFile, Recording
from lms.courses.packages.recording_files import stem
from lms.courses.writing.lessons import free_name, lessons_of, name_for_addresses
from lms.courses.writing.models import DraftFile
from lms.courses.writing.saving import open_draft, rewrite
from lms.kernel import audit, files
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.cleaning import kinds
from lms.kernel.cleaning.kinds import TEACHING
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.kernel.uow import unit_of_work
from lms.uploads import commands as uploads
from lms.uploads import queries as standings
from lms.uploads.receiving import FILE, work_folder

RECORDINGS = frozenset(kinds.Recording)
MOST_FILES = 120
"""Files under media/ that a draft may have; a package has room for 400 of all kinds."""


@dataclass
class Arrived:
    """A file that was received and judged: what lessons will name, or what is still to be made smaller."""

    upload_id: UUID
    name: str
    kind: str  # picture, film, audio, pdf
    mime: str
    sha: str
    size: int
    sizes: list[MediaFile] = field(default_factory=list)
    ready: Recording | None = None
    notes_left: bool = False


def arrived(actor: Actor, upload_id: UUID) -> Arrived:
    """Judge a received upload and store what it needs. Slow: no unit of work may be open.

    Raises NotFound, Conflict, Gone, Invalid with what is wrong with it, TooMany.
    """
    with unit_of_work(write=False):
        found = standings.standing(actor, upload_id)
    if found.purpose != TEACHING.name:
        raise NotFound
    if found.state != "ready" or found.mime is None or found.stored_sha is None or found.stored_size is None:
        raise Conflict(msg("“{name}”还没有传完，或者已经用上了。", name=found.name))
    kind = "picture" if found.mime.startswith("image/") else HANDOUT if found.mime == "application/pdf" else ""
    this = Arrived(upload_id, found.name, kind, found.mime, found.stored_sha, found.stored_size)
    with tempfile.TemporaryDirectory(dir=work_folder(), prefix="taking-") as folder:
        path = Path(folder) / "file"
        try:
            with files.open_part(upload_id, FILE) as part, path.open("wb") as out:
                shutil.copyfileobj(part, out, files.BLOCK)
        except FileNotFoundError:
            raise Gone(msg("“{name}”没有保存好。请删掉它，再传一次。", name=found.name)) from None
        try:
            if found.mime in MADE_OF:
                this.sizes = make_sizes(path, found.mime)
            elif found.mime in RECORDINGS:
                told = accepting.recording(path, found.mime)
                this.kind, this.ready = told.kind, told.ready
                this.sha, this.size = told.file.sha, told.file.size
        except Invalid as refused:
            # It will never be of use: it must not keep one of her places for uploads until it is forgotten.
            with unit_of_work():
                uploads.give_up(upload_id)
            raise Invalid(msg("“{name}”：{why}", name=found.name, why=refused.message)) from None
        with path.open("rb") as source:
            files.store_stream(source)  # before the unit of work: a large file would keep other writers waiting
    return this


def take(actor: Actor, draft_id: UUID, this: Arrived, *, name: str = "", replaces: str = "") -> str:
    """Put a judged file into a draft; what lessons will call it. `replaces`: the file that it takes the place of.

    Raises NotFound, NotAllowed, Conflict (also when the upload was used meanwhile), Invalid where there is no room.
    """
    draft = keeping.lock_course(draft_id)
    open_draft(actor, draft_id)
    person_id = require_found(actor.person_id)
    paths = paths_of(draft_id)
    waiting = set(session().scalars(select(Transcode.name).where(Transcode.draft_id == draft_id)))
    if len(paths) + len(waiting) >= MOST_FILES and not replaces:
        raise Invalid(msg("一门课最多 {count} 个媒体文件。", count=MOST_FILES))
    ending = ENDINGS[this.mime] if this.kind == "picture" else this.kind
    if replaces:
        _judge_replacing(replaces, ending, paths, waiting)
        full = f"{replaces.rpartition('.')[0]}.{ending}"
    else:
        used = {stem(path.removeprefix("media/")) for path in paths} | {stem(one) for one in waiting}
        wanted = name_for_addresses(name) or name_for_addresses(Path(this.name).stem) or f"{this.kind}-1"
        full = f"{free_name(wanted, used)}.{ending}"
    keeping.require_room(draft, this.size + sum(one.size for one in this.sizes))
    uploads.take(actor, this.upload_id, TEACHING, f"draft:{draft_id}:{new_id()}")
    _put(draft, full, this, person_id)
    if replaces and replaces != full:
        _readdress(actor, draft_id, replaces, full)
        drop_files(draft_id, [f"media/{replaces}"])
        keeping.match(draft)
    audit.record(actor, "draft.media_added", "draft", draft_id, name=full, replaces=replaces)
    return full


def _judge_replacing(replaces: str, ending: str, paths: set[str], waiting: set[str]) -> None:
    if f"media/{replaces}" not in paths and f"media/{replaces}.toml" not in paths:
        raise NotFound
    pictures = {ENDINGS[mime] for mime in ("image/jpeg", "image/png", "image/webp", "image/svg+xml")}
    old = replaces.rpartition(".")[2]
    if old != ending and not (old in pictures and ending in pictures):
        raise Invalid(msg("要换成同一种文件：图片换图片，录像换录像。"))
    if replaces in waiting:
        raise Conflict(msg("同一个名字的文件还在转换，等它做完再换。"))


def _put(draft: Draft, full: str, this: Arrived, person_id: UUID) -> None:
    file = MediaFile(this.sha, this.mime, this.size)
    keeping.know([file])
    if this.kind == "picture":
        put_file(draft.id, f"media/{full}", person_id, sha=this.sha, size=this.size)
        keep_sizes(this.sha, this.sizes)
        keeping.match(draft)
    elif this.kind == HANDOUT:
        put_record(draft, Recording(full, HANDOUT, 0, (file,), None), person_id)
    elif this.ready is not None:
        put_record(draft, this.ready.named(full), person_id)
    else:
        transcoding.enqueue(draft.id, full, file, this.name, person_id)


def _readdress(actor: Actor, draft_id: UUID, old: str, new: str) -> None:
    """Let every lesson that shows a file show the one in its place."""
    address = re.compile(rf"\(media/{re.escape(old)}(?=[\s)])")
    for lesson in lessons_of(draft_id):
        for text in lesson.texts.values():
            rewrite(actor, draft_id, text.file_id, partial(address.sub, f"(media/{new}"))


def set_captions(actor: Actor, draft_id: UUID, name: str, language: str, data: bytes) -> None:
    """Keep the captions of a film or sound in one language, as plain WebVTT; the old ones are replaced.

    Raises NotFound, NotAllowed, Conflict, Invalid naming the line.
    """
    draft = keeping.lock_course(draft_id)
    open_draft(actor, draft_id)
    kind = name.rpartition(".")[2]
    if language not in LANGUAGES or kind not in (FILM, AUDIO) or f"media/{name}.toml" not in paths_of(draft_id):
        raise NotFound
    try:
        cues = read_captions(data[: MOST_BYTES + 1])
    except BadCaptions as bad:
        if bad.line:
            raise Invalid(msg("字幕第 {line} 行：{why}", line=bad.line, why=translate(bad.message))) from None
        raise Invalid(bad.message) from None
    made = captions_text(cues).encode()
    sha = files.store(made)
    keeping.know([MediaFile(sha, "text/vtt", len(made))])
    path = f"media/{stem(name)}.{language}.vtt"
    put_file(draft_id, path, require_found(actor.person_id), sha=sha, size=len(made))
    keeping.match(draft)
    audit.record(actor, "draft.captions_set", "draft", draft_id, name=name, language=language)


def remove(actor: Actor, draft_id: UUID, name: str) -> None:
    """Take a file that no lesson shows out of a draft, or a recording that is still on its way.

    Raises NotFound, NotAllowed, Conflict while a lesson shows it.
    """
    draft = keeping.lock_course(draft_id)
    open_draft(actor, draft_id)
    paths = paths_of(draft_id)
    gone = {path for path in (f"media/{name}", f"media/{name}.toml") if path in paths}
    withdrawn = session().execute(
        delete(Transcode)
        .where(Transcode.draft_id == draft_id, Transcode.name == name)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if gone and withdrawn == 0:
        shown = uses_of_media(draft_id).get(pictures.base(name), [])
        if shown:
            where = translate(msg("、")).join(sorted({one.lesson for one in shown}))
            raise Conflict(msg("这个文件还在用：{where}。先从课文里拿掉，再删。", where=where))
        if name.endswith((f".{FILM}", f".{AUDIO}")):
            gone |= {f"media/{stem(name)}.{language}.vtt" for language in LANGUAGES}
        drop_files(draft_id, gone)
        keeping.match(draft)
    elif not withdrawn:
        raise NotFound
    audit.record(actor, "draft.media_removed", "draft", draft_id, name=name)


def retry(actor: Actor, draft_id: UUID, transcode_id: UUID) -> None:
    """Let a recording that failed be tried again. Raises NotFound, NotAllowed, Conflict."""
    draft = keeping.lock_course(draft_id)
    open_draft(actor, draft_id)
    transcoding.retry(draft, transcode_id)


def put_into_lesson(actor: Actor, draft_id: UUID, file_id: UUID, name: str, *, said: str, caption: str = "") -> None:
    """Show a file at the end of a lesson's text. `said`: what somebody who cannot see it should know, or its title.

    Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    open_draft(actor, draft_id)
    if not nfc(said).strip():
        raise Invalid(msg("请写一句说明：看不见图的人靠它，录像和讲义用它作标题。"))
    if not {f"media/{name}", f"media/{name}.toml"} & paths_of(draft_id):
        raise NotFound
    path = session().scalar(
        select(DraftFile.path).where(DraftFile.id == file_id, DraftFile.draft_id == draft_id)
    )
    if not require_found(path).startswith("lessons/"):
        raise NotFound
    line = line_of(name, said, caption)
    rewrite(actor, draft_id, file_id, lambda text: f"{text.rstrip()}\n\n{line}\n")
