"""Entering an activity: the rates and roles a policy lets one choose, and what cannot be true."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cast import Cast, Member
from credit_stage import awards, reading, refusals
from flask import Flask
from flask.testing import FlaskClient
from house_rules import PAPERS_AND_MONTHS, settle, under
from pages import forms_of, post_form
from sqlalchemy import select

from lms.credits import commands, policies
from lms.credits.ledger.awarding import fact_of
from lms.credits.ledger.decisions import stored
from lms.credits.models import Activity
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import judge
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.settings import BadSettings, load_settings
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
FILL: dict[str, object] = {
    "kind": "unit_activity",
    "title": "心肺复苏演练",
    "on_date": "2026-09-18",
    "hours": "2",
}


@pytest.fixture
def choosy(app: Flask, cast: Cast, tmp_path: Path) -> Iterator[Flask]:
    """The house in Zhejiang, whose table lets one choose, and tells authors and months apart."""
    settle(app, cast, "CN-ZJ")
    with under(app, tmp_path / "rules", "CN-ZJ-2025", PAPERS_AND_MONTHS) as other:
        yield other


def page_of(cast: Cast) -> str:
    return f"/admin/activities/{cast.learner.person_id}"


def written(app: Flask, cast: Cast) -> int:
    """Activities in the house."""
    with reading(app):
        return len(list(session().scalars(select(Activity.id))))


@pytest.mark.parametrize(("choice", "credits"), [("practice", 500), ("theory", 200)])
def test_a_choice_brings_its_rate_and_is_kept(
    choosy: Flask, cast: Cast, sign_in: SignIn, choice: str, credits: int
) -> None:
    client = sign_in(choosy.test_client(), cast.admin)
    shown = client.get(page_of(cast)).text
    assert "实践培训：每次计 0.5 学分" in shown
    assert "理论培训：每次计 0.2 学分" in shown
    answer = post_form(client, page_of(cast), FILL | {"choice": f"unit_activity:{choice}"})
    assert answer.status_code == 303
    (award,) = awards(choosy, cast.learner)
    assert award.awarded_milli == credits
    with reading(choosy):
        activity = session().get_one(Activity, award.activity_id)
        assert activity.choice == choice
        # the fact, replayed under the same rules, is worth the same to the byte
        policy = policies.by_version(award.policy_version_id)
        assert policy is not None
        seen = award.decision["person"]
        person = Person(seen["jurisdiction"], seen["population"])
        again = judge(policy, person, fact_of(activity), award.credit_year, ())
        assert stored(person, again) == award.decision


def test_fujian_lets_one_choose_among_three_rates(
    app: Flask, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    settle(app, cast, "CN-FJ")
    with under(app, tmp_path / "rules", "CN-FJ-2025") as house:
        client = sign_in(house.test_client(), cast.admin)
        shown = client.get(page_of(cast)).text
        for rate in ("1", "0.5", "0.2"):
            assert f'<option value="unit_activity:{rate}">每次计 {rate} 学分</option>' in shown
        fill = FILL | {"choice": "unit_activity:1", "times": "2"}
        assert post_form(client, page_of(cast), fill).status_code == 303
        (award,) = awards(house, cast.learner)
        assert award.awarded_milli == 2000


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("", "请选这次活动按哪一种标准计"),
        ("unit_activity:", "请选这次活动按哪一种标准计"),
        ("unit_activity:gold", "请选这次活动按哪一种标准计"),
        ("unit_lecture:theory", "选的标准不是这类活动的"),
        ("theory", "选的标准不是这类活动的"),
    ],
)
def test_a_bad_choice_is_told_at_its_field_and_nothing_is_written(
    choosy: Flask, cast: Cast, sign_in: SignIn, choice: str, said: str
) -> None:
    client = sign_in(choosy.test_client(), cast.admin)
    answer = post_form(client, page_of(cast), FILL | {"choice": choice})
    assert answer.status_code == 422
    assert at_field(answer.text, "choice", said)
    assert "心肺复苏演练" in answer.text
    assert written(choosy, cast) == 0


def at_field(page: str, name: str, said: str) -> bool:
    """Whether a sentence is the error of a field."""
    start = page.find(f'id="{name}-error')
    return start >= 0 and said in page[start : page.index("</p>", start)]


def test_what_is_chosen_where_nothing_can_be_is_refused(choosy: Flask, cast: Cast) -> None:
    with choosy.app_context(), pytest.raises(Invalid) as refusal, unit_of_work():
        commands.record_activity(
            cast.admin.actor,
            person_id=cast.learner.person_id,
            kind="self_study",
            title={"zh": "自学"},
            on_date=clock.today(),
            hours=Decimal(3),
            choice="theory",
        )
    assert set(refusal.value.fields) == {"choice"}
    assert written(choosy, cast) == 0


def test_rules_without_choices_show_no_field_for_them(cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    shown = sign_in(client, cast.admin).get(page_of(cast)).text
    (form,) = [one for one in forms_of(shown) if "title" in one["names"]]
    assert not {"choice", "role"} & form["names"]


@pytest.mark.parametrize(("role", "credits"), [("author_1", 6000), ("author_2", 5000)])
def test_a_paper_is_credited_by_role_and_needs_no_hours(
    choosy: Flask, cast: Cast, sign_in: SignIn, role: str, credits: int
) -> None:
    client = sign_in(choosy.test_client(), cast.admin)
    assert "第一作者" in client.get(page_of(cast)).text
    fill = FILL | {"kind": "paper", "title": "村医随访", "hours": "", "role": role}
    assert post_form(client, page_of(cast), fill).status_code == 303
    (award,) = awards(choosy, cast.learner)
    assert (award.awarded_milli, award.hours_milli) == (credits, 0)


@pytest.mark.parametrize("role", ["author_3", "attendee", "king", "lecturer"])
def test_a_role_without_a_rate_is_told_at_its_field(choosy: Flask, cast: Cast, sign_in: SignIn, role: str) -> None:
    client = sign_in(choosy.test_client(), cast.admin)
    answer = post_form(client, page_of(cast), FILL | {"kind": "paper", "role": role, "hours": "2"})
    assert answer.status_code == 422
    assert at_field(answer.text, "role", "有“第一作者”的")
    assert written(choosy, cast) == 0


def test_months_are_asked_for_where_months_count(choosy: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(choosy.test_client(), cast.admin)
    fill = FILL | {"kind": "further_study", "title": "县医院进修", "hours": "", "times": ""}
    lacking = post_form(client, page_of(cast), fill)
    assert lacking.status_code == 422
    assert at_field(lacking.text, "times", "请写数量")
    assert post_form(client, page_of(cast), fill | {"times": "1.5"}).status_code == 303
    (award,) = awards(choosy, cast.learner)
    assert award.awarded_milli == 7500


# Also when a run goes on past midnight.
TO_COME = (clock.today() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"on_date": TO_COME}, "on_date", "这一天还没有到"),
        ({"on_date": "1999-05-01"}, "on_date", "1999 年没有规则集"),
        ({"on_date": "2024-12-31"}, "on_date", "2024 年没有规则集"),
        ({"on_date": "soon"}, "on_date", "日期的样子是"),
        ({"on_date": ""}, "on_date", "请填写这一项"),
        ({"started_on": "2026-09-19"}, "on_date", "结束的日期比开始的早"),
        ({"started_on": "2006-09-18"}, "started_on", "开始的日期太早了"),
        ({"hours": "0.0005"}, "hours", "最多三位小数"),
        ({"hours": "0"}, "hours", "大于 0"),
        ({"hours": "-2"}, "hours", "大于 0"),
        ({"hours": "1e3"}, "hours", "大于 0"),
        ({"hours": "1000000000000"}, "hours", "大于 0"),
        ({"hours": ""}, "hours", "请填写这一项"),
        ({"hours": "24.001"}, "hours", "一共 1 天，不会超过 24 学时"),
        ({"started_on": "2026-09-17", "hours": "49"}, "hours", "一共 2 天，不会超过 48 学时"),
        ({"started_on": "2026-01-01", "hours": "999.5"}, "hours", "最多 999"),
        ({"times": "0.5"}, "times", "次数和字数要写整数"),
        ({"times": "0.0005"}, "times", "最多三位小数"),
        ({"times": "101"}, "times", "最多 100"),
        ({"times": "1000000000000"}, "times", "大于 0"),
        ({"title": ""}, "title", "请填写这一项"),
        ({"kind": "promotion_project"}, "project_number", "项目要写项目编号"),
        ({"kind": "degree_study"}, "kind", "2026 年的规则集里没有这类活动"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, wrong: dict[str, object], field: str, said: str
) -> None:
    sign_in(client, cast.admin)
    fill = FILL | {"kind": "unit_lecture", "times": ""} | wrong
    answer = post_form(client, page_of(cast), fill)
    assert answer.status_code == 422
    assert at_field(answer.text, field, said), answer.text[answer.text.find("note no") :][:900]
    assert written(app, cast) == 0
    assert refusals(app, cast.learner) == []


def test_a_day_full_of_hours_is_believed(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, cast.admin)
    fill = FILL | {"kind": "self_study", "hours": "24"}
    assert post_form(client, page_of(cast), fill).status_code == 303
    (award,) = awards(app, cast.learner)
    assert award.hours_milli == 24000


def test_a_folder_without_policies_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="XINGLIN_POLICIES"):
        load_settings({}, data=tmp_path, policies=str(tmp_path / "nowhere"))
