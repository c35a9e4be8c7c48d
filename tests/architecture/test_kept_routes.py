"""What the tests keep between applications (`once`) is what Werkzeug works out for each."""

from uuid import UUID

import once
import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Map, Rule, UUIDConverter


def sample(way: BaseConverter) -> object:
    if isinstance(way, AnyConverter):
        return min(way.items)
    return {UUIDConverter: UUID(int=7), IntegerConverter: 7}.get(type(way), "a")


def test_kept_routes_are_those_that_werkzeug_would_parse(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = list(app.url_map.iter_rules())
    assert len(kept) > 300
    monkeypatch.setattr(Rule, "compile", once._compile_route)
    for rule in kept:
        plain = rule.empty()
        plain.bind(Map(converters=app.url_map.converters, host_matching=app.url_map.host_matching))
        assert (rule._parts, rule._trace, rule.arguments) == (plain._parts, plain._trace, plain.arguments)
        values = {name: sample(way) for name, way in plain._converters.items()}
        assert rule.build(values) == plain.build(values), rule.rule
        assert rule.build({**values, "page": 2}, append_unknown=True) == plain.build({**values, "page": 2})
