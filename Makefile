# Two commands matter: `make run` and `make test`. Both need only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where a machine forbids it, every process compiles the whole house anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench torture endurance journeys together tampering editions packages injections hostile plans roster mutants clean setup docs

run: .venv/.run-ready
	@$(BIN)/python -m lms.serve

test: setup
	$(BIN)/python -m pytest -n 2

setup: .venv/.dev-ready

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: setup
	$(BIN)/python -m tests.bench

torture: setup
	$(BIN)/python -m pytest tests/torture/test_ledger_campaign.py -p no:randomly -x -s

endurance: setup
	$(BIN)/python -m pytest tests/torture/test_campaign.py tests/torture/test_rotation.py tests/torture/test_memory.py -p no:randomly -x -s

journeys: setup
	JOURNEYS=all $(BIN)/python -m pytest tests/browser -p no:randomly -x

together: setup
	TOGETHER=long JOURNEYS=all $(BIN)/python -m pytest tests/browser/test_writing_together.py -p no:randomly -x -s

tampering: setup
	$(BIN)/python -m pytest tests/torture/test_tampering.py -p no:randomly -x -s

editions: setup
	$(BIN)/python -m pytest tests/torture/test_edition_campaign.py -p no:randomly -x -s

packages: setup
	$(BIN)/python -m pytest tests/torture/test_packages.py -p no:randomly -x -s

injections: setup
	TORTURE_INJECTIONS=1 $(BIN)/python -m pytest tests/browser/test_script_injection.py tests/browser/test_injected_forms.py -p no:randomly -x -s

hostile: setup
	$(BIN)/python -m pytest tests/torture/test_hostile.py tests/torture/test_hostile_house.py -p no:randomly -x -s

plans: setup
	$(BIN)/python -m pytest tests/torture/test_plans.py -p no:randomly -x -s

roster: setup
	$(BIN)/python -m pytest tests/torture/test_roster_campaign.py -p no:randomly -x -s

mutants: setup
	$(BIN)/python -m tests.mutants

docs: setup
	$(BIN)/python tests/architecture/books.py

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/.run-ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	touch $@

.venv/.dev-ready: .venv/.run-ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@
