"""Where the log's key is, and whose the log is. The key is a file outside the database."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from lms.credits.log import state
from lms.credits.log.merkle import Range
from lms.credits.log.notes import BadNote, Signer
from lms.credits.log.state import Refused, Signed
from lms.kernel import clock
from lms.kernel.settings import Settings

MADE = "log_key"
"""The key's name in the data folder of a house that makes its own."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key of the log that this process writes, and the file of what it signed last."""

    signer: Signer
    state: Path

    @property
    def origin(self) -> str:
        return self.signer.verifier.name

    @property
    def vkey(self) -> str:
        return str(self.signer.verifier)


def house() -> Settings:
    """The settings of this house."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    return settings


def log_folder() -> Path:
    """Where the log is published."""
    return house().data.resolve() / "log"


def makes_its_own(settings: Settings) -> bool:
    """Whether a missing key is made here: in a demonstration, and where all of a house is in its data folder."""
    return not settings.log_key and (settings.is_demo or not settings.database_url)


def log_key() -> LogKey | None:
    """The key; None where this process writes no log. Raises Refused for one that cannot be used."""
    settings = house()
    if not (settings.log_key or makes_its_own(settings)):
        return None
    path, remembered = key_paths(settings)
    if makes_its_own(settings) and not path.exists():
        _make_own(path, remembered, settings)
    try:
        signer = Signer.parse(path.read_text())
    except (OSError, BadNote, UnicodeDecodeError) as error:
        raise Refused(f"the key of the log cannot be used: {path}: {error}") from error
    if settings.log_origin not in ("", signer.verifier.name):
        raise Refused(f"XINGLIN_LOG_ORIGIN is {settings.log_origin}, but the key is that of {signer.verifier.name}")
    return LogKey(signer, remembered)


def _make_own(path: Path, remembered: Path, settings: Settings) -> None:
    """Several processes of a new house may come here at once: one makes the key, the others take it."""
    year, chance = clock.year_of(clock.now()), secrets.token_hex(4)
    try:
        make_key(path, remembered, settings.log_origin or f"xinglin.example/credits/{year}-{chance}")
    except Refused:
        if not path.exists():
            raise


def key_paths(settings: Settings, key: Path | None = None) -> tuple[Path, Path]:
    """Where the key is (or this one), and the file of what it signed last."""
    path = key or (Path(settings.log_key) if settings.log_key else settings.data.resolve() / MADE)
    return path, Path(settings.log_state) if settings.log_state else path.with_name(f"{path.name}.signed")


def make_key(path: Path, remembered: Path, origin: str) -> Signer:
    """A new key in a new file, with nothing signed yet. Raises Refused if there is one already."""
    with state.alone(path, wait=True):
        if path.exists():
            raise Refused(f"there is a key already: {path}")
        if remembered.exists() and state_size(remembered):
            raise Refused(f"something was signed already, by a key that is not there: {remembered}")
        signer = Signer(origin, secrets.token_bytes(32))
        state.write(remembered, Signed(origin, Range()))
        # Last of all: a key without its file of what was signed is refused.
        state.replace(path, f"{signer}\n".encode(), mode=0o600)
    return signer


def state_size(path: Path) -> int:
    """The size in a file of what was signed last, whoever signed it; 1 where it cannot be read."""
    try:
        return int(state.peek(path)["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1


def forget_own() -> None:
    """In a house that makes its own key: forget it, as all data of a demonstration begins anew."""
    settings = house()
    if makes_its_own(settings):
        for path in key_paths(settings):
            path.unlink(missing_ok=True)
        shutil.rmtree(log_folder(), ignore_errors=True)
