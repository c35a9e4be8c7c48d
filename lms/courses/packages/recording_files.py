"""Reads recordings and their captions out of a package, and judges how lessons use them."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from lms.courses.packages.captions import BadCaptions, captions_text, read_captions
from lms.courses.packages.fields import Document, Findings, Table, decode
from lms.courses.packages.package import LANGUAGES
from lms.courses.packages.recording import FILM, HANDOUT, MIMES, Captions, MediaFile, Recording
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

MOST_SECONDS = 20 * 60
MOST_FILE = 200 * 1024 * 1024
SHA = r"[0-9a-f]{64}"
RECORD = re.compile(r"media/(?P<name>[a-z0-9][a-z0-9-]*(?:\.(?:zh|en))?\.(?P<kind>film|audio|pdf))\.toml")
CAPTIONS = re.compile(r"media/(?P<stem>[a-z0-9][a-z0-9-]*)\.(?P<language>zh|en)\.vtt")
SLACK = 2000
"""Milliseconds that captions may go on after the film."""


def is_ours(path: str) -> bool:
    """Whether a path under media/ is a record or captions; everything else there is a picture."""
    return path.endswith((".toml", ".vtt"))


def stem(name: str) -> str:
    """What a recording and its captions have in common: the name up to its first dot."""
    return name.partition(".")[0]


def read_recordings(tree: Tree, findings: Findings) -> tuple[Recording, ...]:
    """All recordings with their captions, with problems for what cannot be read."""
    captions = _all_captions(tree, findings)
    found = []
    for path in sorted(path for path in tree if path.startswith("media/") and path.endswith(".toml")):
        match = RECORD.fullmatch(path)
        if match is None:
            findings.error(path, 0, msg("录像、录音、讲义的名字要像 name.film.toml、name.audio.toml、name.pdf.toml"))
            continue
        text = decode(path, tree[path], findings)
        document = Document(path, text, findings) if text is not None else None
        if document is None or document.data is None:
            continue
        recording = _read(document, match["name"], match["kind"])
        own = {} if recording.kind == HANDOUT else captions.get(stem(recording.name), {})
        found.append(replace(recording, captions=own))
    stems = {stem(one.name) for one in found if one.kind != HANDOUT}
    for name, languages in captions.items():
        for language in languages:
            if name not in stems:
                findings.warn(f"media/{name}.{language}.vtt", 0, msg("没有和这份字幕同名的录像或录音"))
    return tuple(found)


def _read(document: Document, name: str, kind: str) -> Recording:
    before = len(document.findings.problems)
    top = Table(document, document.data or {})
    top.known(("kind", "seconds", "poster", "files"))
    top.choice("kind", (kind,))
    rows = top.tables("files")
    if not 1 <= len(rows) <= 3 and len(document.findings.problems) == before:
        top.error("files", msg("要有 1 到 3 个文件"))
    poster = top.table("poster") if kind == FILM else None
    return Recording(
        name=name,
        kind=kind,
        seconds=0 if kind == HANDOUT else top.integer("seconds", 1, MOST_SECONDS),
        files=tuple(_file(row, MIMES[kind], seen=kind == FILM) for row in rows),
        poster=_file(poster, ("image/jpeg",), seen=True) if poster else None,
    )


def _file(row: Table, mimes: tuple[str, ...], *, seen: bool) -> MediaFile:
    row.known(("sha", "type", "size", *(("width", "height") if seen else ())))
    sides = [row.integer(key, 1, 4096) if seen else 0 for key in ("width", "height")]
    return MediaFile(row.string("sha", SHA), row.choice("type", mimes), row.integer("size", 1, MOST_FILE), *sides)


def _all_captions(tree: Tree, findings: Findings) -> dict[str, dict[str, Captions]]:
    found: dict[str, dict[str, Captions]] = {}
    for path in sorted(path for path in tree if path.startswith("media/") and path.endswith(".vtt")):
        match = CAPTIONS.fullmatch(path)
        if match is None:
            findings.error(path, 0, msg("字幕文件名要像 name.zh.vtt：和录像同名，再加语言"))
            continue
        data = tree[path]
        try:
            cues = read_captions(data)
        except BadCaptions as bad:
            findings.error(path, bad.line, bad.message)
            continue
        if captions_text(cues).encode() != data:
            findings.error(path, 0, msg("这份字幕不是本平台整理过的样子，请在媒体页重新传一次"))
            continue
        file = MediaFile(hashlib.sha256(data).hexdigest(), "text/vtt", len(data))
        found.setdefault(match["stem"], {})[match["language"]] = Captions(file, cues)
    return found


def by_name(recordings: Iterable[Recording]) -> Mapping[str, Recording]:
    return {one.name: one for one in recordings}


def judge_captions(recording: Recording, file: str, line: int, findings: Findings) -> None:
    """What a film or sound that a lesson uses still lacks: captions in every language, within its length."""
    if recording.kind == HANDOUT:
        return
    for language in LANGUAGES:
        if language not in recording.captions:
            said = msg("{name} 缺 {language} 字幕：听不见、看不了的人靠它", name=recording.name, language=language)
            findings.error(file, line, said)
    for language, captions in recording.captions.items():
        if captions.cues[-1].end > recording.seconds * 1000 + SLACK:
            said = msg("{language} 字幕比 {name} 还长", name=recording.name, language=language)
            findings.error(file, line, said)
