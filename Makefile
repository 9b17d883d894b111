# Two commands on a fresh machine: `make run` and `make test`. They need Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
STORE ?= sqlite
ROUNDS ?= 20

.PHONY: install run test test-all lint fmt golden bench torture clean

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

test: .venv/dev lint
	$(BIN)/pytest -n auto --dist loadfile

test-all: .venv/dev lint
	$(BIN)/pytest -n auto --dist loadfile -m 'not torture'

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
