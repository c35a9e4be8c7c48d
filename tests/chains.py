"""Which tests one worker makes one after the other, and which come first.

A file's tests share what they set up (a seeded province, a running house), so they stay with one worker; the journeys
share their two houses, and no two campaigns of races quarrel for the machine. The mark `xdist_group` says nothing
any more: pytest 9.2 names a test by another field than the one that xdist 3.8 writes it to.
"""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Folders whose files are one chain.
FOLDERS = ("tests/browser", "tests/races")
# Few and long tests: begun last, one worker would wait for the other's.
FIRST = (
    *FOLDERS,
    "tests/architecture/test_matrix.py",
    "tests/canary/test_canaries.py",
    "tests/integration/assessments/test_attempt_script.py",
    "tests/integration/courses/test_exchange.py",
    "tests/integration/courses/test_hostile_sample.py",
    "tests/integration/credits_compliance/test_list_years.py",
    "tests/integration/credits_log/test_erasing_people.py",
    "tests/integration/credits_log/test_log_key.py",
    "tests/integration/demo/test_demo_county.py",
    "tests/integration/demo/test_seed_province.py",
    "tests/integration/kernel/test_kernel_backup.py",
    "tests/integration/test_budgets.py",
    "tests/integration/uploads/test_upload_journey.py",
    "tests/property/credits_flags/test_flag_rules.py",
    "tests/property/credits_ledger/test_ledger_machine.py",
)


def chain_of(nodeid: str) -> str:
    """The folder or the file whose tests stay together with this one."""
    file = nodeid.split("::", 1)[0]
    folder = file.rsplit("/", 1)[0]
    return folder if folder in FOLDERS else file


def place_of(chain: str) -> int:
    """How early a chain begins; those of the same place, by how many tests they have."""
    return FIRST.index(chain) if chain in FIRST else len(FIRST)


class Chains(LoadScopeScheduling):
    """Hands chains out whole."""

    def _split_scope(self, nodeid: str) -> str:
        return chain_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=place_of), last=False)
        super()._assign_work_unit(node)
