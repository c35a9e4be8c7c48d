"""What people send: told by content, made anew without what they did not mean to send, or refused in words."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pypdf
import pytest
import uploaded
from PIL import Image
from uploaded import CANARY

from lms.kernel.cleaning import cleaner
from lms.kernel.cleaning.cleaner import ROOT, Cleaned, clean
from lms.kernel.cleaning.kinds import EVIDENCE, MB, PHOTOS, Purpose
from lms.kernel.errors import Invalid


def cleaned(data: bytes, folder: Path, purpose: Purpose = EVIDENCE) -> Cleaned:
    number = len(list(folder.iterdir()))
    source, made = folder / f"{number}.source", folder / f"{number}.made"
    source.write_bytes(data)
    made.mkdir()
    return clean(source, made, purpose)


def refused(data: bytes, folder: Path, purpose: Purpose = EVIDENCE) -> str:
    with pytest.raises(Invalid) as refusal:
        cleaned(data, folder, purpose)
    return str(refusal.value)


def everything_in(data: bytes) -> bytes:
    """A file and, of a PDF, all it says when it is unpacked."""
    if not data.startswith(b"%PDF"):
        return data
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as made:
        made.save(
            out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
    return data + out.getvalue()


TOLD = {
    "jpeg": uploaded.told_jpeg,
    "png": uploaded.told_png,
    "webp": uploaded.told_webp,
    "pdf": uploaded.told_pdf,
}


@pytest.mark.parametrize("kind", TOLD)
def test_nothing_of_the_author_the_camera_or_the_place_is_left(kind: str, tmp_path: Path) -> None:
    sent = TOLD[kind]()
    spread = CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode("utf-16-be")
    assert any(word in everything_in(sent) for word in spread), "the canary was not planted"
    result = cleaned(sent, tmp_path)
    for made in (result.path, result.thumbnail):
        if made:
            left = everything_in(made.read_bytes())
            assert not any(word in left for word in spread)
            assert not any(word in left for word in (b"Exif", b"xmpmeta", b"ICC_PROFILE"))


def test_a_photo_becomes_small_and_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4000, 3000), "red")
    picture.paste("blue", (0, 0, 4000, 300))  # the sky, on the left of the turned phone
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=uploaded.exif(orientation=6))
    result = cleaned(out.getvalue(), tmp_path)
    with Image.open(result.path) as made:
        assert made.size == (1500, 2000)
        right = made.getpixel((1480, 1000))
        assert isinstance(right, tuple)
        assert right[2] > 200
    assert result.thumbnail
    assert result.thumbnail.stat().st_size <= 20_000
    with Image.open(result.thumbnail) as small:
        assert small.size == (240, 320)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_understood(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        out = io.BytesIO()
        Image.new(mode, (60, 40), 40_000).save(out, "PNG")
        data = out.getvalue()
    else:
        data = uploaded.png((60, 40), mode)
    with Image.open(cleaned(data, tmp_path).path) as made:
        assert (made.mode, made.size) == ("RGB", (60, 40))
        if mode == "I;16":
            assert made.getpixel((9, 9)) == (156, 156, 156)


def test_a_small_photo_keeps_its_size_and_even_noise_has_a_small_thumbnail(tmp_path: Path) -> None:
    result = cleaned(uploaded.jpeg((500, 400), noise=200, quality=95), tmp_path)
    with Image.open(result.path) as made:
        assert made.size == (500, 400)
    assert result.thumbnail
    assert result.thumbnail.stat().st_size <= 20_000


@pytest.mark.parametrize("kind", TOLD)
def test_the_same_file_becomes_the_same_bytes(kind: str, tmp_path: Path) -> None:
    sent = TOLD[kind]()
    one = cleaned(sent, tmp_path).path.read_bytes()
    time.sleep(1.1)  # what is made from the clock changes by the second
    assert cleaned(sent, tmp_path).path.read_bytes() == one


def test_a_pdf_keeps_its_pages_and_pictures_and_nothing_that_acts(tmp_path: Path) -> None:
    result = cleaned(uploaded.told_pdf(), tmp_path)
    assert result.thumbnail is None
    data = result.path.read_bytes()
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert [page.extract_text().strip() for page in reader.pages] == ["Further study 1", "Further study 2"]
    assert [image.image.size for image in reader.pages[0].images if image.image] == [(640, 480)]
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}
    assert "/Info" not in reader.trailer
    assert all("/Annots" not in page and "/AA" not in page for page in reader.pages)
    for word in (b"JavaScript", b"Launch", b"EmbeddedFile", b"/AA", b"/OpenAction", b"/Names"):
        assert word not in everything_in(data)


def test_what_pages_inherit_stays(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(uploaded.pdf(2))) as made:
        for page in made.pages:
            made.Root.Pages.MediaBox, made.Root.Pages.Resources = page.obj.MediaBox, page.obj.Resources
            del page.obj.MediaBox, page.obj.Resources
        sent = uploaded.saved(made)
    reader = pypdf.PdfReader(cleaned(sent, tmp_path).path)
    assert [page.extract_text().strip() for page in reader.pages] == ["Further study 1", "Further study 2"]


def test_names_that_look_like_actions_are_only_names(tmp_path: Path) -> None:
    """Fonts and glyphs may be called anything, /AA and /OC too."""
    with pikepdf.open(io.BytesIO(uploaded.pdf())) as made:
        fonts = made.pages[0].obj.Resources.Font
        (name,) = fonts.keys()
        fonts.AA = made.make_indirect(fonts[name])
        del fonts[name]
        made.pages[0].obj.Contents = made.make_stream(b"BT /AA 12 Tf 72 720 Td (called AA) Tj ET")
        sent = uploaded.saved(made)
    assert "called AA" in pypdf.PdfReader(cleaned(sent, tmp_path).path).pages[0].extract_text()


def test_a_seal_and_what_was_filled_in_stay_visible(tmp_path: Path) -> None:
    left = everything_in(cleaned(uploaded.form_pdf(drawn=True), tmp_path).path.read_bytes())
    assert b"% seal" in left
    assert b"/Widget" not in left
    assert b"/AcroForm" not in left


REFUSED = {
    "empty": (b"", "是空的"),
    "heic": (uploaded.HEIC, "兼容性最佳"),
    "avif": (uploaded.AVIF, "这种图片格式不收"),
    "gif": (b"GIF89a" + b"\0" * 40, "这种图片格式不收"),
    "video": (uploaded.MP4, "这是视频"),
    "svg": (uploaded.SVG, "网页或者矢量图"),
    "html": (uploaded.HTML, "网页或者矢量图"),
    "hidden html": (b"\xef\xbb\xbf \n<html>", "网页或者矢量图"),
    "word": (uploaded.archive("word/document.xml"), "Word"),
    "text": ("进修证明".encode(), "不是照片，也不是 PDF"),
    "jpeg and zip": (uploaded.jpeg() + uploaded.archive(), "夹着另一种文件"),
    "pdf and zip": (uploaded.pdf() + uploaded.archive(), "夹着另一种文件"),
    "jpeg and pdf": (uploaded.jpeg(comment=b"%PDF-1.7"), "夹着另一种文件"),
    "jpeg and html": (uploaded.jpeg(comment=b"<html><script>alert(1)</script>"), "夹着另一种文件"),
    "pdf after html": (b"<html>" + uploaded.pdf(), "夹着另一种文件"),
    "half a jpeg": (uploaded.jpeg()[:9000], "坏了"),
    "half a png": (uploaded.png()[:3000], "坏了"),
    "half a pdf": (uploaded.pdf(3)[:1500], "坏了"),
    "a jpeg's beginning": (b"\xff\xd8\xff\xe0", "坏了"),
    "a pdf's beginning": (b"%PDF-1.7\n%%EOF", "坏了"),
    "password": (uploaded.locked_pdf("secret"), "加了密码"),
    "restrictions": (uploaded.locked_pdf(""), "加了密码"),
    "picture bomb": (uploaded.bomb_png(), "30000×30000 像素"),
    "swelling pdf": (uploaded.swelling_pdf(300_000_000), "太复杂"),
    "many pages": (uploaded.pdf(51), "有 51 页，最多收 50 页"),
    "unfinished form": (uploaded.form_pdf(drawn=False), "还要填写的表单"),
    "large": (uploaded.jpeg() + b"\0" * (10 * MB), "最多收 10 MB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_words(what: str, tmp_path: Path) -> None:
    data, sentence = REFUSED[what]
    assert sentence in refused(data, tmp_path)


def test_a_purpose_takes_only_its_kinds(tmp_path: Path) -> None:
    assert "不收这种文件" in refused(uploaded.pdf(), tmp_path, Purpose("portrait", PHOTOS, MB))


def test_a_form_that_says_nothing_is_taken(tmp_path: Path) -> None:
    assert cleaned(uploaded.form_pdf(drawn=False, value=""), tmp_path).mime == "application/pdf"


MEASURE = """
import json, resource, sys
from pathlib import Path
from lms.kernel.cleaning.cleaner import clean
from lms.kernel.cleaning.kinds import EVIDENCE, MB, Purpose
from lms.kernel.errors import Invalid

