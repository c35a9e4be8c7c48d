"""A lesson's weight counts its words, not only its pictures."""

from datetime import date
from random import Random

from course_packages import good_files, tree

from lms.courses.packages.checker import Report, check
from lms.courses.packages.problem import Problem
from lms.courses.packages.weight import FRAME, KB, MOST, SHARED, Weight, weigh

TODAY = date(2026, 11, 21)
ZH, EN = "lessons/01-part-1.zh.md", "lessons/01-part-1.en.md"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120"><desc>{}</desc></svg>'


def report(picture: int = 0, letters: int = 0, **more: str) -> Report:
    """The sample with so many bytes in its picture and so many more Chinese letters in its first lesson, in an order
    that nothing presses together."""
    files = good_files() | more
    chance = Random(4)
    if picture:
        files["media/flow.svg"] = SVG.format("x" * (picture - len(SVG.format(""))))
    text = "".join(chr(chance.randint(0x4E00, 0x9F00)) for _ in range(letters))
    files[ZH] = files[ZH].replace("\n::: check", f"\n{text}\n\n::: check", 1)
    return check(tree(files), folder="sample", today=TODAY)


def too_heavy(found: Report) -> list[Problem]:
    return [one for one in found.problems if "pictures" in one.message.params]


def test_words_and_pictures_together_are_held_against_the_budget() -> None:
    assert not too_heavy(report(picture=260 * KB))
    assert not too_heavy(report(letters=30_000))
    (found,) = too_heavy(report(picture=260 * KB, letters=30_000))
    said = found.message.params
    assert found.file == ZH
    assert said["pictures"] == 260
    assert int(str(said["found"])) > 300
    assert int(str(said["page"])) > 60
    assert said["largest"] == "flow.svg 260 kB"


def test_the_edge_of_the_budget() -> None:
    weight = report().weights[EN]
    room = MOST - weight.page - SHARED
    seen = set()
    for size in range(room - 60, room + 61, 20):  # the picture's name is of its content, so the page is not of one size
        found = report(picture=size)
        over = found.weights[EN].whole > MOST
        assert over == any(one.file == EN for one in too_heavy(found))
        seen.add(over)
    assert seen == {True, False}


def test_every_lesson_is_weighed_in_every_language_however_broken_the_rest() -> None:
    whole = report()
    assert set(whole.weights) == {path for path in good_files() if path.startswith("lessons/")}
    assert all(FRAME < one.page < FRAME + 3 * KB for one in whole.weights.values())
    film = f'![看](media/a.film)\n\n{"::: check"}'
    lame = good_files()[ZH].replace("::: check", film, 1).replace("[^spec-2017]", "[^nothing]").replace(
        "![", "[[no-term]]\n\n![", 1
    )
    broken = report(**{ZH: lame, "media/a.film.toml": 'kind = "film"\nseconds = 3\n'})
    assert broken.package is None
    assert set(broken.weights) == set(whole.weights)


def test_what_is_fetched_once_is_counted_against_the_budget_and_not_to_who_reads_on() -> None:
    weight = Weight(page=4 * KB, pictures=6 * KB + 1)
    assert (weight.kb, weight.whole_kb) == (11, 28)
    sha = "a" * 64
    twice = (f'<img src="/media/{sha}.png">', "TST-C01", f'<img src="/media/{sha}.png"><p>{sha}</p>')
    assert weigh(twice, {sha: 500}).pictures == 500, "a picture that stands twice is fetched once"
