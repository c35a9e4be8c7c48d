"""Works an outbox off in a process of its own (`python roster_worker.py FOLDER DATABASE`); prints what it took."""

import json
import sys
import time
from pathlib import Path

from houses import build_app


def main(folder: str, database: str) -> None:
    app = build_app(Path(folder), demo=True, database_url=database)
    with app.app_context():
        began = time.monotonic()
        tasks = app.extensions["xinglin.runner"].drain()
        seconds, cpu = time.monotonic() - began, time.process_time()
    # Not getrusage: a child begins with the peak of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    took = {"seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1), "peak_mb": round(peak)}
    print(json.dumps({"tasks": tasks, **took}))


if __name__ == "__main__":
    main(*sys.argv[1:])
