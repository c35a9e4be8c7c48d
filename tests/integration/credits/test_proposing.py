"""Credits a centre proposes: computed by the rules, approved by the authority for one edition, never changed after."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from counting import counted
from course_packages import zipped
from credit_stage import CODE, approve, awards, pass_course, publish_course, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select

from lms.courses import commands as courses
from lms.courses import editions
from lms.courses.models import Enrolment
from lms.credits import policies
from lms.credits.approvals import queries as approvals
from lms.credits.models import Approval
from lms.credits.proposals import commands, queries
from lms.credits.proposals.computing import worth
from lms.credits.proposals.models import CreditProposal
from lms.credits.suggestions import suggest
from lms.kernel import clock, jobs
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.quantities import format_credits, to_milli

SignIn = Callable[[FlaskClient, Member], FlaskClient]
PAGE = "/studio/courses/stage/credit"
KIND = "recommended_project"


@pytest.fixture
def edition_id(app: Flask, tmp_path: Path) -> UUID:
    return publish_course(app, tmp_path)


def value(app: Flask, cast: Cast, kind: str = KIND) -> tuple[Decimal, Decimal]:
    """The most hours that may be proposed, and what they bring under the nation's rules."""
    with reading(app):
        page = queries.credit_page(cast.author.actor, "stage")
        return page.hours, next(one.credits for one in page.worth if one.kind == kind)


def propose(app: Flask, cast: Cast, who: Member | None = None, **changes: object) -> UUID:
    hours, credits = value(app, cast)
    said: dict[str, object] = {
        "authority_id": cast.places["LB-YL-WJ"], "kind": KIND, "hours": hours, "credits": credits, "note": "县里急需",
    }  # fmt: skip
    with writing(app):
        return commands.propose((who or cast.author).actor, "stage", **(said | changes))  # type: ignore[arg-type]


def decide(app: Flask, cast: Cast, proposal: UUID, number: str = "2026-01-01-009", **changes: date) -> UUID:
    year = clock.today().year
    days = {"valid_from": date(year, 1, 1), "valid_until": date(year, 12, 31)} | changes
    with writing(app):
        return commands.approve(cast.admin.actor, proposal, project_number=number, **days)


def state(app: Flask, proposal: UUID) -> str | None:
    with reading(app):
        return session().scalar(select(CreditProposal.state).where(CreditProposal.id == proposal))


def next_edition(app: Flask, folder: Path, hours: str = "5") -> UUID:
    course = folder / "stage" / "course.toml"
    course = course if course.exists() else next(folder.rglob("course.toml"))
    course.write_text(re.sub('hours = "[0-9]"', f'hours = "{hours}"', course.read_text("utf-8")), "utf-8")
    with writing(app):
        found, new = courses.publish_folder(course.parent)
    assert new
    return found


def test_it_works(app: Flask, cast: Cast, sign_in: SignIn, edition_id: UUID) -> None:
    hours, credits = value(app, cast)
    assert credits > 0
    author = sign_in(app.test_client(), cast.author)
    page = author.get(PAGE).text
    assert "平台数下来" in page
    assert "每 3 学时计 1 学分" in page
    sent = {"kind": KIND, "hours": str(hours), "credits": format_credits(credits), "note": "县里急需",
            "authority_id": str(cast.places["LB-YL-WJ"])}  # fmt: skip
    assert post_form(author, PAGE, sent, action="/credit").status_code == 303
    assert "等批准" in author.get(PAGE).text
    admin = sign_in(app.test_client(), cast.admin)
    assert "等您批准的提议" in admin.get("/admin/approvals").text
    with reading(app):
        proposal = session().scalars(select(CreditProposal.id)).one()
    deciding = f"/admin/proposals/{proposal}"
    assert "县里急需" in admin.get(deciding).text
    empty = post_form(admin, deciding, {"project_number": ""}, action="/approve")
    assert empty.status_code == 422
    year = clock.today().year
    days = {"valid_from": f"{year}-01-01", "valid_until": f"{year}-12-31"}
    yes = post_form(admin, deciding, {"project_number": "2026-01-01-009", **days}, action="/approve")
    assert yes.status_code == 303, yes.text
    assert "2026-01-01-009" in author.get(PAGE).text
    pass_course(app, cast.learner, edition_id)
    (award,) = awards(app, cast.learner)
    assert award.awarded_milli == to_milli(credits), "what was computed is what is awarded"
    assert award.project_number == "2026-01-01-009"


