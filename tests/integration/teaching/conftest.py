"""The stage of every test of practice."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from flask import Flask

sys.path.insert(0, str(Path(__file__).parent))

from teaching_stage import Ward, make_ward

from lms.pathways import practising
from lms.teaching.parts import modules_offered


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


@pytest.fixture(autouse=True)
def no_programmes(app: Flask) -> Iterator[None]:
    """A house without programmes, in which the office writes the codes of modules; one that has them is tested with
    the pathways."""
    modules_offered.fill(lambda cards: None)
    yield
    modules_offered.fill(practising.modules_for)
