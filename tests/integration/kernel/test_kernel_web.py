"""From a request to an answer: refusals change nothing and say what to do."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from kernel_probe import written
from werkzeug.test import TestResponse


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/probe").text)
    assert found
    return found[1]


def send(client: FlaskClient, deed: str, **headers: str) -> TestResponse:
    return client.post("/probe", data={"csrf_token": token(client), "deed": deed}, headers=headers)


@pytest.fixture
def visitor(kernel_app: Flask) -> FlaskClient:
    return kernel_app.test_client()


def drain(app: Flask) -> None:
    with app.app_context():
        app.extensions["xinglin.runner"].drain()


def test_it_works(kernel_app: Flask, visitor: FlaskClient) -> None:
    answer = send(visitor, "done")
    assert (answer.status_code, answer.location) == (303, "/probe")
    drain(kernel_app)
    assert written(kernel_app) == ["done", "after done"]


@pytest.mark.parametrize(
    ("deed", "status"), [("refused", 409), ("broken", 500), ("answered 422", 422)]
)
def test_what_is_refused_changes_nothing(
    kernel_app: Flask, visitor: FlaskClient, deed: str, status: int
) -> None:
    assert send(visitor, deed).status_code == status
    drain(kernel_app)
    assert written(kernel_app) == []


def test_it_changes_nothing_on_get(kernel_app: Flask, visitor: FlaskClient) -> None:
    # SQLite forgets what was written; PostgreSQL refuses it in a transaction begun READ ONLY.
    assert visitor.get("/probe/writes").status_code in {200, 500}
    drain(kernel_app)
    assert written(kernel_app) == []


@pytest.mark.parametrize("sent", [None, "", "wrong", "错的"])
def test_a_form_without_its_token_is_refused(
    kernel_app: Flask, visitor: FlaskClient, sent: str | None
) -> None:
    token(visitor)
    data = {"deed": "done"} if sent is None else {"deed": "done", "csrf_token": sent}
    answer = visitor.post("/probe", data=data)
    assert answer.status_code == 400
    assert "请重新打开这一页再提交" in answer.text
    assert written(kernel_app) == []


def test_the_token_of_another_browser_is_refused(kernel_app: Flask, visitor: FlaskClient) -> None:
    token(visitor)
    theirs = token(kernel_app.test_client())
    answer = visitor.post("/probe", data={"deed": "done", "csrf_token": theirs})
    assert answer.status_code == 400
    assert written(kernel_app) == []


def test_a_forged_cookie_is_nobodys(kernel_app: Flask, visitor: FlaskClient) -> None:
    good = token(visitor)
    visitor.set_cookie("xinglin", "eyJjc3JmIjoieCJ9.forged.forged")
    assert visitor.post("/probe", data={"deed": "done", "csrf_token": good}).status_code == 400
    assert written(kernel_app) == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(kernel_app: Flask, visitor: FlaskClient, site: str) -> None:
    assert send(visitor, "done", **{"Sec-Fetch-Site": site}).status_code == 400
    assert written(kernel_app) == []


def test_a_script_may_send_the_token_in_a_header(kernel_app: Flask, visitor: FlaskClient) -> None:
    answer = visitor.post("/probe", data={"deed": "done"}, headers={"X-CSRF-Token": token(visitor)})
    assert answer.status_code == 303
    assert written(kernel_app) == ["done"]


def test_a_script_is_refused_in_json(visitor: FlaskClient) -> None:
    answer = send(visitor, "refused", Accept="application/json")
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == 409
    assert "刚刚被改过" in body["title"]
    assert body["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_unknown_fault_shows_a_number_and_no_inside(
    kernel_app: Flask, visitor: FlaskClient, accept: str
) -> None:
    answer = visitor.get("/probe/broken", headers={"Accept": accept, "X-Request-Id": "abcdef0123456789"})
    assert answer.status_code == 500
    assert "abcdef0123456789" in answer.text
    for inside in ("Traceback", "RuntimeError", "the inside of the house", "kernel_probe"):
        assert inside not in answer.text


def test_a_strange_request_id_is_not_taken(visitor: FlaskClient) -> None:
    answer = visitor.get("/healthz", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize("page", ["/healthz", "/probe", "/no-such-page", "/probe/broken"])
def test_every_answer_has_its_security_headers(visitor: FlaskClient, page: str) -> None:
    headers = visitor.get(page).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy


def test_the_cookie_is_not_for_scripts_or_other_sites(visitor: FlaskClient) -> None:
    cookie = visitor.get("/probe").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_nobody_is_led_to_the_sign_in_page_and_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/probe/private?page=2")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/probe/private%3Fpage%3D2")
    script = visitor.get("/probe/private", headers={"Accept": "application/json"})
    assert script.status_code == 401


def test_too_much_is_refused_in_words(kernel_app: Flask, visitor: FlaskClient) -> None:
    data = {"csrf_token": token(visitor), "deed": "x" * (25 * 1024 * 1024)}
    answer = visitor.post("/probe", data=data)
    assert answer.status_code == 413
    assert "太大" in answer.text
    assert written(kernel_app) == []


def test_a_wrong_method_is_refused_in_words(visitor: FlaskClient) -> None:
    answer = visitor.put("/probe")
    assert answer.status_code == 405
    assert "请回上一页" in answer.text


@pytest.mark.parametrize("path", ["/%ff", "/probe/%00", "/static/../wsgi.py", "/" + "a" * 5000])
def test_strange_addresses_are_not_found(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_a_sign_no_database_keeps_is_refused_in_words(kernel_app: Flask, visitor: FlaskClient) -> None:
    answer = send(visitor, "do\0ne")
    assert answer.status_code == 400
    assert "存不了的符号" in answer.text
    assert visitor.get("/probe?q=a%00b").status_code == 400
    assert written(kernel_app) == []


def test_long_pages_are_squeezed_for_those_who_take_it(visitor: FlaskClient) -> None:
    plain = visitor.get("/no-such-page")
    small = visitor.get("/no-such-page", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"] + str(small.headers.getlist("Vary"))
    assert len(small.data) < len(plain.data)
    assert "Content-Encoding" not in plain.headers


def test_static_files_are_kept_for_ever_under_their_hash(kernel_app: Flask, visitor: FlaskClient) -> None:
    name = kernel_app.extensions["xinglin.static"]["xinglin.css"]
    with visitor.get(f"/static/{name}") as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert visitor.get("/static/xinglin.css").status_code == 404
