"""A few hostile files of each kind through the importers; the whole corpus is `make hostile`."""

import json
import subprocess
import sys
from pathlib import Path

import hostile_probe
import pytest
from hostile_files import write
from hostile_probe import require_harmless, told_of

EACH = 2
REACHES = """
import sys, socket, pathlib
sys.path.insert(0, {tests!r})
import hostile_probe
from lms.courses.imports import child, kinds
def reach(source, file, title, folder):
    for deed in (lambda: socket.socket(), lambda: pathlib.Path({outside!r}).write_text("x")):
        try:
            deed()
        except child.WalledError:
            pass
    raise ValueError
kinds.read = reach
import json
print(json.dumps(hostile_probe.judged([("a.docx", b"x")])))
"""


@pytest.mark.timeout(300)
def test_a_few_hostile_files_do_no_harm(tmp_path: Path) -> None:
    files = write(tmp_path, EACH)
    require_harmless(told_of(tmp_path), files)


def test_a_reader_that_reaches_out_is_seen_and_stopped(tmp_path: Path) -> None:
    """The probe's own eyes: what it is to see, it sees; and the wall of the child holds."""
    outside = tmp_path / "outside"
    code = REACHES.format(tests=str(Path(hostile_probe.__file__).parent), outside=str(outside))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    found = json.loads(done.stdout)
    assert found["events"] == ["a.docx: socket.__new__", f"a.docx: open {outside}"]
    assert found["strange"]
    assert not outside.exists()
