"""Many at the same moment against the real server: everything happens once, and nobody sees a fault page."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import astuple, dataclass

import pytest
from crowd import Sitter, make_crowd
from flask import Flask
from stack import Stack, stack
from truth import Count, count, offences, wait_for
from visitors import Answer, Visitor, at_once

pytestmark = pytest.mark.races

SUBMITS = 500
LEARNERS = 200


@dataclass
class Scene:
    """A running house, the application on the same database, and its learners."""

    stack: Stack
    app: Flask
    sitters: list[Sitter]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made: list[Scene] = []

    def prepare(app: object) -> None:
        assert isinstance(app, Flask)
        sitters = make_crowd(app, tmp_path_factory.mktemp("package"), LEARNERS + 2)
        made.append(Scene(None, app, sitters))  # type: ignore[arg-type]

    on_postgresql = request.param == "postgresql"
    server = request.getfixturevalue("pg_server") if on_postgresql else None
    folder = tmp_path_factory.mktemp("races")
    with stack(folder, prepare, server=server, database="races", celery=on_postgresql) as running:
        (one,) = made
        one.stack = running
        yield one


def opened(scene: Scene, sitter: Sitter) -> tuple[str, str]:
    """Her page before handing in: her browser's cookie and the form's token."""
    with closing(Visitor(scene.stack.url, sitter.cookie)) as visitor:
        token = visitor.token(f"{sitter.page}?q=0", "/submit")
        return visitor.cookie, token


def armed(scene: Scene, sitter: Sitter, cookie: str, token: str) -> Callable[[], Answer]:
    """A browser with that page, already connected: what is left is to press the button."""
    visitor = Visitor(scene.stack.url, cookie)
    visitor.connect()

    def press() -> Answer:
        try:
            return visitor.post(f"{sitter.page}/submit", {"csrf_token": token})
        finally:
            visitor.close()

    return press


def test_500_identical_submits_at_once_pass_once(scene: Scene) -> None:
    sitter = scene.sitters[0]
    cookie, token = opened(scene, sitter)

    answers = at_once(SUBMITS, lambda _n: armed(scene, sitter, cookie, token))

    assert Counter(one.status for one in answers) == {303: SUBMITS}
    assert {one.location for one in answers} == {f"{sitter.page}/result"}
    hers = lambda: count(scene.app, sitter.person_id)  # noqa: E731
    waited = wait_for(lambda: hers().drawn == 1, 60)
    after = hers()
    print(f"{SUBMITS} submits: {after}, certificate drawn after {waited:.1f} s")
    assert (after.results, after.awards, after.entries) == (1, 1, 1)
    assert (after.certificates, after.drawn, after.pictures) == (1, 1, 1)
    assert offences(scene.app) == {}


def test_200_learners_pass_one_course_at_the_same_moment(scene: Scene) -> None:
    sitters = scene.sitters[1:-1]
    pages = [opened(scene, sitter) for sitter in sitters]
    before = count(scene.app)

    answers = at_once(LEARNERS, lambda n: armed(scene, sitters[n], *pages[n]))

    assert Counter(one.status for one in answers) == {303: LEARNERS}
    assert {one.location for one in answers} == {f"{one.page}/result" for one in sitters}
    whole = Count(*(number + LEARNERS for number in astuple(before)))
    waited = wait_for(lambda: count(scene.app) == whole, 60)
    after = count(scene.app)
    print(f"{LEARNERS} passes: {after}, certificates drawn after {waited:.1f} s")
    assert after == whole
    assert offences(scene.app) == {}


def test_a_pass_handed_in_again_changes_nothing(scene: Scene) -> None:
    """The back button after a pass: 50 more submits of an attempt that is long graded."""
    sitter = scene.sitters[-1]
    with closing(Visitor(scene.stack.url, sitter.cookie)) as visitor:
        token = visitor.token("/courses", "/sign-out")
        assert visitor.post(f"{sitter.page}/submit", {"csrf_token": token}).status == 303
        cookie = visitor.cookie
    wait_for(lambda: count(scene.app, sitter.person_id).drawn == 1, 60)
    before = count(scene.app, sitter.person_id)

    answers = at_once(50, lambda _n: armed(scene, sitter, cookie, token))

    assert Counter(one.status for one in answers) == {303: 50}
    assert count(scene.app, sitter.person_id) == before
    assert (before.awards, before.entries, before.certificates) == (1, 1, 1)
