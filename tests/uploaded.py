"""Files to send: good ones, ones with secrets in them, and hostile ones. All made here, none from anywhere."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image, ImageCms, PngImagePlugin
from reportlab.pdfgen import canvas

CANARY = "CANARY-QX7-LATITUDE-39.9"


def jpeg(size: tuple[int, int] = (640, 480), *, noise: float = 30, **options: object) -> bytes:
    """A photo that compresses like one."""
    out = io.BytesIO()
    Image.effect_noise(size, noise).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def png(size: tuple[int, int] = (320, 240), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 30).convert(mode).save(out, "PNG", **options)
    return out.getvalue()


def webp(size: tuple[int, int] = (320, 240), **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 30).convert("RGB").save(out, "WEBP", **options)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Camera, author and place, each with the canary."""
    found = Image.Exif()
    found[0x0112] = orientation
    for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298):
        found[tag] = CANARY
    found.get_ifd(0x8769)[0x9286] = CANARY.encode()  # what she wrote about it
    found.get_ifd(0x8825)[0x001D] = CANARY  # the place's date
    found.get_ifd(0x8825)[0x0002] = (39.0, 54.0, 26.0)
    return found


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>{CANARY}</rdf></x:xmpmeta>'.encode()


def told_jpeg() -> bytes:
    """A photo with the canary in every place a photo has for words, and more pictures appended."""
    return jpeg(exif=exif(), comment=CANARY.encode(), xmp=XMP, icc_profile=profile()) + b"\0" * 9 + CANARY.encode()


def profile() -> bytes:
    """An sRGB profile that says more than colours."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data + CANARY.encode()


def told_png() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", CANARY)
    notes.add_text("Comment", CANARY, zip=True)
    notes.add_itxt("XML:com.adobe.xmp", CANARY)
    return png(pnginfo=notes, exif=exif(), icc_profile=profile())


def told_webp() -> bytes:
    return webp(exif=exif(), xmp=XMP, icc_profile=profile())


def pdf(pages: int = 1, text: str = "Further study", picture: bytes | None = None) -> bytes:
    """A PDF as programmes make them."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    for number in range(pages):
        sheet.drawString(72, 720, f"{text} {number + 1}")
        sheet.showPage()
    sheet.save()
    if picture is None:
        return out.getvalue()
    with pikepdf.open(out) as made:
        with Image.open(io.BytesIO(picture)) as seen:
            width, height = seen.size
        stream = made.make_stream(picture)
        stream.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
                ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
            )
        )  # fmt: skip
        stream.write(picture, filter=pikepdf.Name.DCTDecode)
        name = made.pages[0].add_resource(stream, pikepdf.Name.XObject)
        made.pages[0].contents_add(f"q 300 0 0 200 72 300 cm {name} Do Q".encode())
        return saved(made)


def saved(made: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    made.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def told_pdf() -> bytes:
    """The canary in document information, XMP, outline, attachment, scripts, actions, notes, a picture."""
    with pikepdf.open(io.BytesIO(pdf(2, picture=told_jpeg()))) as made:
        for key in ("/Author", "/Title", "/Producer", "/Company"):
            made.docinfo[key] = CANARY
        with made.open_metadata() as words:
            words["dc:creator"] = [CANARY]
        made.attachments["secret.txt"] = pikepdf.AttachedFileSpec(made, CANARY.encode(), filename=CANARY)
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=CANARY)
        made.Root.OpenAction = made.make_indirect(script)
        made.Root.AA = pikepdf.Dictionary(WC=script)
        made.Root.Names.JavaScript = pikepdf.Dictionary(Names=pikepdf.Array([CANARY, script]))
        with made.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(CANARY, 0))
        page = made.pages[0]
        page.obj.AA = pikepdf.Dictionary(O=launch)
        page.obj.PieceInfo = pikepdf.Dictionary(Maker=pikepdf.Dictionary(Private=CANARY))
        page.obj.Metadata = made.make_stream(XMP)
        page.obj.Diary = CANARY  # a key that nobody has heard of
        page.obj.Resources.Evil = script
        page.obj.Annots = pikepdf.Array(
            [
                made.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=launch, Contents=CANARY
                    )
                )
            ]
        )
        for picture in page.obj.Resources.XObject.values():
            picture.Metadata = made.make_stream(XMP)
        return saved(made)


def locked_pdf(user: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as made:
        return saved(made, encryption=pikepdf.Encryption(owner="owner", user=user))


def swelling_pdf(bytes_out: int) -> bytes:
    """A PDF whose page unpacks to very much."""
    engine = zlib.compressobj(1)
    packed = b"".join(engine.compress(b" " * 1_000_000) for _ in range(bytes_out // 1_000_000)) + engine.flush()
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.pages[0].obj.Contents = made.make_stream(packed)
        made.pages[0].obj.Contents.write(packed, filter=pikepdf.Name.FlateDecode)
        return saved(made, compress_streams=False)


def form_pdf(*, drawn: bool, value: str = "filled in") -> bytes:
    """A form with one field that has a value, and says how it looks or does not."""
    with pikepdf.open(io.BytesIO(pdf())) as made:
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="name", V=value,
            Rect=[72, 600, 272, 620], F=4,
        )  # fmt: skip
        if drawn:
            look = made.make_stream(b"0 0 200 20 re f % seal")
            form = pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 200, 20])
            look.update(form)
            field.AP = pikepdf.Dictionary(N=look)
        field = made.make_indirect(field)
        made.pages[0].obj.Annots = pikepdf.Array([field])
        made.Root.AcroForm = pikepdf.Dictionary(Fields=[field], NeedAppearances=True)
        return saved(made)


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A small file that says it is an enormous picture, and unpacks to one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    engine = zlib.compressobj(9)
    row = b"\0" * (width * 3 + 1)
    packed = b"".join(engine.compress(row) for _ in range(100)) + engine.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def archive(name: str = "x.html", data: bytes = b"<script>1</script>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, data)
    return out.getvalue()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
AVIF = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 64
MP4 = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + b"\0" * 64
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
