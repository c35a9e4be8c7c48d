"""A corpus of hostile files for the importers: `python tests/hostile_files.py DIR` writes it; `corpus()` makes it.

Every file is made here, from a seed; nothing is downloaded. Each name begins with its kind.
"""

# ruff: noqa: E501 - tables of payloads

import gzip
import io
import random
import stat
import struct
import sys
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import uploaded
from course_packages import PICTURE, good_files, zipped
from foreign_files import (
    cartridge,
    chunk,
    claiming,
    document,
    moodle_files,
    paragraph,
    png,
    qti,
    targz_of,
    word,
    zip_of,
)

CLIMBS = (
    "../outside.txt", "../../../../tmp/xl-escaped", "/tmp/xl-escaped", "a/../../outside", "C:\\windows\\x", "..\\outside",
    "a//b", "//host/share", "a\x00b.html", "lessons/../../x", "word/../../../x", "C:x", "\\\\host\\x", "./../x",
)  # fmt: skip
SCRIPTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<a href=\"javascript:alert(1)\">x</a>", "<a href=\" java\tscript:alert(1)\">x</a>", "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>", "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='data:image/svg+xml,<svg onload=alert(1)>'>", "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<form action=javascript:alert(1)><button>x</button></form>", "<details open ontoggle=alert(1)>x</details>",
    "<p style='background:url(javascript:alert(1))'>x</p>", "<base href='//evil.example/'>", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='http://evil.example/x.css'>", "<style>@import 'http://evil.example/x.css'</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "[x](javascript:alert(1))", "![x](javascript:alert(1))", "![x](\"onerror=alert(1))",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>", "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSkvPg=='>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script></template>", "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>", "<table><caption><script>alert(1)</script></caption></table>", "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>", "<select><option><script>alert(1)</script></option></select>", "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>", "<xmp><script>alert(1)</script></xmp>", "<plaintext><script>alert(1)</script>",
    "<input autofocus onfocus=alert(1)>", "<marquee onstart=alert(1)>x</marquee>", "<body onload=alert(1)>", "<a href=vbscript:msgbox(1)>x</a>",
    "::: key <img src=x onerror=alert(1)>\n:::", "+++\ntitle = \"x\"\n+++", "\\<img src=x onerror=alert(1)\\>", "<a href='http://a.example/\"onclick=alert(1)'>x</a>",
    "&#60;script&#62;alert(1)&#60;/script&#62;", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>alert(1)//<</script>", "\ufeff<script>alert(1)</script>",
    "<img src=\"$IMS-CC-FILEBASE$/../../../../etc/passwd\">", "<img src='file:///etc/passwd'>", "<img src='//evil.example/x.png'>", "<img src='http://127.0.0.1:9/x.png'>",
)  # fmt: skip
_DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{}]>'
_LAUGHS = "".join(f'<!ENTITY {new} "{"&" + old + ";" * 1}{("&" + old + ";") * 9}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
XML_TRICKS = (
    f'<?xml version="1.0"?>{_DOCTYPE.format(_LAUGHS)}<x>&i;</x>',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/e">]><x>&e;</x>',
    '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]><x/>',
    '<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?><x/>',
    '<?xml version="1.0" encoding="UTF-7"?><x/>', '<?xml version="1.0" encoding="utf-16"?><x/>', "<x>" * 100_000,
    "<x>" * 5000 + "</x>" * 5000, "<x " + " ".join(f'a{at}="1"' for at in range(60_000)) + "/>", "<x>" + "<y/>" * 400_000 + "</x>",
    "<x", "", "\x00", "<x>&undefined;</x>", "<x>\x01</x>", '<x xmlns:a="u"><b:c/></x>', "<x/><y/>", "not xml", "<x>" + "a" * 7_000_000 + "</x>",
)  # fmt: skip


def corpus() -> Iterator[tuple[str, bytes]]:
    """Every file by its name."""
    for kind, files in KINDS.items():
        for number, (ending, data) in enumerate(files()):
            yield f"{kind}-{number:03d}.{ending}", data


Named = tuple[str, bytes]
Files = Iterator[Named]


def write(folder: Path, each: int = 0) -> int:
    """Write the corpus into a folder, or so many files of each kind, spread over the kind; how many there are."""
    kinds: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in corpus():
        kinds.setdefault(name.partition("-")[0], []).append((name, data))
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for files in kinds.values():
        for name, data in spread(files, each):
            (folder / name).write_bytes(data)
            count += 1
    return count


def spread(files: list[Named], each: int) -> list[Named]:
    """So many of these, spread over them; all if `each` is 0."""
    return [files[at * len(files) // each] for at in range(each)] if 0 < each < len(files) else files


def _climbing() -> Files:
    for name in CLIMBS:
        for maker, ending in ((_cartridge_with, "imscc"), (_moodle_zip_with, "mbz"), (_word_with, "docx")):
            yield ending, maker({name: b"x"})
        yield "mbz", _tar([(tarfile.REGTYPE, name.replace("\x00", ""), "", b"x")])


def _cartridge_with(more: dict[str, bytes]) -> bytes:
    return cartridge(1, _raw(more))


def _moodle_zip_with(more: dict[str, bytes]) -> bytes:
    return zip_of(moodle_files() | _raw(more))


def _word_with(more: dict[str, bytes]) -> bytes:
    return document(paragraph("字"), _raw(more))


def _raw(more: dict[str, bytes]) -> dict[str, str | bytes]:
    return dict(more.items())


def _tar(members: list[tuple[bytes, str, str, bytes]], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in moodle_files().items():
            _add(archive, tarfile.REGTYPE, name, "", data if isinstance(data, bytes) else data.encode())
        for kind, name, link, data in members:
            _add(archive, kind, name, link, data)
    return out.getvalue()


def _add(archive: tarfile.TarFile, kind: bytes, name: str, link: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(data)
    archive.addfile(info, io.BytesIO(data))


def _links() -> Files:
    for target in ("/etc/passwd", "../../x", "imsmanifest.xml", "."):
        for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
            out = io.BytesIO(cartridge())
            with zipfile.ZipFile(out, "a") as archive:
                info = zipfile.ZipInfo("link.html")
                info.external_attr = (kind | 0o777) << 16
                archive.writestr(info, target)
            yield "imscc", out.getvalue()
        for sort in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE):
            yield "mbz", _tar([(sort, "activities/page_1/link", target, b"")])


def _bombs() -> Files:
    zeros = b"\0" * 20_000_000
    yield "imscc", cartridge(1, {"pages/look.html": b"<p>" + zeros})
    yield "imscc", cartridge(1, {"web_resources/foot.png": zeros})
    yield "imscc", cartridge(1, {"imsmanifest.xml": b" " * 9_000_000})
    yield "docx", document(paragraph("a"), {"word/styles.xml": b" " * 30_000_000})
    yield "docx", document(paragraph("a"), {"word/media/image1.png": zeros})
    yield "mbz", zip_of(moodle_files() | {"questions.xml": b"<a>" + b" " * 30_000_000})
    yield "mbz", gzip.compress(zeros * 15)
    yield "mbz", gzip.compress(gzip.compress(zeros))
    yield "mbz", targz_of(moodle_files() | {"x": zeros * 4})
    yield "imscc", zip_of({f"f{at}.html": b"" for at in range(6000)} | {"imsmanifest.xml": "<manifest/>"})
    yield "mbz", targz_of({f"f{at}": b"" for at in range(6000)})
    inner = zip_of({"x": zeros})
    for _ in range(5):
        inner = zip_of({"inner.zip": inner, "imsmanifest.xml": "<manifest/>"})
    yield "imscc", inner
    yield "imscc", cartridge(1, {"pages/look.html": "<div>" * 100_000})
    yield "imscc", cartridge(1, {"pages/look.html": "<b><i>" * 60_000})
    yield "imscc", cartridge(1, {"pages/look.html": "<ul><li>" * 3000})
    yield "imscc", cartridge(1, {"pages/look.html": "<table><tr><td colspan=99999999 rowspan=99999999>x" * 400})
    yield "imscc", cartridge(1, {"pages/look.html": "<!--" * 400_000})
    yield "imscc", cartridge(1, {"pages/look.html": "<a " * 500_000})
    yield "imscc", cartridge(1, {"pages/look.html": "[" * 1_000_000})
    yield "imscc", cartridge(1, {"pages/look.html": "&" * 1_000_000})
    yield "imscc", cartridge(1, {"pages/look.html": "*_`[" * 300_000})
    yield "docx", document(paragraph("字" * 50) * 40_000)
    yield "docx", document("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 100_000)
    yield "docx", document("<w:tbl><w:tr><w:tc>" * 2000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 2000)
    yield "docx", document("<w:ins>" * 110 + paragraph("x") + "</w:ins>" * 110)
    yield "docx", document("".join(paragraph(str(at), "Heading1") + paragraph("x") for at in range(300)))
    pax = tarfile.TarInfo("x")
    pax.pax_headers = {"comment": "a" * 3_000_000}
    yield "mbz", gzip.compress(pax.tobuf(tarfile.PAX_FORMAT))


def _xml() -> Files:
    for text in XML_TRICKS:
        yield "imscc", cartridge(1, {"imsmanifest.xml": text})
        yield "imscc", cartridge(1, {"q/test.xml": text})
        yield "mbz", zip_of(moodle_files() | {"questions.xml": text})
        yield "docx", document(paragraph("x"), {"word/document.xml": text})
        yield "docx", document(paragraph("x"), {"word/styles.xml": text})
    for text in XML_TRICKS[:4]:
        yield "imscc", cartridge(1, {"imsmanifest.xml": text.encode("utf-16")})
        yield "imscc", cartridge(1, {"imsmanifest.xml": text.encode("utf-16-le")})


def _pages() -> Files:
    for text in SCRIPTS:
        page = f"<html><body><h1>题</h1><p>字</p>{text}<p>完</p></body></html>"
        yield "html", page.encode()
        yield "imscc", cartridge(2, {"pages/look.html": page})
        yield "mbz", targz_of(moodle_files() | {"activities/page_1/page.xml": _activity(page)})
        yield "docx", document(paragraph(_escaped(text), "Heading1") + paragraph(_escaped(text)))


def _questions() -> Files:
    for text in SCRIPTS:
        yield "imscc", cartridge(3, {"q/test.xml": qti().replace("先看哪里？", _escaped(_escaped(text)))})


def _activity(page: str) -> str:
    return f'<activity id="1" contextid="55"><page id="1"><name>{_escaped(page[:30])}</name><content>{_escaped(page)}</content></page></activity>'


def _escaped(text: str) -> str:
    plain = "".join(char if char >= " " or char in "\n\t" else " " for char in text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


FETCHING = (
    "background:image-set('http://127.0.0.1:9/x' 1x)", "mask:-webkit-image-set('http://127.0.0.1:9/x' 1x)", "fill:\\75rl(http://127.0.0.1:9/x)",
    "fill:url/**/(http://127.0.0.1:9/x)", "background:cross-fade('http://127.0.0.1:9/x',red)", "cursor:image('http://127.0.0.1:9/x')", "mask:src('http://127.0.0.1:9/x')",
)  # fmt: skip
SVGS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"/>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><a href="javascript:alert(1)"><rect/></a></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="http://127.0.0.1:9/x.png"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><use href="http://127.0.0.1:9/x.svg#a"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>@import url(http://127.0.0.1:9/x)</style></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><set attributeName="onmouseover" to="alert(1)"/></svg>',
    '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">&a;</svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">' + "<g>" * 20_000,
    '<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:9/x"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>',
    '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    *(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>rect{{{style}}}</style><rect width="9" height="9"/></svg>' for style in FETCHING),
    *(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" style="{style}"/></svg>' for style in FETCHING),
    "<!--" + "x" * 9000 + '--><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" xml:base="http://127.0.0.1:9/" viewBox="0 0 9 9"><use href="#a"/></svg>',
)  # fmt: skip


def _pictures() -> Files:
    large = claiming(20_000, 10_000, b"\0" * 30_000_000)
    lying = claiming(2_000_000_000, 2_000_000_000)
    gif = b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + b"\x80\x00\x00" + b"\0" * 6 + b"," + struct.pack("<HHHH", 0, 0, 60_000, 60_000) + b"\x00\x02\x00\x3b"
    bmp = b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 50_000_000))
    chatty = png()[:33] + text + png()[33:]
    polyglots = [png() + b"<script>alert(1)</script>", b"GIF89a/*<script>alert(1)</script>*/", png() + zip_of({"x.html": "x"}),
                 b"%PDF-1.4\n<script>alert(1)</script>", b"\xff\xd8\xff\xe0<script>alert(1)</script>", b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
                 b"II*\0" + b"\xff" * 60, b"8BPS" + b"\0" * 60, b"%!PS\n(x) run", b"", b"\0" * 10, png()[:30]]  # fmt: skip
    for data in (large, lying, gif, bmp, chatty, *polyglots, *(svg.encode() for svg in SVGS)):
        ending = "svg" if data.lstrip().startswith((b"<svg", b"<?xml", b"<!D", b"<html")) else "png"
        page = f'<p>字</p><img src="$IMS-CC-FILEBASE$/p.{ending}" alt="x">'
        yield "imscc", cartridge(1, {"pages/look.html": page, f"web_resources/p.{ending}": data})
        yield "mbz", zip_of(moodle_files() | {"files/01/0123456789abcdef0123456789abcdef01234567": data})
        yield "docx", _word_picture(data)


def _word_picture(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name.endswith(".png") else old.read(name))
    return out.getvalue()


def _linked() -> Files:
    """Pictures and parts of a document that lie elsewhere."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    drawing = ('<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:{}="rId9"/></pic:blipFill>'
               "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>")  # fmt: skip
    for target in ("file:///etc/passwd", "/etc/passwd", "../../../../etc/passwd", "http://127.0.0.1:9/x.png", "\\\\host\\x", "javascript:alert(1)"):
        for mode in (' TargetMode="External"', ""):
            for how in ("link", "embed"):
                relation = f'<Relationship Id="rId9" Type="{kind}image" Target="{target}"{mode}/>'
                yield "docx", document(paragraph("x") + drawing.format(how), {}, relation)
        relation = f'<Relationship Id="rId9" Type="{kind}hyperlink" Target="{target}" TargetMode="External"/>'
        yield "docx", document(f'<w:p><w:hyperlink r:id="rId9"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>{paragraph("y")}', {}, relation)
    yield "docx", document(paragraph("x"), {"mammoth/style-map": "p => script:fresh"})


def _liars() -> Files:
    """Archives whose lists say what is not so, and good ones with bytes changed."""
    good = {"imscc": cartridge(), "docx": word(), "mbz": targz_of(moodle_files())}
    for ending, data in good.items():
        rng = random.Random(ending)
        for _ in range(25):
            broken = bytearray(data)
            for _ in range(rng.choice((1, 5, 40))):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            yield ending, bytes(broken)
        for part in (0.1, 0.5, 0.9, 0.99):
            yield ending, data[: int(len(data) * part)]
    data = bytearray(cartridge())
    at = data.find(b"PK\x01\x02")
    for offset, value in ((20, 0xFFFFFFF0), (24, 0xFFFFFFF0), (24, 1), (42, 0xFFFFFF0), (20, 0)):
        lying = bytearray(data)
        lying[at + offset : at + offset + 4] = struct.pack("<I", value)
        yield "imscc", bytes(lying)
    secret = bytearray(data)
    secret[at + 8] |= 1
    yield "imscc", bytes(secret)
    twice = io.BytesIO(cartridge())
    with warnings.catch_warnings(), zipfile.ZipFile(twice, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("imsmanifest.xml", "<manifest/>")
    yield "imscc", twice.getvalue()
    yield "mbz", _tar([(tarfile.REGTYPE, "moodle_backup.xml", "", b"<x/>")])


def _strangers() -> Files:
    heads = (b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"%PDF-1.7\n%%EOF", b"Rar!\x1a\x07", b"7z\xbc\xaf'\x1c", b"\x7fELF" + b"\0" * 99, b"MZ" + b"\0" * 99,
             b"", b"\0", b"#!/bin/sh\nrm -rf /", b"plain words", b"\x1f\x8b", b"PK", b"PK\x05\x06" + b"\0" * 18, gzip.compress(b""), gzip.compress(b"x" * 600),
             zip_of({"course.toml": "x"}), zip_of({"xl/workbook.xml": "x"}), b"<", b"<html>", b"<html>\0", "<p>" .encode("utf-16"), b"<p>\xff\xfe\xfd</p>")  # fmt: skip
    for data in heads:
        for ending in ("docx", "imscc", "mbz", "html"):
            yield ending, data
    for target in ("../../../etc/passwd", "/etc/passwd", "http://127.0.0.1:9/x.html", "%2e%2e/%2e%2e/x.html", "a\\b.html", "javascript:alert(1)"):
        manifest = ('<manifest><organizations><organization><item identifierref="r"><title>x</title></item></organization></organizations>'
                    f'<resources><resource identifier="r" type="webcontent" href="{target}"/></resources></manifest>')  # fmt: skip
        yield "imscc", zip_of({"imsmanifest.xml": manifest})
        backup = moodle_files()
        backup["moodle_backup.xml"] = str(backup["moodle_backup.xml"]).replace("activities/page_1", target)
        yield "mbz", targz_of(backup)


def _polyglots() -> Files:
    """Files as they are: pictures, PDFs, films and sound that are a page, a drawing, an archive or a script as well."""
    script = b"<script>alert(1)</script>"
    page = b"<html><body onload=alert(1)>" + script
    shown = {"jpg": uploaded.jpeg((64, 48)), "png": uploaded.png((64, 48)), "webp": uploaded.webp((64, 48)), "pdf": uploaded.pdf()}
    archive = uploaded.archive()
    for ending, data in shown.items():
        for more in (script, page, SVGS[0].encode(), archive, b"%PDF-1.4\n" + script, *shown.values()):
            yield ending, data + more
            yield ending, more + data
        yield ending, data[:4] + script + data
        yield ending, data[: len(data) // 2]
        yield ending, data[: len(data) // 2] + script * 20 + data[len(data) // 2 :]
        yield "html", data
    for html in ("html", "svg", "pdf", "png", "gif", "mp4", "vtt"):
        yield html, page
    gif = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0" + b"\0" * 6
    yield "gif", gif + b"!\xfe" + bytes([len(script)]) + script + b"\0;"
    yield "gif", b"GIF89a=1;alert(1)//" + b"\0" * 20
    yield "jpg", uploaded.jpeg((64, 48), comment=script)
    yield "jpg", uploaded.jpeg((64, 48), comment=b"*/=alert(1);/*", exif=uploaded.exif())
    yield "jpg", b"\xff\xd8\xff\xe0/*" + script
    yield from (("svg", svg.encode()) for svg in SVGS)
    yield from (("svg", svg.encode("utf-16")) for svg in SVGS[:2])
    yield from (("png", uploaded.bomb_png(*size)) for size in ((30_000, 30_000), (5000, 5000), (60_000, 1)))
    yield from (("jpg", uploaded.told_jpeg()), ("png", uploaded.told_png()), ("webp", uploaded.told_webp()), ("pdf", uploaded.told_pdf()))
    yield from (("pdf", uploaded.locked_pdf(user)) for user in ("", "user"))
    yield from (("pdf", uploaded.form_pdf(drawn=drawn, value="<script>alert(1)</script>")) for drawn in (True, False))
    yield from (("pdf", uploaded.swelling_pdf(size)) for size in (20_000_000, 220_000_000))
    for action in ("/S/JavaScript/JS(app.alert\\(1\\))", "/S/URI/URI(javascript:alert\\(1\\))", "/S/Launch/F(/bin/sh)", "/S/URI/URI(http://127.0.0.1:9/x)",
                   "/S/GoToR/F(http://127.0.0.1:9/x.pdf)", "/S/SubmitForm/F(http://127.0.0.1:9/)", "/S/ImportData/F(/etc/passwd)"):  # fmt: skip
        yield "pdf", _bare_pdf(f"/OpenAction<<{action}>>")
    yield "pdf", _bare_pdf("/Names<</EmbeddedFiles<</Names[(x)<</F(x)>>]>>>>")
    yield "pdf", _bare_pdf("/Pages 1 0 R")
    yield "pdf", b"%PDF-1.7\n" + b"1 0 obj<<>>endobj\n" * 200_000
    for head, ending in ((b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "mp4"), (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "mp4"), (b"\x1aE\xdf\xa3", "webm"), (b"OggS", "ogg"),
                         (b"ID3\x03\0\0\0\0\0\x0a", "mp3"), (b"RIFF\xff\xff\xff\x7fWAVEfmt ", "wav")):  # fmt: skip
        for more in (script, b"\0" * 300, b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", b"\xff" * 5000, b"ffconcat version 1.0\nfile /etc/passwd\n"):
            yield ending, head + more
    for text in ("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "ffconcat version 1.0\nfile /etc/passwd\n", "v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"):
        yield from (("mp4", text.encode()), ("mp3", text.encode()))


def _bare_pdf(catalogue: str) -> bytes:
    """A page without anything on it, and a catalogue with this in it; readers mend the table that is not there."""
    parts = (f"<</Type/Catalog/Pages 2 0 R{catalogue}>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>")
    body = "".join(f"{at} 0 obj{part}endobj\n" for at, part in enumerate(parts, 1))
    return f"%PDF-1.7\n{body}trailer<</Root 1 0 R/Size 4>>\nstartxref\n0\n%%EOF".encode()


def _given() -> Files:
    """Courses whose pages link to what is no hand-out, sound or film, or more than that."""
    for number, (ending, data) in enumerate(_polyglots()):
        if ending not in ("pdf", "mp4", "mp3", "ogg", "wav", "webm") or len(data) > 1_000_000 or number % 2:
            continue
        page = f'<p><a href="$IMS-CC-FILEBASE$/g.{ending}">{SCRIPTS[number % len(SCRIPTS)]}</a></p><video src="../web_resources/g.{ending}"></video>'
        yield "imscc", cartridge(1, {"pages/look.html": page, f"web_resources/g.{ending}": data, f"hand.{ending}": data})
        inner = f'<p><a href="@@PLUGINFILE@@/foot.png">x</a></p><audio src="@@PLUGINFILE@@/foot.png">{SCRIPTS[number % len(SCRIPTS)]}</audio>'
        yield "mbz", targz_of(moodle_files() | {"activities/page_1/page.xml": _activity(inner), "files/01/0123456789abcdef0123456789abcdef01234567": data})
    for data in (b"%PDF-1.7\n" + b"\0" * 21_000_000, b"ID3" + b"\0" * 90_000_000):
        yield "imscc", cartridge(1, {"hand.pdf": data})
    many = {f"pages/{at}.pdf": b"%%PDF-1.7\n%d" % at for at in range(60)}
    yield "imscc", cartridge(1, {"pages/look.html": "".join(f'<a href="{at}.pdf">x</a>' for at in range(60)), **many})


def _captions() -> Files:
    for text in SCRIPTS:
        yield "vtt", f"WEBVTT\n\n00:00.000 --> 00:01.000\n{text}\n".encode()
    for text in ("WEBVTT", "WEBVTT\n\nSTYLE\n::cue{background:url(http://127.0.0.1:9/x)}\n\n00:00.000 --> 00:01.000\nx\n", "WEBVTT\n\n99:99:99.999 --> 00:00.000\nx\n",
                 "WEBVTT\n\n00:00.000 --> 00:01.000 <script>alert(1)</script>\nx\n", "1\n00:00:00,000 --> 00:00:01,000\n<img src=x onerror=alert(1)>\n",
                 "WEBVTT\n\n" + "00:00.000 --> 00:01.000\nx\n\n" * 40_000, "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<b>" * 100_000):  # fmt: skip
        yield "vtt", text.encode()
        yield "srt", text.encode("utf-16")


def _packages() -> Files:
    """Packages of this house, good but for one thing; some things are good too, and must only be shown as what they are."""
    good = good_files()
    lesson = next(path for path in good if path.endswith(".zh.md"))
    for at, text in enumerate(SCRIPTS):
        plain = "".join(char for char in text if char >= " ").replace("\\", "\\\\").replace('"', '\\"')
        titled = good[lesson].replace('title = "', f'title = "{plain[:40].rstrip(chr(92))} ', 1)
        # The course's title is on every page of its draft: a few are enough.
        course = good["course.toml"].replace("量准血压", plain) if at % 10 == 0 else good["course.toml"]
        said = good | {"course.toml": course, lesson: titled}
        coded = {path: body.replace("XL-TST", f"XL-H{at}").replace('slug = "sample"', f'slug = "hostile-{at}"') for path, body in said.items()}
        yield "zip", zipped(coded)
        yield "zip", zipped(good | {lesson: good[lesson] + "\n\n" + text + "\n"})
        yield "zip", zipped(good | {"items/bank.toml": good["items/bank.toml"] + f'\n# {plain}\n[["{plain}"]]\n'})
    for svg in (*SVGS, PICTURE.replace("<rect", "<rect onclick='alert(1)'"), PICTURE.replace(".a{", "@import 'http://evil.example/x';.a{")):
        yield "zip", zipped(good | {"media/flow.svg": svg})
    for climb in CLIMBS:
        yield "zip", zipped(good | {climb: "x"})
    for name, data in (("media/foot.png", b"<script>alert(1)</script>"), ("media/foot.jpg", uploaded.png((9, 9))), ("media/x.html", b"<script>alert(1)</script>"),
                       ("media/foot.png", uploaded.bomb_png()), ("media/foot.png", uploaded.png((64, 48)) + b"<script>alert(1)</script>")):  # fmt: skip
        yield "zip", zipped(good | {name: data})


KINDS = {
    "climbing": _climbing, "links": _links, "bombs": _bombs, "xml": _xml, "pages": _pages, "questions": _questions, "pictures": _pictures,
    "linked": _linked, "liars": _liars, "strangers": _strangers, "polyglots": _polyglots, "given": _given, "captions": _captions, "packages": _packages,
}  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))} files\n")
