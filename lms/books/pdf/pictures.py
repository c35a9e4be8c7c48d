"""Pictures on paper: drawings (SVG) as lines and letters, photographs as they are."""

import io
import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from PIL import Image as Pillow
from reportlab.lib.colors import Color, toColor
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from lms.books.pdf.letters import LINE, Letters
from lms.courses.packages.package import Medium

MAX_PIXELS = 20_000_000
MOST_DEEP = 50
"""Groups in groups: each takes several calls, and a page is laid out within many."""
_SPACE = "{http://www.w3.org/2000/svg}"
_DRAWN = {"svg", "g", "rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "text", "tspan"}
_SILENT = {"title", "desc", "metadata", "style", "defs"}
_STEP = re.compile(r"[MmLlHhVvCcSsQqTtAaZz]|[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.?)(?:[eE][-+]?[0-9]+)?")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TRANSFORM = re.compile(r"(translate|rotate|scale|matrix)\(([^)]*)\)")
_WANTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


class NotDrawnError(ValueError):
    """A drawing that uses something this hand cannot draw."""


class Picture(Flowable):
    """A picture as wide as it is on a screen, at most as wide and high as there is room."""

    def __init__(self, medium: Medium, data: bytes, letters: Letters, width: float, height: float) -> None:
        super().__init__()
        scale = min(1.0, width / medium.width, height / medium.height)
        self.width, self.height = medium.width * scale, medium.height * scale
        self.hAlign = "CENTER"
        self._draw = _drawing(data, letters) if medium.mime == "image/svg+xml" else _photograph(data)
        self._natural = (medium.width, medium.height)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(0, 0, self.width, self.height)
        canvas.clipPath(clip, stroke=0)
        canvas.scale(self.width / self._natural[0], self.height / self._natural[1])
        self._draw(canvas, *self._natural)
        canvas.restoreState()


def _photograph(data: bytes) -> Callable[..., None]:
    try:
        with Pillow.open(io.BytesIO(data)) as found:
            if found.width * found.height > MAX_PIXELS:
                raise NotDrawnError
            found.load()
            flat = Pillow.new("RGB", found.size, "white")
            flat.paste(found.convert("RGBA"), mask=found.convert("RGBA").getchannel("A"))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as fault:
        raise NotDrawnError from fault

    def draw(canvas: Any, width: float, height: float) -> None:
        canvas.drawImage(ImageReader(flat), 0, 0, width, height)

    return draw


def _drawing(data: bytes, letters: Letters) -> Callable[..., None]:
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - the checker let no DOCTYPE in
    except ElementTree.ParseError as fault:
        raise NotDrawnError from fault
    for element in root.iter():
        name = str(element.tag).removeprefix(_SPACE)
        if name not in _DRAWN | _SILENT or (name == "defs" and len(element)):
            raise NotDrawnError
    if _is_deep(root):
        raise NotDrawnError
    hand = _Hand(root, letters)
    hand.rehearse()
    return hand.draw


def _is_deep(root: ElementTree.Element) -> bool:
    level = [root]
    for _ in range(MOST_DEEP):
        level = [child for element in level for child in element]
    return bool(level)


class _Hand:
    """Draws the elements of one SVG. Its y goes down, the canvas's up: the whole is turned over once."""

    def __init__(self, root: ElementTree.Element, letters: Letters) -> None:
        self._root, self._letters = root, letters
        box = [float(one) for one in re.findall(r"-?[0-9.]+", root.get("viewBox", ""))]
        self._box = box if len(box) == 4 else None
        sheet = "".join(style.text or "" for style in root.iter(f"{_SPACE}style"))
        self._rules = {
            name.strip().removeprefix("."): _declared(said)
            for names, said in _RULE.findall(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
            for name in names.split(",")
        }

    def rehearse(self) -> None:
        """Find out before the page is laid out whether all of it can be drawn."""
        try:
            self.draw(_NoCanvas(), 100, 100)
        except (ValueError, KeyError, IndexError, ZeroDivisionError, OverflowError) as fault:
            raise NotDrawnError from fault

    def draw(self, canvas: Any, width: float, height: float) -> None:
        canvas.translate(0, height)
        canvas.scale(1, -1)
        if self._box:
            left, top, wide, high = self._box
            canvas.scale(width / wide, height / high)
            canvas.translate(-left, -top)
        self._element(canvas, self._root, {"fill": "#000000", "stroke": "none"})

    def _element(self, canvas: Any, element: ElementTree.Element, given: Mapping[str, str]) -> None:
        name = str(element.tag).removeprefix(_SPACE)
        if name in _SILENT:
            return
        own = {key: value for key, value in element.attrib.items() if key not in ("transform", "style", "class")}
        for rule in (name, *element.get("class", "").split()):
            own |= self._rules.get(rule, {})
        own |= _declared(element.get("style", ""))
        look = {key: value for key, value in given.items() if key in _INHERITED} | own
        canvas.saveState()
        _transform(canvas, element.get("transform", ""))
        if name in ("svg", "g"):
            for child in element:
                self._element(canvas, child, look)
        elif name in ("text", "tspan"):
            self._text(canvas, element, look)
        else:
            self._shape(canvas, name, look)
        canvas.restoreState()

    def _shape(self, canvas: Any, name: str, look: Mapping[str, str]) -> None:
        fill, stroke = _paint(canvas, look)
        if name == "line":
            fill = False
        number = _numbers(look)
        if name == "rect":
            x, y, w, h = (number(one) for one in ("x", "y", "width", "height"))
            canvas.roundRect(x, y, w, h, min(number("rx"), w / 2, h / 2), fill=fill, stroke=stroke)
            return
        if name in ("circle", "ellipse"):
            rx, ry = (number("r"),) * 2 if name == "circle" else (number("rx"), number("ry"))
            x, y = number("cx"), number("cy")
            canvas.ellipse(x - rx, y - ry, x + rx, y + ry, fill=fill, stroke=stroke)
            return
        path = canvas.beginPath()
        if name == "line":
            path.moveTo(number("x1"), number("y1"))
            path.lineTo(number("x2"), number("y2"))
        elif name == "path":
            _trace(path, look.get("d", ""))
        else:
            points = [float(one) for one in _STEP.findall(look.get("points", ""))]
            path.moveTo(*points[:2])
            for at in range(2, len(points) - 1, 2):
                path.lineTo(*points[at : at + 2])
            if name == "polygon":
                path.close()
        canvas.drawPath(path, fill=fill, stroke=stroke)

    def _text(self, canvas: Any, element: ElementTree.Element, look: Mapping[str, str]) -> None:
        number = _numbers(look)
        x, y, size = number("x"), number("y"), number("font-size") or 16.0
        fill, _ = _paint(canvas, look)
        words = " ".join((element.text or "").split())
        if words and fill:
            heavy = look.get("font-weight", "") in ("bold", "600", "700", "800", "900")
            face = self._letters.face.bold if heavy else self._letters.face.regular
            canvas.saveState()
            canvas.translate(x, y)
            canvas.scale(1, -1)
            canvas.setFont(face, size)
            write = {"middle": canvas.drawCentredString, "end": canvas.drawRightString}
            plain = self._letters.plainly(words)
            write.get(look.get("text-anchor", ""), canvas.drawString)(0, 0, plain)
            canvas.restoreState()
        for child in element:
            if not {"x", "y"} & set(child.attrib) or "dy" in child.attrib or (child.tail or "").strip():
                raise NotDrawnError
            self._element(canvas, child, {**look, "x": str(x), "y": str(y)} | dict(child.attrib))


_INHERITED = frozenset(
    [
        *("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray"),
        *("font-size", "font-weight", "text-anchor", "fill-opacity", "stroke-opacity", "opacity"),
    ]
)


class _NoCanvas:
    """Takes every stroke and draws none."""

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_args, **_how: self


def _declared(style: str) -> dict[str, str]:
    pairs = (one.split(":", 1) for one in style.split(";") if ":" in one)
    return {name.strip(): value.strip() for name, value in pairs}


def _numbers(look: Mapping[str, str]) -> Callable[[str], float]:
    return lambda name: float(look.get(name, "0").removesuffix("px") or 0)


def _colour(text: str, opacity: str) -> Color | None:
    if text in ("none", "transparent", ""):
        return None
    if re.fullmatch(r"#[0-9a-fA-F]{3}", text):
        text = "#" + "".join(2 * one for one in text[1:])
    found = LINE if text == "currentColor" else toColor(text)
    return Color(found.red, found.green, found.blue, alpha=min(1.0, max(0.0, float(opacity or 1))))


def _paint(canvas: Any, look: Mapping[str, str]) -> tuple[bool, bool]:
    whole = look.get("opacity", "1")
    fill = _colour(look.get("fill", ""), look.get("fill-opacity", whole))
    stroke = _colour(look.get("stroke", ""), look.get("stroke-opacity", whole))
    width = _numbers(look)("stroke-width") if "stroke-width" in look else 1.0
    if fill is not None:
        canvas.setFillColor(fill)
    if stroke is not None:
        canvas.setStrokeColor(stroke)
        canvas.setLineWidth(width)
        canvas.setLineCap({"round": 1, "square": 2}.get(look.get("stroke-linecap", ""), 0))
        canvas.setLineJoin({"round": 1, "bevel": 2}.get(look.get("stroke-linejoin", ""), 0))
        dashes = [float(one) for one in _STEP.findall(look.get("stroke-dasharray", ""))]
        if any(dashes):
            canvas.setDash(dashes)
    return fill is not None, stroke is not None and width > 0


def _transform(canvas: Any, text: str) -> None:
    for kind, said in _TRANSFORM.findall(text):
        values = [float(one) for one in _STEP.findall(said)]
        if kind == "translate":
            canvas.translate(values[0], values[1] if len(values) > 1 else 0)
        elif kind == "scale":
            canvas.scale(values[0], values[1] if len(values) > 1 else values[0])
        elif kind == "matrix":
            canvas.transform(*values)
        else:
            x, y = values[1:3] if len(values) == 3 else (0.0, 0.0)
            canvas.translate(x, y)
            canvas.rotate(values[0])
            canvas.translate(-x, -y)


def _trace(path: Any, text: str) -> None:
    """Draw the `d` of a path. Raises NotDrawnError for one that makes no sense."""
    steps, at = _STEP.findall(text), 0
    x = y = start_x = start_y = 0.0
    control: tuple[float, float] | None = None
    letter = "M"
    while at < len(steps):
        if steps[at].isalpha():
            letter, at = steps[at], at + 1
        elif letter in "Zz":
            raise NotDrawnError
        kind = letter.upper()
        values = [float(one) for one in steps[at : at + _WANTS[kind]]]
        if len(values) < _WANTS[kind]:
            raise NotDrawnError
        at += len(values)
        ox, oy = (x, y) if letter.islower() else (0.0, 0.0)
        if kind == "Z":
            path.close()
            x, y = start_x, start_y
        elif kind in "ML":
            x, y = ox + values[0], oy + values[1]
            if kind == "M":
                path.moveTo(x, y)
                start_x, start_y, letter = x, y, "l" if letter == "m" else "L"
            else:
                path.lineTo(x, y)
        elif kind in "HV":
            x, y = (ox + values[0], y) if kind == "H" else (x, oy + values[0])
            path.lineTo(x, y)
        elif kind == "A":
            rx, ry, turn, large, sweep, ex, ey = values
            for curve in _arc((x, y), (rx, ry), turn, large, sweep, (ox + ex, oy + ey)):
                path.curveTo(*curve)
            x, y = ox + ex, oy + ey
        else:
            points = [one + (ox if place % 2 == 0 else oy) for place, one in enumerate(values)]
            if kind in "ST":
                mirror = (2 * x - control[0], 2 * y - control[1]) if control else (x, y)
                points = [*mirror, *points]
            if kind in "QT":
                (qx, qy), (ex, ey) = points[:2], points[2:]
                curve = (x + 2 / 3 * (qx - x), y + 2 / 3 * (qy - y), ex + 2 / 3 * (qx - ex), ey + 2 / 3 * (qy - ey))
                path.curveTo(*curve, ex, ey)
            else:
                path.curveTo(*points)
            control, x, y = (points[-4], points[-3]), points[-2], points[-1]
            continue
        control = None


def _arc(
    start: tuple[float, float], radii: tuple[float, float], turn: float, large: float, sweep: float,
    end: tuple[float, float],
) -> list[tuple[float, ...]]:
    """An elliptical arc as Bézier curves (SVG 1.1, F.6)."""
    (x, y), (rx, ry), (ex, ey) = start, radii, end
    if (x, y) == (ex, ey):
        return []
    if not rx or not ry:
        return [(x, y, ex, ey, ex, ey)]
    rx, ry, phi = abs(rx), abs(ry), math.radians(turn)
    cos, sin = math.cos(phi), math.sin(phi)
    px, py = cos * (x - ex) / 2 + sin * (y - ey) / 2, -sin * (x - ex) / 2 + cos * (y - ey) / 2
    grow = math.sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    below = (rx * py) ** 2 + (ry * px) ** 2
    root = math.sqrt(max(0.0, ((rx * ry) ** 2 - below) / below)) * (-1 if bool(large) == bool(sweep) else 1)
    qx, qy = root * rx * py / ry, -root * ry * px / rx
    cx, cy = cos * qx - sin * qy + (x + ex) / 2, sin * qx + cos * qy + (y + ey) / 2
    first = math.atan2((py - qy) / ry, (px - qx) / rx)
    span = math.atan2((-py - qy) / ry, (-px - qx) / rx) - first
    if sweep and span < 0:
        span += 2 * math.pi
    elif not sweep and span > 0:
        span -= 2 * math.pi
    count = max(1, math.ceil(abs(span) / (math.pi / 2)))
    step = span / count
    reach = 4 / 3 * math.tan(step / 4)

    def place(ux: float, uy: float) -> tuple[float, float]:
        return cx + cos * rx * ux - sin * ry * uy, cy + sin * rx * ux + cos * ry * uy

    curves: list[tuple[float, ...]] = []
    for number in range(count):
        a, b = first + number * step, first + (number + 1) * step
        one = place(math.cos(a) - reach * math.sin(a), math.sin(a) + reach * math.cos(a))
        two = place(math.cos(b) + reach * math.sin(b), math.sin(b) - reach * math.cos(b))
        curves.append((*one, *two, *place(math.cos(b), math.sin(b))))
    return curves
