"""Building an application for a test."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cast import Cast
from flask import Flask

from lms.app import create_app
from lms.kernel.settings import load_settings

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("XINGLIN_") and k != "PORT"}


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
