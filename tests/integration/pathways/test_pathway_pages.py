"""Clocks and pathways as their reader sees them, on both databases."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from cast import Cast, Member
from cookies import NAME, cookie_of
from credit_stage import approve, publish_course
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select
from standing_stage import became, licensed, on, put

from lms.courses import commands as courses
from lms.credits import queries as credits
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.pathways import facts, queries
from lms.pathways.models import Following
from lms.people import queries as people

SignIn = Callable[[FlaskClient, Member], FlaskClient]
Count = Callable[[], object]
WAY = "/pathways/rural-gp-assistant"
DAY = date(2026, 11, 23)


@dataclass
class Reader:
    """Somebody's browser of now, and what the same person reads on another day."""

    app: Flask
    member: Member
    client: FlaskClient

    def page(self, address: str, day: date = DAY, language: str = "zh") -> str:
        """A page as it is on a day."""
        with on(day), self.app.app_context():
            with unit_of_work():
                cookie = cookie_of(self.app, self.member.person_id)
            browser = self.app.test_client()
            browser.set_cookie(NAME, cookie)
            answer = browser.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 200, (address, answer.status)
        return answer.text

    def read(self, address: str, day: date = DAY, language: str = "zh") -> str:
        """Its words."""
        return plain(self.page(address, day, language))

    def post(self, address: str) -> int:
        """The status of a deed with the token of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/account").text)
        assert found
        return self.client.post(address, data={"csrf_token": found[1]}).status_code


@pytest.fixture
def doctor(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> Reader:
    return Reader(app, cast.learner, sign_in(client, cast.learner))


def plain(page: str) -> str:
    main = re.sub(r"</?(?:time|b|a)\b[^>]*>", "", page[page.index("<main") :])
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def line(page: str, title: str) -> str:
    """What stands under a requirement's title, up to the next one."""
    rest = page[page.rindex(f" {title} ") + len(title) + 2 :]
    return rest[: rest.index("依据：")]


def kept_up(app: Flask, doctor: Member) -> None:
    """A licence that runs, a training and an assessment."""
    licensed(app, doctor, date(2023, 3, 1), date(2028, 2, 29))
    put(app, doctor, "training", date(2025, 9, 1))
    put(app, doctor, "assessment", date(2025, 5, 20), result="pass")


def test_today_shows_three_clocks_with_their_days(app: Flask, cast: Cast, doctor: Reader) -> None:
    kept_up(app, cast.learner)
    page = doctor.read("/today")
    assert page.index("今年还差") < page.index("您的时限") < page.index("有事找人")
    assert "今年的学分 2026年12月31日 前补齐，还有 38 天。" in page
    assert "两年一次的培训和考核 算到 2027年5月20日，还有 178 天。" in page
    assert "五年一换的执业证书 2027年11月29日 起申请再注册，还有 371 天，当天就办最稳。" in page
    assert "证书有效到 2028年2月29日。" in page


def test_what_a_line_adds_is_told_where_the_line_is(app: Flask, cast: Cast, doctor: Reader) -> None:
    note = "各省不同，以所在县的通知为准。"
    for page in ("/today", "/pathways", "/pathways/village-doctor-duties"):
        assert note in doctor.read(page), page
    became(app, cast.learner, "physician")
    assert note not in doctor.read("/today")


