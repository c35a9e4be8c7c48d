"""What the pages inside a copy say, in both languages: it is read where there is no Xinglin. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape


@dataclass(frozen=True, slots=True)
class Part:
    """A document of the copy: its place, what it is, how many rows."""

    name: str
    what: str
    rows: int


INTRO = (
    "这是杏林保存的关于您的全部信息，由您自己要求取出。请妥善保管：里面有您的身份证号。",
    "This is everything that Xinglin keeps about you, taken out at your own request. Keep it safe: it holds your "
    "identity number.",
)
READ = (
    "data 文件夹里每个文件是一类记录（JSON，文字编辑器能打开）；files 文件夹里是您交的材料和您的证书。"
    "学分、学时写成千分之一：1000 就是 1。时间是世界协调时间（UTC），北京时间加 8 小时。",
    "Each file in the folder data is one kind of record (JSON, any text editor opens it); the folder files holds the "
    "papers you handed in and your certificates. Credits and hours are in thousandths: 1000 is 1. Times are UTC.",
)
NOT_HERE = (
    "没有放进来的，和原因（题目的答案、别人的信息、与您无关的管理记录）：",
    "What is not in it, and why (answer keys, other people's data, office records that are not about you):",
)


def index(parts: Sequence[Part], files: Sequence[str], withheld: Mapping[str, str], asked_at: datetime) -> str:
    """The page to begin with."""
    rows = "".join(
        f'<tr><td><a href="{escape(one.name)}">{escape(one.name)}</a></td><td>{escape(one.what)}</td>'
        f"<td>{one.rows}</td></tr>"
        for one in parts
    )
    papers = "".join(f'<li><a href="{escape(name)}">{escape(name)}</a></li>' for name in files)
    kept = "".join(f"<li><code>{escape(name)}</code>: {escape(why)}</li>" for name, why in withheld.items())
    said = "".join(f"<p>{escape(text)}</p>" for text in (*INTRO, *READ))
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>我的个人信息 My personal data</title><h1>我的个人信息<br>My personal data</h1>{said}"
        f"<p>{asked_at:%Y-%m-%d %H:%M} UTC</p>"
        f"<table><tr><th>文件 File</th><th>内容 What it is</th><th>条数 Rows</th></tr>{rows}</table>"
        f"<ul>{papers}</ul><p>{escape(NOT_HERE[0])}<br>{escape(NOT_HERE[1])}</p><ul>{kept}</ul></html>"
    )


def readme(parts: Sequence[Part], files: Sequence[str], asked_at: datetime) -> str:
    """The same in plain text."""
    lines = [*INTRO, "", *READ, "", f"{asked_at:%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"{one.name}  {one.what}  {one.rows}" for one in parts]
    return "\n".join([*lines, *files, ""])
