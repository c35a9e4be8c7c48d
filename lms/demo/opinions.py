"""What the doctors of the demonstration say of the courses, and what the centre makes of it: ratings, words with
answers, a survey after the course and one of practice, everything counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from lms.courses import editions
from lms.courses import queries as courses
from lms.demo.history import AFTER, COURSES, KEPT, at_noon, take_test
from lms.improving import counting, feedback, knowledge, questions, surveys
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.uow import unit_of_work

# By course: the lesson's place (None: the whole course), what was said, the centre's answer ("" : not yet).
WORDS: dict[str, tuple[tuple[int | None, str, str], ...]] = {
    "hypertension": (
        (0, "量血压那几张图很清楚，我打印了贴在诊室里。", "谢谢。图可以随便打印，也可以给村民看。"),
        (4, "晚上网不好，图要等一会儿，字先出来就够用了。", "图都压到几十 kB 了。还慢，请告诉我们是哪一张。"),
        (None, "题目像真的病人，答错了有讲解，比光看文件强。", ""),
    ),
    "diabetes": (
        (2, "希望多讲几个低血糖的例子，老人常说不清楚。", ""),
        (None, "一课几分钟，候诊的空当就能学完一课。", "就是按这个长短写的。"),
    ),
    "maternal-care": ((None, "五次产检的时间表我照着排了随访本。", ""),),
}
RATINGS = (5, 5, 4, 4, 4, 3, 3, 2)


@dataclass(frozen=True)
class Studied:
    """A course that somebody finished on a day."""

    doctor: Actor
    enrolment: UUID
    slug: str
    on: date


def build(author: Actor, doctor: Actor, studied: Sequence[Studied], chance: Random, today: date) -> None:
    """Everything in the order in which it would have come; at the end each edition is counted. The `doctor` whom a
    visitor plays has the tests of three months later before her."""
    for slug in COURSES:
        finished = [one for one in studied if one.slug == slug]
        _rate(finished, chance, today)
        _speak(author, finished, WORDS[slug], today)
        _test(finished, doctor, chance, today)
    _ask(author, [one for one in studied if one.slug == COURSES[0]], chance, today)
    for slug in COURSES:
        card = courses.by_slug(slug)
        assert card is not None
        with unit_of_work():
            counting.count(card.edition_id)


def _rate(finished: Sequence[Studied], chance: Random, today: date) -> None:
    """Most rate a lesson or two and the course; some say nothing."""
    with unit_of_work():
        for one in finished:
            if chance.random() < 0.3:
                continue
            with clock.held_at(at_noon(min(one.on + timedelta(days=1), today))):
                for lesson in chance.sample(_lessons(one), 2):
                    feedback.say(one.doctor, one.enrolment, lesson, chance.choice(RATINGS), "")
                _of_course(one, chance.choice(RATINGS), "")


def _test(finished: Sequence[Studied], doctor: Actor, chance: Random, today: date) -> None:
    """Most take the knowledge test after the course, some three months later; the last round of a course counts."""
    last = {one.doctor.person_id: one for one in sorted(finished, key=lambda one: one.on)}
    for one in last.values():
        for days, occasion, share, often in ((2, "after", AFTER, 0.8), (95, "kept", KEPT, 0.6)):
            day = one.on + timedelta(days=days)
            if day > today or chance.random() > often or (occasion == "kept" and one.doctor == doctor):
                continue
            with clock.held_at(at_noon(day)), unit_of_work():
                mine = knowledge.own_round(one.doctor, one.enrolment)
                if mine is not None and mine.offered == occasion:  # not once she has begun another round
                    take_test(one.doctor, one.enrolment, occasion, share, chance)


def _speak(
    author: Actor, finished: Sequence[Studied], words: Sequence[tuple[int | None, str, str]], today: date
) -> None:
    last = sorted(finished, key=lambda one: one.on)[-len(words) :]
    for one, (place, text, answer) in zip(last, words, strict=False):
        day = min(one.on + timedelta(days=2), today)
        with clock.held_at(at_noon(day)), unit_of_work():
            if place is None:
                _of_course(one, 5, text)
            else:
                feedback.say(one.doctor, one.enrolment, _lessons(one)[place], 4, text)
        if answer:
            with clock.held_at(at_noon(min(day + timedelta(days=1), today), 30)), unit_of_work():
                heard = feedback.words(author, one.slug, 1).page.items
                feedback.answer(author, next(said.id for said in heard if said.text == text), answer)


def _ask(author: Actor, finished: Sequence[Studied], chance: Random, today: date) -> None:
    """A survey after the course, which many have answered, and one of practice, which is just going out."""
    after = _published(
        author, "evaluation", {"zh": "这门课对您有用吗", "en": "Was this course useful to you?"},
        [
            questions.question("scale", {"zh": "学的东西用得上吗？", "en": "Can you use what you learnt?"},
                               {"zh": "用不上\n天天用", "en": "Not at all\nEvery day"}),
            questions.question("one", {"zh": "课的长短？", "en": "How long were the lessons?"},
                               {"zh": "太长\n正好\n太短", "en": "Too long\nJust right\nToo short"}),
            questions.question("text", {"zh": "还想学什么？", "en": "What else would you like to learn?"}, {}),
        ],
        today - timedelta(days=300),
    )  # fmt: skip
    said = ("慢阻肺病人怎么随访。", "老人跌倒以后怎么看。", "心电图入门。", "孩子发热什么时候转。", "怎么劝人少吃盐。")
    for place, one in enumerate(finished):
        if chance.random() < 0.25:
            continue
        values = {"q0": [str(chance.choice(RATINGS))], "q1": [chance.choice("1112")]}
        values |= {"q2": [said[place // 4 % len(said)]]} if place % 4 == 0 else {}
        with clock.held_at(at_noon(min(max(one.on, today - timedelta(days=299)), today))), unit_of_work():
            surveys.take(one.doctor, after, values)
    _published(
        author, "practice", {"zh": "三个月了，血压随访有变化吗", "en": "Three months on: has your follow-up changed?"},
        [
            questions.question("one", {"zh": "上个月，血压没控制好的病人您多久再随访一次？",
                                       "en": "Last month, how soon did you see uncontrolled patients again?"},
                               {"zh": "两周以内\n一个月以内\n更久\n没有这样的病人",
                                "en": "Within two weeks\nWithin a month\nLater\nI had no such patient"}),
            questions.question("number", {"zh": "上个月您转诊了几位血压危急的病人？",
                                          "en": "How many patients with dangerous blood pressure did you refer?"}, {}),
        ],
        today - timedelta(days=10),
    )  # fmt: skip


def _published(author: Actor, kind: str, titles: dict[str, str], asked: list[dict[str, object]], day: date) -> UUID:
    with clock.held_at(at_noon(day)), unit_of_work():
        survey = surveys.make(author, COURSES[0], kind, titles)
        surveys.change(author, survey, 1, asked)
        surveys.publish(author, survey, 2)
    return survey


def _of_course(one: Studied, rating: int, text: str) -> None:
    card = courses.enrolment(one.enrolment)
    assert card is not None
    feedback.say_of_course(one.doctor, card, rating, text)


def _lessons(one: Studied) -> list[str]:
    card = courses.enrolment(one.enrolment)
    assert card is not None
    return [lesson.slug for lesson in editions.edition(card.edition_id).lessons]
