"""An author uploads a course, a second person approves it, and it comes into the catalogue."""

import re
from pathlib import Path

import pytest
from browser_stage import Installation, Way, zip_files
from browser_visitor import Arrive, Visitor
from course_packages import zipped
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def _upload(author: Visitor, file: Path) -> None:
    author.page.locator("main input[type=file]").set_input_files(file)
    author.press("上传并检查")


def _spoilt(files: dict[str, bytes]) -> tuple[dict[str, bytes], int]:
    """The package with a figure that no file backs, and the line that names it."""
    path = next(name for name in sorted(files) if name.startswith("lessons/02") and name.endswith(".zh.md"))
    lines = files[path].decode().splitlines()
    lines += ["", "![没有这张图](media/nothing.svg \"图 9　没有\")"]
    return {**files, path: ("\n".join(lines) + "\n").encode()}, len(lines)


def _broken_package_changes_nothing(author: Visitor, files: dict[str, bytes], folder: Path, title: str) -> None:
    broken, line = _spoilt(files)
    path = next(name for name in files if broken[name] != files[name])
    (folder / "broken.zip").write_bytes(zipped(broken))
    author.expect_status(422)
    _upload(author, folder / "broken.zip")
    author.reads("没有收下，先改这几处")
    author.finds(path)
    expect(author.page.locator("main")).to_contain_text(re.compile(rf"\b{line}\b"), use_inner_text=True)
    author.look("upload-refused")
    (folder / "no.zip").write_bytes(b"this is no archive")
    _upload(author, folder / "no.zip")
    author.reads("没有收下，先改这几处")
    author.open("/studio")
    author.lacks(title)


def _submit(author: Visitor, file: Path, title: str) -> str:
    author.follow("上传课程包")
    _upload(author, file)
    author.heads(title)
    author.look("draft")
    address = author.page.url
    author.page.locator("main ol.rows a").first.click()
    author.reads("草稿预览")
    author.look("preview")
    check = author.page.locator("main form:has(legend)").first
    check.locator("label.opt").first.click()
    check.get_by_role("button").click()
    expect(author.page.locator("main [role=status]").first).to_be_visible()
    author.open(address)
    author.press("送审")
    author.reads("审核中")
    return address


def _comment(reviewer: Visitor, address: str) -> None:
    """A word on a passage; without a script the same, for the page is a link and a form."""
    reviewer.open(address)
    reviewer.follow("逐段看，写意见")
    reviewer.look("review-passages")
    reviewer.page.locator("#p-3 a").click()
    expect(reviewer.page.locator("#p-3 textarea").first).not_to_have_value("")
    reviewer.look("review-comment")
    reviewer.page.locator("#p-3 textarea").last.fill("这一段写明隔几分钟再量。")
    reviewer.press("写下这条意见")
    reviewer.reads("等作者")
    reviewer.open(address)
    reviewer.expect_status(409)
    reviewer.press("审核通过")
    reviewer.reads("还有 {count} 条意见没有办完，先等作者答复，或者退回修改。", count=1)


def _settle(author: Visitor, address: str) -> None:
    author.open(address)
    author.finds("这一段写明隔几分钟再量。")
    author.look("draft-commented")
    author.page.locator("li details summary").first.click()
    author.page.locator("li details textarea").first.fill("写上了。")
    author.press("改好了")
    author.reads("都办完了")


def _approve(reviewer: Visitor, title: str) -> None:
    reviewer.open("/today")
    reviewer.follow("工作室")
    reviewer.look("studio-drafts")
    reviewer.page.get_by_role("link", name=title, exact=True).click()
    reviewer.look("draft-to-judge")
    reviewer.expect_status(422)
    reviewer.press("退回修改")
    reviewer.look("draft-returned-without-a-word")
    reviewer.page.locator("main textarea").fill("第二课的图看清楚了，可以。")
    reviewer.press("审核通过")
    reviewer.reads("审核通过")


def _publish(author: Visitor, address: str, slug: str) -> None:
    author.open(address)
    author.finds("第二课的图看清楚了，可以。")
    author.press("出版")
    author.reads("谁在学，谁学完了")
    author.look("studio-course")
    author.follow("带多少学分")
    author.reads("平台数下来")
    author.look("course-credit")
    author.open(address)
    author.reads("已出版")
    author.look("draft-published")
    author.follow("看版本和学员")
    author.reads("第 %(number)s 版", number=1)
    author.open("/studio")
    author.page.locator("nav.tabs a").nth(1).click()
    author.finds(slug.upper())
    author.look("studio-courses")


@pytest.mark.opposites("embedded", "zh-plain")
def test_an_author_uploads_a_reviewer_approves_and_the_course_is_open(
    house: Installation, way: Way, visit: Arrive, tmp_path: Path
) -> None:
    number = house.number()
    slug = f"trial-{number}"
    titles = {"zh": f"试用课程 {number}", "en": f"Trial course {number}"}
    files = zip_files("diabetes", slug.upper(), slug, titles)
    title = way.of(titles)
    (tmp_path / "good.zip").write_bytes(zipped(files, "diabetes/"))
    author = visit(house.cast.author)
    author.known.add("第二课的图看清楚了，可以。")
    author.follow("工作室")
    author.follow("上传课程包")
    author.look("upload")
    _broken_package_changes_nothing(author, files, tmp_path, title)
    address = _submit(author, tmp_path / "good.zip", title)
    reviewer = visit(house.cast.reviewer)
    reviewer.known.update(("这一段写明隔几分钟再量。", "写上了。", "第二课的图看清楚了，可以。"))
    author.known.update(("这一段写明隔几分钟再量。", "写上了。"))
    _comment(reviewer, address)
    _settle(author, address)
    _approve(reviewer, title)
    _publish(author, address, slug)
    anybody = visit()
    anybody.open("/")
    anybody.speak()
    anybody.follow("课程")
    anybody.page.get_by_role("link", name=title, exact=True).click()
    anybody.reads("登录后开始学")
    anybody.look("course-for-anybody")
