"""Settings: read once from the environment, typed, all faults named together.

Every name is `XINGLIN_` and the field's name in capitals; `PORT` alone has no prefix because
hosting systems set it. Unknown `XINGLIN_*` names are refused: a mistyped setting must not be silent.
"""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "XINGLIN_"
FIELD_KEY = "field_key"  # the setting, and the file that holds it where it is not set
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*")


class BadSettings(Exception):
    """The environment does not describe a house that can stand; the text names every fault."""


class Settings(BaseSettings):
    """What differs between one installation and another."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(Path("var"), description="folder of the database, files and secrets")
    port: int = Field(8000, ge=1, le=65535, description="port of `make run` (PORT, no prefix)")
    host: str = Field("127.0.0.1", description="address `make run` listens on")
    database_url: str = Field(
        "", description="SQLAlchemy address; empty: SQLite in the data folder"
    )
    database_pool: int = Field(8, ge=1, le=200, description="database connections a process keeps")
    redis_url: str = Field(
        "", description="broker of Celery; empty: the outbox is worked off in the web process"
    )
    secret_key: str = Field(
        "", description="signs cookies, ≥ 32 characters; empty: made once in the data folder"
    )
    field_key: str = Field(
        "",
        description="32 bytes in base64, seals ID numbers and phones; empty: made once in the data "
        "folder",
    )
    field_keys_other: str = Field(
        "",
        description="keys that open and do not seal, `,` between them: the next one, and the last one until "
        "everything is sealed anew (`keys`)",
    )
    storage: str = Field(
        "", description="s3://bucket/prefix of stored files; empty: in the data folder. The next five belong to it"
    )
    storage_endpoint: str = Field("", description="address of the S3-compatible store; empty: Amazon's")
    storage_region: str = Field("", description="region of the bucket")
    storage_key_id: str = Field("", description="name of the key that may read and write the bucket")
    storage_secret: str = Field("", description="that key")
    storage_path_style: bool = Field(
        False, description="bucket in the path, not in the host name (MinIO and the like)"
    )
    media_quota: int = Field(
        2000, ge=1, le=10_000_000, description="MB of films, sound, pictures and hand-outs that a course may have"
    )
    largest_package: int = Field(
        200, ge=20, le=2000, description="MB of one course package, backup or document that the studio takes in"
    )
    media_at_once: int = Field(1, ge=0, le=16, description="films that this house makes smaller at one time; 0: none")
    public_url: str = Field(
        "", description="address that certificates print, no slash at its end; empty: local"
    )
    policies: str = Field("", description="folder of policy files (*.toml); empty: content/policies")
    pathways: str = Field("", description="folder of pathway files (*.toml); empty: content/pathways")
    second_person_above: Decimal = Field(
        Decimal(10),
        ge=0,
        le=100_000,
        description="credits above which approving or reversing an award takes two persons, where the policy's audit "
        "line names no limit; practice of this house, no law; 0: always",
    )
    secure_cookies: bool = Field(False, description="cookies over HTTPS only; on behind TLS")
    trusted_proxies: int = Field(0, ge=0, le=5, description="reverse proxies in front of the web")
    compress: bool = Field(True, description="gzip pages here; off where the proxy does it")
    log_origin: str = Field(
        "",
        description="name of the transparency log, such as xinglin.example/credits/2026a; empty: the name in its key",
    )
    log_key: str = Field(
        "",
        description="file of the log's Ed25519 key (`credits log key`), set only where the log is written; empty: "
        "made in the data folder of a demonstration or an SQLite house, elsewhere the log is off",
    )
    log_state: str = Field(
        "", description="file of the last signed checkpoint, on another disk than the database; empty: beside the key"
    )
    log_witnesses: str = Field(
        "", description="witnesses of the log, `KEY URL` each, `;` between them; a key is name+id+base64"
    )
    log_quorum: int = Field(1, ge=1, le=32, description="witnesses who must cosign before a checkpoint is published")
    demo: bool = Field(False, description="demonstration: invented people, a page of sent messages")
    metrics: bool = Field(False, description="serve /metrics")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    session_idle_days: int = Field(14, ge=1, le=365, description="sign-in ends after so many idle days")
    session_days: int = Field(60, ge=1, le=365, description="sign-in ends after so many days")
    retention_years: int = Field(
        5, ge=1, le=60, description="a closed account with credit is erased so many years after its last credit year"
    )

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("one of DEBUG, INFO, WARNING, ERROR")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("at least 32 characters")
        return value

    @field_validator("field_key")
    @classmethod
    def _thirty_two_bytes(cls, value: str) -> str:
        if value and len(base64.b64decode(value, validate=True)) != 32:
            raise ValueError("32 bytes in base64")
        return value

    @field_validator("field_keys_other")
    @classmethod
    def _each_thirty_two_bytes(cls, value: str) -> str:
        for one in filter(str.strip, value.split(",")):
            if len(base64.b64decode(one.strip(), validate=True)) != 32:
                raise ValueError("32 bytes in base64 each, `,` between them")
        return value

    @field_validator("log_origin")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if value and (value.split() != [value] or "+" in value or len(value) > 200):
            raise ValueError("one word without a plus sign")
        return value

    @field_validator("log_witnesses")
    @classmethod
    def _keys_and_addresses(cls, value: str) -> str:
        for one in filter(str.strip, value.split(";")):
            words = one.split()
            if len(words) != 2 or words[0].count("+") < 2 or not words[1].startswith(("http://", "https://")):
                raise ValueError("for each witness its key and its http(s) address, `;` between them")
        return value

    @field_validator("public_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        if value and (not value.startswith(("http://", "https://")) or value.endswith("/")):
            raise ValueError("http(s)://… without a slash at its end")
        return value

    @field_validator("policies", "pathways")
    @classmethod
    def _holds_tables(cls, value: str) -> str:
        if value and not any(Path(value).glob("*.toml")):
            raise ValueError("a folder with *.toml files")
        return value

    @field_validator("storage")
    @classmethod
    def _a_bucket(cls, value: str) -> str:
        if value and not BUCKET.fullmatch(value):
            raise ValueError("s3://bucket or s3://bucket/prefix, no slash at its end")
        return value

    @field_validator("storage_endpoint")
    @classmethod
    def _a_host(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s?#@]+", value):
            raise ValueError("http(s)://host without a path")
        return value

    @property
    def address(self) -> str:
        """The address under which the public reaches this house."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def engine_url(self) -> str:
        """The database address for SQLAlchemy."""
        return self.database_url or f"sqlite:///{(self.data / 'xinglin.db').resolve()}"

    @property
    def witnesses(self) -> list[tuple[str, str]]:
        """Key and address of each witness of the log."""
        pairs = (one.split() for one in self.log_witnesses.split(";") if one.strip())
        return [(key, address.rstrip("/")) for key, address in pairs]

    @property
    def is_demo(self) -> bool:
        """Whether invented people live here: said by the setting or by `demo` having run."""
        return self.demo or (self.data / "DEMO").exists()

    def mark_demo(self) -> None:
        """Remember for good that this data folder holds invented people."""
        (self.data / "DEMO").write_text("Invented people only.\n")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings, make the data folder and any secret that is not given.

    Raises BadSettings naming every unknown name and every bad value at once.
    """
    environ = os.environ if environ is None else environ
    known = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    faults = [f"{name}: unknown setting" for name in environ if name.startswith(PREFIX) and name not in known]
    given: dict[str, Any] = {known[name]: environ[name] for name in known if name in environ}
    if "PORT" in environ:
        given["port"] = environ["PORT"]
    given |= overrides
    settings = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults += [
            f"{PREFIX}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        ]
    faults += _storage_faults(given)
    if faults or settings is None:
        raise BadSettings("\n".join(sorted(faults)))
    return _with_secrets(settings)


def _storage_faults(given: Mapping[str, Any]) -> list[str]:
    """What a bucket needs and has not, or what is said of a bucket that nobody named."""
    needed = ("storage_region", "storage_key_id", "storage_secret")
    if not given.get("storage"):
        idle = [name for name in (*needed, "storage_endpoint", "storage_path_style") if given.get(name)]
        return [f"{PREFIX}{name.upper()}: of no use without {PREFIX}STORAGE" for name in idle]
    faults = [f"{PREFIX}{name.upper()}: needed with {PREFIX}STORAGE" for name in needed if not given.get(name)]
    if find_spec("boto3") is None:
        faults.append(f"{PREFIX}STORAGE: boto3 is not installed (pip install --require-hashes -r requirements-s3.txt)")
    return faults


def _with_secrets(settings: Settings) -> Settings:
    settings.data.mkdir(parents=True, exist_ok=True)
    made = {
        name: _kept(settings.data / name, maker)
        for name, maker in (
            ("secret_key", lambda: secrets.token_urlsafe(32)),
            (FIELD_KEY, new_field_key),
        )
        if not getattr(settings, name)
    }
    if "field_key" in made:  # a line a key: the first one seals
        made["field_key"], *others = made["field_key"].split()
        made["field_keys_other"] = ",".join(filter(None, [settings.field_keys_other, *others]))
    return settings.model_copy(update=made)


def new_field_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _kept(path: Path, maker: Any) -> str:
    """A secret of this installation: made once, kept in a file that only its owner reads."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value: str = maker()
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    return value


def described() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting: `docs/settings.md` is printed from this."""
    rows = []
    for name, info in Settings.model_fields.items():
        shown = "PORT" if name == "port" else f"{PREFIX}{name.upper()}"
        rows.append((shown, str(info.default), info.description or ""))
    return rows
