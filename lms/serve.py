"""`make run`: the whole house in one process, nothing else to install."""

import signal
import sys
import time
from types import FrameType

from waitress import create_server

from lms.app import create_app
from lms.demo.build import ACCOUNTS, PASSWORD, build_demo
from lms.kernel import schema
from lms.kernel.cli import many_objects
from lms.kernel.outbox import InProcess
from lms.kernel.settings import BadSettings, load_settings


def main() -> int:
    """Prepare the database, build the demo county in a new data folder, serve until stopped."""
    try:
        settings = load_settings()
    except BadSettings as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    fresh = not settings.database_url and not (settings.data / "xinglin.db").exists()
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
    if fresh:
        started = time.monotonic()
        print("Building the demonstration county…", file=sys.stderr)  # noqa: T201
        with app.app_context(), many_objects():
            build_demo()
        print(f"…done in {time.monotonic() - started:.0f} s", file=sys.stderr)  # noqa: T201
        app = create_app(load_settings())
    server = create_server(app, host=settings.host, port=settings.port, threads=8)
    runner = app.extensions["xinglin.runner"]
    if isinstance(runner, InProcess):
        runner.start()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    print(f"Xinglin is ready: http://{settings.host}:{settings.port}", flush=True)  # noqa: T201
    if app.extensions["xinglin.settings"].is_demo:
        for account, phone, what in ACCOUNTS:
            print(f"  {account:9} {phone}  {what}", flush=True)  # noqa: T201
        print(f"  password: {PASSWORD}", flush=True)  # noqa: T201
    try:
        server.run()
    finally:
        if isinstance(runner, InProcess):
            runner.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
