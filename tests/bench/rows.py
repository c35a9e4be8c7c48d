"""What is measured: for every row of the table its requests, its limit and its bars."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from random import Random
from urllib.parse import urlencode

from tests.bench.client import request_bytes
from tests.bench.exams import right_values
from tests.bench.town import FAILING, PASSING, SAVING, SOURCE, Learner, Town

READ, WRITE, NOTHING = "one indexed SELECT", "SELECT + INSERT + COMMIT", "empty Flask route"
SCRIPT = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, for a socket or for the test client."""

    method: str
    path: str
    cookie: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self) -> bytes:
        """The request as bytes."""
        return request_bytes(
            self.method, self.path, cookie=self.cookie, body=self.body, headers=dict(self.headers)
        )


@dataclass(frozen=True)
class Row:
    """A line of the table. `share` is its bar: how much of the limit it must reach; `most_sql` its budget."""

    name: str
    asks: Callable[[Town], Iterator[Ask]]
    limit: str
    share: float | None = None
    most_sql: int | None = None
    once: bool = False


def _everybody(town: Town) -> Iterator[Learner]:
    """The learners again and again, in an order of their own."""
    learners = list(town.learners)
    Random(7).shuffle(learners)
    return cycle(learners)


def _page(path: str, town: Town) -> Iterator[Ask]:
    return (Ask("GET", path, one.cookie) for one in _everybody(town))


def _lesson(town: Town) -> Iterator[Ask]:
    """Every learner in turn, every lesson in turn."""
    slugs = cycle(town.lessons)
    return (Ask("GET", f"/learn/{one.studying}/{next(slugs)}", one.cookie) for one in _everybody(town))


def _attempt(town: Town) -> Iterator[Ask]:
    """A question of a half-answered paper."""
    positions = cycle(range(1, 21))
    for one in _everybody(town):
        yield Ask("GET", f"/attempts/{one.sittings[SAVING].id}?q={next(positions)}", one.cookie)


def _post(one: Learner, path: str, fields: dict[str, object], *, script: bool = False) -> Ask:
    headers = (*SCRIPT.items(), ("X-CSRF-Token", one.csrf)) if script else ()
    if not script:
        fields = {"csrf_token": one.csrf} | fields
    return Ask("POST", path, one.cookie, urlencode(fields, doseq=True).encode(), headers)


def _save(town: Town) -> Iterator[Ask]:
    """Each position of each paper once, as the page's script sends it: every request adds an answer."""
    items = town.banks[SAVING].items
    for position in range(1, 21):
        for one in islice(_everybody(town), len(town.learners)):
            sitting = one.sittings[SAVING]
            asked = sitting.form[position - 1]
            seed = f"{one.id.int ^ position:032x}"
            fields: dict[str, object] = {
                "position": position,
                "answer_id": f"{seed[:8]}-{seed[8:12]}-{seed[12:16]}-{seed[16:20]}-{seed[20:]}",
                "seq": 2,
                **right_values(items[asked.code], asked),
            }
            yield _post(one, f"/attempts/{sitting.id}/answers", fields, script=True)


def _submit(which: str, town: Town) -> Iterator[Ask]:
    """Each learner's paper once."""
    for one in islice(_everybody(town), len(town.learners)):
        yield _post(one, f"/attempts/{one.sittings[which].id}/submit", {})


def _verify(town: Town) -> Iterator[Ask]:
    """Certificates of everybody, asked for by nobody in particular."""
    tokens = list(town.tokens)
    Random(9).shuffle(tokens)
    return (Ask("GET", f"/verify/{token}") for token in cycle(tokens))


ROWS = (
    Row("catalogue", partial(_page, "/courses"), READ, 0.18),
    Row("course page", partial(_page, f"/courses/{SOURCE}"), READ, 0.18, most_sql=5),
    Row("lesson", _lesson, READ, 0.18, most_sql=5),
    Row("today", partial(_page, "/today"), READ, most_sql=8),
    Row("attempt page", _attempt, READ, most_sql=5),
    Row("statement", partial(_page, "/credits"), READ),
    Row("verify", _verify, READ),
    Row("save answer", _save, WRITE, 0.35, most_sql=4, once=True),
    Row("submit 20 items", partial(_submit, FAILING), WRITE, 0.12, most_sql=12, once=True),
    Row("submit 20, pass, award", partial(_submit, PASSING), WRITE, most_sql=22, once=True),
)


def limit_asks(name: str) -> Iterator[Ask]:
    """Requests to the application of limits."""
    numbers = cycle(Random(3).sample(range(1, 10_001), 2000))
    if name == NOTHING:
        return (Ask("GET", "/empty") for _ in numbers)
    if name == READ:
        return (Ask("GET", f"/select/{number}") for number in numbers)
    return (Ask("POST", f"/write/{number}") for number in numbers)
