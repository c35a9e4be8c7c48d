"""The stage of every test of practice."""

import sys
from pathlib import Path

import pytest
from cast import Cast
from flask import Flask

sys.path.insert(0, str(Path(__file__).parent))

from teaching_stage import Ward, make_ward


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)
