"""HTTP around the witness: POST /add-checkpoint, GET /<origin hash>/checkpoint."""

import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from witness.answering import Answer, Witness

LARGEST_BODY = 256 * 1024
SECONDS = 30  # a connection may stay silent
LAST = re.compile("/([0-9a-f]{64})/checkpoint")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the five of the library are too few where several logs come at once

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, Handler)
        self.witness = witness


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "witness", ""
    timeout = SECONDS

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length):
            self._answer(Answer(411, "a Content-Length is needed\n"), close=True)
        elif int(length) > LARGEST_BODY:
            self._answer(Answer(413, "too long\n"), close=True)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._answer(self._added(body) if self.path == "/add-checkpoint" else Answer(404, "not here\n"))

    def do_GET(self) -> None:
        if self.path == "/add-checkpoint":
            self._answer(Answer(405, "POST only\n"))
            return
        match = LAST.fullmatch(self.path)
        self._answer(self.server.witness.last(match[1]) if match else Answer(404, "not here\n"))

    def _added(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add_checkpoint(body)
        except OSError as fault:
            self.log_error("the state could not be kept: %s", fault)
            return Answer(500, "the state could not be kept, nothing was cosigned\n")

    def _answer(self, answer: Answer, close: bool = False) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(data)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        line = f"{self.log_date_time_string()} {self.address_string()} {format % args}"
        sys.stderr.write("".join(sign if sign.isprintable() else "?" for sign in line) + "\n")
