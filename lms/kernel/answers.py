"""What every answer has: a number, headers, compression; and a refusal is a page that says why."""

import gzip
import re
import time
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lms.kernel import i18n
from lms.kernel.actor import NOBODY, Actor
from lms.kernel.cookies import SignedCookie
from lms.kernel.errors import DomainError, NotFound, NotSignedIn, TooLarge
from lms.kernel.ids import new_token
from lms.kernel.templates import PageEnvironment
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, here, language_of, load_actor, render, wants_json

log = structlog.get_logger("web")


def install(app: Flask) -> None:
    """Request ids, languages, error pages, headers, compression."""
    app.jinja_environment = PageEnvironment
    app.session_interface = SignedCookie(app)
    app.before_request(_begin)
    app.after_request(_headers)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else new_token()
    g.started = time.perf_counter()
    i18n.speak(language_of(NOBODY))
    _refuse_long_forms()


def _refuse_long_forms() -> None:
    """Werkzeug bounds what a form with files keeps in memory, but reads one of words whole: 24 MB of them would cost
    seconds and 300 MB. What is too long is read and dropped, so that the browser reads our answer."""
    if request.mimetype != "application/x-www-form-urlencoded":
        return
    most = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if request.content_length is None:
        request.max_content_length = most
    elif request.content_length > most:
        while request.stream.read(1 << 16):
            pass
        raise RequestEntityTooLarge


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Request-Id", g.get("request_id", ""))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'",
    )
    headers.setdefault("Cache-Control", "private, no-store" if current_actor().shared else "private, no-cache")
    headers.add("Vary", "Cookie, Accept-Language")
    log.info(
        "request",
        id=g.get("request_id"),
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    )
    return response


def _refused(error: DomainError) -> ResponseReturnValue:
    if isinstance(error, NotSignedIn) and not wants_json():
        return redirect(f"/sign-in?next={quote(here())}", code=303)
    return _error_page(error.status, error.message)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    if "actor" not in g:
        g.actor = _reader()
    known: dict[int, type[DomainError]] = {404: NotFound, 413: TooLarge}
    if status in known:
        return _error_page(status, known[status].default())
    if status == 405:
        return _error_page(405, msg("这个地址不能这样打开。请回上一页，用页面上的按钮。"))
    return _error_page(status, msg("这次请求没有看懂，什么也没有改动。请回上一页再试。"))


def _reader() -> Actor:
    """Who reads a refusal that no view gave (an unknown address); nobody when that cannot be told now."""
    try:
        with unit_of_work(write=False):
            actor = load_actor()
    except Exception:
        log.exception("nobody", id=g.get("request_id"))
        return NOBODY
    i18n.speak(language_of(actor))
    return actor


def _fault(error: Exception) -> ResponseReturnValue:
    log.exception("fault", id=g.get("request_id"), endpoint=request.endpoint)
    return _error_page(
        500,
        msg("我们这边出了问题，您的记录没有丢。过几分钟再试；还不行，请把下面的编号告诉管理员。"),
    )


TITLES = {
    401: msg("请先登录"),
    403: msg("这一步不能做"),
    404: msg("没有找到"),
    409: msg("内容已经变了"),
    410: msg("已经失效"),
    413: msg("太大了"),
    422: msg("有几处要改"),
    429: msg("请稍等一会儿"),
    500: msg("我们这边出了问题"),
}


def _error_page(status: int, message: Message) -> ResponseReturnValue:
    text = i18n.translate(message)
    if wants_json():
        body = {"title": text, "status": status, "request_id": g.get("request_id")}
        response = make_response(body, status)
        response.content_type = "application/problem+json"
        return response
    if "actor" not in g:
        g.actor = NOBODY
    page = render(
        "_layout/error.html",
        status=status,
        title=TITLES.get(status, msg("这一步没有做成")),
        text=text,
        request_id=g.get("request_id") if status >= 500 else "",
    )
    return page, status


class Compressed:
    """gzip for text pages, for installations without a proxy that does it."""

    LEAST = 900
    KINDS = ("text/", "application/json", "image/svg+xml")

    def __init__(self, app: Flask) -> None:
        app.after_request(self.squeeze)

    def squeeze(self, response: Response) -> Response:
        """Compress a whole, long enough text answer that the client takes compressed."""
        if (
            response.direct_passthrough
            or response.status_code in {204, 304}
            or "Content-Encoding" in response.headers
            or not (response.mimetype or "").startswith(self.KINDS)
            or "gzip" not in request.headers.get("Accept-Encoding", "")
        ):
            return response
        data = response.get_data()
        if len(data) < self.LEAST:
            return response
        response.set_data(gzip.compress(data, compresslevel=3, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
        return response
