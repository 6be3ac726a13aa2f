PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
TESTS := $(VENV)/.tests
BENCH := .venv-bench/.installed
LOCKED := constraints
EXTRAS := .[arrow,async,dask,fast,keyring,mcp,otel,repl,test,ui]
# A worker more than there are processors: many tests wait, for a socket or for time.
PYTEST = -m pytest --dist worksteal -n $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check

# Some hundred tests start Python anew: without bytecode each would compile the package again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test exhaustive fuzz matrix check format test-newest test-lowest lock dist bench sdk clean help

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# The versions are those in $(LOCKED), with which the suite passed last. No constraint reaches what pip fetches for an
# isolated build: so what builds is installed before, and builds are not isolated.
$(VENV)/.begun:
	$(PYTHON) -c 'import sys; sys.exit("dynaclient needs Python 3.10 or newer: make PYTHON=python3.12") if sys.version_info < (3, 10) else None'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(RUNS): $(VENV)/.begun pyproject.toml $(LOCKED)/run.txt
	$(PIP) install --upgrade --constraint $(LOCKED)/run.txt pip hatchling editables
	$(PIP) install --constraint $(LOCKED)/run.txt --no-build-isolation --editable .
	touch $@

$(TESTS): $(RUNS) $(LOCKED)/test.txt
	$(PIP) install --constraint $(LOCKED)/test.txt --no-build-isolation --editable '$(EXTRAS)' --group dev
	touch $@

demo: $(RUNS)  ## the main job, against the embedded sandbox
	$(BIN)/python tools/demo.py

test: $(TESTS)  ## the whole suite, with every extra
	$(BIN)/python $(PYTEST)

exhaustive: $(TESTS)  ## every planted defect with each seed, every hostile name in each shell, large stubs; up to an hour
	$(BIN)/python $(PYTEST) -m exhaustive tests

fuzz: $(TESTS)  ## bytes near to valid ones, for what reads them; a minute
	$(BIN)/python -m pytest -m fuzz tests/fuzz

matrix: $(TESTS)  ## the suite once more: with orjson, with each checker
	$(BIN)/python $(PYTEST) --json orjson
	$(BIN)/python $(PYTEST) --checker python
	$(BIN)/python $(PYTEST) --checker python --json orjson

check: $(TESTS)  ## formatting, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

format: $(TESTS)  ## bring the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-newest: $(TESTS)  ## the suite with the newest versions there are
	$(call suite,newest,--resolution highest)

test-lowest: $(TESTS)  ## the suite with the lowest versions that pyproject.toml allows
	$(call suite,lowest,--resolution lowest-direct)

# $(1) the environment, made anew each time, $(2) what uv is to choose
define suite
$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-$(1)
$(BIN)/uv pip install --quiet --python .venv-$(1) $(2) --editable '$(EXTRAS)' --group test
$(BIN)/uv pip list --quiet --python .venv-$(1)
.venv-$(1)/bin/python $(PYTEST)
endef

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --upgrade --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' pyproject.toml $(LOCKED)/build.in

lock: $(VENV)/.begun  ## renew the versions in constraints/, from what the index has today
	$(PIP) install --upgrade 'pip>=25.1' 'uv>=0.5'
	$(LOCK) --all-extras --group dev --output-file $(LOCKED)/test.txt
	$(LOCK) --constraint $(LOCKED)/test.txt --output-file $(LOCKED)/run.txt
	$(LOCK) --all-extras --group bench --group sdk --output-file $(LOCKED)/bench.txt

dist: $(TESTS)  ## wheel and sdist, in dist/
	$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python

# Its own environment: what others bring along is not to be there while the project is worked on.
$(BENCH): pyproject.toml $(LOCKED)/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --upgrade --constraint $(LOCKED)/bench.txt pip hatchling editables
	.venv-bench/bin/python -m pip install --quiet --constraint $(LOCKED)/bench.txt --no-build-isolation \
	  --editable '.[arrow,async,dask,mcp,repl]' --group bench
	.venv-bench/bin/python -m pip install --quiet --upgrade --constraint $(LOCKED)/bench.txt --target .venv-bench/fast orjson
	touch $(BENCH)

bench: $(BENCH)  ## what we cost beside others; options: make bench ARGS="--quick --only NAME --sdk FOLDER"
	PYTHONPATH=tools .venv-bench/bin/python -m bench $(ARGS)

sdk: $(BENCH)  ## a generated client, to measure beside: make sdk bench ARGS="--sdk .venv-bench/sdk" (needs Java)
	.venv-bench/bin/python -m pip install --quiet --constraint $(LOCKED)/bench.txt --group sdk
	.venv-bench/bin/openapi-generator-cli generate --generator-name python --package-name talon_one \
	  --input-spec spec/talon-one-integration/2026-05.yaml --output .venv-bench/sdk > .venv-bench/sdk.log

clean:  ## remove what was built
	rm -rf .venv .venv-* dist build .mypy_cache .ruff_cache .hypothesis
