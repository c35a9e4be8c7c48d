"""XML of another maker: no DOCTYPE, UTF-8, a bounded size and depth; a fault is told with its line."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lms.courses.imports.brought import refuse
from lms.courses.imports.parcel import Parcel
from lms.kernel.text import msg

MB = 1024 * 1024
MOST_XML = 6 * MB
MOST_DEPTH = 120
MOST_ELEMENTS = 150_000
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)|<\?xml-stylesheet", re.IGNORECASE)
_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([^\"']{1,40})")


def read_xml(parcel: Parcel, name: str) -> Element:
    """The root of a member. Raises BadPackageError naming file and line."""
    return parse(parcel.read(name, MOST_XML), name)


def require_plain(data: bytes, name: str) -> None:
    """Refuse what a parser would have to look elsewhere for. Raises BadPackageError."""
    found = _DOCTYPE.search(data)
    if found:
        line = data.count(b"\n", 0, found.start()) + 1
        raise refuse(msg("XML 里不能有 DOCTYPE、ENTITY 或样式表指令"), name, line)
    declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise refuse(msg("XML 的编码要用 UTF-8"), name, data.count(b"\n", 0, fault.start) + 1) from None
    # UTF-16 without its mark is UTF-8 with NULs: it would hide a DOCTYPE from us, but not from the parser.
    if b"\0" in data or (declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")):
        raise refuse(msg("XML 的编码要用 UTF-8"), name, 1)


def parse(data: bytes, name: str) -> Element:
    """The root of a document. Raises BadPackageError naming file and line."""
    require_plain(data, name)
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    root: Element | None = None
    depth = count = 0
    try:
        for start in range(0, len(data), 64 * 1024):
            parser.feed(data[start : start + 64 * 1024])
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                count += event == "start"
                root = element if root is None else root
                if depth > MOST_DEPTH or count > MOST_ELEMENTS:
                    raise refuse(msg("XML 套得太深，或者太大"), name)
        parser.close()
    except ElementTree.ParseError as fault:
        raise refuse(msg("XML 写得不对，读不下去"), name, fault.position[0]) from None
    except (ValueError, LookupError):
        raise refuse(msg("XML 写得不对，读不下去"), name) from None
    if root is None:
        raise refuse(msg("XML 写得不对，读不下去"), name)
    for element in root.iter():
        # Every version of a format has its own name space; what things are called is the same in all.
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def text_at(element: Element | None, path: str) -> str:
    """The words at a path, on one line; nothing where there are none."""
    return " ".join((element.findtext(path) or "").split()) if element is not None else ""


def whole_text(element: Element | None) -> str:
    """All words inside of an element."""
    return "".join(element.itertext()) if element is not None else ""


def every(element: Element, *tags: str) -> Iterator[Element]:
    """Elements of these names at any depth, in order."""
    return (one for one in element.iter() if one.tag in tags)
