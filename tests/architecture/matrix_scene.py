"""One of everything that has an address, all of it the learner's or her county's, and who asks for it."""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent
for folder in ("assessments", "credits"):
    sys.path.insert(0, str(HERE.parent / "integration" / folder))

from cast import Cast, Member, id_number
from cookies import NAME, cookie_of
from course_packages import card, good_files, knowledge_toml, zipped
from credit_stage import SAID, approve, pass_course, publish_course
from flask import Flask
from flask.testing import FlaskClient
from matrix_table import NOBODY, Row
from sqlalchemy import select
from uploaded import jpeg
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.assessments import commands as assessments
from lms.assessments.models import Attempt
from lms.books import making as books
from lms.certificates.models import Certificate
from lms.courses import commands as courses
from lms.courses import counting as course_counting
from lms.courses import editions
from lms.courses.imports import page_file, rehearsing
from lms.courses.media.records import put_file
from lms.courses.models import EditionMedium
from lms.courses.moving import moving
from lms.courses.reviewing.models import ReviewComment
from lms.courses.writing import lessons, questions, starting
from lms.credits import commands as credits
from lms.credits.auditing import sampling
from lms.credits.auditing.sampling import Wanted
from lms.credits.claims import drafting
from lms.credits.claims.drafting import Papers, Written
from lms.credits.coming import commands as coming_commands
from lms.credits.filing import making, reconciling
from lms.credits.flags import detecting
from lms.credits.flags.models import Flag
from lms.credits.flags.rules.facts import Finding, Kind
from lms.credits.history_import import importing
from lms.credits.models import Approval, Award
from lms.credits.proposals import commands as proposing
from lms.credits.proposals import queries as proposals
from lms.credits.rollover.models import Rollover
from lms.improving import counting, feedback, surveys
from lms.improving.models import Feedback
from lms.improving.questions import question
from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Role
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.db import Model, session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.county import keeping
from lms.pathways.records import handing_in
from lms.pathways.rules.checking import Told
from lms.pathways.rules.records import Kind as RecordKind
from lms.people import commands as people
from lms.people.batches import commands as batches
from lms.people.models import RoleGrant, UserSession
from lms.people.notices.models import Notice
from lms.teaching import commands as practising
from lms.teaching.commands import Planned
from lms.teaching.commands import Written as Practised
from lms.uploads import commands as uploads
from lms.uploads.commands import Announced
from lms.uploads.receiving import receive

TOKEN = "the-token-of-the-matrix"


@dataclass
class Scene:
    """The house with its things by name."""

    app: Flask
    cast: Cast
    things: dict[str, str]

    def browser(self, name: str) -> FlaskClient:
        """A browser in which this member (or nobody) is signed in, holding a form's token."""
        member: Member | None = None if name == NOBODY else getattr(self.cast, name)
        with self.app.app_context(), unit_of_work():
            cookie = cookie_of(self.app, member.person_id if member else None, csrf=TOKEN)
        browser = self.app.test_client()
        browser.set_cookie(NAME, cookie)
        return browser

    def address(self, rule: Rule, row: Row) -> str:
        """The rule's address filled with the row's things."""
        filled = {name: self.fill(value) for name, value in row.address.items()}
        assert set(filled) == rule.arguments, f"the row of {rule.endpoint} fills {set(filled)}, not {rule.arguments}"
        adapter = self.app.url_map.bind("localhost")
        values = {name: _converted(rule, name, value) for name, value in filled.items()}
        return adapter.build(rule.endpoint, values, method="GET" if "GET" in (rule.methods or ()) else "POST")

    def send(self, browser: FlaskClient, address: str, row: Row, token: str | None = TOKEN) -> TestResponse:
        """Post the row's form."""
        data = {name: self.fill(value) for name, value in row.form.items()}
        if token is not None:
            data["csrf_token"] = token
        return browser.post(address, data=data)

    def fill(self, text: str) -> str:
        return text.format_map({**self.things, "new": str(new_id())})

    def content(self) -> dict[str, tuple[int, str]]:
        """Of every table the number of rows and what they say, hashed."""
        found = {}
        with self.app.app_context(), unit_of_work(write=False):
            for name, table in Model.metadata.tables.items():
                rows = sorted(repr(tuple(row)) for row in session().execute(table.select()))
                found[name] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
        return found

    def secrets(self) -> Mapping[str, str]:
        """What nobody outside the county may come across in any page: ids, by what they are."""
        public = {"course", "edition", "lesson", "picture", "token", "code"}
        return {name: value for name, value in self.things.items() if name not in public}


