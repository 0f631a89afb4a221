# Each target does all of its own set-up from a fresh clone, in ./.venv (and ./.venv-litellm for the gateway under test).

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check crash legibility format services lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: .venv/.runtime ## the daemon over the built-in gateway, on http://127.0.0.1:9464
	$(BIN)/visionpath demo

test: .venv/.dev .venv-litellm/.done services check ## every suite: check, then the tests against real servers
	$(BIN)/python -m pytest -m integration $(PYTEST_FLAGS)

check: .venv/.dev ## format, lint, types, architecture, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not integration" $(PYTEST_FLAGS)

crash: .venv/.dev ## kill a busy daemon 100 times and audit its database (about 4 minutes)
	$(BIN)/python -m tests.e2e.crash --kills 100

legibility: .venv/.dev services ## how many test images two OCR engines read, and whether puzzles repeat (about 10 minutes)
	$(BIN)/python -m tests.legibility --seeds 300
	$(BIN)/python -m tests.uniqueness --seeds 1000000

format: .venv/.dev ## rewrite the sources as check wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

services: ## Debian packages that the integration tests start by themselves (where we may install)
	deploy/services.sh

lock: .venv/.dev ## pin and hash all dependencies anew
	deploy/lock.sh $(BIN)

clean: ## remove the environments and caches
	rm -rf .venv .venv-litellm .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: deploy/constraints/runtime.txt pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r deploy/constraints/runtime.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/.dev: deploy/constraints/dev.txt .venv/.runtime
	$(PIP) install --quiet --require-hashes -r deploy/constraints/dev.txt
	touch $@

.venv-litellm/.done: deploy/constraints/litellm.txt
	$(PYTHON) -m venv .venv-litellm
	.venv-litellm/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	touch $@