def test_today_shows_no_clocks_to_staff(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    assert "您的时限" not in sign_in(client, cast.county_auditor).get("/today").text


def test_a_physician_has_the_clock_of_three_years(app: Flask, cast: Cast, doctor: Reader) -> None:
    became(app, cast.learner, "physician")
    put(app, cast.learner, "registration", date(2019, 1, 1), grade="physician", scope="other")
    put(app, cast.learner, "periodic_assessment", date(2024, 2, 29), result="pass")
    page = doctor.read("/today")
    assert "五年一换的执业证书" not in page
    assert "三年一次的定期考核 算到 2027年2月28日，还有 97 天。" in page


def test_a_renewal_is_urged_until_it_is_applied_for(app: Flask, cast: Cast, doctor: Reader) -> None:
    kept_up(app, cast.learner)
    before, first, last = date(2027, 11, 28), date(2027, 11, 29), date(2028, 2, 29)
    put(app, cast.learner, "training", date(2027, 1, 1))
    assert "起申请再注册，还有 1 天" in doctor.read("/today", before)
    assert "现在就到县里申请再注册，越早越稳。证书有效到 2028年2月29日，还有 92 天。" in doctor.read("/today", first)
    assert "证书有效到 2028年2月29日，还有 0 天。" in doctor.read("/today", last)
    assert "上一次的算到 2028年2月29日，要补新的。" in doctor.read("/today", date(2028, 3, 1))
    assert "/pathways/records/new?kind=renewal" in doctor.page("/pathways", first)
    put(app, cast.learner, "renewal", first, state="waiting")
    later = date(2027, 12, 1)
    page = doctor.read("/today", later)
    assert "五年一换的执业证书 已交，等县级卫生健康部门核实。证书有效到 2028年2月29日，还有 90 天。" in page
    way = doctor.page(WAY, later)
    assert "再注册已申请，等核实。算到 2028年2月29日。" in line(plain(way), "乡村医生执业证书有效")
    assert "kind=renewal" not in way
    assert "现在就到县里申请" not in plain(way) + page


def test_who_has_nothing_on_record_is_told_what_to_hand_in(doctor: Reader) -> None:
    page = doctor.page("/pathways")
    assert "还没有这份记录：参加培训。" in page
    assert "/pathways/records/new?kind=training" in page
    assert "还没有这份记录：乡村医生执业证书。" in page
    assert "/pathways/records/new?kind=village_licence" in page


def test_what_waits_says_who_told_it_and_who_has_verified_it(app: Flask, cast: Cast, doctor: Reader) -> None:
    put(app, cast.learner, "assessment", date(2025, 5, 20), result="pass")
    put(app, cast.learner, "training", date(2026, 9, 1), state="waiting", agreed=1)
    verified = "所在单位已核实，等县级卫生健康部门核实。"
    told = f"两年一次的培训和考核 {verified}其他已核实的算到 2027年5月20日，还有 178 天。"
    assert told in doctor.read("/today")
    assert verified in doctor.read("/pathways/village-doctor-duties")
    put(app, cast.learner, "exam_written", date(2026, 8, 1), state="waiting", by=cast.county_auditor,
        exam="rural_assistant", result="pass")  # fmt: skip
    page = line(doctor.read(WAY), "医学综合考试达到合格线")
    assert "审核机关登记的，等省级卫生健康部门核实。" in page
    assert "自己交来" not in page


def test_states_change_with_what_is_on_record(app: Flask, cast: Cast, doctor: Reader) -> None:
    title = "医学专业学历"
    assert line(doctor.read(WAY), title).startswith("还缺")
    put(app, cast.learner, "diploma", date(2001, 7, 1), state="waiting", level="secondary", relevant="yes")
    waiting = line(doctor.read(WAY), title)
    assert waiting.startswith("已交，等核实 这是您自己交来的，还没有人核实。")
    assert "先要：医学专业学历。" in line(doctor.read(WAY), "试用期满一年并考核合格")
    put(app, cast.learner, "diploma", date(2001, 7, 2), level="secondary", relevant="yes")
    assert line(doctor.read(WAY), title).startswith("已核实")
    assert "1 项已核实，共 9 项" in doctor.read(WAY)
    put(app, cast.learner, "declaration", date(2026, 1, 1))
    put(app, cast.learner, "ban", date(2026, 2, 1), date(2028, 1, 31))
    banned = doctor.page(WAY)
    assert "没有通过 还在禁考期内。到 2028年1月31日 为止。" in plain(banned)
    assert "kind=declaration" not in banned, "nothing of hers ends a ban"


def test_time_that_lacks_is_said_in_words(app: Flask, cast: Cast, doctor: Reader) -> None:
    title = "试用期满一年并考核合格"
    assert "还差 12 个月。" in line(doctor.read(WAY), title)
    put(app, cast.learner, "practice", date(2026, 1, 1), date(2026, 9, 20), result="pass")
    assert "还差 3 个月零 10 天。" in line(doctor.read(WAY), title)


def test_a_line_nobody_has_read_in_a_text_is_labelled(doctor: Reader) -> None:
    page = doctor.read(WAY)
    assert "每年的医师资格考试报考公告（以当地考点的为准），报名条件 暂定" in page
    assert "标着“暂定”的，还没有对过原文" in page
    assert "不等于发证" in page


def test_following_twice_is_following_once(app: Flask, cast: Cast, doctor: Reader) -> None:
    way = "/pathways/assistant-physician"
    for _ in range(2):
        assert doctor.post(f"{way}/follow") == 303
        assert rows(app) == [(cast.learner.person_id, "assistant-physician")]
    page = doctor.read("/pathways")
    assert page.index("您走的路") < page.index("下一步：医学专业学历") < page.index("还能走的路")
    for _ in range(2):
        assert doctor.post(f"{way}/stop") == 303
        assert rows(app) == []
    assert "您走的路" not in doctor.read("/pathways")


def test_the_button_follows_and_leaves(app: Flask, doctor: Reader) -> None:
    assert post_form(doctor.client, WAY, action="/follow").status_code == 303
    assert "先不走这条路" in doctor.client.get(WAY).text
    assert post_form(doctor.client, WAY, action="/stop").status_code == 303
    assert rows(app) == []


def rows(app: Flask) -> list[tuple[object, str]]:
    with app.app_context(), unit_of_work(write=False):
        going = select(Following).where(Following.stopped_on.is_(None))
        return [(one.person_id, one.pathway) for one in session().scalars(going)]


@pytest.mark.parametrize("pathway", ["gp-transfer-2010", "physician-duties", "no-such-way", "..", "%00"])
def test_a_way_that_is_not_hers_does_not_exist(app: Flask, doctor: Reader, pathway: str) -> None:
    assert doctor.client.get(f"/pathways/{pathway}").status_code == 404
    for deed in ("follow", "stop"):
        assert doctor.post(f"/pathways/{pathway}/{deed}") == 404
    assert rows(app) == []


def test_duties_are_not_followed(app: Flask, doctor: Reader) -> None:
    assert "我走这条路" not in doctor.client.get("/pathways/village-doctor-duties").text
    assert doctor.post("/pathways/village-doctor-duties/follow") == 404
    assert rows(app) == []


def test_nobody_follows_for_somebody_else(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    """The county's auditor acts for herself only, and the way is not one of hers."""
    auditor = Reader(app, cast.county_auditor, sign_in(client, cast.county_auditor))
    assert "这里没有对您的要求" in auditor.read("/pathways")
    assert auditor.post(f"{WAY}/follow?person_id={cast.learner.person_id}") == 404
    assert rows(app) == []


def test_a_way_once_followed_can_be_seen_and_left_when_it_is_no_longer_open(
    app: Flask, cast: Cast, doctor: Reader
) -> None:
    """Who has become an assistant physician still sees what the way asks last."""
    post_form(doctor.client, WAY, action="/follow")
    became(app, cast.learner, "assistant_physician")
    assert "办好执业注册" in doctor.read(WAY)
    assert post_form(doctor.client, WAY, action="/stop").status_code == 303
    assert rows(app) == []
    assert doctor.client.get(WAY).status_code == 404


def test_a_programme_names_its_modules(app: Flask, cast: Cast, doctor: Reader) -> None:
    became(app, cast.learner, "physician")
    put(app, cast.learner, "registration", date(2019, 1, 1), grade="physician", scope="other")
    page = doctor.page("/pathways/gp-transfer-2010")
    words = plain(page)
    assert "临床轮转： 10 个月 还缺 已签字 0，还差 10 个月" in words
    assert "/pathways/records/new?kind=exemption&amp;programme=gp-transfer-2010&amp;module=C" in page
    put(app, cast.learner, "exemption", date(2026, 3, 1), programme="gp-transfer-2010", module="C")
    assert "临床轮转： 10 个月 免修，已核实" in doctor.read("/pathways/gp-transfer-2010")
    assert "gp-transfer-beijing" not in doctor.page("/pathways"), "another province's arrangement"


def test_the_pages_speak_english(app: Flask, cast: Cast, doctor: Reader) -> None:
    kept_up(app, cast.learner)
    page = doctor.read("/pathways", language="en")
    assert "To be complete by 31 December 2026 (days left: 38)." in page
    assert "Apply for renewal from 29 November 2027" in page
    way = doctor.read(WAY, language="en")
    assert "Neither credits nor what is verified here are a licence." in way
    assert "provisional" in way


def test_the_pages_keep_their_statements(
    app: Flask, cast: Cast, doctor: Reader, count_sql: Count, tmp_path: Path
) -> None:
    """With a course begun, one to begin, records, a way that is followed; for a physician also her province."""
    publish_course(app, tmp_path)
    approve(app, cast)
    kept_up(app, cast.learner)
    post_form(doctor.client, WAY, action="/follow")
    counted: dict[str, int] = {}
    for population in ("village_doctor", "physician"):
        became(app, cast.learner, population)
        # A physician's ways are programmes too: two statements for what supervisors have signed.
        for address, most in (("/today", 8), ("/pathways", 8 if population == "physician" else 6), (WAY, 6)):
            doctor.client.get(address)
            with count_sql() as statements:  # type: ignore[attr-defined]
                page = doctor.client.get(address, headers={"Accept-Encoding": "gzip"})
            assert page.status_code == 200
            assert len(statements) <= most, "\n\n".join(statements)
            counted[f"{population} {address}"] = len(statements)
            body = gzip.decompress(page.data) if page.headers.get("Content-Encoding") == "gzip" else page.data
            counted[f"{population} {address} bytes"] = len(gzip.compress(body))
    print(counted)
    assert max(size for name, size in counted.items() if name.endswith("bytes")) <= 12_000


def test_facts_and_year_are_one_and_the_same_as_apart(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """The one statement of the front page gives what three give."""
    kept_up(app, cast.learner)
    put(app, cast.learner, "diploma", date(2001, 7, 1), state="waiting", level="secondary", relevant="yes")
    publish_course(app, tmp_path)
    with app.app_context(), unit_of_work():
        courses.enrol(cast.learner.actor, "stage")
        for way, day in (("rural-gp-assistant", 3), ("assistant-physician", 2), ("no-such-way", 1)):
            session().add(Following(person_id=cast.learner.person_id, pathway=way, since=date(2026, 1, day)))
    with app.app_context(), unit_of_work(write=False):
        card = people.person(cast.learner.person_id)
        assert card is not None
        about = facts.about(card)
        known, year = about.facts, about.year
        assert year is not None
        assert [one.id for one in about.going] == ["assistant-physician", "rural-gp-assistant"]
        assert about.going == queries.followed([card.id])[card.id]
        apart = credits.year_standing(card.id, clock.today().year, card)
        assert apart is not None
        assert known.years == {clock.today().year: str(apart.compliance)}
        records = facts.records_of([card])[card.id]
        assert sorted(known.records, key=lambda one: one.id) == sorted(records, key=lambda one: one.id)
        assert {one.id for one in known.records} >= {"roster"}


def test_the_way_is_printed_with_whose_it_is(doctor: Reader) -> None:
    page = doctor.client.get(WAY).text
    assert 'class="po"' in page
    assert "data-print" in page
    assert "本人签字" in page


def test_other_pages_lead_there(doctor: Reader) -> None:
    for address in ("/today", "/account", "/credits"):
        assert 'href="/pathways"' in doctor.client.get(address).text, address
