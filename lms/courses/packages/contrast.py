"""Whether the words in a drawing can be read: their colour against what is painted behind them (WCAG 2.1, 1.4.3).

Judged is what can be known without drawing: plain colours, shapes with simple borders, shifted groups. Where a
gradient, a turned group or a free form lies behind a word, nothing is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import Drawings
from lms.kernel.text import msg

LEAST, LEAST_LARGE = 4.5, 3.0
LARGE, LARGE_BOLD = 24.0, 18.66
"""Font sizes in CSS pixels from which large text begins."""
USUAL_SIZE = 16.0
MOST_SHAPES = 2000
PAPER = (255, 255, 255)

Colour = tuple[int, int, int]
_NAMES: Mapping[str, Colour] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "orange": (255, 165, 0),
}  # fmt: skip
_RULE = re.compile(r"\.([A-Za-z_][\w-]*)\s*\{([^}]*)\}")
_FILL = re.compile(r"(?:^|;)\s*fill\s*:\s*([^;]+)")
_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*([0-9.]{1,8})(?:px)?\s*(?:;|$)")
_SHIFT = re.compile(r"\s*translate\(\s*(-?[0-9.]{1,12})(?:[\s,]+(-?[0-9.]{1,12}))?\s*\)\s*")
_NUMBER = re.compile(r"-?[0-9]{0,9}\.?[0-9]{1,9}")


def read_contrast(drawings: Drawings, findings: Findings) -> None:
    """An error of publishing for each drawing with words too pale for what is behind them; the worst
    of a drawing is named."""
    for path, root in drawings.items():
        pale = [(found, words) for found, least, words in _words(root) if found < least]
        if pale:
            found, words = min(pale)
            findings.unfit(
                path, 0, msg("图里的字看不清：“{words}”和底色的对比只有 {found}，至少要 {least}",
                             words=words[:20], found=f"{found:.1f}", least=f"{LEAST:g}"),
            )  # fmt: skip


def ratio(one: Colour, other: Colour) -> float:
    """How well two colours stand apart: 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element has from those around it. `fill`: None where it cannot be known, "" for nothing painted;
    `shift`: None inside a group that is turned or scaled."""

    fill: Colour | str | None = (0, 0, 0)
    size: float = USUAL_SIZE
    bold: bool = False
    shift: tuple[float, float] | None = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Something painted: the box around it, its colour (None: unknown), whether it fills the box (else: perhaps)."""

    box: tuple[float, float, float, float]
    colour: Colour | None
    round: bool
    whole: bool

    def covers(self, x: float, y: float) -> bool:
        left, top, right, bottom = self.box
        if not (left <= x <= right and top <= y <= bottom):
            return False
        if not self.round:
            return True
        wide, high = (right - left) / 2 or 1, (bottom - top) / 2 or 1
        return ((x - left - wide) / wide) ** 2 + ((y - top - high) / high) ** 2 <= 1


@dataclass(slots=True)
class _Drawing:
    rules: Mapping[str, str]
    shapes: list[_Shape] = field(default_factory=list)


def _words(root: ElementTree.Element) -> Iterator[tuple[float, float, str]]:
    """Contrast, the least it should have, and the words, for each text whose ground is known."""
    style = "".join(one.text or "" for one in root.iter() if _name(one) == "style")
    drawing = _Drawing({match[1]: match[2] for match in _RULE.finditer(style)})
    yield from _walk(root, _Look(), drawing)


def _walk(element: ElementTree.Element, around: _Look, drawing: _Drawing) -> Iterator[tuple[float, float, str]]:
    name, look = _name(element), _look(element, around, drawing.rules)
    if name in ("defs", "symbol", "clipPath", "mask", "pattern", "marker"):
        return
    if name in ("text", "tspan"):
        yield from _judged(element, look, drawing)
    elif len(drawing.shapes) < MOST_SHAPES:
        shape = _shape(name, element, look)
        if shape is not None:
            drawing.shapes.append(shape)
    for child in element:
        yield from _walk(child, look, drawing)


def _judged(element: ElementTree.Element, look: _Look, drawing: _Drawing) -> Iterator[tuple[float, float, str]]:
    words = " ".join((element.text or "").split())
    place = _numbers(element, ("x", "y"))
    if not words or place is None or look.shift is None or not isinstance(look.fill, tuple):
        return
    x, y = place[0] + look.shift[0], place[1] + look.shift[1] - look.size / 3
    ground = _ground(drawing.shapes, x, y)
    if ground is not None:
        large = look.size >= (LARGE_BOLD if look.bold else LARGE)
        yield ratio(look.fill, ground), LEAST_LARGE if large else LEAST, words


