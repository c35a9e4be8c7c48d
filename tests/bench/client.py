"""One light client: many connections in one process, requests made beforehand, answers barely read.

Raw non-blocking sockets and epoll. The light hand is the point: a client that eats the machine
measures itself.
"""

import gc
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "
CLOSE = b"\r\nConnection: close"
MOST = 65536
# Every request is another learner's, so it comes on another connection, as it does behind nginx. Connections
# that stayed were often all with the worker that happened to accept them, and the row measured that luck.
VISIT = 1


@dataclass
class Run:
    """What the client saw between the end of the warm-up and the end of the row."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    received: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    refused: bytes = b""
    exhausted: bool = False

    def add(self, other: "Run") -> None:
        """Take in another run of the same requests."""
        self.seconds += other.seconds
        self.times += other.times
        self.received += other.received
        self.statuses += other.statuses
        self.refused = self.refused or other.refused
        self.exhausted = self.exhausted or other.exhausted

    @property
    def count(self) -> int:
        return len(self.times)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class Line:
    """One kept-alive connection and the request that is on it."""

    __slots__ = ("asked", "begun", "buffer", "need", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.need = 0
        self.asked = 0
        self.begun = 0.0

    def ask(self, request: bytes) -> None:
        """Send a request; it fits the socket's buffer, so one call takes it whole."""
        self.buffer, self.need = b"", 0
        self.asked += 1
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> bool:
        """Take what has come; True when the answer is whole. Raises ConnectionError at its end."""
        data = self.socket.recv(MOST)
        if not data:
            raise ConnectionError("the server closed a connection in the middle")
        self.buffer = self.buffer + data if self.buffer else data
        if not self.need:
            end = self.buffer.find(HEAD_END)
            if end < 0:
                return False
            at = self.buffer.find(LENGTH, 0, end + 2)
            if at < 0:
                raise ConnectionError(f"an answer without a length: {self.buffer[:300]!r}")
            stop = self.buffer.find(b"\r", at + len(LENGTH))
            self.need = end + 4 + int(self.buffer[at + len(LENGTH) : stop])
        return len(self.buffer) >= self.need


class Client:
    """`connections` lines that ask one after the other, each on its own; after VISIT answers a line is
    closed and another opened."""

    def __init__(self, port: int, connections: int) -> None:
        self.port = port
        self.poll = select.epoll()
        self.lines: dict[int, Line] = {}
        for _ in range(connections):
            self._open()

    def _open(self) -> Line:
        line = Line(self.port)
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket.fileno(), select.EPOLLIN)
        return line

    def _reopen(self, number: int) -> Line:
        self.poll.unregister(number)
        self.lines.pop(number).socket.close()
        return self._open()

    def close(self) -> None:
        """Hang up."""
        for line in self.lines.values():
            line.socket.close()
        self.poll.close()

    def drive(self, requests: Iterator[bytes], seconds: float) -> Run:
        """Ask until the time or the requests run out; every answer is waited for and counted."""
        run = Run()
        gc.disable()
        begun = time.perf_counter()
        end = begun + seconds
        waiting = 0
        for line in self.lines.values():
            waiting += self._next(line, requests, run)
        while waiting:
            for number, _ in self.poll.poll():
                line = self.lines[number]
                if not line.hear():
                    continue
                now = time.perf_counter()
                waiting -= 1
                self._count(line, now, run)
                if line.asked >= VISIT or CLOSE in line.buffer[:1000]:
                    line = self._reopen(number)
                if now < end:
                    waiting += self._next(line, requests, run)
        run.seconds = time.perf_counter() - begun
        gc.enable()
        return run

    @staticmethod
    def _next(line: Line, requests: Iterator[bytes], run: Run) -> int:
        request = next(requests, None)
        if request is None:
            run.exhausted = True
            return 0
        line.ask(request)
        return 1

    @staticmethod
    def _count(line: Line, now: float, run: Run) -> None:
        run.times.append(now - line.begun)
        run.received += len(line.buffer)
        status = int(line.buffer[9:12])
        run.statuses[status] += 1
        if not (200 <= status < 300 or status == 303) and not run.refused:
            run.refused = line.buffer[:1500]


def request_bytes(
    method: str, path: str, *, cookie: str = "", body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """A whole HTTP/1.1 request as a phone's browser would send it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Mozilla/5.0 (Linux; Android 9; phone) AppleWebKit/537.36 Chrome/87.0 Mobile Safari/537.36",
        "Accept-Encoding: gzip, deflate",
        "Accept-Language: zh-CN,zh;q=0.9",
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    given = {"Accept": "text/html,application/xhtml+xml"} | (headers or {})
    if method == "POST":
        given = {"Content-Type": "application/x-www-form-urlencoded"} | given
        given["Content-Length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join(lines).encode() + HEAD_END + body
