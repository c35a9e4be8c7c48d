"""An author writes a course in the browser: as it is typed it is saved, also after the network was gone, and a second
tab's words are put together with hers."""

import re

import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive, Visitor
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('xinglin-writer-'))"
OTHERS = """() => {
  const words = document.querySelector("form[data-typed]").dataset;
  const keep = (key, who, number) => {
    const page = "00000000-0000-4000-8000-00000000000" + key.length;
    const form = words.typed + (key === "near" ? "-2" : "");
    const rest = { page, begun: "", number, fields: '[["stem","' + key + '"]]', key };
    localStorage.setItem(["xinglin-typed", who, words.keep, form, page].join("-"), JSON.stringify(rest));
  };
  keep("near", words.who, Date.now());
  keep("older", words.who, Date.now() - 91 * 24 * 60 * 60 * 1000);
  keep("theirs", "00000000-0000-4000-8000-000000000001", Date.now());
}"""
OTHERS_KEPT = """Object.keys(localStorage).filter((key) => key.startsWith("xinglin-typed-"))
  .map((key) => JSON.parse(localStorage.getItem(key)).key)"""
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


def _saved(author: Visitor, language: str, page: Page | None = None) -> None:
    """The house has said that it has it; then the browser keeps nothing."""
    begin = author.way.say("已保存 {time}").split("{")[0].strip()
    expect((page or author.page).locator(f"#{language} [data-said]")).to_contain_text(re.compile(re.escape(begin)))


def _ready(page: Page, language: str = "zh") -> None:
    """What is typed before the script is there is not kept."""
    expect(page.locator(f"#{language}")).to_have_attribute("data-ready", "y")


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
    expect(author.page.locator("#zh [data-said]")).to_have_text(way.say("还没有存上，联上网会自己存"))
    author.context.set_offline(False)
    _saved(author, "zh")
    tab = author.context.new_page()
    tab.goto(lesson)
    expect(tab.locator("#text-zh")).to_have_value("坐下。脱鞋袜。")
    tab.locator("#text-zh").fill("坐下。脱鞋袜。看趾缝。")
    expect(tab.locator("#zh [data-said]")).to_contain_text(way.say("已保存 {time}").split("{")[0].strip())
    area.press("Home")
    area.press_sequentially("先洗手。")
    expect(area).to_have_value("先洗手。坐下。脱鞋袜。看趾缝。")
    frame = author.page.frame_locator('iframe[name="seen-zh"]')
    expect(frame.locator("body")).to_contain_text("看趾缝。")
    # As wide as a learner's phone, on a desk and on a phone itself.
    for width in (1280, 360):
        author.page.set_viewport_size({"width": width, "height": 640})
        assert frame.locator("html").evaluate("(page) => page.clientWidth") == 360
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
    draft = _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    _ready(author.page)
    lesson = author.page.url
    author.goes_offline = True
    author.context.set_offline(True)
    author.page.locator(_area(author, "zh")).press_sequentially("坐下。")
    expect(author.page.locator("#zh [data-said]")).to_have_text(way.say("还没有存上，联上网会自己存"))
    author.page.on("dialog", lambda dialog: dialog.accept())
    author.page.goto("about:blank")
    author.context.set_offline(False)
    author.page.goto(lesson)
    expect(author.page.locator(_area(author, "zh"))).to_have_value("坐下。")
    _saved(author, "zh")
    assert author.page.evaluate(KEPT) == []
    author.page.reload()
    expect(author.page.locator(_area(author, "zh"))).to_have_value("坐下。")
    _ready(author.page)
    assert author.page.evaluate(KEPT) == []
    _typed_into_a_form(author, draft)


def _typed_into_a_form(author: Visitor, draft: str) -> None:
    """A question is not saved by itself; what was typed is there again, also if the page went at once or offline."""
    page, way = author.page, author.way
    asked = f"{draft}/questions?type=true_false"
    form, stem = page.locator("form[data-typed]"), page.locator("#stem")
    filled = page.get_by_text(way.say("上次没有保存的内容已填回"))
    page.goto(asked)
    expect(form).to_have_attribute("data-ready", "y")
    stem.fill("先看脚")
    kept = way.say("草稿已存 {time}，按“保存”才生效").split("{")[0].strip()
    expect(form.locator("[data-said]")).to_contain_text(kept)
    # Kept here for a form whose name begins the same, for longer than the house knows, and by another person.
    page.evaluate(OTHERS)
    stem.fill("先看脚趾")
    page.reload()
    expect(stem).to_have_value("先看脚趾")
    expect(filled).to_be_visible()
    expect(form).to_have_attribute("data-ready", "y")
    author.look("question-typed")
    author.context.set_offline(True)
    stem.fill("先看脚趾缝")
    expect(form.locator("[data-said]")).to_have_text(way.say("还没有存上，联上网会自己存"))
    page.goto("about:blank")
    author.context.set_offline(False)
    page.goto(asked)
    expect(stem).to_have_value("先看脚趾缝")
    page.get_by_role("button", name=way.say("丢弃")).click()
    expect(filled).to_have_count(0)
    expect(stem).to_have_value("")
    expect(form).to_have_attribute("data-ready", "y")
    assert page.evaluate(OTHERS_KEPT) == ["near"]


