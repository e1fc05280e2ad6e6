# One command per need; `make help` lists them. Every target makes what it needs first.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
# Processes start several times as fast when they need not compile every library anew.
unexport PYTHONDONTWRITEBYTECODE
# Tests often wait for processes of theirs: four run well on two processors.
TESTERS := $(shell echo $$(($$(nproc 2>/dev/null || sysctl -n hw.ncpu) * 2)))
PYTEST = $(BIN)/pytest --numprocesses=$(TESTERS) --dist=loadfile --no-loadscope-reorder
PROCESSES := tests/integration
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help run up test test-processes coverage mutants check format bench lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: .venv/installed ## Build the demo report (departures out of New York, January 2013) and print its path
	@$(BIN)/presstime run flight-punctuality --interval 2013-01 --out out

up: .venv/installed ## Start everything (broker, worker, beat, keeper, API, demo site) and watch over it
	@$(BIN)/presstime up --demo

# LibreOffice and RabbitMQ are started where Debian's libreoffice-calc-nogui and rabbitmq-server are installed; without
# them the tests of them are skipped.
test: .venv/compiled ## Run the tests (they start their own Valkey and PostgreSQL): under five minutes
	$(PYTEST) --ignore=$(PROCESSES) $(ARGS)

test-processes: .venv/compiled ## Run the tests that start whole installations: as long again
	$(PYTEST) $(PROCESSES) $(ARGS)

coverage: .venv/compiled ## Run both, and show which lines no test reached in its own process
	$(PYTEST) --cov --cov-report=term:skip-covered

# Another SEED draws others, N says how many, and IN where: `make mutants N=5 IN="reports/views cli"`.
mutants: SEED ?= $(shell git rev-parse HEAD)
mutants: N ?= 20
mutants: .venv/compiled ## Break the code in N small ways, drawn by SEED, and say which the tests do not see
	$(BIN)/python -m tests.mutants --seed=$(SEED) --count=$(N) $(IN)

check: .venv/installed-dev ## Formatter, linter, types, import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev ## Format the code and sort its imports
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

bench: .venv/installed-dev ## Run every benchmark in its quick form
	@for file in bench/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file --quick || exit 1; done

lock: .venv/uv ## Pin every dependency anew in requirements.lock and requirements-dev.lock
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --extra demo --extra monitor --extra build -o requirements.lock
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  -c requirements.lock pyproject.toml --all-extras -o requirements-dev.lock

clean: ## Remove the environment, caches and reports, but not the data folder
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* out

# pip brings uv, uv brings the rest: seconds instead of a minute.
.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Presstime needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 run") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/installed: .venv/uv requirements.lock pyproject.toml
	@echo "Installing Presstime into .venv (once) ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@echo "Installing what the checks and tests need into .venv (once) ..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# Once, by one process: else every tester compiles all that it imports, at the same time as the others.
.venv/compiled: .venv/installed-dev
	@$(BIN)/pytest --collect-only --quiet >/dev/null || true
	@touch $@
