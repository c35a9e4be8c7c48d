"""A file as the answer of a request."""

from flask import Response
from werkzeug.datastructures import Headers

from lms.credits.exports import File


def as_download(file: File) -> Response:
    """The file to be saved, and not to be kept by anybody on the way."""
    headers = Headers()
    headers.add("Content-Disposition", "attachment", filename=file.name)
    headers.add("Cache-Control", "private, no-store")
    return Response(file.body, mimetype=file.mimetype, headers=headers)
