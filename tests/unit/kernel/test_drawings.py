"""What a drawing may be: its style fetches nothing, however that is spelled; its root may stand far below."""

import time

import pytest

from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.drawings import judged
from lms.kernel.cleaning.kinds import LOOK, Drawing, drawing

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
FETCHING = (
    "fill:url(http://127.0.0.1:9/x)", "background:image-set('http://127.0.0.1:9/x' 1x)",
    "background:-webkit-image-set(url(#a) 1x)", "background:image('x.png')", "background:cross-fade(url(#a),url(#b))",
    "background:element(#a)", "background:src('x')", "fill:\\75rl(http://127.0.0.1:9/x)", "fill:u/**/rl(http://x)",
    "fill:url/**/(http://x)", "fill:url(/**/http://x)", "fill:url( 'http://x#a')", "fill:url(#a http)",
    "fill:url (http://x)", "fill:URL(HTTP://X)", "fill:url(", "width:expression(1)", "fill:attr(href)",
    "background:ima/**/ge-set('x')", "fill:url(#a)url(//b)", "background:paint(x)",
)  # fmt: skip
RULES = ("@import 'x'", "@IMPORT url(#a)", "@font-face{src:url(#a)}", "@namespace x 'y'", "/* @media */ @import 'x'")
HARMLESS = (
    "fill:url(#g)", "fill:url( '#g' )", "fill:rgb(1 2 3)", "transform:rotate(45deg) translate(1px,2px)",
    "font-family:'Noto Sans'", "filter:drop-shadow(0 0 1px #000)", "fill:/* red */#f00", "width:calc(1px + 2%)",
)  # fmt: skip


@pytest.mark.parametrize("style", FETCHING)
def test_a_style_that_could_fetch_is_refused(style: str) -> None:
    shown = style.replace("'", "&#39;")
    sheets = (f"<style>.a{{{style}}}</style>", f"<style><![CDATA[.a{{{style}}}]]></style>")
    for inside in (*sheets, f"<g style='{shown}'/>", f"<g fill='{shown.partition(':')[2]}'/>"):
        with pytest.raises(Refused):
            judged(SVG.format(inside).encode())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_could_fetch_is_refused(rule: str) -> None:
    with pytest.raises(Refused):
        judged(SVG.format(f"<style>{rule}</style>").encode())


@pytest.mark.parametrize("style", HARMLESS)
def test_a_style_that_only_draws_is_taken(style: str) -> None:
    said = style.replace("'", "&#39;")
    media = "@media (prefers-color-scheme: dark)"
    inside = f"<style>.a{{{style}}} {media}{{.a{{{style}}}}} g:nth-child(2){{fill:red}}</style><g style='{said}'/>"
    assert judged(SVG.format(inside).encode()) == (9, 9)


def test_words_for_readers_are_no_style() -> None:
    assert judged(SVG.format('<g aria-label="BP(mmHg) @home" id="a(b)"><title>x(y)</title></g>').encode()) == (9, 9)
    with pytest.raises(Refused):
        judged(SVG.format('<g xml:base="http://127.0.0.1:9/"><use href="#a"/></g>').encode())


@pytest.mark.parametrize("head", [
    "<!--" + "x" * 9000 + "-->", "\ufeff<?xml version='1.0'?>\n" + "<!-- a > b -->\n" * 500,
    "<?xml-x " + "y" * 5000 + "?>", "",
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [<!ENTITY a "b">]>\n',
])  # fmt: skip
def test_the_root_is_found_behind_a_long_head(head: str) -> None:
    plain = SVG.format("<g/>")
    named = plain.replace("<svg xmlns=", "<ns0:svg xmlns:ns0=")
    for text in (plain, named):
        assert drawing((head + text).encode()[:LOOK]) is Drawing.SVG


@pytest.mark.parametrize("text", [
    "<html><svg>", "<!--" + "x" * LOOK + "--><svg/>", "<!-- <svg> --><p>", "<svgx>", "x<svg>", "<!DOCTYPE html><svg/>",
])  # fmt: skip
def test_what_has_another_root_is_no_drawing(text: str) -> None:
    assert drawing(text.encode()[:LOOK]) is None


@pytest.mark.parametrize("inside", [
    "<style>@<g>media </g>import 'http://127.0.0.1:9/x';</style>",
    '<style>rect{fill:url<g>"</g>(//127.0.0.1:9/x#a)<g>"</g>}</style>',
])  # fmt: skip
def test_a_style_with_parts_in_it_is_refused(inside: str) -> None:
    with pytest.raises(Refused):
        judged(SVG.format(inside).encode())


@pytest.mark.parametrize("inside", ['<path d="{}"/>', "<style>{}</style>", '<g fill="{}"/>'])
def test_long_names_are_read_once(inside: str) -> None:
    began = time.process_time()
    judged(SVG.format(inside.format("a" * 280_000)).encode())
    assert time.process_time() - began < 2


def test_a_part_that_is_drawn_again_and_again_is_refused() -> None:
    def levels(count: int, name: str) -> str:
        uses = "".join(f'<g id="a{n}">{name.format(n - 1) * 10}</g>' for n in range(1, count))
        return SVG.format(f'<g id="a0"/>{uses}')

    for name in ('<use href="#a{}"/>', '<path fill="url(#a{})"/>'):
        assert judged(levels(4, name).encode()) == (9, 9)
        with pytest.raises(Refused):
            judged(levels(10, name).encode())
    round_about = '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'
    assert judged(SVG.format(round_about).encode()) == (9, 9), "what leads back to itself is drawn by nobody"


def test_parts_within_parts_end_somewhere() -> None:
    assert judged(SVG.format("<g>" * 90 + "</g>" * 90).encode()) == (9, 9)
    with pytest.raises(Refused):
        judged(SVG.format("<g>" * 5000 + "</g>" * 5000).encode())