def _converted(rule: Rule, name: str, value: str) -> object:
    return UUID(value) if f"<uuid:{name}>" in rule.rule else value


def build(app: Flask, cast: Cast, folder: Path) -> Scene:
    """Set the scene through commands."""
    things = {"learner": str(cast.learner.person_id), "clinic": str(cast.places["LB-YL-LX-SM"])}
    edition_id = publish_course(app, folder)
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    with app.app_context():
        _learning(things, cast, folder)
        _tested(things, cast, folder)
    with app.app_context():
        _proposed(things, cast)
        _claim(things, cast)
        _practice(things, cast)
        _record(things, cast)
    with app.app_context(), unit_of_work():
        draft_id = courses.upload_package(
            cast.author.actor,
            zipped(good_files(code="XL-DRAFT", slug="draft-course") | card(), folder="draft-course/"),
        )
        things["draft"] = str(draft_id)
        courses.submit_for_review(cast.author.actor, draft_id)
        room = starting.start(cast.author.actor, centre_id=cast.places["TC-DEMO"], title="糖尿病足早发现")
        slug = lessons.add_lesson(cast.author.actor, room, title="先看脚", title_en="Look first")
        file = next(one for one in lessons.lessons_of(room) if one.slug == slug).texts["zh"]
        asked = {
            "type": "true_false", "use": "check", "topic": "", "difficulty": 1, "objective": "", "sources": [],
            "stem": {"zh": "先看脚趾缝。", "en": ""}, "explanation": {"zh": "", "en": ""}, "answer": True,
        }  # fmt: skip
        put_file(room, "media/kept.pdf.toml", cast.author.person_id, text='kind = "pdf"\n')
        (things["room_question"],) = questions.add(cast.author.actor, room, [asked])
        page = page_file.read("<h1>先看脚</h1><p>坐下。</p>".encode(), "脚.html", "脚")
        author, place = cast.author.actor, cast.places["TC-DEMO"]
        for name in ("rehearsal", "unwanted"):
            things[name] = str(rehearsing.rehearse(author, page, centre_id=place, name="脚.html", language="zh"))
        things |= {"room": str(room), "room_file": str(file.file_id), "room_lesson": slug}
        things["code"] = str(people.ask_code("00000000778", address="127.0.0.2"))
        cookie_of(app, cast.learner.person_id)
        said = Announced("evidence", "证明.jpg", 300_000, "0" * 64, "0" * 64)
        things["upload"] = str(uploads.begin(cast.learner.actor, new_id(), said).id)
    with app.app_context(), unit_of_work():
        _rows(things, cast)
        credits.return_award(cast.county_auditor.actor, UUID(things["award"]), version=1, **SAID)
        things["sample"] = str(new_id())
        wanted = Wanted(cast.places["LB-YL"], "2026-11", 5)
        sampling.draw(cast.county_auditor.actor, UUID(things["sample"]), wanted)
    with app.app_context(), unit_of_work():
        for kind, name in (("edition", "edition"), ("draft", "draft")):
            books.make(kind, UUID(things[name]), "epub", "zh")
        keeping.refresh([cast.learner.person_id])
    _filing(app, things, cast)
    return Scene(app, cast, things)


def _filing(app: Flask, things: dict[str, str], cast: Cast) -> None:
    """A filing of the county, and an answer of its regulator that waits to be entered."""
    today = clock.today()
    with app.app_context(), unit_of_work():
        place, start = cast.places["LB-YL"], today.replace(month=1, day=1)
        filing_id = making.make_filing(cast.admin.actor, place, start=start, end=today)
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    with app.app_context(), unit_of_work():
        said = f"row,result,code,text\n{things['award']},rejected,E1,不符\n".encode()
        answer_id = reconciling.rehearse(cast.admin.actor, filing_id, "答复.csv", said)
        line = f"h-1,{id_number(1)},赵桂芳,2023-05-12,unit_lecture,讲座,1,items\n"
        old = "source_id,id_number,name,date,kind,title,quantity,unit\n" + line
        history = importing.keep(cast.admin.actor, "old-cme", "历史.csv", old.encode())
    with app.app_context(), unit_of_work():
        roster = "name,id_number,phone\n赵桂芳,1,2\n".encode()
        things["batch"] = str(batches.keep(cast.admin.actor, "people", "名单.csv", io.BytesIO(roster)))
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    things |= {"filing": str(filing_id), "answer": str(answer_id), "history": str(history)}


