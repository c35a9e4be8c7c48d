"""One JSON line an event on standard error, with the request id; never a name, number or phone."""

import logging
import sys
from typing import Any

import structlog

HIDDEN = {"phone", "id_number", "email", "password", "code", "token", "name"}


def _hide(_logger: Any, _method: str, fields: Any) -> Any:
    for key in HIDDEN & fields.keys():
        fields[key] = "[hidden]"
    return fields


def configure(level: str) -> None:
    """Set up structlog and let the standard library's loggers through at WARNING."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _hide,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
