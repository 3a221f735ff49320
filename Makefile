# The commands of the README. Nothing is needed but make and Python 3.11 or newer: each command creates what it needs.

PYTHON ?=
SCAN ?= examples/clinic
WORKERS ?= auto
SECONDS ?= 600
LABELS ?= ../shared/labels
TREES ?=
BIN := .venv/bin

.PHONY: help install serve test test-long check format bench fuzz accuracy docs clean

help:
	@echo "make install    a virtual environment with the command .venv/bin/assay"
	@echo "make serve      Assay on an embedded PostgreSQL at http://127.0.0.1:8000, scanning SCAN=$(SCAN)"
	@echo "make test       the tests, on real servers"
	@echo "make test-long  the tests that need minutes"
	@echo "make check      linters, types, import directions, generated documents, the scan of Assay itself"
	@echo "make bench      the scanner's speed, on ASSAY_BENCH_TREE=FOLDER beside other tools"
	@echo "make fuzz       mutated sources for SECONDS=$(SECONDS); the scanner has to end with a result"
	@echo "make accuracy   the scanner's verdicts beside LABELS=$(LABELS), whose repositories lie in TREES"
	@echo "make docs       write the generated documents again"

install: .venv/.installed
	@echo "ready: $(BIN)/assay"

serve: .venv/.installed
	@exec $(BIN)/assay serve --scan $(SCAN)

test: .venv/.installed-dev
	$(BIN)/pytest -n $(WORKERS) -m "not long"

test-long: .venv/.installed-dev
	$(BIN)/pytest -m long

check: .venv/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/lint-imports
	$(BIN)/python -m tools.documents --check
	$(BIN)/assay scan .

format: .venv/.installed-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/.installed-dev
	$(BIN)/python -m tests.benchmarks.scan
	$(BIN)/python -m tests.benchmarks.peers

fuzz: .venv/.installed-dev
	$(BIN)/python -m tests.fuzzing.scanner $(SECONDS)

accuracy: .venv/.installed-dev
	@[ -n "$(TREES)" ] || { echo "name the folder of the labelled repositories: make accuracy TREES=DIR" >&2; exit 2; }
	$(BIN)/python -m tools.accuracy $(LABELS) $(TREES)

docs: .venv/.installed-dev
	$(BIN)/python -m tools.documents

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.installed: pyproject.toml constraints.txt tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh service,embedded $@

.venv/.installed-dev: pyproject.toml constraints.txt tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh service,embedded,dev $@