def _learning(things: dict[str, str], cast: Cast, folder: Path) -> None:
    """Another course, read to its end, with an attempt that is open."""
    package = folder / "sample"
    for path, text in (good_files() | card()).items():
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with unit_of_work():
        edition_id, _ = courses.publish_folder(package)
    with unit_of_work():
        enrolment_id = courses.enrol(cast.learner.actor, "sample")
        edition = editions.edition(edition_id)
        for lesson in edition.lessons:
            courses.finish_lesson(cast.learner.actor, enrolment_id, lesson.id)
        attempt_id = assessments.start_attempt(cast.learner.actor, enrolment_id)
    # A next edition, to which she is to be moved; she is in a test, so she waits.
    changed = good_files()["lessons/01-part-1.zh.md"].replace("两次", "三次")
    (package / "lessons/01-part-1.zh.md").write_text(changed, encoding="utf-8")
    with unit_of_work():
        courses.publish_folder(package)
    with unit_of_work():
        things["move"] = str(moving.move(cast.author.actor, new_id(), "sample", 1, 2))
        feedback.say(cast.learner.actor, enrolment_id, edition.lessons[0].slug, 4, "写得清楚")
        things["feedback"] = str(session().scalar(select(Feedback.id)))
        counting.count(edition_id)
        _surveys(things, cast)
    things |= {
        "edition": str(edition_id),
        "course": "sample",
        "lesson": edition.lessons[0].slug,
        "enrolment": str(enrolment_id),
        "attempt": str(attempt_id),
    }


def _tested(things: dict[str, str], cast: Cast, folder: Path) -> None:
    """A course with a knowledge test, of which she has done nothing yet."""
    package = folder / "tested"
    files = good_files(code="XL-KNO", slug="tested") | {"items/knowledge.toml": knowledge_toml()} | card()
    for path, text in files.items():
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with unit_of_work():
        courses.publish_folder(package)
        things["tested"] = str(courses.enrol(cast.learner.actor, "tested"))


def _proposed(things: dict[str, str], cast: Cast) -> None:
    """What the other course is to bring, waiting for the county."""
    with unit_of_work():
        page = proposals.credit_page(cast.author.actor, "sample")
        kind, credits = next((one.kind, one.credits) for one in page.worth if one.credits)
        proposal_id = proposing.propose(
            cast.author.actor, "sample", authority_id=cast.places["LB-YL-WJ"], kind=kind, hours=page.hours,
            credits=credits,
        )  # fmt: skip
    things["proposal"] = str(proposal_id)


def _surveys(things: dict[str, str], cast: Cast) -> None:
    """A survey in the making, and one of the course she has finished, for her to answer."""
    author, titles = cast.author.actor, {"zh": "课程评价表", "en": "Evaluation"}
    hers = learning_finished(cast)
    asked = question("number", {"zh": "每周几次", "en": "How often"}, {})
    begun = surveys.make(author, "sample", "evaluation", titles)
    surveys.change(author, begun, 1, [asked])
    things["survey"] = str(begun)
    offered = surveys.make(author, hers, "evaluation", titles)
    surveys.change(author, offered, 1, [asked])
    surveys.publish(author, offered, 2)
    things["asked"] = str(offered)


def learning_finished(cast: Cast) -> str:
    """The name in the address of a course that the learner has finished."""
    found = session().execute(course_counting.finished_by(cast.learner.person_id)).first()
    assert found is not None
    return str(found.slug)


