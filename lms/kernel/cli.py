"""Shell answers: one JSON object on standard output, everything else on standard error."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def many_objects() -> Iterator[None]:
    """For a command that makes and drops millions of objects: what is there when it begins is not looked through
    again and again for garbage. That was half of the time of counting everybody's years. It is not collected first
    either: the little garbage of a start costs less than looking for it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def fail(error: DomainError | str, code: int = 1) -> NoReturn:
    """End a shell command with its reason on standard error."""
    text = error if isinstance(error, str) else translate(error.message)
    click.echo(text, err=True)
    raise SystemExit(code)
