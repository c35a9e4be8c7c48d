"""Builds `app` and `celery_app` from the environment; nothing else."""

from lms.app import create_app
from lms.kernel.settings import BadSettings

try:
    app = create_app()
except BadSettings as faults:
    raise SystemExit(str(faults)) from None
celery_app = app.extensions["celery"]
