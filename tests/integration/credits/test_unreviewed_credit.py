"""A course that nobody has reviewed clinically carries credit in a demonstration only, and says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from credit_stage import CODE, approve, awards, pass_course, publish_course, reading
from flask import Flask
from sqlalchemy import func, select

from lms.certificates.models import Certificate
from lms.courses.models import Enrolment
from lms.credits import parts
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid


@pytest.fixture
def real(app: Flask) -> Iterator[Flask]:
    """The house, no demonstration any more."""
    known = app.extensions["xinglin.settings"]
    app.extensions["xinglin.settings"] = known.model_copy(update={"demo": False})
    yield app
    app.extensions["xinglin.settings"] = known


def test_in_a_demonstration_it_brings_credit(app: Flask, cast: Cast, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    pass_course(app, cast.learner, edition_id)
    assert len(awards(app, cast.learner)) == 1
    assert "学完不带学分" not in app.test_client().get("/courses/stage").text


def test_elsewhere_it_brings_none_and_says_why(
    app: Flask, cast: Cast, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)  # entered before the house was a real one
    real = request.getfixturevalue("real")
    with reading(real):
        assert parts.valid_approvals(clock.today()) == {}
        assert parts.valid_approvals(clock.today(), [CODE]) == {}
        assert parts.valid_approvals(clock.today(), [CODE, "XL-OTHER"]) == {}
    page = real.test_client().get("/courses/stage").text
    assert "学完不带学分" in page
    assert "没有经过临床审核" in page
    assert "1 学分" not in page
    pass_course(real, cast.learner, edition_id)
    assert awards(real, cast.learner) == []
    with reading(real):
        assert session().scalar(select(func.count(Enrolment.finished_at))) == 1
        assert session().scalars(select(Certificate.award_id)).all() == [None], "a certificate of completion"


def test_elsewhere_it_cannot_be_approved(real: Flask, cast: Cast, tmp_path: Path) -> None:
    publish_course(real, tmp_path)
    with pytest.raises(Invalid) as refused:
        approve(real, cast)
    assert set(refused.value.fields) == {"course_code"}
