"""gunicorn for tests, as `gunicorn -c deploy/gunicorn.conf.py wsgi:app` starts it, with two differences that save most
of its time: the process that forks the web workers has imported the house for all of them, and passwords are hashed
as in the other tests. Each worker still builds its own application from `wsgi.py`."""

import gc

gc.disable()

from gunicorn.app.wsgiapp import run

import lms.app  # noqa: F401
from tests import hashing

if __name__ == "__main__":
    hashing.begin(hashing.of_servers())
    gc.freeze()
    gc.enable()
    run()