def _ground(shapes: Sequence[_Shape], x: float, y: float) -> Colour | None:
    """The colour behind a point, paper where nothing is painted; None if it cannot be known."""
    for shape in reversed(shapes):
        if shape.covers(x, y):
            return shape.colour if shape.whole else None
    return PAPER


def _shape(name: str, element: ElementTree.Element, look: _Look) -> _Shape | None:
    if look.fill == "" or name not in ("rect", "circle", "ellipse", "path", "polygon", "polyline", "use"):
        return None
    colour = look.fill if isinstance(look.fill, tuple) and not element.get("fill-opacity", "") else None
    if element.get("opacity", "1") not in ("1", "1.0"):
        colour = None
    everywhere = (-1e9, -1e9, 1e9, 1e9)
    if look.shift is None or name == "use":
        return _Shape(everywhere, None, round=False, whole=False)
    box = _box(name, element)
    if box is None:
        return None
    x, y = look.shift
    moved = (box[0] + x, box[1] + y, box[2] + x, box[3] + y)
    return _Shape(moved, colour, name in ("circle", "ellipse"), name in ("rect", "circle", "ellipse"))


def _box(name: str, element: ElementTree.Element) -> tuple[float, float, float, float] | None:
    if name == "rect":
        corner = _numbers(element, ("x", "y")) or (0.0, 0.0)
        size = _numbers(element, ("width", "height"))
        # In per cent, as a ground often is: the whole drawing.
        size = size or (1e9, 1e9)
        return corner[0], corner[1], corner[0] + size[0], corner[1] + size[1]
    if name in ("circle", "ellipse"):
        middle = _numbers(element, ("cx", "cy")) or (0.0, 0.0)
        radius = _numbers(element, ("r", "r") if name == "circle" else ("rx", "ry"))
        if radius is None:
            return None
        return middle[0] - radius[0], middle[1] - radius[1], middle[0] + radius[0], middle[1] + radius[1]
    said = element.get("d", "") or element.get("points", "")
    if re.search("[a-z]", said.replace("z", "")):
        return -1e9, -1e9, 1e9, 1e9  # relative steps: it may lie anywhere
    numbers = [float(one) for one in _NUMBER.findall(said[:20_000])]
    across, down = numbers[::2], numbers[1::2]
    return (min(across), min(down), max(across), max(down)) if down else None


def _look(element: ElementTree.Element, around: _Look, rules: Mapping[str, str]) -> _Look:
    said = ";".join(
        (*(rules.get(one, "") for one in element.get("class", "").split()), element.get("style", ""))
    )  # fmt: skip
    in_style = _FILL.findall(said)
    fill = in_style[-1] if in_style else element.get("fill")
    sizes = _SIZE.findall(said)
    size = _number(sizes[-1] if sizes else element.get("font-size", "").removesuffix("px"))
    weight = element.get("font-weight", "") or said
    return _Look(
        around.fill if fill is None or fill.strip() == "inherit" else _colour(fill),
        size or around.size,
        around.bold or "bold" in weight or bool(re.search(r"\b[7-9]00\b", weight)),
        _shifted(around.shift, element.get("transform")),
    )


def _shifted(shift: tuple[float, float] | None, transform: str | None) -> tuple[float, float] | None:
    if transform is None or shift is None:
        return shift
    found = _SHIFT.fullmatch(transform)
    if found is None:
        return None
    x, y = _number(found[1]), _number(found[2] or "0")
    return None if x is None or y is None else (shift[0] + x, shift[1] + y)


def _colour(said: str) -> Colour | str | None:
    said = said.strip().lower()
    if said in ("none", "transparent"):
        return ""
    if re.fullmatch("#[0-9a-f]{3}", said):
        said = "#" + "".join(one * 2 for one in said[1:])
    if re.fullmatch("#[0-9a-f]{6}", said):
        return int(said[1:3], 16), int(said[3:5], 16), int(said[5:7], 16)
    return _NAMES.get(said)


def _numbers(element: ElementTree.Element, names: tuple[str, str]) -> tuple[float, float] | None:
    first, second = (_number(element.get(name, "")) for name in names)
    return None if first is None or second is None else (first, second)


def _number(said: str) -> float | None:
    return float(said) if re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?|-?\.[0-9]{1,9}", said) else None


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
