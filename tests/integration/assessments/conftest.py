"""The stage of every assessment test."""

import sys
from pathlib import Path

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).parent))

from assessment_stage import SignIn, Stage, set_stage


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Stage:
    """The learner of the cast has read the course and may start."""
    made = set_stage(app, cast.learner, tmp_path)
    made.read_lessons()
    return made


@pytest.fixture
def learner(stage: Stage, client: FlaskClient, sign_in: SignIn) -> FlaskClient:
    """Her browser, signed in."""
    return sign_in(client, stage.member)
