"""A stored file as an answer: by its own type, never guessed at, never run, from any place on.

Whether she may have it has been decided before: by the feature whose file it is.
"""

from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from lms.kernel import files
from lms.kernel.cleaning.notes import VERSION, without_notes

# A picture, a film, sound and its words are shown; anything else, opened beside our pages, could act in their name.
SHOWN = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp",
    "video/mp4": "mp4", "audio/mp4": "m4a", "audio/ogg": "ogg", "text/vtt": "vtt",
}  # fmt: skip
SAVED = {"application/pdf": "pdf"}


class _Later:
    """A stored file that is opened when it is read: many answers end without (304, HEAD, 416)."""

    def __init__(self, sha: str) -> None:
        self.open, self.place = files.opener(sha), 0
        self.file: BinaryIO | None = None

    def seekable(self) -> bool:
        return True

    def seek(self, place: int) -> None:
        self.place = place

    def tell(self) -> int:
        return self.place

    def read(self, count: int) -> bytes:
        if self.file is None:
            self.file = self.open()
            self.file.seek(self.place)
        return self.file.read(count)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def file_response(sha: str, mime: str, name: str) -> Response:
    """Stored bytes, whole or the range that was asked for; `name` is what she would save it as.

    Raises NotFound if there is no such file and ValueError for a type that this house does not serve.
    Kept by her browser only, and asked for again each time: a right to see may end.
    """
    if mime not in SHOWN and mime not in SAVED:
        raise ValueError(f"{mime} is never served")
    size = files.size(sha)
    response = Response(FileWrapper(cast(BinaryIO, _Later(sha)), 64 * 1024), mimetype=mime, direct_passthrough=True)
    response.content_length = size
    _say(response, sha, mime, name)
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


def picture_response(sha: str, mime: str, name: str) -> Response:
    """A stored picture without the notes in it: one that came in a package is kept as it came, and only a package gives
    it out so. Raises NotFound if there is no such file."""
    files.size(sha)
    response = Response(mimetype=mime)
    _say(response, sha, mime, name)
    # The same picture with its notes was once sent under the bare SHA.
    response.set_etag(f"{sha}-{VERSION}")
    response.make_conditional(request)
    if request.method == "HEAD":
        response.automatically_set_content_length = False
        del response.headers["Content-Length"]
    elif response.status_code == 200:
        response.set_data(without_notes(files.read(sha), mime))
    return response


def _say(response: Response, sha: str, mime: str, name: str) -> None:
    response.set_etag(sha)
    ending = SHOWN.get(mime) or SAVED[mime]
    full = quote(f"{name.rpartition('.')[0] or name or sha[:12]}.{ending}", safe="")
    how = "inline" if mime in SHOWN else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename=\"{sha[:12]}.{ending}\"; filename*=UTF-8''{full}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