@pytest.mark.ways(houses=("embedded",), languages=("zh",), script=(True,))
def test_an_answer_that_never_came_is_asked_for_again(house: Installation, way: Way, visit: Arrive) -> None:
    """The house has it, the browser was not told, and the page was closed: the same save is sent again, nothing is
    put in twice, and then the browser keeps nothing."""
    author = visit(house.cast.author)
    _new_course(author, house.number())
    author.page.locator("main ol.rows a").first.click()
    _ready(author.page)
    lesson, ids = author.page.url, []

    def swallow(route: Route) -> None:
        ids.append(re.findall("save_id=([^&]*)", route.request.post_data or ""))
        route.fetch()
        route.abort("internetdisconnected")

    author.goes_offline = True
    author.page.route(re.compile("/files/[^/]+$"), swallow)
    author.page.locator(_area(author, "zh")).press_sequentially("坐下。")
    expect(author.page.locator("#zh [data-said]")).to_have_text(way.say("还没有存上，联上网会自己存"))
    author.page.on("dialog", lambda dialog: dialog.accept())
    author.page.goto("about:blank")
    author.page.unroute_all(behavior="ignoreErrors")
    with author.page.expect_request(re.compile("/files/[^/]+$")) as again:
        author.page.goto(lesson)
    assert re.findall("save_id=([^&]*)", again.value.post_data or "") == ids[0]
    _saved(author, "zh")
    expect(author.page.locator(_area(author, "zh"))).to_have_value("坐下。")
    assert author.page.evaluate(KEPT) == []


