"""Folded templates say what plain Jinja says."""

from flask import Flask
from jinja2 import DictLoader
from jinja2.environment import Environment

from lms.kernel.templates import PageEnvironment

WORDS = {"早": "Good <b>morning</b>", "{x} 第": "No.", "第 %(n)s 课": "Lesson %(n)s, 100%%", "满": "full 100%%"}
PAGES = {
    "_parts/icons.html": '{% macro icon(name, kind="") %}<i class="{{ name }} {{ kind }}"></i>{% endmacro %}',
    "page.html": '{% from "_parts/icons.html" import icon %}{% from "_parts/icons.html" import icon as mark %}'
    '{{ _("早") }}|{{ _("第 %(n)s 课", n=number) }}|{{ gettext("满") }}|{{ icon("book") }}|{{ mark("book", "ok") }}'
    '|{{ icon(name) }}|{{ static_url("a.css") }}|{{ _(word) }}|{% if _("早") == word %}no{% endif %}'
    '|{% trans n=number %}第 {{ n }} 课{% endtrans %}|{{ icon("a" ~ "b", kind="x") }}',
    "icon.html": '{% macro icon(name) %}[{{ name }}]{% endmacro %}{{ icon("own") }}',
}


def built(kind: type[Environment]) -> Environment:
    app = Flask(__name__)
    app.jinja_environment = kind
    environment = app.create_jinja_environment()
    environment.loader = DictLoader(PAGES)
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: WORDS.get(text, text), lambda one, many, n: one if n == 1 else many, newstyle=True
    )
    if isinstance(environment, PageEnvironment):
        environment.sentence = lambda text: WORDS.get(text, text)
    environment.globals["static_url"] = lambda name: f"/static/{name}?1&2"
    return environment


def both(page: str, **context: object) -> tuple[str, str]:
    plain = Flask(__name__).jinja_environment
    return tuple(built(kind).get_template(page).render(**context) for kind in (plain, PageEnvironment))  # type: ignore[return-value]


def test_it_works() -> None:
    plain, folded = both("page.html", number=3, name="x", word="满")
    assert folded == plain
    assert "Good <b>morning</b>|Lesson 3, 100%|full 100%" in folded


def test_what_fills_a_gap_is_escaped() -> None:
    plain, folded = both("page.html", number="<script>", name='"><', word="早")
    assert folded == plain
    assert "<script>" not in folded


def test_a_macro_of_the_same_name_is_its_own() -> None:
    plain, folded = both("icon.html")
    assert folded == plain == "[own]"


def test_it_is_folded_when_it_is_compiled() -> None:
    environment = built(PageEnvironment)
    source = environment.compile(PAGES["page.html"], raw=True)
    assert "Good <b>morning</b>" in source
    assert '<i class="book ok">' in source
