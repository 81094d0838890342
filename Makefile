# make run: the main job on the sample corpus. make test: the tests. Both set up what they need.
# make page: build the report's page anew after a change in cleaner/report/frontend (needs Node.js).
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: run test check format page setup clean-files

run: $(VENV)/.installed
	$(BIN)/clean

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

page:
	cd cleaner/report/frontend && npm ci && npm run build

setup: $(VENV)/.installed-test

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg setup.py pyproject.toml $(shell find cleaner -name frontend -prune -o -type f -not -name '*.pyc' -print) | $(BIN)/python
	$(BIN)/python -m pip install --quiet .
	touch $@

$(VENV)/.installed-test: setup.cfg setup.py pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet '.[test]'
	touch $@

clean-files:
	rm -rf build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
