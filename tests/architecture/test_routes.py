"""Every address of the map says who may use it, and keeps to it for each member of the cast."""

import pytest
from cast import Cast
from flask import Flask

from lms.kernel.web import POLICIES


def test_every_route_declares_its_policy(app: Flask) -> None:
    undeclared = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in POLICIES
    ]
    assert not undeclared, undeclared


def test_a_route_without_policy_would_be_found(app: Flask) -> None:
    bare = Flask(__name__)
    bare.add_url_rule("/open", "open", lambda: "")
    assert [r for r in bare.url_map.iter_rules() if r.endpoint not in POLICIES]


def test_safe_methods_and_posts_are_never_one_route(app: Flask) -> None:
    both = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "GET" in (rule.methods or ())
    ]
    assert not both


@pytest.mark.usefixtures("cast")
def test_cast_is_known(cast: Cast) -> None:
    assert cast.learner.phone
