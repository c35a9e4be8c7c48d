"""From sign-in to a published course of three lessons with twenty questions, a picture and a film, as a new author
would: in how many page loads (bar B1: at most 60, the reviewer's included)."""

import films
import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive, Visitor
from playwright.sync_api import Request, expect

pytestmark = pytest.mark.browser
MOST_PAGES = 60
BY_FORM, PASTED = 10, 10
LESSONS = (("先看脚", "Look first"), ("再摸脚", "Then touch"), ("记下来", "Write it down"))


class Loads:
    """Counts the pages that a visitor's browser loads: its main frame's navigations, each with its redirects once."""

    def __init__(self, visitor: Visitor) -> None:
        self.count = 0
        self._page = visitor.page
        visitor.page.on("request", self._heard)

    def _heard(self, request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            self.count += request.frame == self._page.main_frame


def _begin(author: Visitor, title: str, english: str) -> str:
    author.follow("工作室")
    author.look("shelf")
    author.follow("写一门新课")
    author.look("start-a-course")
    author.fill("课程名", title)
    author.fill("英文名", english)
    author.press("开始写")
    author.finds(title)
    return author.page.url


def _describe(author: Visitor, address: str) -> None:
    """What the course is, what it promises, what it rests on."""
    author.page.locator("main a[href$='/settings/course']").click()
    author.page.locator("#summary_zh").fill("看脚、摸脚、记脚。")
    author.page.locator("#summary_en").fill("Look at feet, touch them, write it down.")
    _save(author)
    author.page.locator("nav.tabs a[href$='/settings/goals']").click()
    for number, (zh, en) in enumerate(LESSONS):
        author.page.locator(f"#objectives-{number}-zh").fill(f"会{zh}")
        author.page.locator(f"#objectives-{number}-en").fill(en)
    author.page.locator("#topics-0-zh").fill("看脚")
    author.page.locator("#topics-0-en").fill("Feet")
    _save(author)
    author.page.locator("nav.tabs a[href$='/settings/sources']").click()
    for cell, said in (("title_zh", "一本编出来的书"), ("title_en", "An invented book"), ("issuer_zh", "编的出版社"),
                       ("issuer_en", "An invented press"), ("section_zh", "第一章"), ("section_en", "Chapter 1"),
                       ("year", "2020")):  # fmt: skip
        author.page.locator(f"#sources-0-{cell}").fill(said)
    _save(author)
    author.page.locator("nav.tabs a[href$='/settings/exam']").click()
    author.page.locator("#on").check()
    author.page.locator("#title_zh").fill("结业考试")
    author.page.locator("#title_en").fill("Final test")
    author.page.locator("#draw-0-topic").select_option(index=1)
    author.page.locator("#draw-0-count").fill("15")
    _save(author)
    assert author.page.url.startswith(address)


def _save(author: Visitor) -> None:
    author.page.locator("main").get_by_role("button", name="保存", exact=True).last.click()
    author.finds("存好了")


def _ask(author: Visitor, number: int, use: str) -> str:
    """One question with four options, in both languages; its code. The page that comes is the next one's."""
    page = author.page
    page.locator("#stem").fill(f"第 {number} 题看哪里？")
    page.locator("#stem_en").fill(f"Question {number}: where?")
    for row, (zh, en) in enumerate((("脚趾", "Toes"), ("脚背", "Back"), ("脚踝", "Ankle"), ("小腿", "Leg")), 1):
        page.locator(f"#text_{row}").fill(zh)
        page.locator(f"#text_en_{row}").fill(en)
    page.locator("input[name=correct]").first.check()
    page.locator("#explanation").fill("那里最容易破。")
    page.locator("#explanation_en").fill("It breaks there first.")
    page.locator("#use").select_option(use)
    page.locator("#topic").select_option(index=1)
    page.locator("#objective").select_option(index=1 + number % len(LESSONS))
    if number == 1:  # the next ones begin with what this one names
        page.locator("details summary", has_text="用到哪些依据").click()
        page.locator("input[name=sources]").first.check()
    author.press("保存，写下一题")
    author.finds(f"已有 {number} 题")
    return page.url.split("last=")[1].split("&")[0].split("#")[0]


def _questions(author: Visitor) -> list[str]:
    """Twenty questions: three self-checks and seven for the exam by the form, ten pasted; the codes of the checks."""
    author.page.locator("main a[href$='/questions']").first.click()
    before = author.loads.count
    codes = [_ask(author, number, "check" if number <= 3 else "assessment") for number in range(1, BY_FORM + 1)]
    assert author.loads.count - before == BY_FORM, "one question costs its saving and nothing else"
    author.follow("一次粘贴多题")
    one = (
        "{n}. 第 {n} 步做什么？ | Step {n}?\nA. 看{n} | Look {n}\nB. 摸{n} | Touch {n}\nC. 记{n} | Write {n}\n"
        "答案：A\n解析：因为{n}。 | Because {n}.\n"
    )
    text = "".join(one.format(n=n) for n in range(11, 11 + PASTED))
    author.page.locator("#text").fill(text)
    author.press("先看看看懂了没有")
    author.finds(f"看懂了 {PASTED} 题")
    author.look("questions-understood")
    author.press("全部收下")
    author.finds(f"收下了 {PASTED} 题")
    return codes[:3]


def _media(author: Visitor) -> dict[str, str]:
    """A picture, and a film with what is said in it; for each language the lines that show both in a lesson."""
    page = author.page
    page.locator("main a[href$='/media']").first.click()
    page.set_input_files(
        "#files",
        [
            {"name": "foot.jpg", "mimeType": "image/jpeg", "buffer": films.photo(640, 480)},
            {"name": "walk.mp4", "mimeType": "video/mp4", "buffer": films.film()},
        ],
    )
    expect(page.get_by_text("“walk.mp4”收好了")).to_be_visible()
    expect(page.get_by_text("“foot.jpg”收好了")).to_be_visible()
    author.press("收下")
    film = page.locator("section[id='m-walk.film']")
    expect(film).to_be_visible(timeout=90_000)
    author.look("media")
    for language, words in (("zh", ("先脱鞋袜。", "再看脚底。")), ("en", ("Shoes off first.", "Then the sole."))):
        film.locator("summary", has_text="字幕").click()
        film.locator("select[name=language]").select_option(language)
        words_of_film = {"name": f"{language}.vtt", "mimeType": "text/vtt", "buffer": films.captions(*words)}
        film.locator("input[name=captions]").set_input_files(words_of_film)
        film.get_by_role("button", name="传字幕").click()
        author.finds("字幕收下了")
    lines = "\n\n".join(page.locator("section[id^='m-'] details p code").all_text_contents())
    assert lines.count("…") == 2, lines
    return {"zh": lines.replace("…", "看脚底"), "en": lines.replace("…", "Looking at the sole")}


def _lesson(author: Visitor, address: str, number: int, check: str, media: dict[str, str]) -> None:
    """A lesson from its title to its text in both languages, and back to the room."""
    zh, en = LESSONS[number]
    author.fill("课题", zh)
    author.fill("英文课题", en)
    author.press("加一课")
    author.page.locator("nav.tabs a[href*='show=both']").click()
    for language, text in (("zh", f"## {zh}\n\n坐下，脱鞋袜。[^S]"), ("en", f"## {en}\n\nSit down, shoes off.[^S]")):
        area = author.page.locator(f"#text-{language}")
        area.fill(text.replace("^S", "^an-invented-book-2020") + f"\n\n{media[language]}\n\n::: check {check}\n:::\n")
        expect(author.page.locator(f"#{language} [role=status]")).to_contain_text("已保存")
    author.page.locator("input[name=objectives]").nth(number).check()
    author.page.locator("input[name=sources]").first.check()
    author.press("保存说明")
    author.finds("这一课的说明存好了")
    _to_room(author, address)


def _to_room(author: Visitor, address: str) -> None:
    author.page.locator("p.crumb a[href*='/drafts/']").first.click()
    author.page.wait_for_url(address)


@pytest.mark.ways(houses=("embedded",), languages=("zh",), script=(True,))
def test_a_new_author_publishes_a_whole_course(house: Installation, way: Way, visit: Arrive) -> None:
    number = house.number()
    title, english = f"看脚一日课 {number}", f"A day on feet {number}"
    author, reviewer = visit(), visit()
    author.known |= {title, english}
    for one, member in ((author, house.cast.author), (reviewer, house.cast.reviewer)):
        one.loads = Loads(one)
        one.known |= {house.cast.author.name, house.cast.reviewer.name}
        one.sign_in(member)
    address = _begin(author, title, english)
    _describe(author, address)
    _to_room(author, address)
    checks = _questions(author)
    _to_room(author, address)
    media = _media(author)
    _to_room(author, address)
    for place, code in enumerate(checks):
        _lesson(author, address, place, code, media if place == 0 else dict.fromkeys(media, ""))
    author.finds("都查过了，没有要改的")
    author.look("room-whole")
    author.press("送审")
    author.reads("审核中")
    reviewer.follow("工作室")
    reviewer.page.get_by_role("link", name=title, exact=True).click()
    reviewer.press("审核通过")
    reviewer.finds("作者可以出版了")
    author.page.reload()
    author.press("出版")
    author.reads("谁在学，谁学完了")
    pages = author.loads.count + reviewer.loads.count
    print({"pages": pages, "author": author.loads.count, "reviewer": reviewer.loads.count})
    assert pages <= MOST_PAGES
