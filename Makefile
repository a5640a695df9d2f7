# Four commands are all there is to remember: run, test, check, bench. Each does its own set-up.
# `make lock` renews the lock files; `make setup` and `make system` are steps of the others.

PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
# Programs from Debian that the tests drive; the name of the package is the name of its command.
SYSTEM_PACKAGES := chromium

.PHONY: run test check bench setup system lock lint
.NOTPARALLEL:

run: setup
	@exec $(BIN)/pharos demo

test: setup system lint
	$(BIN)/python -m pytest -n $(WORKERS) -m "not browser"
	$(BIN)/python -m pytest -n $(WORKERS) -m browser

check: setup lint
	$(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not story"

bench: setup
	@exec $(BIN)/pharos bench

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

setup:
	@scripts/setup $(PYTHON)

system:
	@scripts/system $(SYSTEM_PACKAGES)

lock: setup
	@scripts/lock
