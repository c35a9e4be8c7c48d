"""Shell answers: one JSON object on standard output, everything else on standard error."""

import json
from typing import Any, NoReturn

import click

from lms.kernel.errors import DomainError
from lms.kernel.i18n import translate


def json_answer(value: Any) -> None:
    """Print the one JSON object that is the answer."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """Progress and remarks, on standard error."""
    click.echo(text, err=True)


def fail(error: DomainError | str, code: int = 1) -> NoReturn:
    """End a shell command with its reason on standard error."""
    text = error if isinstance(error, str) else translate(error.message)
    click.echo(text, err=True)
    raise SystemExit(code)
