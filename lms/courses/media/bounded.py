"""`python -m lms.courses.media.bounded SECONDS MEGABYTES COMMAND…`: a command within limits.

It ends with its parent: a worker that is killed must not leave a film being made for
nobody; a hostile file must not take the machine.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
MB = 1024 * 1024


def limit(seconds: int, megabytes: int) -> None:
    """Bound this process, and whatever it becomes, for good."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(10)
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, megabytes * MB),
        (resource.RLIMIT_FSIZE, 512 * MB),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - no shell: the very programme that our parent names
