"""A difference tells all of both texts and nothing else, and names what changed."""

import films
from course_packages import good_files, knowledge_toml, tree
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.moving.difference import BOTH, difference, passages, told
from lms.courses.packages.checker import load

TEXTS = st.text(alphabet="量三次。歇五分\n. a!", max_size=60)


@given(TEXTS, TEXTS)
def test_passages_hold_both_texts(before: str, after: str) -> None:
    found = passages(before, after)
    assert "".join(one.text for one in found if one.kind != "in") == before
    assert "".join(one.text for one in found if one.kind != "out") == after


def test_nothing_changed_is_said() -> None:
    package = load(tree(good_files()))
    assert difference(package, package).empty


def test_what_changed_is_named_in_its_language() -> None:
    files = good_files(lessons=3)
    after = dict(files)
    for was, now in (
        ('hours = "1"', 'hours = "2"'),
        ("minutes = 30", "minutes = 40"),
        ("year = 2017", "year = 2025"),
        ("按规范量血压", "量准血压"),
    ):
        after["course.toml"] = after["course.toml"].replace(was, now)
    after["lessons/01-part-1.zh.md"] = files["lessons/01-part-1.zh.md"].replace("量两次", "量三次")
    after["items/bank.toml"] = files["items/bank.toml"].replace("b甲", "乙才对", 1)
    after["items/knowledge.toml"] = knowledge_toml(1)
    for language in ("zh", "en"):
        del after[f"lessons/03-part-3.{language}.md"]
    found = difference(load(tree(files)), load(tree(after)))
    assert found.hours_changed
    assert [(line.label.msgid, line.language) for line in found.exam] == [("考试时间（分钟）", BOTH)]
    assert [(one.name, one.state) for one in found.lessons] == [("part-1", "changed"), ("part-3", "gone")]
    assert {line.language for line in found.lessons[0].lines} == {"zh"}
    assert [one.name for one in found.items] == ["TST-001", "TST-K01"]
    assert "小测题" in {part.text for line in found.items[1].lines for part in line.passages}
    assert any("✓ 乙才对" in part.text for line in found.items[0].lines for part in line.passages if part.kind == "in")
    assert [one.name for one in found.sources] == ["spec-2017"]
    assert [one.name for one in found.goals] == ["o1"]


def test_long_stretches_that_are_the_same_are_cut() -> None:
    before = "很长的一段。" * 100
    package = load(tree(good_files()))
    files = good_files()
    files["lessons/01-part-1.zh.md"] += before + "旧"
    other = dict(files)
    other["lessons/01-part-1.zh.md"] = files["lessons/01-part-1.zh.md"][:-1] + "新"
    assert package.lessons
    (entry,) = difference(load(tree(files)), load(tree(other))).lessons
    shown = told(entry.lines[0])
    assert sum(len(one.text) for one in shown) < 200


TERM = """
[[terms]]
id = "cuff"
word = { zh = "袖带", en = "cuff" }
meaning = { zh = "绑在胳膊上的。", en = "Goes round the arm." }

"""
FILM_TOML = 'kind = "film"\nseconds = 9\n\n[[files]]\nsha = "%s"\ntype = "video/mp4"\nsize = 9\nwidth = 4\nheight = 3\n'
HANDOUT_TOML = 'kind = "pdf"\n\n[[files]]\nsha = "%s"\ntype = "application/pdf"\nsize = 9\n'


def test_a_terms_meaning_alone_is_a_difference() -> None:
    files = good_files()
    before = files | {"course.toml": files["course.toml"].replace("[assessment]", TERM + "[assessment]", 1)}
    after = before | {"course.toml": before["course.toml"].replace("绑在胳膊上的", "绑在上臂的")}
    found = difference(load(tree(before)), load(tree(after)))
    assert not found.empty
    assert [(one.name, one.titles["zh"], one.state) for one in found.terms] == [("cuff", "袖带", "changed")]
    assert [(line.label.msgid, line.language) for line in found.terms[0].lines] == [("意思", "zh")]
    for one, other, state in ((files, before, "new"), (before, files, "gone")):
        (entry,) = difference(load(tree(one)), load(tree(other))).terms
        assert (entry.name, entry.state) == ("cuff", state)


def test_films_hand_outs_and_captions_are_named_in_their_language() -> None:
    files: dict[str, str | bytes] = {
        **good_files(), "media/a.film.toml": FILM_TOML % ("a" * 64), "media/b.pdf.toml": HANDOUT_TOML % ("b" * 64),
        "media/a.zh.vtt": films.captions(), "media/a.en.vtt": films.captions("Sit down.", "Again."),
    }  # fmt: skip
    before = load(tree(files))
    said = load(tree(files | {"media/a.zh.vtt": films.captions("先坐好。")}))
    (entry,) = difference(before, said).recordings
    assert (entry.name, entry.state) == ("a.film", "changed")
    (line,) = entry.lines
    assert (line.label.msgid, line.language) == ("字幕", "zh")
    assert "先坐好。" in "".join(one.text for one in line.passages if one.kind == "in")
    taken = load(tree({path: text for path, text in files.items() if path != "media/a.en.vtt"}))
    assert [line.language for line in difference(before, taken).recordings[0].lines] == ["en"]
    other = load(tree(files | {"media/a.film.toml": FILM_TOML % ("c" * 64)}))
    assert [line.label.msgid for line in difference(before, other).recordings[0].lines] == ["录像"]
    bare = load(tree(good_files()))
    for one, two, state in ((bare, before, "new"), (before, bare, "gone")):
        found = difference(one, two).recordings
        assert [(entry.name, entry.state) for entry in found] == [("a.film", state), ("b.pdf", state)]
