"""Why a file is not taken, in words of somebody who stands there with a phone."""

from collections.abc import Mapping
from typing import Any

from lms.kernel.text import Message, msg

_REFUSALS = {
    "empty": msg("这个文件是空的，没有收下。请重新选一次。"),
    "heic": msg(
        "这是 HEIC 照片，很多电脑打不开，没有收下。苹果手机请到“设置 → 相机 → 格式”选“兼容性最佳”再拍；"
        "或者把这张照片截一次屏，传截屏。"
    ),
    "picture": msg("这种图片格式不收（动图、BMP、TIFF、AVIF 等）。请另存为 JPEG，或者截一次屏再传。"),
    "office": msg("这是 Word、Excel 或者压缩文件，没有收下。请另存为 PDF 再传，或者拍成照片。"),
    "video": msg("这是视频，没有收下。请拍成照片再传。"),
    "page": msg("这是网页或者矢量图，没有收下。请另存为 PDF 再传，或者截一次屏。"),
    "two": msg("这个文件里夹着另一种文件，没有收下。请重新拍照，或者重新导出 PDF 再传。"),
    "unknown": msg("这个文件不是照片，也不是 PDF，没有收下。能收的是 JPEG、PNG、WebP 照片和 PDF。"),
    "not_here": msg("这里不收这种文件。"),
    "large": msg("文件有 {size} MB，最多收 {most} MB。请拍成照片，或者只传有关的几页。"),
    "broken": msg("这个文件坏了，或者不完整，打不开，没有收下。请重新拍照，或者重新导出 PDF 再传。"),
    "pixels": msg("这张照片太大（{width}×{height} 像素），没有收下。请把相机调到普通清晰度再拍。"),
    "heavy": msg("这个文件太复杂，处理它要的时间或内存超过上限，没有收下。请拍成照片再传。"),
    "encrypted": msg("这个 PDF 加了密码或者限制，没有收下。请取消密码再导出，或者拍成照片。"),
    "pages": msg("这个 PDF 有 {pages} 页，最多收 {most} 页。请只传有关的几页。"),
    "form": msg("这个 PDF 是还要填写的表单，别人打开会看不到填的字，没有收下。请把它打印成 PDF 再传，或者拍成照片。"),
    "drawing_large": msg("图片太大，每张不超过 {size} kB"),
    "drawing_sides": msg("图片的边长要在 1 到 {side} 像素之间"),
    "drawing_broken": msg("看不懂这张 SVG 图：文件坏了，或者没有写宽和高（viewBox）。请重新导出再传。"),
    "drawing_doctype": msg("SVG 里不能有 DOCTYPE、ENTITY 或样式表指令，编码要用 UTF-8"),
    "drawing_heavy": msg("这张 SVG 图太复杂：一层套一层，或者同一块重复画得太多。请简化以后再传。"),
    "drawing_tag": msg("SVG 里不能用 <{tag}>，只能画图和写字"),
    "drawing_style": msg("SVG 的样式里不能引用外面的东西"),
    "drawing_script": msg("SVG 里不能有脚本（{name}）"),
    "drawing_link": msg("SVG 里的链接只能指向图内（#…）"),
    "odd": msg("这个 PDF 用了少见的压缩方式，没有收下。请把它打印成 PDF 再传，或者拍成照片。"),
}
BUSY = msg("正在处理别人的文件，请过一分钟再试；已经传上来的还在。")


def refusal(code: str, gaps: Mapping[str, Any] | None = None) -> Message:
    """The sentence of a code; one nobody knows is a broken file."""
    found = _REFUSALS.get(code, _REFUSALS["broken"])
    return Message(found.msgid, dict(gaps or {}))
