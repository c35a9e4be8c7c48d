"""An author begins from a Word document; and a file full of scripts shows its words and runs nothing, not even where
the policy of the page is switched off."""

import re

import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive
from foreign_files import cartridge, word
from hostile_files import SCRIPTS
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _every_script() -> bytes:
    """A cartridge with one page for each fifth payload."""
    pages = {f"pages/p{at}.html": f"<h1>p{at}</h1><p>字{at}</p>{text}" for at, text in enumerate(SCRIPTS[::5])}
    listed = "".join(
        f'<resource identifier="p{at}" type="webcontent" href="{path}"><file href="{path}"/></resource>'
        for at, path in enumerate(pages)
    )
    manifest = f'<manifest><organizations/><resources>{listed}</resources></manifest>'
    return cartridge(1, {**pages, "imsmanifest.xml": manifest})


@pytest.mark.ways(houses=("embedded",), languages=("zh",), script=(True,))
def test_a_course_begins_from_a_file_and_no_script_of_it_runs(
    house: Installation, way: Way, visit: Arrive, chromium: Browser
) -> None:
    author = visit(house.cast.author)
    author.known |= {"云岭县基层卫生培训中心"}
    house.titles.add("糖尿病足早发现")
    author.follow("工作室")
    author.follow("从文件开始")
    author.look("import")
    author.page.set_input_files("#file", {"name": "足病.docx", "mimeType": WORD, "buffer": word()})
    author.press("先看看会带来什么")
    expect(author.page.locator("#comes")).to_be_visible()
    author.look("rehearsal")
    author.press("收进来，成为草稿")
    author.finds("糖尿病足早发现")
    author.open("/studio/import")
    author.page.set_input_files(
        "#file", {"name": "a.imscc", "mimeType": "application/zip", "buffer": _every_script()}
    )
    author.press("先看看会带来什么")
    expect(author.page.locator("#comes")).to_be_visible()
    bare = chromium.new_context(bypass_csp=True)
    bare.add_cookies(author.context.cookies())  # type: ignore[arg-type]
    page = bare.new_page()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.goto(author.page.url)
    expect(page.locator("#comes")).to_be_visible()
    author.press("收进来，成为草稿")
    author.page.wait_for_url(re.compile("/studio/drafts/"))
    page.goto(author.page.url)
    links = page.locator("main ol.rows a").evaluate_all("all => all.map(one => one.href)")
    written = [one for one in links if one.endswith("/write")]
    assert len(written) >= 8
    for address in written:
        page.goto(address)
        expect(page.locator("#text-zh")).to_be_visible()
        preview = page.locator("iframe").first.get_attribute("src")
        assert preview
        page.goto(house.url + preview)
        expect(page.locator("body")).to_contain_text("字")
    assert ran == []
    bare.close()
