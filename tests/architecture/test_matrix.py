"""Every route for every member of the cast (B6): who is let in, from whom a thing is hidden, and that
neither reading nor a refused deed changes anything."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from flask import Flask

sys.path.insert(0, str(Path(__file__).parent))

from houses import build_app
from matrix_scene import TOKEN, Scene, build
from matrix_table import EVERYBODY, TABLE, Row
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.kernel.web import ANYBODY, POLICIES, FeatureBlueprint


@pytest.fixture
def scene(app: Flask, cast: Cast, tmp_path: Path) -> Scene:
    return build(app, cast, tmp_path)


def routes(app: Flask, method: str) -> Iterator[tuple[Rule, Row]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint):
        if method in (rule.methods or ()):
            yield rule, TABLE[rule.endpoint]


def became(answer: TestResponse) -> str:
    """What the matrix calls an answer."""
    if answer.status_code == 303:
        return "sign-in" if answer.location.startswith("/sign-in?") else "in"
    return {200: "in", 403: "403", 404: "404"}.get(answer.status_code, str(answer.status_code))


JUDGED = {"409", "410", "422", "401", "429"}  # she was let in, and her form or its moment was refused


def unknown(app: Flask) -> list[str]:
    """Endpoints without a declared policy or without a row."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(one for one in endpoints if one not in POLICIES or one not in TABLE)


def test_every_route_has_a_policy_and_a_row_and_no_row_is_left_over(app: Flask) -> None:
    assert unknown(app) == []
    assert set(TABLE) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_a_new_route_without_a_policy_or_without_a_row_is_found(tmp_path: Path) -> None:
    app = build_app(tmp_path)
    app.add_url_rule("/bare", "bare", lambda: "")
    feature = FeatureBlueprint("probe_of_matrix", __name__)
    feature.get("/declared", who=ANYBODY)(_declared)
    app.register_blueprint(feature.blueprint)
    assert unknown(app) == ["bare", "probe_of_matrix._declared"]
    POLICIES.pop("probe_of_matrix._declared")


def _declared() -> str:
    return ""


def test_the_rows_agree_with_the_declared_policies() -> None:
    for endpoint, row in TABLE.items():
        if row.missing:
            continue
        who = POLICIES[endpoint]
        assert (row.expected("nobody") == "in") is not who.needs_sign_in, endpoint
        forbidden = {member for member in EVERYBODY if row.expected(member) == "403"}
        assert bool(forbidden) is bool(who.roles), (endpoint, forbidden)


def test_pages_open_for_those_they_are_for_and_change_nothing(scene: Scene) -> None:
    before, wrong = None, []
    for member in EVERYBODY:
        browser = scene.browser(member)
        before = scene.content()
        for rule, row in routes(scene.app, "GET"):
            address = scene.address(rule, row)
            answer = browser.get(address)
            if became(answer) != row.expected(member):
                wrong.append(f"{member} GET {address}: {answer.status}, not {row.expected(member)}")
            answer.close()
        after = scene.content()
        changed = [name for name in after if after[name] != before[name]]
        assert not changed, (member, changed)
    assert not wrong, "\n".join(wrong)


def test_the_stranger_meets_nothing_of_the_other_county(scene: Scene) -> None:
    """No list, form or refusal shows her an id of the learner's or of the county's."""
    met = []
    browser = scene.browser("stranger")
    for rule, row in routes(scene.app, "GET"):
        # Some answers are files, whose bytes are no text.
        page = browser.get(scene.address(rule, row)).data.decode("utf-8", "replace")
        if row.expected("stranger") == "in":
            met += [(rule.rule, name) for name, value in scene.secrets().items() if value in page]
    assert not met


def test_deeds_without_the_token_are_refused_and_change_nothing(scene: Scene) -> None:
    wrong = []
    for member in EVERYBODY:
        browser = scene.browser(member)
        before = scene.content()
        for rule, row in routes(scene.app, "POST"):
            address = scene.address(rule, row)
            for token in (None, "forged", TOKEN[:-1]):
                answer = scene.send(browser, address, row, token)
                if answer.status_code != 400:
                    wrong.append(f"{member} POST {address} with token {token}: {answer.status}")
        assert scene.content() == before, member
    assert not wrong, "\n".join(wrong)


def test_refused_deeds_change_nothing(scene: Scene) -> None:
    wrong = []
    for member in EVERYBODY:
        browser = scene.browser(member)
        before = scene.content()
        for rule, row in routes(scene.app, "POST"):
            expected = row.expected(member)
            if expected == "in":
                continue
            address = scene.address(rule, row)
            answer = scene.send(browser, address, row)
            if became(answer) != expected:
                wrong.append(f"{member} POST {address}: {answer.status}, not {expected}")
        after = scene.content()
        changed = [name for name in after if after[name] != before[name]]
        assert not changed, (member, changed, wrong)
    assert not wrong, "\n".join(wrong)


LAST = ("people.withdraw_role", "people.disable_person", "people.enable_person")


def test_deeds_are_open_to_those_they_are_for(scene: Scene) -> None:
    """Each with a session of its own, for some of these deeds end sessions; what would lock the learner
    out comes last."""
    wrong = []
    ordered = sorted(routes(scene.app, "POST"), key=lambda one: (one[0].endpoint in LAST, one[0].endpoint))
    for rule, row in ordered:
        address = scene.address(rule, row)
        for member in EVERYBODY:
            if row.expected(member) != "in":
                continue
            answer = scene.send(scene.browser(member), address, row)
            if became(answer) != "in" and became(answer) not in JUDGED:
                wrong.append(f"{member} POST {address}: {answer.status}")
    assert not wrong, "\n".join(wrong)
