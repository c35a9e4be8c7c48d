"""Captions: WebVTT or SRT into cues, and cues into plain WebVTT. Nothing but times and words gets through."""

import re
import unicodedata
from collections.abc import Sequence

from lms.courses.packages.recording import Cue
from lms.kernel.text import Message, msg

MOST_BYTES = 200 * 1024
MOST_CUES = 2000
MOST_CHARS = 500

_TIME = r"(?:(\d{1,2}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:[ \t].*)?")
_TAG = re.compile(r"</?(?:[biu]|[cv]|ruby|rt|lang)(?:[ .][^<>]*)?>")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class BadCaptions(Exception):
    """Captions that cannot be taken: in which line (0: the whole file), and why."""

    def __init__(self, line: int, message: Message) -> None:
        super().__init__(message.msgid)
        self.line, self.message = line, message


def read_captions(data: bytes) -> tuple[Cue, ...]:
    """The cues of a WebVTT or SRT file in order. Marks of speakers, bold and the like are left away.

    Raises BadCaptions naming the line.
    """
    if len(data) > MOST_BYTES:
        raise BadCaptions(0, msg("字幕文件太大，不超过 {size} kB", size=MOST_BYTES // 1024))
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError:
        raise BadCaptions(0, msg("字幕要用 UTF-8 编码，请另存一次再传")) from None
    cues: list[Cue] = []
    number = 0
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.split("\n")
        at = next((place for place, line in enumerate(lines) if "-->" in line), None)
        if at is not None:
            cues.append(_cue(lines[at:], number + at + 1, cues[-1] if cues else None))
        elif number == 0 and not block.lstrip().startswith("WEBVTT"):
            raise BadCaptions(1, msg("这不是字幕文件：要 WebVTT（.vtt）或 SRT（.srt）"))
        number += len(lines) + 1
    if not cues:
        raise BadCaptions(0, msg("字幕里一句话也没有"))
    if len(cues) > MOST_CUES:
        raise BadCaptions(0, msg("字幕太多，最多 {count} 句", count=MOST_CUES))
    return tuple(cues)


def _cue(lines: Sequence[str], number: int, before: Cue | None) -> Cue:
    found = _TIMES.fullmatch(lines[0])
    if found is None:
        raise BadCaptions(number, msg("字幕的时间看不懂，要像 00:01.000 --> 00:04.000"))
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    if end <= start or (before is not None and start < before.start):
        raise BadCaptions(number, msg("字幕的时间要从前往后，结束要在开始以后"))
    said = _TAG.sub("", "\n".join(line.strip() for line in lines[1:]).strip())
    for old, new in (("&lt;", "‹"), ("&gt;", "›"), ("&nbsp;", " "), ("&amp;", "&")):
        said = said.replace(old, new)
    if "<" in said or "-->" in said:
        raise BadCaptions(number + 1, msg("字幕里只能有文字，不能有标签或脚本"))
    if not said or len(said) > MOST_CHARS or _CONTROL.search(said):
        raise BadCaptions(number + 1, msg("一句字幕要有 1 到 {count} 个字，不能有控制字符", count=MOST_CHARS))
    return Cue(start, end, said)


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def captions_text(cues: Sequence[Cue]) -> str:
    """Cues as a WebVTT file; the same cues always give the same text."""
    blocks = (f"{_time(one.start)} --> {_time(one.end)}\n{one.text.replace('&', '&amp;')}\n" for one in cues)
    return "WEBVTT\n\n" + "\n".join(blocks)


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
