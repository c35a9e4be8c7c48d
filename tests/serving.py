"""gunicorn for tests, as `gunicorn -c deploy/gunicorn.conf.py wsgi:app` starts it, with three differences that save
most of its time: the process that forks the web workers has imported the house for all of them, passwords are hashed
as in the other tests, and templates that this run has compiled are not compiled again. Each worker still builds its
own application from `wsgi.py`."""

import gc

gc.disable()

from gunicorn.app.wsgiapp import run

import lms.app  # noqa: F401
from tests import hashing, once

if __name__ == "__main__":
    hashing.begin(hashing.of_servers())
    once.begin()
    gc.freeze()
    gc.enable()
    run()
