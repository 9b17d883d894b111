# Two commands on a fresh machine: `make run` and `make test`. They need Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
STORE ?= sqlite
ROUNDS ?= 20
unexport PYTHONDONTWRITEBYTECODE  # what tests start hundreds of times is compiled once

.PHONY: install run test test-all pytest lint fmt golden bench torture clean

install: .venv/installed
.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[redis-server]'
	touch $@

.venv/dev: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

run: install
	exec $(BIN)/smsgate demo --store $(STORE)

test: .venv/dev
	$(MAKE) --no-print-directory --jobs=2 lint pytest

test-all: .venv/dev
	$(MAKE) --no-print-directory --jobs=2 lint pytest SELECTED="-m 'not torture'"

pytest: .venv/dev
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(SELECTED)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: .venv/dev
	GOLDEN=rewrite $(BIN)/pytest tests/policy
	$(BIN)/smsgate policy schema > policies/policy.schema.json
	$(BIN)/smsgate policy schema --scenarios > policies/tests/scenario.schema.json

torture: .venv/dev
	ROUNDS=$(ROUNDS) $(BIN)/pytest -m torture

bench: .venv/dev
	$(BIN)/python -m bench

clean:
	rm -rf .venv data
