"""A drawing (SVG) is taken as it came, if it is only that: shapes and words, nothing that acts or fetches."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lms.kernel.cleaning.child import Refused

MOST_BYTES = 300 * 1024
MOST_SIDE = 4000
MOST_DEEP = 100
"""Parts within parts."""
MOST_DRAWN = 20_000
"""Parts, each counted as often as it is drawn."""
_DRAWN = frozenset([
    "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "text", "tspan", "textPath", "use", "symbol", "marker", "pattern", "clipPath", "mask", "linearGradient",
    "radialGradient", "stop", "style", "filter", "feGaussianBlur", "feOffset", "feMerge", "feMergeNode",
    "feColorMatrix", "feFlood", "feComposite", "metadata", "switch",
])  # fmt: skip
_CSS_FUNCTIONS = frozenset([
    "rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark",
    "calc", "min", "max", "clamp", "var", "matrix", "translate", "translatex", "translatey", "scale", "scalex",
    "scaley", "rotate", "skewx", "skewy", "blur", "brightness", "contrast", "drop-shadow", "grayscale", "hue-rotate",
    "invert", "opacity", "saturate", "sepia", "inset", "circle", "ellipse", "polygon", "path", "linear-gradient",
    "radial-gradient", "not", "is", "where", "nth-child", "nth-last-child", "nth-of-type", "lang",
])  # fmt: skip
"""What a style may call: colours, sums, shapes, ways to turn. None of them fetches anything."""
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_OWN_PART = re.compile(r"url\(\s*(['\"]?)#[A-Za-z0-9_.:-]{1,200}\1\s*\)", re.IGNORECASE)
_CALL = re.compile(r"([A-Za-z0-9_-]+)(\(?)")
_NAMED = re.compile(r"url\(\s*['\"]?#([A-Za-z0-9_.:-]{1,200})", re.IGNORECASE)
_URL = re.compile(r"url\s*\(", re.IGNORECASE)
_AT = re.compile(r"@(?!media\b)", re.IGNORECASE)
_WORDS = frozenset({"id", "class", "role", "lang", "title", "label"})
"""Attributes that no reader takes for a style; so are those that begin with aria- and data-."""
_SPACE = "{http://www.w3.org/2000/svg}"


def clean(source: Path, folder: Path, kind: str) -> dict[str, Any]:
    """Write `file`: the same bytes, if they are only a drawing of a size that pages can show."""
    if source.stat().st_size > MOST_BYTES:
        raise Refused("drawing_large", size=MOST_BYTES // 1024)
    data = source.read_bytes()
    size = judged(data)
    if size is None:
        raise Refused("drawing_broken")
    if not all(0 < side <= MOST_SIDE for side in size):
        raise Refused("drawing_sides", side=MOST_SIDE)
    (folder / "file").write_bytes(data)
    return {"mime": kind}


def judged(data: bytes) -> tuple[int, int] | None:
    """Width and height; None for what is no SVG or does not say its size. Raises Refused for more than a drawing."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<?xml-stylesheet" in data or not _is_utf8(data):
        raise Refused("drawing_doctype")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - no DOCTYPE got this far
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None
    if root.tag != _SPACE + "svg":
        return None
    _require_shallow(root)
    for element in root.iter():
        _require_drawn(element)
    _require_few(root)
    return _size(root)


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if "\0" in text:
        return False  # UTF-16 without its mark: it would hide a DOCTYPE from us, but not from the parser
    declared = re.match(r"\s*(?:\ufeff)?<\?xml[^>]*encoding=[\"']([^\"']+)", text)
    return declared is None or declared[1].lower() in ("utf-8", "utf8")


def _require_shallow(root: ElementTree.Element) -> None:
    """What reads a drawing goes down into it part by part, and not everything that reads it can go down for ever."""
    row = [root]
    for _ in range(MOST_DEEP):
        row = [child for element in row for child in element]
        if not row:
            return
    raise Refused("drawing_heavy")


def _require_few(root: ElementTree.Element) -> None:
    """A part may be drawn again and again, and that again: a few lines can ask for more than a phone can draw."""
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    known: dict[ElementTree.Element, int] = {}
    waiting = [(root, False)]
    under: set[ElementTree.Element] = set()
    while waiting:
        element, drawn = waiting.pop()
        again = [named[name] for name in _references(element) if name in named]
        parts = [*element, *again]
        if drawn:
            under.discard(element)
            known[element] = 1 + sum(known.get(part, 0) for part in parts)
            if known[element] > MOST_DRAWN:
                raise Refused("drawing_heavy")
        elif element not in known and element not in under:
            under.add(element)
            waiting.append((element, True))
            waiting += [(part, False) for part in parts]  # what leads back to itself is drawn by nobody


def _references(element: ElementTree.Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name.rpartition("}")[2].lower() == "href":
            yield value.removeprefix("#")
        else:
            yield from _NAMED.findall(value)


def _require_drawn(element: ElementTree.Element) -> None:
    space, _, local = element.tag.rpartition("}") if isinstance(element.tag, str) else ("", "", "?")
    if local not in _DRAWN or space + "}" != _SPACE:
        raise Refused("drawing_tag", tag=local[:40])
    if local == "style":
        if len(element):
            raise Refused("drawing_style")  # readers leave out the words in it, and read what then stands together
        _require_plain_style(element.text or "")
    for name, value in element.attrib.items():
        local_name = name.rpartition("}")[2].lower()
        if local_name.startswith("on"):
            raise Refused("drawing_script", name=local_name[:40])
        if local_name == "href" and not value.startswith("#"):
            raise Refused("drawing_link")
        if local_name == "base":
            raise Refused("drawing_link")
        if local_name not in _WORDS and not local_name.startswith(("aria-", "data-")):
            _require_plain_style(value)


def _require_plain_style(text: str) -> None:
    """Raise Refused for a style that could fetch something. A sign that is spelled otherwise (\\75rl) is one too many,
    and a name that comments cut in two is read both ways."""
    for said in (text, _COMMENT.sub("", text), _COMMENT.sub(" ", text)):
        bare = _OWN_PART.sub("none", said)
        calls = {name.lstrip("0123456789-").lower() for name, call in _CALL.findall(bare) if call}
        if "\\" in said or _AT.search(said) or _URL.search(bare) or calls - _CSS_FUNCTIONS:
            raise Refused("drawing_style")


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    pairs = [(root.get("width", ""), root.get("height", ""))]
    if len(box) == 4:
        pairs.insert(0, (box[2], box[3]))
    for width, height in pairs:
        numbers = [re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,6})?)(?:px)?", side) for side in (width, height)]
        if numbers[0] and numbers[1]:
            return round(float(numbers[0][1])), round(float(numbers[1][1]))
    return None
