# What to type. `make demo` and `make test` set everything up first; later runs start at once.

# The first Python of this machine that is new enough.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$python; break; fi; done)
BIN := .venv/bin
SOURCES := src tests setup hatch_build.py $(wildcard benchmarks disturbances mutations)
# Two processes: what the smallest machine we run on has; more would not make the tests wait less.
WORKERS ?= 2
# Who is done takes over half of what another has left: without it one may work alone for minutes.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal -q

# Many images set it. The tests start Python by the hundred, and each would compile all of us anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak mutations lock clean environment system-packages lint types contracts

help:  ## what can be typed
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

demo: environment  ## rehearse the published evening; the report is demo-report/report.html
	@$(BIN)/kingtide rehearse examples/prime-time --out demo-report

test: environment system-packages lint types contracts  ## lint, types, import contracts, all tests
	@$(PYTEST)

check: environment lint types contracts  ## the quick loop: the same without the slow tests
	@$(PYTEST) -m "not slow" tests/unit tests/vectors tests/contract

bench: environment  ## how fast a rehearsal is, and where the time goes
	@$(BIN)/python -m benchmarks

soak: environment  ## game days by the thousand, disturbed processes, mutations; to be left alone for a while
	@$(BIN)/kingtide gameday examples/gameday-small --seeds 1000 --jobs $(WORKERS) --out soak/gameday-small
	@$(BIN)/kingtide gameday examples/prime-time --seeds 100 --jobs $(WORKERS) --out soak/prime-time
	@for seed in 1 2 3; do $(BIN)/python -m disturbances --minutes 10 --seed $$seed || exit 1; done
	@$(MAKE) --no-print-directory mutations

# EVERY=12 tries each twelfth mutant, SKIP=5 another twelfth; an interrupted run goes on where it was.
EVERY ?= 1
SKIP ?= 0
mutations: environment  ## which changed comparison, bound or guard no test notices
	@$(BIN)/python -m mutations --every $(EVERY) --skip $(SKIP) --jobs $(WORKERS)
	@$(BIN)/python -m mutations --every $(EVERY) --skip $(SKIP) --write

lock: python  ## write requirements/*.txt from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@$(PYTHON) -m setup.lock $(UPGRADE)

clean:  ## remove the environment and everything the tools wrote
	@rm -rf .venv .setup build dist demo-report soak .mutations .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache .benchmarks src/kingtide/report/assets/uPlot.*
	@find src tests setup -name __pycache__ -type d -prune -exec rm -rf {} +

environment: python
	@$(PYTHON) -m setup.environment

system-packages: python
	@$(PYTHON) -m setup.system_packages

lint: environment
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || \
		{ echo "error: not formatted; type: $(BIN)/ruff format"; exit 1; }

types: environment
	@$(BIN)/mypy --no-error-summary $(SOURCES)

contracts: environment
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found" >&2; \
		echo "hint: install python3 and type the same again" >&2; exit 2; }
