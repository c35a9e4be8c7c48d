"""Builds `app` and `celery_app` from the environment; nothing else."""

import gc

# A start makes much and drops little. To look through it for garbage again and again was a third of its time.
gc.disable()

from lms.app import create_app  # noqa: E402
from lms.kernel.settings import BadSettings  # noqa: E402

try:
    app = create_app()
except BadSettings as faults:
    raise SystemExit(str(faults)) from None
finally:
    gc.freeze()
    gc.enable()
celery_app = app.extensions["celery"]