@pytest.mark.parametrize("kind", ["recommended_project", "promotion_project"])
def test_what_is_computed_is_awarded(app: Flask, cast: Cast, edition_id: UUID, kind: str) -> None:
    hours, _ = value(app, cast)
    with reading(app):
        policy = policies.governing(policies.NATION, clock.today().year)
        assert policy is not None
        computed = worth(policy, CODE, kind, hours, True, clock.today())
    decide(app, cast, propose(app, cast, kind=kind, credits=computed.credits))
    pass_course(app, cast.learner, edition_id)
    (award,) = awards(app, cast.learner)
    assert (award.awarded_milli, award.credit_class) == (to_milli(computed.credits), computed.credit_class)
    with reading(app):
        assert session().scalars(select(Approval.edition_id)).one() == edition_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": Decimal(60)}, "hours"),
        ({"hours": Decimal(0)}, "hours"),
        ({"hours": Decimal("NaN")}, "hours"),
        ({"hours": Decimal("1.0001")}, "hours"),
        ({"credits": Decimal(10)}, "credits"),
        ({"kind": "self_study"}, "kind"),
        ({"authority_id": uuid4()}, "authority_id"),
        ({"note": "长" * 1001}, "note"),
    ],
)
def test_bad_proposals_are_refused_by_field(
    app: Flask, cast: Cast, edition_id: UUID, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        propose(app, cast, **changes)
    assert set(refused.value.fields) == {field}
    with reading(app):
        assert session().scalar(select(func.count()).select_from(CreditProposal)) == 0


def test_another_countys_authority_and_other_people_are_refused(app: Flask, cast: Cast, edition_id: UUID) -> None:
    with pytest.raises(Invalid):
        propose(app, cast, authority_id=cast.places["LB-ST"])
    with pytest.raises(NotFound):
        propose(app, cast, who=cast.stranger)
    with pytest.raises(NotAllowed):
        propose(app, cast, who=cast.reviewer)
    proposal = propose(app, cast)
    with pytest.raises(Invalid) as again:
        propose(app, cast)
    assert set(again.value.fields) == {"authority_id"}, "it waits there already"
    with writing(app), pytest.raises(NotFound):
        commands.refuse(cast.author.actor, proposal, "不行")
    with writing(app), pytest.raises(NotFound):
        commands.withdraw(cast.stranger.actor, proposal)
    assert state(app, proposal) == "waiting"


def test_what_is_decided_never_changes(app: Flask, cast: Cast, edition_id: UUID) -> None:
    proposal = propose(app, cast)
    with writing(app), pytest.raises(Invalid):
        commands.refuse(cast.admin.actor, proposal, " ")
    with writing(app):
        commands.refuse(cast.admin.actor, proposal, "课时要再核")
    for again in (lambda: decide(app, cast, proposal), lambda: withdrawn(app, cast, proposal)):
        with pytest.raises(Conflict):
            again()
    assert state(app, proposal) == "refused"
    second = propose(app, cast)
    decide(app, cast, second)
    with pytest.raises(Conflict):
        withdrawn(app, cast, second)
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Approval)) == 1
    third = propose(app, cast)
    with pytest.raises(Invalid):
        decide(app, cast, third, "2026-01-01-010")  # the edition is approved on these days already
    assert state(app, third) == "waiting"


def withdrawn(app: Flask, cast: Cast, proposal: UUID) -> None:
    with writing(app):
        commands.withdraw(cast.author.actor, proposal)


def test_bad_days_and_numbers_are_refused_and_it_still_waits(app: Flask, cast: Cast, edition_id: UUID) -> None:
    proposal, year = propose(app, cast), clock.today().year
    with pytest.raises(Invalid):
        decide(app, cast, proposal, valid_until=date(year - 1, 1, 1))
    with pytest.raises(Invalid):
        decide(app, cast, proposal, "9" * 31)
    with pytest.raises(Conflict):
        decide(app, cast, proposal, valid_from=date(1991, 1, 1), valid_until=date(1991, 2, 1))
    assert state(app, proposal) == "waiting"


