"""Cut a lesson's body into prose, call-outs and self-checks: the fences of three colons."""

import re
from dataclasses import dataclass

from lms.courses.packages.fields import Findings
from lms.kernel.text import msg

KINDS = ("emg", "key", "law", "source", "local", "note")

_OPEN = re.compile(r":::+\s*(?P<kind>[a-z]+)\b\s*(?P<title>.*)")
_CLOSE = re.compile(r":::+\s*")
_FENCE = re.compile(r"\s*:::")


@dataclass(frozen=True)
class Prose:
    text: str
    line: int


@dataclass(frozen=True)
class CallOut:
    """A titled box; `text` is Markdown."""

    kind: str
    title: str
    text: str
    line: int


@dataclass(frozen=True)
class Check:
    """The place of a self-check question."""

    code: str
    line: int


Block = Prose | CallOut | Check


def split(body: str, file: str, first_line: int, findings: Findings) -> tuple[Block, ...]:
    """The blocks of a body in order. Lines of blocks count in the file."""
    cutter = _Cutter(file, findings)
    for line, text in enumerate(body.split("\n"), first_line):
        cutter.take(text, line)
    return cutter.finish()


class _Cutter:
    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._blocks: list[Block] = []
        self._prose: list[str] = []
        self._prose_line = 0
        self._open: tuple[str, str, int] | None = None
        self._inside: list[str] = []

    def take(self, text: str, line: int) -> None:
        if self._open is not None:
            if _CLOSE.fullmatch(text):
                self._close()
            elif _FENCE.match(text):
                self._error(line, "nested")
            else:
                self._inside.append(text)
            return
        opened = _OPEN.fullmatch(text)
        if opened:
            self._flush()
            self._open = (opened["kind"], opened["title"].strip(), line)
        elif _FENCE.match(text):
            self._error(line, "stray")
        else:
            if not self._prose:
                self._prose_line = line
            self._prose.append(text)

    def finish(self) -> tuple[Block, ...]:
        if self._open is not None:
            self._error(self._open[2], "unclosed")
            self._close()
        self._flush()
        return tuple(self._blocks)

    def _error(self, line: int, what: str) -> None:
        messages = {
            "nested": msg("三个冒号的框里不能再开一个框，先用一行 ::: 收尾"),
            "stray": msg("三个冒号后面要写种类，例如 ::: key 记住；收尾的 ::: 前面要有开头"),
            "unclosed": msg("这个框没有收尾，请在后面加一行 :::"),
        }
        self._findings.error(self._file, line, messages[what])

    def _flush(self) -> None:
        if any(text.strip() for text in self._prose):
            self._blocks.append(Prose("\n".join(self._prose), self._prose_line))
        self._prose = []

    def _close(self) -> None:
        assert self._open is not None  # only called with an open fence
        kind, title, line = self._open
        text = "\n".join(self._inside)
        self._open, self._inside = None, []
        if kind == "check":
            if text.strip():
                self._findings.error(self._file, line, msg("自测框里不写别的内容，题目写在 items 里"))
            self._blocks.append(Check(title, line))
        elif kind not in KINDS:
            allowed = ", ".join((*KINDS, "check"))
            self._findings.error(
                self._file,
                line,
                msg("没有这种框：{kind}。可以用：{allowed}", kind=kind, allowed=allowed),
            )
        else:
            if not title:
                self._findings.error(self._file, line, msg("框要有标题，写在种类后面"))
            if not text.strip():
                self._findings.error(self._file, line, msg("这个框是空的"))
            self._blocks.append(CallOut(kind, title, text, line))