told = {}
for source in sorted(Path(sys.argv[1]).glob("*.source")):
    folder = source.with_suffix(".made")
    folder.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        end = clean(source, folder, Purpose("any", EVIDENCE.kinds, 100 * MB)).mime
    except Invalid as refusal:
        end = str(refusal)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told[source.stem] = [end, round(seconds, 2), after.ru_maxrss // 1024]
(own,) = [int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([told, own, [one for one in ("PIL", "pikepdf") if one in sys.modules]]), file=sys.__stdout__)
"""


def plain(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "green").save(out, kind, **options)
    return out.getvalue()


def test_bad_files_cost_little_time_and_memory(tmp_path: Path) -> None:
    """G7: ≤ 10 s of computing and ≤ 256 MB for each, however it ends; next to nothing in the parent."""
    hostile = {
        "bomb": uploaded.bomb_png(),
        "swelling": uploaded.swelling_pdf(400_000_000),
        "large progressive": plain("JPEG", (12_000, 9_000), progressive=True),
        "large": plain("JPEG", (12_000, 9_000)),
        "glass": plain("PNG", (4_800, 4_900), "RGBA"),
        "webp": plain("WEBP", (3_900, 3_000)),
    }
    for name, data in hostile.items():
        (tmp_path / f"{name}.source").write_bytes(data)
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    told, own, loaded = json.loads(said.stdout.splitlines()[-1])
    print(told, "parent", own, "MB")
    assert told["large"][0] == told["webp"][0] == "image/jpeg"
    assert "像素" in told["large progressive"][0]
    assert all(seconds <= 10 and megabytes <= 256 for _end, seconds, megabytes in told.values()), told
    assert own <= 80
    assert loaded == []


def test_a_child_that_dies_or_says_nothing_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter itself is replaced: what a crash of a library would look like from outside."""
    ends = {
        "killed": "#!/bin/sh\nkill -9 $$\n",
        "crashed": "#!/bin/sh\nkill -SEGV $$\n",
        "silent": "#!/bin/sh\nexit 1\n",
    }
    for name, script in ends.items():
        program = tmp_path / name
        program.write_text(script)
        program.chmod(0o755)
        folder = tmp_path / f"{name}-work"
        folder.mkdir()
        monkeypatch.setattr(sys, "executable", str(program))
        assert "没有收下" in refused(uploaded.jpeg(), folder)


def test_a_slow_child_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(cleaner, "PATIENCE_SECONDS", 0.5)
    folder = tmp_path / "work"
    folder.mkdir()
    start = time.monotonic()
    assert "太复杂" in refused(uploaded.jpeg(), folder)
    assert time.monotonic() - start < 10


def test_the_child_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_FIELD_KEY", CANARY)
    program = tmp_path / "teller"
    program.write_text(f"#!/bin/sh\nenv > {tmp_path}/told\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    folder = tmp_path / "work"
    folder.mkdir()
    refused(uploaded.jpeg(), folder)
    told = (tmp_path / "told").read_text()
    assert "PYTHONPATH" in told
    assert CANARY not in told


def test_the_web_process_never_loads_what_reads_pictures() -> None:
    """Pillow, pikepdf and boto3 would cost every worker tens of megabytes, and meet hostile bytes there."""
    script = (
        "import sys, lms.app, lms.kernel.cleaning.cleaner, lms.uploads.forms\n"
        "print([one for one in ('PIL', 'pikepdf', 'boto3', 'reportlab') if one in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"
