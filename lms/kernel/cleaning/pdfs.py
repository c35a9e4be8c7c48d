"""A PDF made anew from its pages (only the child imports this, and with it pikepdf).

Nothing is hunted down: a new document takes from each page what is drawn and leaves the rest. Scripts,
attachments, actions, forms, links, outlines, document information and XMP are therefore not in it. They
are left behind rather than refused because a doctor cannot mend what her hospital's system put in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.filters import Budget, plain_picture

MOST_PAGES = 50
MOST_PIXELS = 100_000_000
# What a page may keep (ISO 32000-2, table 31); its annotations are drawn into it first.
PAGE = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group", "/Parent"}
# What a page draws with (table 34). /Properties names layers and notes: the document has none.
RESOURCES = {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/ProcSet"}
# What may hang on anything and is not drawn.
NEVER = {
    "/Metadata", "/PieceInfo", "/LastModified", "/AF", "/EF", "/AA", "/OPI", "/Alternates", "/StructParent",
    "/StructParents", "/Thumb", "/Measure", "/PtData", "/OC", "/Ref", "/Annots",
}  # fmt: skip
# Dictionaries whose keys are names that the document chose.
NAMES = {"/CharProcs", "/Colorants"}
ACTIONS = {
    "/JavaScript", "/Launch", "/URI", "/GoTo", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData", "/Rendition",
    "/Movie", "/Sound", "/Named", "/Hide", "/ResetForm", "/RichMediaExecute",
}  # fmt: skip
# The data of a stream would lie in another file.
OUTSIDE = {"/F", "/FFilter", "/FDecodeParms"}
KNOWN_FILTERS = {
    "/FlateDecode": "flate", "/Fl": "flate", "/ASCII85Decode": "a85", "/A85": "a85", "/ASCIIHexDecode": "hex",
    "/AHx": "hex", "/DCTDecode": "dct", "/DCT": "dct", "/JPXDecode": "jpx", "/CCITTFaxDecode": "last",
    "/CCF": "last", "/JBIG2Decode": "last", "/RunLengthDecode": "last", "/RL": "last",
}  # fmt: skip


def clean(source: Path, folder: Path, _kind: str) -> dict[str, Any]:
    """Write `file`: the pages and what they draw, the same bytes for the same input."""
    try:
        old = pikepdf.open(source, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    with old, Pdf.new() as new:
        _judge(old, source)
        _draw_annotations(old)
        for page in old.pages:
            _keep_only(page.obj, PAGE)
        new.pages.extend(old.pages)
        budget = Budget()
        for thing in _drawn(new):
            if isinstance(thing, Stream):
                _strip_stream(thing, budget)
        new.remove_unreferenced_resources()
        new.save(
            folder / "file",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            preserve_pdfa=False,
            fix_metadata_version=False,
        )
    return {"mime": "application/pdf"}


def _judge(old: Pdf, source: Path) -> None:
    """Refuse what cannot be shown whole."""
    if old.is_encrypted:
        raise Refused("encrypted")
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - 2048))
        # qpdf mends what it can, also a file that was cut off: half of a certificate is none.
        if b"%%EOF" not in file.read():
            raise Refused("broken")
    pages = len(old.pages)
    if not pages or int(old.Root.Pages.get("/Count", 0)) != pages:
        raise Refused("broken")
    if pages > MOST_PAGES:
        raise Refused("pages", pages=pages, most=MOST_PAGES)
    form = old.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        raise Refused("form")


def _draw_annotations(old: Pdf) -> None:
    """Draw stamps, seals and what was filled in onto the pages, so that they stay visible."""
    for page in old.pages:
        for note in _list(page.obj.get("/Annots")):
            if isinstance(note, Dictionary) and "/AP" not in note and _value(note) not in (None, "", "/Off"):
                raise Refused("form")  # only a programme that fills in forms would show it
    form = old.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/NeedAppearances" in form:
        del form.NeedAppearances
    old.flatten_annotations("all")


def _value(note: Dictionary) -> str | None:
    """What is filled into a field; None if this is no field of a form."""
    if note.get("/Subtype") != Name.Widget:
        return None
    place: Any = note
    for _ in range(32):
        if "/V" in place:
            return str(place.V) if isinstance(place.V, pikepdf.String | Name) else None
        if "/Parent" not in place:
            return None
        place = place.Parent
    raise Refused("broken")


def _list(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, Array) else ()


def _keep_only(thing: Any, allowed: set[str]) -> None:
    for key in [key for key in thing.keys() if key not in allowed]:  # noqa: SIM118 - not a dict
        del thing[key]


def _drawn(new: Pdf) -> Iterator[Object]:
    """Everything that can be reached from the pages, each thing once and without what is not drawn."""
    todo: list[tuple[Any, bool]] = [(page.obj, False) for page in new.pages]
    seen: set[tuple[int, int]] = set()
    while todo:
        thing, names = todo.pop()
        if not isinstance(thing, Array | Dictionary | Stream):
            continue
        if thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
        if isinstance(thing, Array):
            todo += [(inner, False) for inner in thing]
        else:
            todo += _parts(thing, names)
            yield thing


def _parts(thing: Any, names: bool) -> list[tuple[Any, bool]]:
    """What hangs on a dictionary after it was stripped, and whether that is a list of chosen names."""
    found: list[tuple[Any, bool]] = []
    for key in list(thing.keys()):
        inner = thing[key]
        if (not names and key in NEVER) or (key in OUTSIDE and isinstance(thing, Stream)) or _is_action(inner):
            del thing[key]
        elif key == "/Resources" and not names and isinstance(inner, Dictionary):
            _keep_only(inner, RESOURCES)
            found += [(inner[kind], True) for kind in inner.keys()]  # noqa: SIM118 - not a dict
        elif key != "/Parent" or names:
            found.append((inner, key in NAMES))
    return found


def _is_action(inner: Any) -> bool:
    return isinstance(inner, Dictionary) and str(inner.get("/S", "")) in ACTIONS


def _strip_stream(stream: Stream, budget: Budget) -> None:
    """Refuse what would burst a reader; take from pictures what is not a pixel."""
    if stream.get("/Subtype") == Name.Image:
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if width * height > MOST_PIXELS:
            raise Refused("pixels", width=width, height=height)
    found = stream.get("/Filter")
    names = [str(one) for one in _list(found)] if isinstance(found, Array) else [str(found)] if found else []
    steps = [KNOWN_FILTERS.get(name, "") for name in names]
    if not all(steps) or len(steps) > 3:
        raise Refused("odd")
    picture = plain_picture(stream.read_raw_bytes(), steps, budget)
    if picture is not None:
        meant = stream.get("/DecodeParms")
        if isinstance(meant, Array):
            meant = meant[-1] if len(meant) else None
        kept = meant if isinstance(meant, Dictionary) else None
        stream.write(picture, filter=Name.DCTDecode if steps[-1] == "dct" else Name.JPXDecode, decode_parms=kept)