def test_an_approval_is_of_one_edition(app: Flask, cast: Cast, tmp_path: Path, edition_id: UUID) -> None:
    decide(app, cast, propose(app, cast))
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    later = next_edition(app, tmp_path)
    pass_course(app, cast.colleague, later)
    assert awards(app, cast.colleague) == [], "the new edition is not approved yet"
    pass_course(app, cast.learner, edition_id)
    assert len(awards(app, cast.learner)) == 1, "who learns the approved one keeps her credit"
    # The new one gets its own approval, on the same days.
    decide(app, cast, propose(app, cast), "2026-01-01-011")
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Approval)) == 2


def test_a_learner_sees_the_credits_of_the_edition_she_learns(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    _, credits = value(app, cast)
    chip, page = f"{format_credits(credits)} 学分</span>", "/courses/stage"
    learner, stranger = sign_in(app.test_client(), cast.learner), app.test_client()
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    decide(app, cast, propose(app, cast))
    assert chip in learner.get(page).text
    next_edition(app, tmp_path)
    assert chip not in stranger.get(page).text
    assert chip in learner.get(page).text, "she will be credited"
    with reading(app):
        assert [one.course.code for one in suggest(cast.learner.person_id).courses] == [CODE]
        assert not suggest(cast.colleague.person_id).courses


def test_a_learner_is_promised_nothing_for_an_edition_that_was_not_approved(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    next_edition(app, tmp_path)
    _, credits = value(app, cast)
    decide(app, cast, propose(app, cast))
    chip, page = f"{format_credits(credits)} 学分</span>", "/courses/stage"
    assert chip in app.test_client().get(page).text
    assert chip not in sign_in(app.test_client(), cast.learner).get(page).text
    with reading(app):
        assert not suggest(cast.learner.person_id).courses
        assert [one.course.code for one in suggest(cast.colleague.person_id).courses] == [CODE]


def test_moving_people_away_from_their_credit_says_so(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    decide(app, cast, propose(app, cast))
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
        courses.enrol(cast.colleague.actor, "stage")
    next_edition(app, tmp_path)
    author = sign_in(app.test_client(), cast.author)
    page, lost = "/studio/courses/stage/move?from=1&to=2", "换过去就没有学分了：2 人"
    assert author.get(page).text.count(lost) == 2, "above everything, and where she confirms"
    proposed = propose(app, cast)
    assert lost in author.get(page).text, "it waits"
    assert post_form(author, page, action="/move").status_code == 303
    assert "2 人换到第 2 版，学完没有学分" in author.get("/studio/courses/stage/editions").text
    decide(app, cast, proposed, "2026-01-01-011")
    assert "没有学分" not in author.get(page).text


def test_whoever_goes_back_an_edition_is_told_who_loses_credit_by_it(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
        courses.enrol(cast.colleague.actor, "stage")
    next_edition(app, tmp_path)
    author = sign_in(app.test_client(), cast.author)
    page, lost = "/studio/courses/stage/editions", "换回去就没有学分了：2 人"
    assert post_form(author, "/studio/courses/stage/move?from=1&to=2", action="/move").status_code == 303
    jobs_done(app)
    assert "没有学分" not in author.get(page).text, "neither edition carries credit"
    decide(app, cast, propose(app, cast))
    shown = author.get(page).text
    assert shown.count(lost) == 2, "where the move is taken back, and where the edition is"
    assert shown.rindex(lost) < shown.index('/roll-back"'), "before the press"
    assert "退回以后开始学的人没有学分" in shown
    assert post_form(author, page, action="/roll-back").status_code == 303
    assert "2 人换回没有批准的版本，学完没有学分" in author.get(page).text
    jobs_done(app)
    assert "没有学分" not in author.get(page).text, "they are back, and the edition that is current is the first"


def test_whoever_was_moved_into_an_edition_twice_is_one_who_goes_back(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    next_edition(app, tmp_path)
    next_edition(app, tmp_path, "4")
    author = sign_in(app.test_client(), cast.author)
    for source, target in ((1, 3), (3, 2), (2, 3)):
        page = f"/studio/courses/stage/move?from={source}&to={target}"
        assert post_form(author, page, action="/move").status_code == 303
        jobs_done(app)
    decide(app, cast, propose(app, cast))
    shown = author.get("/studio/courses/stage/editions").text
    assert "换回去就没有学分了：1 人" in shown
    assert "2 人" not in shown
    told = app.test_cli_runner().invoke(args=["content", "editions", "roll-back", "stage", "3"])
    assert json.loads(told.output)["losing_credit"] == 1


def test_going_back_to_an_approved_edition_says_who_has_credit_again(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    decide(app, cast, propose(app, cast))
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    next_edition(app, tmp_path)
    author = sign_in(app.test_client(), cast.author)
    assert post_form(author, "/studio/courses/stage/move?from=1&to=2", action="/move").status_code == 303
    jobs_done(app)
    author.get(page := "/studio/courses/stage/editions")
    shown = author.get(page).text
    assert "换回去又有学分：1 人" in shown
    assert "退回以后开始学的人有学分" in shown
    assert "没有学分" not in shown
    told = app.test_cli_runner().invoke(args=["content", "editions", "roll-back", "stage", "2"])
    assert json.loads(told.output) == {"current": 1, "people": 1, "losing_credit": 0}


def jobs_done(app: Flask) -> None:
    with app.app_context():
        jobs.pulse("courses.move")


def test_moving_people_to_an_approved_edition_says_nothing_of_credit(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    decide(app, cast, propose(app, cast))
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    next_edition(app, tmp_path)
    decide(app, cast, propose(app, cast), "2026-01-01-011")
    author = sign_in(app.test_client(), cast.author)
    page = "/studio/courses/stage/move?from=1&to=2"
    assert "没有学分" not in author.get(page).text
    assert post_form(author, page, action="/move").status_code == 303
    assert "没有学分" not in author.get("/studio/courses/stage/editions").text


def draft_of_next(app: Flask, cast: Cast, folder: Path, hours: str) -> str:
    """The address of a draft of the next edition, approved by the reviewer."""
    root = folder / "stage"
    files = {str(one.relative_to(root)): one.read_text("utf-8") for one in root.rglob("*") if one.is_file()}
    files["course.toml"] = files["course.toml"].replace('hours = "6"', f'hours = "{hours}"')
    with writing(app):
        draft = courses.upload_package(cast.author.actor, zipped(files, folder="stage/"))
        courses.submit_for_review(cast.author.actor, draft)
    with writing(app):
        courses.approve(cast.reviewer.actor, draft, "可以保留")
    return f"/studio/drafts/{draft}"


def test_an_author_who_publishes_away_the_credit_is_told_so(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    decide(app, cast, propose(app, cast))
    with writing(app):
        courses.enrol(cast.learner.actor, "stage")
    author = sign_in(app.test_client(), cast.author)
    draft = draft_of_next(app, cast, tmp_path, "5")
    before = author.get(draft).text
    assert "出版以后开始学的人没有学分" in before
    assert "换过去就没有学分了：1 人" in before
    assert "换过去就没有学分了：1 人" in author.get(f"{draft}/move").text
    assert "只算批准的那一版" in before
    assert "学时改了：登记给整门课的批准照旧" in before
    published = post_form(author, draft, action="/publish")
    assert published.status_code == 303, published.text
    page = author.get("/studio/courses/stage").text
    assert "从现在起开始学的人没有学分" in page
    assert f'<a href="{PAGE}">去提议学分</a>' in page
    decide(app, cast, propose(app, cast), "2026-01-01-011")
    assert "去提议学分" not in author.get("/studio/courses/stage").text


def test_an_author_whose_whole_course_is_approved_is_told_nothing_of_credit(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    approve(app, cast, hours=Decimal(3))
    author = sign_in(app.test_client(), cast.author)
    draft = draft_of_next(app, cast, tmp_path, "5")
    assert "没有学分" not in author.get(draft).text
    assert post_form(author, draft, action="/publish").status_code == 303
    page = author.get("/studio/courses/stage").text
    assert "新学的人从这一版学起" in page
    assert "去提议学分" not in page


def test_what_was_entered_for_the_course_holds_for_all_editions(
    app: Flask, cast: Cast, tmp_path: Path, edition_id: UUID
) -> None:
    approve(app, cast, hours=Decimal(3))
    later = next_edition(app, tmp_path)
    pass_course(app, cast.learner, later)
    assert len(awards(app, cast.learner)) == 1


def test_the_authority_reads_which_edition_it_approves(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    admin = sign_in(app.test_client(), cast.admin)
    proposal = propose(app, cast)
    deciding = f"/admin/proposals/{proposal}"
    assert "不是同一版" not in admin.get(deciding).text
    next_edition(app, tmp_path)
    page = admin.get(deciding).text
    assert "提议的是第 1 版" in page
    assert "学员的课程页现在是第 2 版" in page
    decide(app, cast, proposal)
    year = clock.today().year + 1
    approve(
        app, cast, project_number="2027-01-01-001", hours=Decimal(3), valid_from=date(year, 1, 1),
        valid_until=date(year, 1, 31),
    )  # fmt: skip
    table = admin.get("/admin/approvals").text.partition("<tbody>")[2]
    of_all, of_one = table.split("</tr>")[:2]
    assert "2027-01-01-001" in of_all
    assert "所有版本" in of_all
    assert "2026-01-01-009" in of_one
    assert "第 1 版" in of_one
    assert "所有版本" not in of_one


def test_the_list_of_approvals_asks_as_often_for_many_as_for_one(app: Flask, cast: Cast, edition_id: UUID) -> None:
    decide(app, cast, propose(app, cast))

    def asked() -> int:
        with reading(app), counted() as said:
            approvals.approvals(cast.admin.actor, 1)
            return len(said)

    before = asked()
    approve(app, cast, valid_from=date(2027, 1, 1), valid_until=date(2027, 1, 31))
    assert asked() == before


def test_the_authority_reads_the_edition_it_decides_on(
    app: Flask, cast: Cast, tmp_path: Path, sign_in: SignIn, edition_id: UUID
) -> None:
    """It reads what was proposed and what is asked, but no question of the assessment; nobody else does."""
    proposal, admin = propose(app, cast), sign_in(app.test_client(), cast.admin)
    next_edition(app, tmp_path)
    reading_at = f"/admin/proposals/{proposal}/edition"
    assert f'href="{reading_at}"' in admin.get(f"/admin/proposals/{proposal}").text
    with reading(app):
        edition = editions.edition(edition_id)
    page = admin.get(reading_at).text
    assert "第 1 版" in page, "what was proposed, not what is current"
    secrets = [item for item in edition.package.items if item.use != "check"]
    assert secrets
    for item in secrets:
        assert item.stem["zh"] not in page
        assert item.explanation["zh"] not in page
    assert f"一共 {len(secrets)} 题" in page
    for item in edition.package.items:
        if item.use == "check":
            assert item.explanation["zh"] in page, "self-checks are opened, as for a learner who answered"
    for lesson in edition.lessons:
        assert f'href="{reading_at}/{lesson.slug}"' in page
        assert lesson.titles["zh"] in admin.get(f"{reading_at}/{lesson.slug}").text
    assert admin.get(f"{reading_at}/nothing").status_code == 404
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Enrolment)) == 0, "no trace of who looked"
    for other in (cast.stranger, cast.learner, cast.author, cast.reviewer, cast.county_auditor):
        seen = sign_in(app.test_client(), other)
        for path in (reading_at, f"{reading_at}/{edition.lessons[0].slug}"):
            assert seen.get(path).status_code in (403, 404)
    decide(app, cast, proposal)
    assert admin.get(reading_at).status_code == 200, "it reads on what it has approved"


def test_what_the_centre_took_back_is_no_longer_read(
    app: Flask, cast: Cast, sign_in: SignIn, edition_id: UUID
) -> None:
    proposal, admin = propose(app, cast), sign_in(app.test_client(), cast.admin)
    withdrawn(app, cast, proposal)
    assert admin.get(f"/admin/proposals/{proposal}/edition").status_code == 404
    assert "/edition" not in admin.get(f"/admin/proposals/{proposal}").text