WORD = """<html><head><style>p.MsoNormal{color:red}</style></head><body><!--StartFragment-->
<h1>看脚<o:p></o:p></h1><p class=MsoNormal><b><span style='color:red'>每天</span></b>看一次，<a href="https://example.org/a">指南</a>。</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>  </span></span>趾缝</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>足跟</p>
<table><tr><td><p>看</p></td><td><p>做</p></td></tr><tr><td>红|肿</td><td><b>转诊</b></td></tr></table>
<script>document.title = "ran"</script><img src="file:///x.png" onerror="document.title='ran'"></body></html>"""
CLEAN = """## 看脚

**每天**看一次，[指南](https://example.org/a)。

- 趾缝
- 足跟

| 看 | 做 |
|---|---|
| 红\\|肿 | **转诊** |"""
PASTE = """(area, given) => {
  const data = new DataTransfer();
  for (const kind of Object.keys(given)) { data.setData(kind, given[kind]); }
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def _choose(page: Page, words: str) -> None:
    """Select these words in the text."""
    page.locator("#text-zh").evaluate(
        "(area, words) => { const at = area.value.indexOf(words); area.focus();"
        " area.setSelectionRange(at, at + words.length); }", words
    )


def _look_at_media(author: Visitor, address: str) -> None:
    """The media page, empty and with a drawing that was sent."""
    author.known |= {"steps.svg", "(media/steps.svg)"}
    author.open(address)
    author.follow("媒体")
    author.look("media-empty")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>'
    file = {"name": "steps.svg", "mimeType": "image/svg+xml", "buffer": drawing.encode()}
    author.page.locator("#files").set_input_files([file])
    done = author.way.say("“{name}”收好了，提交时会一起交上去。", name="steps.svg")
    expect(author.page.get_by_text(done)).to_be_visible()
    author.page.get_by_role("button", name=author.way.say("收下"), exact=True).click()
    thing = author.page.locator("[id='m-steps.svg']")
    expect(thing).to_be_visible()
    for fold in thing.locator("summary").all():
        fold.click()
    author.look("media")


def _drag_up(author: Visitor) -> None:
    """The second of a list goes above the first: with a mouse, on the English journey with a finger."""
    page = author.page
    handle, first = page.locator("[data-drag]").nth(1), page.locator("[data-order] > *").first
    expect(handle).to_be_visible()
    handle.scroll_into_view_if_needed()
    grip, top = handle.bounding_box(), first.bounding_box()
    assert grip is not None
    assert top is not None
    x, begin, end = grip["x"] + 9, grip["y"] + 9, top["y"] + 5
    if author.way.language == "zh":
        page.mouse.move(x, begin)
        page.mouse.down()
        page.mouse.move(x, end, steps=4)
        page.mouse.up()
        return
    browser = author.context.new_cdp_session(page)
    for kind, y in (("touchStart", begin), ("touchMove", (begin + end) / 2), ("touchMove", end), ("touchEnd", None)):
        points = [] if y is None else [{"x": x, "y": y}]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.mark.ways(houses=("embedded",), script=(True,))
def test_tools_write_at_the_caret_and_lessons_are_dragged(house: Installation, way: Way, visit: Arrive) -> None:
    author = visit(house.cast.author)
    address = _new_course(author, house.number())
    _look_at_media(author, address)
    author.open(address)
    page, area = author.page, author.page.locator("#text-zh")
    author.known |= {"糖尿病足", "有溃疡或坏疽的脚。"}
    author.follow("词语")
    for label, words in (("词语", "糖尿病足"), ("英文词语", "Diabetic foot"), ("意思，一两句话", "有溃疡或坏疽的脚。"),
                         ("英文意思", "A foot with an ulcer.")):  # fmt: skip
        author.fill(label, words)
    author.press("保存")
    author.reads("第 %(number)s 条", number=1)
    author.look("settings-terms")
    author.open(f"{address}/settings/goals")
    for number, goal in enumerate(("会看脚", "会转诊")):
        author.known.add(goal)
        page.locator(f"#objectives-{number}-zh").fill(goal)
    author.press("保存")
    expect(page.locator("[data-order] > *")).to_have_count(2)
    _drag_up(author)
    expect(page.locator("#objectives-0-zh")).to_have_value("会转诊")
    author.look("settings-goals")
    author.open(address)
    _drag_up(author)
    expect(page.locator("main ol.rows li").first).to_contain_text(way.of({"zh": "再摸脚", "en": "Then touch"}))
    page.locator("main ol.rows a").first.click()
    _ready(page)
    area.fill("第一句。\n第二句。")
    area.press("Control+a")
    author.press("列表")
    expect(area).to_have_value("- 第一句。\n- 第二句。")
    author.press("编号列表")
    expect(area).to_have_value("1. 第一句。\n2. 第二句。")
    author.press("编号列表")
    expect(area).to_have_value("第一句。\n第二句。")
    _choose(page, "第二")
    page.keyboard.press("Control+b")
    expect(area).to_have_value("第一句。\n**第二**句。")
    _choose(page, "第一句。")
    author.press("小标题")
    expect(area).to_have_value("## 第一句。\n**第二**句。")
    _choose(page, "句。\n**")
    page.keyboard.press("ArrowRight")
    author.press("表格")
    expect(area).to_have_value("## 第一句。\n**第二**句。\n\n|  |  |\n|---|---|\n|  |  |\n")
    page.keyboard.press("Control+z")
    expect(area).to_have_value("## 第一句。\n**第二**句。")
    _choose(page, "**第二**句。")
    page.locator("#zh summary", has_text=re.compile("^" + way.say("框") + "$")).click()
    author.press("记住")
    expect(area).to_have_value("## 第一句。\n\n::: key 记住\n**第二**句。\n:::\n")
    _choose(page, "第二")
    page.locator("#zh summary", has_text=re.compile("^" + way.say("词语") + "$")).focus()
    page.keyboard.press("Enter")
    page.locator("#zh [data-tool=term]").focus()
    author.look("lesson-tools")
    page.keyboard.press("Enter")
    expect(area).to_have_value(re.compile(re.escape("**[[diabetic-foot|第二]]**句。")))
    frame = page.frame_locator('iframe[name="seen-zh"]')
    expect(frame.locator("a.term")).to_have_text("第二")
    expect(frame.locator("#t1")).to_contain_text("有溃疡或坏疽的脚。")
    area.fill("")
    area.evaluate(PASTE, {"text/html": WORD, "text/plain": "看脚"})
    expect(area).to_have_value(CLEAN)
    expect(page.locator("#zh [data-pasted]")).to_have_text(way.say("贴进来了。字体、颜色、图片没有带过来。"))
    area.evaluate(PASTE, {"text/plain": "x" * 5_000_000})
    expect(page.locator("#zh [data-pasted]")).to_contain_text("60000")
    expect(area).to_have_value(CLEAN)
    assert page.title() != "ran"
    _saved(author, "zh")


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
    expect(author.page.locator("#zh [data-said]")).to_contain_text("这份稿现在不能改")
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
            expect(page.locator("#zh [data-said]")).to_contain_text(re.compile(r"\d|选|choose"))
        else:
            page.wait_for_load_state("load")
    if way.script:
        author.page.locator("#zh [data-said] a").click()
    author.look("disputed")
    author.finds("躺下。")
    author.finds("坐下。")
    author.page.get_by_label(way.say("用我写的")).first.check()
    author.press("存下这样选的")
    expect(author.page.locator(_area(author, "zh"))).to_have_value("躺下。")