def _claim(things: dict[str, str], cast: Cast) -> None:
    """A lecture she claims, with a photo."""
    claim_id, doctor = new_id(), cast.learner.actor
    photo = receive(doctor, EVIDENCE, "签到表.jpg", io.BytesIO(jpeg((160, 120))))
    written = Written("unit_lecture", title="糖尿病足", place="卫生院", on_date=date(2026, 4, 2),
                      quantity=Decimal(1), hours=Decimal(2))  # fmt: skip
    with unit_of_work():
        drafting.begin(doctor, claim_id, written, Papers([photo]))
    with unit_of_work():
        drafting.hand_in(doctor, claim_id, version=1, true=True)
    things |= {"claim": str(claim_id), "paper": str(photo)}


def _practice(things: dict[str, str], cast: Cast) -> None:
    """A day that waits for the reviewer, who is a supervisor too, in a rotation that is planned."""
    with unit_of_work():
        people.grant_role(SYSTEM, cast.reviewer.person_id, Role.TEACHER, cast.places["LB-YL-YY"])
    today, place = clock.today(), cast.places["LB-YL-YY"]
    practice, rotation = new_id(), new_id()
    with unit_of_work():
        planned = Planned("gp", "internal", {"zh": "内科"}, place, cast.reviewer.person_id, today, today)
        practising.plan_rotation(cast.county_auditor.actor, rotation, cast.learner.person_id, planned)
        said = Practised(today, "ward", place, cast.reviewer.person_id, Decimal(6), rotation_id=rotation)
        practising.enter(cast.learner.actor, practice, said)
    things |= {"practice": str(practice), "rotation": str(rotation)}


def _record(things: dict[str, str], cast: Cast) -> None:
    """A diploma she hands in, with a photo."""
    record_id, doctor = new_id(), cast.learner.actor
    photo = receive(doctor, EVIDENCE, "毕业证.jpg", io.BytesIO(jpeg((160, 130))))
    fields = {"level": "secondary", "relevant": "yes", "school": "云州卫生学校", "major": "农村医学"}
    told = Told(RecordKind.DIPLOMA, date(1998, 7, 1), None, fields, "000123")
    with unit_of_work():
        handing_in.hand_in(doctor, record_id, told, handing_in.Papers([photo]), true=True)
    things |= {"record": str(record_id), "record_paper": str(photo)}


def _rows(things: dict[str, str], cast: Cast) -> None:
    """Ids that commands do not give."""
    hers = cast.learner.person_id
    burst = {"deadline": "2026-12-31", "most_hours": 10, "days": [{"day": "2026-12-30", "hours": 12, "courses": []}]}
    found = Finding(Kind.BURST, f"{hers}:2026", (hers,), 12.0, burst)
    detecting.note(found, session().scalars(select(Award.authority_path).filter_by(person_id=hers)).one())
    word = ReviewComment(
        id=new_id(), draft_id=UUID(things["draft"]), path="course.toml", quote="量准血压", before="", after="",
        text="写明量几次", by=cast.reviewer.person_id, at=clock.now(),
    )  # fmt: skip
    session().add(word)
    done = Rollover(id=new_id(), year=2027, entered=1, made_by=cast.admin.person_id, made_at=clock.now())
    session().add(done)
    coming = new_id()
    on = clock.today() + timedelta(days=2)
    coming_commands.enter(
        cast.admin.actor, coming_id=coming, place_id=cast.places["LB-YL-LX"], venue="县医院三楼", kind="unit_lecture",
        title={"zh": "糖尿病足早期识别"}, on_date=on, hours=Decimal(2), quantity=Decimal(1), unit="items",
    )  # fmt: skip
    certificate = session().execute(select(Certificate.id, Certificate.token).filter_by(person_id=hers)).one()
    things |= {
        "passed": str(session().scalar(select(Attempt.id).filter_by(person_id=hers, passed=True))),
        "review_comment": str(word.id),
        "rollover": str(done.id),
        "coming": str(coming),
        "award": str(session().scalar(select(Award.id).filter_by(person_id=hers))),
        "flag": str(session().scalar(select(Flag.id))),
        "certificate": str(certificate.id),
        "notice": str(session().scalar(select(Notice.id).filter_by(person_id=hers))),
        "token": certificate.token,
        "approval": str(session().scalar(select(Approval.id))),
        "grant": str(session().scalar(select(RoleGrant.id).filter_by(person_id=hers))),
        "picture": f"{session().scalar(select(EditionMedium.sha))}.svg",
        "session": str(session().scalar(select(UserSession.id).filter_by(person_id=hers))),
    }

