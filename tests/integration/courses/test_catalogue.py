"""The catalogue: finds two-character words, filters, pages; the cost does not grow with the table."""

import pytest
from cast import Cast
from course_packages import good_files
from flask import Flask
from flask.testing import FlaskClient

from lms.courses import parts
from lms.kernel import clock
from lms.kernel.uow import unit_of_work

CODES = ("XL-TST", "XL-TWO")


@pytest.fixture
def two(publish) -> None:
    publish(hours="1")
    texts = good_files(code="XL-TWO", slug="second", hours="2.5")
    texts["course.toml"] = (
        texts["course.toml"]
        .replace("量准血压", "2型糖尿病管理")
        .replace("把血压量准，记好。", "测血糖，管血糖。")
        .replace("Measuring blood pressure", "Type 2 diabetes")
        .replace("按规范量血压", "按规范测血糖")
        .replace('subject = "chronic-disease"', 'subject = "elderly"')
        .replace("Measure it right", "Test glucose")
    )
    publish(files=texts, slug="second")


def shown(client: FlaskClient, query: str) -> set[str]:
    page = client.get(f"/courses?{query}")
    assert page.status_code == 200
    return {slug for slug in ("sample", "second") if f'href="/courses/{slug}"' in page.text}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"sample", "second"}),
        ("q=血压", {"sample"}),
        ("q=血糖", {"second"}),
        ("q=压", {"sample"}),
        ("q=糖尿病", {"second"}),
        ("q=DIABETES", {"second"}),
        ("q=diab", {"second"}),
        ("q=xl-two", {"second"}),
        ("q=血压 血糖", set()),
        ("q=%25", set()),
        ("q=' OR 1=1 --", set()),
        ("subject=elderly", {"second"}),
        ("subject=nonsense", {"sample", "second"}),
        ("hours=short", {"sample"}),
        ("hours=middle", {"second"}),
        ("hours=long", set()),
        ("q=血糖&hours=short", set()),
        ("page=99", set()),
        ("page=x", {"sample", "second"}),
    ],
)
def test_it_finds_what_was_asked(client: FlaskClient, two: None, query: str, expected: set[str]) -> None:
    assert shown(client, query) == expected


def test_an_empty_result_says_what_to_do(client: FlaskClient, two: None) -> None:
    assert "看全部课程" in client.get("/courses?q=针灸").text
    assert "还没有课程" not in client.get("/courses").text


def test_an_empty_catalogue_says_so(client: FlaskClient) -> None:
    assert "还没有课程" in client.get("/courses").text


def test_what_i_lack_and_what_has_credit_come_from_above(
    client: FlaskClient, app: Flask, cast: Cast, sign_in, two: None
) -> None:
    sign_in(client, cast.learner)
    kept = parts.lacking._function, parts.with_credit._function
    try:
        parts.lacking.fill(lambda person: {"XL-TWO"})
        parts.with_credit.fill(lambda on: {"XL-TST"})
        assert shown(client, "lacking=y") == {"second"}
        assert shown(client, "credit=y") == {"sample"}
    finally:
        parts.lacking.fill(kept[0])
        parts.with_credit.fill(kept[1])


def test_its_cost_does_not_grow(client: FlaskClient, app: Flask, publish, count_sql) -> None:
    publish(assessment=False, lessons=1)
    client.get("/courses")
    with count_sql() as few:
        client.get("/courses")
    for number in range(13):
        publish(code=f"XL-N{number}", slug=f"n-{number}", assessment=False, lessons=1)
    with count_sql() as many:
        page = client.get("/courses").text
    assert len(many) <= len(few) + 1 <= 6
    assert page.count("<article") == 12
    assert client.get("/courses?page=2").text.count("<article") == 2


def test_the_newest_edition_is_what_is_found(client: FlaskClient, publish) -> None:
    publish()
    texts = good_files()
    texts["course.toml"] = texts["course.toml"].replace("量准血压", "心电图入门")
    publish(files=texts)
    assert shown(client, "q=心电图") == {"sample"}
    with_old = client.get("/courses?q=准血").text
    assert 'href="/courses/sample"' not in with_old


def test_the_slots_of_the_house_answer(app: Flask, two: None) -> None:
    with app.app_context(), unit_of_work(write=False):
        values = parts.course_values(CODES, clock.today())
        assert set(values) <= set(CODES)
