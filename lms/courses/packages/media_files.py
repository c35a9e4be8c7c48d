"""Pictures of a package: size in pixels, and whether an SVG is only a drawing."""

import hashlib
import re
import struct
from xml.etree import ElementTree

from lms.courses.packages.fields import Findings
from lms.courses.packages.package import Medium
from lms.courses.packages.recording_files import is_ours
from lms.courses.packages.tree import Tree
from lms.kernel.text import Message, msg

MAX_PICTURE = 300 * 1024
MAX_SIDE = 4000

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.(?:zh|en))?\.(?P<end>svg|png|jpg|webp)")
_MIMES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_DRAWING = frozenset(
    [
        "svg",
        "g",
        "defs",
        "title",
        "desc",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textPath",
        "use",
        "symbol",
        "marker",
        "pattern",
        "clipPath",
        "mask",
        "linearGradient",
        "radialGradient",
        "stop",
        "style",
        "filter",
        "feGaussianBlur",
        "feOffset",
        "feMerge",
        "feMergeNode",
        "feColorMatrix",
        "feFlood",
        "feComposite",
        "metadata",
        "switch",
    ]
)
_HOSTILE_CSS = re.compile(r"@import|@font-face|expression\s*\(|url\s*\(\s*['\"]?\s*(?!['\"]?#)|\\", re.IGNORECASE)
_SVG_SPACE = "{http://www.w3.org/2000/svg}"


def read_media(tree: Tree, findings: Findings) -> tuple[Medium, ...]:
    """All pictures under media/, with problems for those that may not be shown."""
    found = []
    for path, data in sorted(tree.items()):
        if not path.startswith("media/") or is_ours(path):
            continue
        name = path.removeprefix("media/")
        match = _NAME.fullmatch(name)
        if match is None:
            findings.error(path, 0, msg("图片名用小写字母、数字和横线，结尾是 svg、png、jpg 或 webp"))
            continue
        if len(data) > MAX_PICTURE:
            findings.error(path, 0, msg("图片太大，每张不超过 {size} kB", size=MAX_PICTURE // 1024))
            continue
        mime = _MIMES[match["end"]]
        size = _svg(path, data, findings) if mime == "image/svg+xml" else _bitmap(mime, data)
        if size is None:
            findings.error(path, 0, msg("看不懂这张图片：文件坏了，或者结尾和内容不一致"))
            continue
        if not all(0 < side <= MAX_SIDE for side in size):
            findings.error(path, 0, msg("图片的边长要在 1 到 {side} 像素之间", side=MAX_SIDE))
            continue
        found.append(Medium(name, hashlib.sha256(data).hexdigest(), mime, size[0], size[1], len(data)))
    return tuple(found)


def _svg(path: str, data: bytes, findings: Findings) -> tuple[int, int] | None:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<?xml-stylesheet" in data or not _is_utf8(data):
        findings.error(path, 0, msg("SVG 里不能有 DOCTYPE、ENTITY 或样式表指令，编码要用 UTF-8"))
        return (1, 1)
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - no DOCTYPE got this far
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None
    if root.tag != _SVG_SPACE + "svg":
        return None
    for element in root.iter():
        fault = _element_fault(element)
        if fault is not None:
            findings.error(path, 0, fault)
            return (1, 1)
    return _svg_size(root)


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if "\0" in text:
        return False  # UTF-16 without its mark: it would hide a DOCTYPE from us, but not from the parser
    declared = re.match(r"\s*(?:\ufeff)?<\?xml[^>]*encoding=[\"']([^\"']+)", text)
    return declared is None or declared[1].lower() in ("utf-8", "utf8")


def _element_fault(element: ElementTree.Element) -> Message | None:
    space, _, local = element.tag.rpartition("}") if isinstance(element.tag, str) else ("", "", "?")
    if local not in _DRAWING or space + "}" != _SVG_SPACE:
        return msg("SVG 里不能用 <{tag}>，只能画图和写字", tag=local[:40])
    if local == "style" and _HOSTILE_CSS.search("".join(element.itertext())):
        return msg("SVG 的样式里不能引用外面的东西")
    for name, value in element.attrib.items():
        local_name = name.rpartition("}")[2].lower()
        if local_name.startswith("on"):
            return msg("SVG 里不能有脚本（{name}）", name=local_name[:40])
        if local_name == "href" and not value.startswith("#"):
            return msg("SVG 里的链接只能指向图内（#…）")
        if _HOSTILE_CSS.search(value):
            return msg("SVG 的样式里不能引用外面的东西")
    return None


def _svg_size(root: ElementTree.Element) -> tuple[int, int] | None:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    pairs = [(root.get("width", ""), root.get("height", ""))]
    if len(box) == 4:
        pairs.insert(0, (box[2], box[3]))
    for width, height in pairs:
        numbers = [re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,6})?)(?:px)?", side) for side in (width, height)]
        if numbers[0] and numbers[1]:
            return round(float(numbers[0][1])), round(float(numbers[1][1]))
    return None


def _bitmap(mime: str, data: bytes) -> tuple[int, int] | None:
    try:
        return {"image/png": _png, "image/jpeg": jpeg_size, "image/webp": _webp}[mime](data)
    except (struct.error, IndexError):
        return None


def _png(data: bytes) -> tuple[int, int] | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    if data[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    return None
