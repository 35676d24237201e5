# Two commands: make demo, make test. On a fresh machine they set up all they need.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
CODE := services shared tests

.PHONY: demo run test programs static chaos plans planted soak pages fuzz-http bench growth lock audit clean

demo: $(VENV)/.run
	@$(BIN)/muster demo

run: $(VENV)/.run
	@$(BIN)/muster demo --serve

test: $(VENV)/.dev programs static
	$(BIN)/python -m pytest --numprocesses 4 --dist loadscope --no-loadscope-reorder

# The tests walk the pages in a browser and open workbooks as an office does; without these programs they skip that.
programs:
	@missing=; command -v chromium >/dev/null || missing=chromium; \
	command -v soffice >/dev/null || missing="$$missing libreoffice-calc"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing programs the tests use (once): $$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing \
			>/dev/null && exit 0; \
	fi; \
	echo "muster: missing, so the tests that use them are skipped: $$missing"

static: $(VENV)/.dev
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports
	$(BIN)/mypy

chaos: $(VENV)/.dev
	$(BIN)/python -m pytest tests/chaos tests/hosts tests/demo --length=all

plans: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m chaos.plans --seed $(or $(SEED),1) --plans $(or $(PLANS),20)

planted: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m chaos.planted

soak: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m soak --minutes $(or $(MINUTES),30) --picture docs/pictures/soak.png

pages: $(VENV)/.dev programs
	$(BIN)/python -m pytest tests/browser --length=all

fuzz-http: $(VENV)/.dev
	FUZZ_HTTP_EXAMPLES=$(or $(EXAMPLES),150) $(BIN)/python -m pytest tests/identity/test_fuzzed_http.py

bench: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m bench $(ONLY)

growth: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m bench.growth --write $(SIZES)

lock: $(VENV)/.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra ingest --extra report --extra notify --extra traces --extra local -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --all-extras -c requirements.lock -o requirements-dev.lock

audit: $(VENV)/.audit
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict

LOCK := --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "muster: Python 3.11 or newer is missing: install python3 and python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "muster: $$($(PYTHON) --version) is too old: Python 3.11 or newer is needed"; exit 2; }
	@echo "Setting up in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } || \
		{ echo "muster: python3-venv is missing: install it"; rm -rf $(VENV); exit 2; }

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Muster runs with (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements-standards.lock $(VENV)/.run
	@echo "Installing what the tests need (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-standards.lock
	@touch $@

$(VENV)/.audit: | $(VENV)/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check pip-audit
	@touch $@

$(VENV)/.lock: | $(VENV)/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@touch $@
