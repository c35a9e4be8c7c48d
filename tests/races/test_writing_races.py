"""Two authors type into the same lesson at once, on a network that loses requests and answers: no word that the house
has acknowledged is lost, and where both wrote the same sentence both texts are shown."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from cast import Cast
from flask import Flask
from houses import House
from sqlalchemy import select

from lms.courses.writing import lessons, room, saving, starting
from lms.courses.writing.models import DraftFile
from lms.courses.writing.saving import Base
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.races
PARAGRAPHS = 12
EDITS = 150  # of each: five minutes of saving each two seconds
LOST = 0.2


@pytest.fixture
def house(postgresql_house: House) -> House:
    postgresql_house.restore()
    return postgresql_house


@dataclass
class Typist:
    """A browser in the writing room: what is in its text area, and what it knows of the house (as writer.js does)."""

    app: Flask
    actor: Actor
    draft_id: UUID
    file_id: UUID
    base: Base
    text: str
    chance: Random
    mine: str  # the mark of her words
    acknowledged: set[str] = field(default_factory=set)
    disputes: int = 0
    _saved: str = ""
    _sending: tuple[UUID, Base, str] | None = None

    def type(self, number: int, shared: bool) -> None:
        """One more word at the end of a paragraph: one of hers, or the one that both write in."""
        lines = self.text.split("\n")
        own = [at for at in range(1, len(lines) - 1) if at % 2 == len(self.mine) % 2]
        here = 0 if shared else self.chance.choice(own)
        lines[here] += f"{self.mine}{number:03d}"
        self.text = "\n".join(lines)
        self.send()

    def send(self) -> None:
        """One save at a time; one whose answer was lost is sent again as it was."""
        if self._sending is None:
            if self.text == self._saved:
                return
            self._sending = uuid4(), self.base, self.text
        save_id, base, text = self._sending
        if self.chance.random() < LOST:
            return  # it never arrived
        with self.app.app_context(), unit_of_work():
            saved = saving.save(self.actor, self.draft_id, self.file_id, save_id=save_id, base=base, text=text)
        if self.chance.random() < LOST:
            return  # it arrived, and nobody told her
        self._sending, self._saved, self.base = None, text, saved.base
        self.acknowledged |= {word for word in words(text) if word.startswith(self.mine)}
        if saved.disputed:
            self.disputes += 1
            if self.text == text:
                self.settle()
        elif self.text == text:
            self.text = self._saved = saved.whole
            self.base = Base(save_id, whole=True)

    def settle(self) -> None:
        """On the page that shows both, she keeps both; her area then holds the file."""
        with self.app.app_context(), unit_of_work():
            found = room.disputed(self.actor, self.draft_id, self.file_id)
            assert found is not None
            assert all(part.mine != part.theirs for _, part in found.places)
            text, save_id = found.settled(["both"] * len(found.places)), uuid4()
            saved = saving.save(
                self.actor, self.draft_id, self.file_id, save_id=save_id, base=found.sheet.base, text=text
            )
        if saved.disputed:
            self.settle()
            return
        self.text = self._saved = saved.whole
        self.base = Base(save_id, whole=True)

    def finish(self) -> None:
        """The network is back: everything arrives."""
        while self._sending or self.text != self._saved:
            self.send()


def words(text: str) -> set[str]:
    """The words that typists put in: a mark and three digits."""
    return set(re.findall(r"(?:甲|乙乙)\d{3}", text))


def test_two_who_type_into_one_lesson_lose_nothing_that_was_acknowledged(app: Flask, cast: Cast) -> None:
    author = cast.author.actor
    other = replace(cast.colleague.actor, grants=(Grant(Role.AUTHOR, author.grants[0].path),))
    with app.app_context(), unit_of_work():
        draft_id = starting.start(author, centre_id=cast.places["TC-DEMO"], title="糖尿病足")
        lessons.add_lesson(author, draft_id, title="先看脚")
    with app.app_context(), unit_of_work(write=False):
        file = session().scalar(select(DraftFile).where(DraftFile.draft_id == draft_id, DraftFile.path.like("%.zh.md")))
        assert file is not None
        file_id = file.id
    first, start = uuid4(), "\n".join(f"第 {number} 段。" for number in range(PARAGRAPHS)) + "\n"
    with app.app_context(), unit_of_work():
        saving.save(author, draft_id, file_id, save_id=first, base=Base(file_id, whole=True), text=start)
    typists = [
        Typist(app, actor, draft_id, file_id, Base(first, whole=True), start, Random(mark), mark, _saved=start)
        for actor, mark in ((author, "甲"), (other, "乙乙"))
    ]
    ready = Barrier(2)

    def live(typist: Typist) -> None:
        ready.wait(30)
        for number in range(EDITS):
            shared = number % 25 == 24
            if shared:
                ready.wait(60)  # both write in the same sentence now
            typist.type(number, shared)
        typist.finish()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(live, typist) for typist in typists]:
            done.result(240)
    with app.app_context(), unit_of_work(write=False):
        whole = room.sheet(author, draft_id, file_id).text
    for typist in typists:
        assert len(typist.acknowledged) == EDITS
        assert typist.acknowledged - words(whole) == set()
    assert whole.count("\n") >= PARAGRAPHS
    assert sum(typist.disputes for typist in typists) > 0, "they met"
