"""The house with a page that takes files."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from houses import House
from sqlalchemy import select
from upload_probe import with_page

from lms.app import create_app
from lms.kernel import files
from lms.kernel.db import dispose, session
from lms.kernel.uow import unit_of_work
from lms.kernel.web import POLICIES
from lms.uploads.models import Upload
from lms.uploads.receiving import work_folder


def empty(app: Flask) -> None:
    """Nothing that is on its way lies in the house."""
    with app.app_context():
        for owner in files.owners_of_parts():
            files.drop_parts(owner)
        shutil.rmtree(work_folder())


@pytest.fixture
def upload_app(house: House) -> Iterator[Flask]:
    """A second application on this test's database, with the page."""
    app = with_page(create_app(house.app.extensions["xinglin.settings"]))
    app.testing = True
    empty(app)  # other tests of this process have sent files to the same house
    yield app
    empty(app)
    dispose(app)
    for endpoint in [name for name in POLICIES if name.startswith("upload_probe.")]:
        del POLICIES[endpoint]


@pytest.fixture
def doctor(upload_app: Flask, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient]) -> FlaskClient:
    """The learner's browser."""
    return sign_in(upload_app.test_client(), cast.learner)


@pytest.fixture
def rows(upload_app: Flask) -> Callable[[], list[Upload]]:
    """All uploads as the database has them."""

    def found() -> list[Upload]:
        with upload_app.app_context(), unit_of_work(write=False):
            return list(session().scalars(select(Upload).order_by(Upload.made_at)))

    return found
