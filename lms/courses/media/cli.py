"""`flask content media …`: what a course has, make recordings smaller now, forget what nobody names, carry packages."""

from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
from flask.cli import AppGroup
from sqlalchemy import select

from lms.courses.media import ffmpeg, keeping, sweeping, transcoding
from lms.courses.media.carrying import write_whole_zip
from lms.courses.media.listing import in_work, things_of
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.tree import read_zip
from lms.courses.writing.files import EDITABLE
from lms.kernel import files
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.db import session
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

media = AppGroup("media", help="Films, sound, pictures and hand-outs of courses.")


@media.command("list")
@click.argument("code")
def list_command(code: str) -> None:
    """What the open drafts of the course CODE have, what is in work, and how much of the quota is used."""
    with unit_of_work(write=False):
        drafts = session().scalars(select(Draft).where(Draft.code == code, Draft.state.in_(EDITABLE))).all()
        if not drafts:
            fail(translate(msg("没有这门课的草稿：{code}", code=code)))
        answer = {
            "code": code,
            "used": keeping.used(drafts[0]),
            "quota": keeping.quota(),
            "ffmpeg": ffmpeg.programme() or None,
            "drafts": [
                {
                    "draft": str(draft.id),
                    "media": [
                        {"name": one.name, "kind": one.kind, "bytes": one.size, "seconds": one.seconds,
                         "captions": list(one.captions), "used_in": sorted({use.slug for use in one.uses})}
                        for one in things_of(draft.id)
                    ],
                    "in_work": [
                        {"name": one.name, "state": one.state, "percent": one.percent} for one in in_work(draft.id)
                    ],
                }
                for draft in drafts
            ],
        }  # fmt: skip
    json_answer(answer)


@media.command("transcode")
def transcode_command() -> None:
    """Make every recording smaller that waits, here and now."""
    if not ffmpeg.programme():
        fail(translate(msg("这台机器上没有 ffmpeg。")))
    transcoding.work()
    with unit_of_work(write=False):
        json_answer({"left": transcoding.left()})


@media.command("sweep")
@click.option("--days", type=click.IntRange(0, 3650), default=sweeping.AGE.days, show_default=True)
def sweep_command(days: int) -> None:
    """Remove files that nothing names and that are older than so many days. Not while a backup is being made."""
    gone = []
    while True:
        with unit_of_work():
            some = sweeping.sweep(timedelta(days=days))
        gone += some
        if not some:
            break
    json_answer({"files": len(gone), "bytes": sum(size for _, size in gone)})


@media.command("pack")
@click.argument("slug")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def pack_command(slug: str, target: Path) -> None:
    """Write the current edition of the course SLUG with its heavy files into the ZIP TARGET."""
    with unit_of_work(write=False):
        name = session().scalar(
            select(Edition.package_hash)
            .join(Course, Course.current_edition_id == Edition.id)
            .where(Course.slug == slug)
        )
        if name is None:
            fail(translate(msg("没有这门课：{code}", code=slug)))
        with NamedTemporaryFile(dir=target.parent, delete=False) as out:
            write_whole_zip(read_zip(files.read(name)), out)  # type: ignore[arg-type]
    Path(out.name).replace(target)
    say(f"{target}: {target.stat().st_size} bytes")
