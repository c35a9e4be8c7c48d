"""A witness whose machine stops at a moment given by the environment: after its n-th state is on the disk and
before the answer leaves, or while that state is still a draft."""

import os
import signal
import sys

import witness.__main__ as command
from witness.state import State


class Dying(State):
    left = int(os.environ["DIES_AT"])

    def _write(self, logs: dict[str, str]) -> None:
        Dying.left -= 1
        if Dying.left == 0 and os.environ["DIES"] == "before":
            self.path.with_name(self.path.name + ".draft").write_text('{"v": 1, "lo')
            os.kill(os.getpid(), signal.SIGKILL)
        super()._write(logs)
        if Dying.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


command.State = Dying  # type: ignore[misc]
sys.exit(command.main(sys.argv[1:]))
