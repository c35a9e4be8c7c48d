"""On which line of a TOML file a key stands: the standard reader keeps no positions."""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<word>[A-Za-z0-9_+:-]+)|(?P<mark>[\[\]{}=.,])",
    re.DOTALL,
)


class LineIndex:
    """Lines of the paths, e.g. ("item", 2, "options", 0), of a text that `tomllib` accepted."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        _Scan(text, self._lines, self._counts).run()

    def line(self, *path: str | int) -> int:
        """The line of `path`, or of its nearest known parent; 1 if nothing is known."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "", match.group()
        if kind != "comment":
            yield kind, value, line
        line += value.count("\n")


class _Scan:
    """One pass over the tokens; a string is a key only if `=` follows."""

    def __init__(self, text: str, lines: dict[Path, int], counts: dict[Path, int]) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._found = lines
        self._counts = counts

    def run(self) -> None:
        table: Path = ()
        while self._at < len(self._tokens):
            kind, value, line = self._tokens[self._at]
            if kind == "newline":
                self._at += 1
            elif value == "[" and kind == "mark":
                table = self._header(line)
            elif kind in ("word", "string"):
                self._pair(table)
            else:
                self._at += 1

    def _mark(self) -> str:
        if self._at < len(self._tokens):
            kind, value, _ = self._tokens[self._at]
            return value if kind in ("mark", "newline") else ""
        return ""

    def _key(self) -> tuple[list[str], int]:
        """A dotted key and its line."""
        parts: list[str] = []
        line = self._tokens[self._at][2] if self._at < len(self._tokens) else 1
        while self._at < len(self._tokens):
            kind, value, _ = self._tokens[self._at]
            if kind == "word":
                parts.append(value)
            elif kind == "string":
                parts.append(value[1:-1])
            elif value != ".":
                break
            self._at += 1
        return parts, line

    def _header(self, line: int) -> Path:
        self._at += 1
        many = self._mark() == "["
        self._at += many
        parts, _ = self._key()
        self._at += 2 if many else 1
        path: Path = ()
        for part in parts[:-1]:
            path = self._inside((*path, part))
        if not parts:
            return path
        path = (*path, parts[-1])
        if many:
            count = self._counts.get(path, 0)
            self._counts[path] = count + 1
            self._found.setdefault(path, line)
            path = (*path, count)
        self._found.setdefault(path, line)
        return path

    def _inside(self, path: Path) -> Path:
        """Where `[a.b]` points when `a` is an array of tables: into its last element."""
        count = self._counts.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        parts, line = self._key()
        if self._mark() != "=":
            self._at += 1
            return
        self._at += 1
        path: Path = (*table, *parts)
        self._found.setdefault(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        mark = self._mark()
        if mark == "[":
            self._array(path)
        elif mark == "{":
            self._inline(path)
        else:
            while self._at < len(self._tokens) and self._mark() not in ("\n", ",", "]", "}"):
                self._at += 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._at < len(self._tokens):
            mark = self._mark()
            if mark == "]":
                self._at += 1
                return
            if mark in ("\n", ","):
                index += mark == ","
                self._at += 1
                continue
            self._found.setdefault((*path, index), self._tokens[self._at][2])
            before = self._at
            self._value((*path, index))
            self._at += self._at == before

    def _inline(self, path: Path) -> None:
        self._at += 1
        while self._at < len(self._tokens):
            mark = self._mark()
            if mark == "}":
                self._at += 1
                return
            if mark in ("\n", ","):
                self._at += 1
                continue
            self._pair(path)
