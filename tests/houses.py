"""Building an application for a test."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cast import Cast
from flask import Flask
from werkzeug.routing import Rule

from lms.app import create_app
from lms.kernel.settings import load_settings

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("XINGLIN_") and k != "PORT"}

_compile_builder = Rule._compile_builder
_builders: dict[tuple[object, ...], Any] = {}


def _builder_compiled_once(rule: Rule, append_unknown: bool = True) -> Any:
    """What writes the addresses of a rule. Werkzeug compiles one for each rule of each application, which was most of
    the time of building the hundreds of applications of the tests; the rules are the same in all of them."""
    key = (rule.rule, tuple(rule._trace), str(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _builder_compiled_once  # type: ignore[assignment, method-assign]


def build_app(folder: Path, **overrides: object) -> Flask:
    """An application on its own data folder, deaf to this machine's environment."""
    settings = load_settings(CLEAN, data=folder, log_level="ERROR", **overrides)
    app = create_app(settings)
    app.testing = True
    return app


@dataclass
class House:
    """One built application and how to put its database back."""

    app: Flask
    cast: Cast
    restore: Callable[[], None]
