"""An author writes a course in the browser: as it is typed it is saved, also after the network was gone, and a second
tab's words are put together with hers."""

import re

import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive, Visitor
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NOTHING_KEPT = """() => new Promise((done) => setInterval(() => {
  if (Object.keys(localStorage).every((key) => !key.startsWith("xinglin-writer-"))) { done(); }
}, 100))"""
SAID = {"zh": "坐下，脱鞋袜。", "en": "Sit down and take off shoes and socks."}


def _new_course(author: Visitor, number: int) -> str:
    """A course with two lessons; the address of its draft."""
    titles = {"zh": f"糖尿病足早发现 {number}", "en": f"Find the diabetic foot early {number}"}
    author.known |= {*titles.values(), "先看脚", "再摸脚", "云岭县基层卫生培训中心"}
    author.follow("工作室")
    author.follow("写一门新课")
    author.look("new-course")
    author.fill("课程名", titles["zh"])
    author.fill("英文名", titles["en"])
    author.press("开始写")
    author.finds(author.way.of(titles))
    author.look("room-empty")
    address = author.page.url
    for title, english in (("先看脚", "Look first"), ("再摸脚", "Then touch")):
        author.open(address)
        author.fill("课题", title)
        author.fill("英文课题", english)
        author.press("加一课")
    author.open(address)
    author.look("room")
    return address


def _area(author: Visitor, language: str) -> str:
    return f"#text-{language}"


def _saved(author: Visitor, language: str) -> None:
    """The house has said that it has it."""
    begin = author.way.say("已保存 {time}").split("{")[0].strip()
    expect(author.page.locator(f"#{language} [role=status]")).to_contain_text(re.compile(re.escape(begin)))


def _write_plainly(author: Visitor, address: str) -> None:
    author.page.locator("main ol.rows a").first.click()
    author.look("lesson-empty")
    author.page.locator(_area(author, "zh")).fill(SAID["zh"])
    author.press("保存")
    expect(author.page.locator(_area(author, "zh"))).to_have_value(SAID["zh"])
    author.open(address)


@pytest.mark.ways(houses=("embedded",), script=(False,))
def test_without_a_script_a_lesson_is_saved_by_its_button(house: Installation, way: Way, visit: Arrive) -> None:
    author = visit(house.cast.author)
    address = _new_course(author, house.number())
    _write_plainly(author, address)
    author.page.get_by_role("button", name=re.compile("^" + way.say("下移"))).first.click()
    second = way.of({"zh": "再摸脚", "en": "Then touch"})
    expect(author.page.locator("main ol.rows li").first).to_contain_text(second)


@pytest.mark.ways(script=(True,))
def test_what_is_typed_is_saved_also_after_the_network_was_gone(
    house: Installation, way: Way, visit: Arrive
) -> None:
    author = visit(house.cast.author)
    _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    lesson = author.page.url
    area = author.page.locator(_area(author, "zh"))
    area.press_sequentially("坐下。")
    _saved(author, "zh")
    author.goes_offline = True
    author.context.set_offline(True)
    area.press_sequentially("脱鞋袜。")
    expect(author.page.locator("#zh [role=status]")).to_have_text(way.say("还没有存上，联上网会自己存"))
    author.context.set_offline(False)
    _saved(author, "zh")
    tab = author.context.new_page()
    tab.goto(lesson)
    expect(tab.locator("#text-zh")).to_have_value("坐下。脱鞋袜。")
    tab.locator("#text-zh").fill("坐下。脱鞋袜。看趾缝。")
    expect(tab.locator("#zh [role=status]")).to_contain_text(way.say("已保存 {time}").split("{")[0].strip())
    area.press("Home")
    area.press_sequentially("先洗手。")
    expect(area).to_have_value("先洗手。坐下。脱鞋袜。看趾缝。")
    frame = author.page.frame_locator('iframe[name="seen-zh"]')
    expect(frame.locator("body")).to_contain_text("看趾缝。")
    author.look("lesson-written")
    author.open(f"{lesson}?show=both")
    author.look("lesson-both")
    author.page.locator("#text-en").fill(SAID["en"] + "\n\n<b>Wash</b>")
    _saved(author, "en")
    # What is wrong is said without opening the page anew.
    expect(author.page.locator("[data-problems]")).to_contain_text(way.say("正文不能写 HTML 标签"))


@pytest.mark.ways(houses=("embedded",), script=(True,))
def test_a_tab_that_was_closed_too_soon_goes_on_where_it_was(house: Installation, way: Way, visit: Arrive) -> None:
    """What the house had not acknowledged lies in the browser, and is sent when the page is opened again."""
    author = visit(house.cast.author)
    _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    lesson = author.page.url
    author.page.wait_for_load_state("load")  # what is typed before the script is there is not kept
    author.goes_offline = True
    author.context.set_offline(True)
    author.page.locator(_area(author, "zh")).press_sequentially("坐下。")
    author.page.on("dialog", lambda dialog: dialog.accept())
    author.page.goto("about:blank")
    author.context.set_offline(False)
    author.page.goto(lesson)
    expect(author.page.locator(_area(author, "zh"))).to_have_value("坐下。")
    author.page.evaluate(NOTHING_KEPT)
    author.page.reload()
    expect(author.page.locator(_area(author, "zh"))).to_have_value("坐下。")


@pytest.mark.ways(houses=("embedded",), languages=("zh",), script=(True,))
def test_what_the_house_refused_is_not_dropped(house: Installation, way: Way, visit: Arrive) -> None:
    """The draft was withdrawn meanwhile: the page says so, and her words stay in the browser."""
    author = visit(house.cast.author)
    address = _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    tab = author.context.new_page()
    tab.goto(address)
    tab.get_by_role("button", name=way.say("撤下"), exact=True).click()
    tab.wait_for_url("**/studio")
    author.expect_status(409)
    author.page.locator(_area(author, "zh")).press_sequentially("坐下。")
    expect(author.page.locator("#zh [role=status]")).to_contain_text("这份稿现在不能改")
    kept = author.page.evaluate("Object.values(localStorage).join()")
    assert "坐下。" in kept


@pytest.mark.ways(houses=("embedded",))
def test_who_wrote_the_same_sentence_chooses(house: Installation, way: Way, visit: Arrive) -> None:
    author = visit(house.cast.author)
    author.known |= {"坐下。", "躺下。", house.cast.author.name}
    _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    lesson = author.page.url
    author.page.locator(_area(author, "zh")).fill("站着。")
    author.press("保存")
    if way.script:
        _saved(author, "zh")
    author.open(lesson)
    tab = author.context.new_page()
    tab.goto(lesson)
    for page, text in ((tab, "坐下。"), (author.page, "躺下。")):
        page.locator("#text-zh").fill(text)
        page.get_by_role("button", name=way.say("保存"), exact=True).first.click()
        if way.script:
            expect(page.locator("#zh [role=status]")).to_contain_text(re.compile(r"\d|选|choose"))
        else:
            page.wait_for_load_state("load")
    if way.script:
        author.page.locator("#zh [role=status] a").click()
    author.look("disputed")
    author.finds("躺下。")
    author.finds("坐下。")
    author.page.get_by_label(way.say("用我写的")).first.check()
    author.press("存下这样选的")
    expect(author.page.locator(_area(author, "zh"))).to_have_value("躺下。")
