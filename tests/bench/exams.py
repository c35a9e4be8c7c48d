"""Courses of the bench with papers of twenty questions, and answers to them."""

from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from lms.assessments.rules.drawing import FormItem
from lms.courses import commands as courses
from lms.courses.packages.tree import read_folder
from lms.credits import commands as credits
from lms.items.base import Item, Response
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.organisations import queries as organisations

CONTENT = Path(__file__).parent.parent.parent / "content" / "courses"
SOURCE = "hypertension"
QUESTIONS = 20
DRAW = "[[assessment.draw]]"
COUNTY = "LB-YL"

Values = dict[str, tuple[str, ...]]


def publish_exam(slug: str) -> UUID:
    """The hypertension course once more under another code, its paper widened; the edition's id."""
    tree = read_folder(CONTENT / SOURCE)
    text = tree["course.toml"].decode()
    text = text.replace('code = "XL-HTN"', f'code = "{slug.upper()}"', 1)
    text = text.replace(f'slug = "{SOURCE}"', f'slug = "{slug}"', 1)
    with TemporaryDirectory() as name:
        folder = Path(name, slug)
        for path, data in {**tree, "course.toml": _widened(text).encode()}.items():
            folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(path).write_bytes(data)
        edition_id, _ = courses.publish_folder(folder, SYSTEM)
    return edition_id


def _widened(text: str) -> str:
    """The course file with its draws adding up to twenty: one more of each topic in turn."""
    head, *draws = text.split(DRAW)
    counts = [int(one.split("count = ")[1].split()[0]) for one in draws]
    place = 0
    while sum(counts) < QUESTIONS:
        counts[place % len(counts)] += 1
        place += 1
    wide = [
        "\n".join(f"count = {count}" if line.startswith("count") else line for line in one.split("\n"))
        for one, count in zip(draws, counts, strict=True)
    ]
    return DRAW.join([head, *wide])


def approve(slug: str) -> None:
    """Let a course of the bench carry credit this year."""
    county = organisations.by_code(COUNTY)
    assert county is not None
    today = clock.today()
    credits.approve_course(
        SYSTEM,
        course_code=slug.upper(),
        authority_id=county.id,
        project_number=f"{today.year}-{slug.upper()}",
        kind="recommended_project",
        hours=Decimal(2),
        valid_from=today.replace(month=1, day=1),
        valid_until=today.replace(month=12, day=31),
    )


def right_values(item: Item, asked: FormItem) -> Values:
    """The fields of a form that hold the right answer."""
    return item.fill(asked.order, item.right())


def some_values(item: Item, asked: FormItem, chance: Random) -> Values:
    """The fields of a form that hold an answer somebody might give, often a wrong one."""
    right = right_values(item, asked)
    page = item.present("zh", asked.order)
    if page.control == "number":
        return {name: (str(chance.randrange(1, 200)),) for name in right}
    if page.control == "selects":
        picked = chance.sample([given for (given,) in right.values()], len(right))
        return {name: (given,) for name, given in zip(right, picked, strict=True)}
    values = [choice.value for choice in page.choices]
    picked = chance.sample(values, 1 if page.control == "radio" else 2)
    return {name: tuple(picked) for name in right}


def as_response(item: Item, asked: FormItem, values: Values) -> Response:
    """What the house makes of such a form."""
    return item.read(asked.order, values)
