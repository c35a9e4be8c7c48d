"""Recordings on a lesson page: first what is said, then, for who wants it, the player with its megabytes.

Nothing is fetched before it is asked for: players load nothing by themselves, the poster only when it is scrolled to.
"""

from collections.abc import Sequence
from html import escape

from lms.courses.packages.recording import FILM, HANDOUT, MB, Cue, MediaFile, Recording

_WORDS = {
    "zh": {
        "film": "录像", "audio": "录音", "handout": "讲义", "said": "文字稿", "watch": "看录像", "listen": "听录音",
        "none": "还没有字幕和文字稿。", "minutes": "{} 分", "seconds": "{} 秒",
        "zh": "中文", "en": "英文", "stop": "：", "comma": "，",
    },
    "en": {
        "film": "Film", "audio": "Sound", "handout": "Hand-out", "said": "What is said", "watch": "Watch",
        "listen": "Listen", "none": "No captions and no transcript yet.", "minutes": "{} min",
        "seconds": "{} s", "zh": "Chinese", "en": "English", "stop": ": ", "comma": ", ",
    },
}  # fmt: skip
_TYPES = {"audio/ogg": "audio/ogg; codecs=opus", "audio/mp4": "audio/mp4", "video/mp4": "video/mp4"}
LONG = 160
"""Characters after which a transcript begins a new paragraph at the end of a sentence."""


def megabytes(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{max(size / MB, 0.1):.1f} MB" if size else "0 MB"


def length(seconds: int, language: str) -> str:
    """How long something lasts."""
    words = _WORDS[language]
    parts = [words["minutes"].format(seconds // 60)] if seconds >= 60 else []
    if seconds % 60 or not parts:
        parts.append(words["seconds"].format(seconds % 60))
    return " ".join(parts)


def player(recording: Recording, title: str, caption: str, language: str) -> str:
    """The recording as HTML; everything an author wrote is escaped."""
    if recording.kind == HANDOUT:
        return _handout(recording, title, caption, language)
    words = _WORDS[language]
    kind = words["film" if recording.kind == FILM else "audio"]
    head = f"<p><strong>{kind}{words['stop']}{escape(title)}</strong> {length(recording.seconds, language)}</p>"
    shown = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    inner = f"{head}{_said(recording, language)}{_poster(recording)}{_choices(recording, language)}{shown}"
    return f"<figure>{inner}</figure>\n"


def printed(recording: Recording, title: str, caption: str, language: str) -> str:
    """The recording where nothing can be played, on paper and in books: what it is, and what is said in it."""
    words = _WORDS[language]
    kind = words[{FILM: "film", HANDOUT: "handout"}.get(recording.kind, "audio")]
    facts = "PDF" if recording.kind == HANDOUT else length(recording.seconds, language)
    said = () if recording.kind == HANDOUT else recording.captions.get(language)
    text = "".join(f"<p>{escape(part)}</p>" for part in transcript(said.cues, language)) if said else ""
    shown = f"<p>{escape(caption)}</p>" if caption else ""
    return f"<p><strong>{kind}{words['stop']}{escape(title)}</strong> {facts}</p>{text}{shown}\n"


def _handout(recording: Recording, title: str, caption: str, language: str) -> str:
    words = _WORDS[language]
    file = recording.files[0]
    facts = words["comma"].join(("PDF", megabytes(file.size)))
    shown = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure><p><a href="{file.address}">{words["handout"]}{words["stop"]}{escape(title)}</a>'
        f" {facts}</p>{shown}</figure>\n"
    )


def _said(recording: Recording, language: str) -> str:
    words = _WORDS[language]
    captions = recording.captions.get(language)
    if captions is None:
        return f"<p>{words['none']}</p>"
    text = "".join(f"<p>{escape(part)}</p>" for part in transcript(captions.cues, language))
    return f"<details open><summary>{words['said']}</summary>{text}</details>"


def transcript(cues: Sequence[Cue], language: str) -> list[str]:
    """What is said, as paragraphs."""
    between = "" if language == "zh" else " "
    paragraphs, now = [], ""
    for cue in cues:
        said = between.join(cue.text.split("\n"))
        now = f"{now}{between if now else ''}{said}"
        if len(now) > LONG and now.endswith(("。", "！", "？", ".", "!", "?")):
            paragraphs.append(now)
            now = ""
    return [*paragraphs, now] if now else paragraphs


def _poster(recording: Recording) -> str:
    poster = recording.poster
    if poster is None:
        return ""
    return (
        f'<img src="{poster.address}" width="{poster.width}" height="{poster.height}" alt="" loading="lazy"'
        ' decoding="async">'
    )


def _choices(recording: Recording, language: str) -> str:
    """A fold for each film; all kinds of one sound in one, for its sizes hardly differ."""
    words = _WORDS[language]
    if recording.kind == FILM:
        return "".join(
            _fold(f"{words['watch']}{words['stop']}{file.height}p{words['comma']}{megabytes(file.size)}",
                  _video(recording, file, language))
            for file in recording.files
        )  # fmt: skip
    sources = "".join(_source(file) for file in recording.files)
    most = max(file.size for file in recording.files)
    listen = f"{words['listen']}{words['stop']}{megabytes(most)}"
    return _fold(listen, f'<audio controls preload="none">{sources}{_tracks(recording, language)}</audio>')


def _fold(summary: str, inner: str) -> str:
    return f"<details><summary>{summary}</summary>{inner}</details>"


def _video(recording: Recording, file: MediaFile, language: str) -> str:
    return (
        f'<video controls preload="none" playsinline="" width="{file.width}" height="{file.height}">'
        f"{_source(file)}{_tracks(recording, language)}</video>"
    )


def _source(file: MediaFile) -> str:
    return f'<source src="{file.address}" type="{_TYPES[file.mime]}">'


def _tracks(recording: Recording, language: str) -> str:
    """None by default: a browser would fetch it at once, for a film that nobody has asked for."""
    words = _WORDS[language]
    languages = sorted(recording.captions, key=lambda one: one != language)
    return "".join(
        f'<track kind="captions" srclang="{one}" label="{words[one]}"'
        f' src="{recording.captions[one].file.address}">'
        for one in languages
    )
