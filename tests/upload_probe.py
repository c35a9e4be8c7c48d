"""A page with a file field, because no page of the platform has one for evidence yet; only in tests.

`upload_probe:app` is the house with this page, for a server that browsers visit.
"""

from typing import Any
from uuid import UUID

from flask import Flask
from flask.typing import ResponseReturnValue

from lms.app import create_app
from lms.kernel import i18n, web
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.errors import Invalid
from lms.kernel.serving import file_response
from lms.kernel.uow import unit_of_work
from lms.kernel.web import SIGNED_IN, FeatureBlueprint, current_actor
from lms.uploads.commands import take
from lms.uploads.forms import sent_uploads

PAGE = """{% extends "_layout/base.html" %}{% from "_parts/upload.html" import upload_field %}
{% from "_parts/fields.html" import csrf %}
{% block title %}{{ _("上传课程包") }}{% endblock %}
{% block scripts %}<script type="module" src="{{ static_url("upload.js") }}"></script>{% endblock %}
{% block main %}<h1>{{ _("上传课程包") }}</h1>
<form class="card flow" method="post" enctype="multipart/form-data" action="/probe/upload">{{ csrf() }}
{{ upload_field("files", _("草稿"), _("提交"), errors=errors) }}
<button class="btn">{{ _("提交") }}</button></form>
<ul id="taken">{% for one in taken %}<li data-sha="{{ one.sha }}" data-arrived="{{ one.arrived_sha }}"
 data-chosen="{{ one.chosen_sha }}">{{ one.name }} {{ one.mime }}
<a href="/probe/file/{{ one.sha }}/{{ one.mime }}">{{ one.size }}</a></li>{% endfor %}</ul>{% endblock %}"""


def page(**context: Any) -> str:
    """The page in the reader's language."""
    environment = web._environments[i18n.locale()]
    filled = {"errors": (), "taken": ()} | context
    return environment.from_string(PAGE).render(filled, actor=current_actor(), lang=i18n.locale())


def blueprint() -> FeatureBlueprint:
    """A form, what it takes, and a stored file."""
    bp = FeatureBlueprint("upload_probe", __name__)

    @bp.get("/probe/upload", who=SIGNED_IN)
    def form() -> ResponseReturnValue:
        return page()

    @bp.post("/probe/upload", who=SIGNED_IN, own_units=True)
    def sent() -> ResponseReturnValue:
        actor = current_actor()
        try:
            found = sent_uploads(actor, "files", EVIDENCE)
        except Invalid as refused:
            return page(errors=[refused.message]), 422
        with unit_of_work():
            taken = [take(actor, upload_id, EVIDENCE, "probe:1") for upload_id in found]
        return page(taken=taken)

    @bp.post("/probe/take/<uuid:upload_id>/<thing>", who=SIGNED_IN)
    def take_one(upload_id: UUID, thing: str) -> ResponseReturnValue:
        return {"sha": take(current_actor(), upload_id, EVIDENCE, thing).sha}

    @bp.get("/probe/file/<sha>/<path:mime>", who=SIGNED_IN)
    def stored(sha: str, mime: str) -> ResponseReturnValue:
        return file_response(sha, mime, "进修 证明.exe")

    return bp


def with_page(app: Flask) -> Flask:
    """The house with the page in it."""
    app.register_blueprint(blueprint().blueprint)
    return app


def __getattr__(name: str) -> Flask:
    """`upload_probe:app`, built when a server asks for it."""
    if name == "app":
        return with_page(create_app())
    raise AttributeError(name)
