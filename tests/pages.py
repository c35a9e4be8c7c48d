"""Using a page as a person does: fetch it, fill the form it shows, send what it would send."""

from html.parser import HTMLParser
from typing import TypedDict
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Form(TypedDict):
    """A form as a page shows it; `fields` and `buttons` are what it would send untouched."""

    action: str
    method: str
    id: str | None
    names: set[str]
    fields: list[tuple[str, str]]
    buttons: list[tuple[str, str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._form = {
                "action": a.get("action") or "",
                "method": (a.get("method") or "get").lower(),
                "fields": [],
                "names": set(),
                "buttons": [],
                "id": a.get("id"),
            }
            self.forms.append(self._form)
        if self._form is None or "disabled" in a:
            return
        fields, names = self._form["fields"], self._form["names"]
        name = a.get("name")
        if tag == "input" and name:
            kind = (a.get("type") or "text").lower()
            names.add(name)
            if kind in {"radio", "checkbox"}:
                if "checked" in a:
                    fields.append((name, a.get("value") or "on"))
            elif kind not in {"file", "submit"}:
                fields.append((name, a.get("value") or ""))
        elif tag == "button" and name:
            names.add(name)
            self._form["buttons"].append((name, a.get("value") or ""))
        elif tag == "select" and name:
            names.add(name)
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in a or not any(n == self._select for n, _ in fields):
                fields[:] = [(n, v) for n, v in fields if n != self._select]
                fields.append((self._select, a.get("value") or ""))
        elif tag == "textarea" and name:
            names.add(name)
            self._textarea = name
            fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            fields = self._form["fields"]
            fields[-1] = (self._textarea, (fields[-1][1] + data).lstrip("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None


def forms_of(html: str) -> list[Form]:
    """All forms of a page with what they would send untouched."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms


def post_form(
    client: FlaskClient,
    page: str,
    fill: dict[str, object] | None = None,
    *,
    action: str | None = None,
    follow: bool = False,
) -> TestResponse:
    """Fetch `page`, fill the POST form that has the names of `fill` (and whose action ends with
    `action`), send it. A field the form does not show is a mistake of the test: AssertionError."""
    fill = fill or {}
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status)
    wanted = set(fill)
    for form in forms_of(answer.text):
        target = urlsplit(urljoin(page, form["action"] or page))
        if form["method"] != "post" or not wanted <= form["names"]:
            continue
        if action is not None and not target.path.endswith(action):
            continue
        if action is None and target.path in {"/sign-out", "/account/language"}:
            continue
        data: dict[str, list[object]] = {}
        for name, value in form["fields"]:
            if name not in fill:
                data.setdefault(name, []).append(value)
        for name, value in fill.items():
            data[name] = list(value) if isinstance(value, list) else [value]
        address = target.path + (f"?{target.query}" if target.query else "")
        return client.post(address, data=data, follow_redirects=follow)
    raise AssertionError(f"{page} shows no form with {sorted(wanted)} to {action}")
