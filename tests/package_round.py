"""A package there and back through the studio's doors, as the bar asks: out, in, out again, the same bytes."""

import io
import re

from flask.testing import FlaskClient
from pages import forms_of, post_form

from lms.courses.packages.tree import Tree, read_zip


def upload(author: FlaskClient, data: bytes) -> str:
    """Upload a package; the address of its draft."""
    form = next(one for one in forms_of(author.get("/studio/upload").text) if one["names"] >= {"csrf_token"})
    sent = {**dict(form["fields"]), "package": (io.BytesIO(data), "course.zip")}
    answer = author.post("/studio/upload", data=sent)
    assert answer.status_code == 303, answer.text
    return str(re.findall(r"/studio/drafts/[0-9a-f-]{36}", answer.location)[0])


def download(author: FlaskClient, address: str) -> bytes:
    """The package that an address of the studio gives."""
    answer = author.get(f"{address}/package.zip")
    assert (answer.status_code, answer.content_type) == (200, "application/zip"), answer.text
    return answer.data


def there_and_back(author: FlaskClient, tree: Tree, data: bytes) -> bytes:
    """Take `data` (a package of `tree`) in, out, in, write on in the room, and out; every package of it is the same."""
    first = upload(author, data)
    out = download(author, first)
    assert read_zip(out) == tree, "something was lost on the way in"
    second = upload(author, out)
    assert download(author, second) == out, "out, in, out: not the same bytes"
    post_form(author, second, action="/write")
    assert download(author, second) == out, "unfolded into files it is not the same"
    for draft in (first, second):
        post_form(author, draft, action="/withdraw")
    return out
