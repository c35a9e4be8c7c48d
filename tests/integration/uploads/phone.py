"""A phone's script, as far as the server can see it."""

import hashlib
import re
from dataclasses import dataclass, field
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.kernel.ids import new_id
from lms.uploads.rules import CHUNK

JSON = {"Accept": "application/json"}


def token_of(client: FlaskClient) -> str:
    found = re.search(r'data-token="([^"]+)"', client.get("/probe/upload").text)
    assert found
    return found[1]


@dataclass
class Phone:
    """One file that a browser sends."""

    client: FlaskClient
    data: bytes
    name: str = "证明.jpg"
    upload_id: UUID = field(default_factory=new_id)
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or token_of(self.client)

    def post(self, path: str = "", body: object = None, **headers: str) -> TestResponse:
        sent = {**JSON, "X-CSRF-Token": self.token, **headers}
        address = f"/uploads/{self.upload_id}{path}" if path else "/uploads"
        return self.client.post(address, data=body, headers=sent)

    def begin(self, **other: object) -> TestResponse:
        sha = hashlib.sha256(self.data).hexdigest()
        said = {"id": str(self.upload_id), "purpose": "evidence", "name": self.name, "size": len(self.data)}
        said |= {"sha": sha, "chosen_sha": sha}
        return self.post("", said | other)

    def chunk(self, offset: int, data: bytes | None = None) -> TestResponse:
        piece = self.data[offset : offset + CHUNK] if data is None else data
        return self.post(f"/pieces/{offset}", piece, **{"Content-Type": "application/octet-stream"})

    def finish(self) -> TestResponse:
        return self.post("/finish")

    def status(self) -> TestResponse:
        return self.client.get(f"/uploads/{self.upload_id}", headers=JSON)

    def whole(self) -> TestResponse:
        """Everything in order; the answer to the end."""
        assert self.begin().status_code == 200
        for offset in range(0, len(self.data), CHUNK):
            assert self.chunk(offset).status_code == 200
        return self.finish()
