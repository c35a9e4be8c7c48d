"""Builds `app` and `celery_app` from the environment; nothing else."""

from lms.app import create_app

app = create_app()
celery_app = app.extensions["celery"]
