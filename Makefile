PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BENCH := .venv-bench/.installed

.PHONY: demo test matrix check format bench sdk clean help

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("dynaclient needs Python 3.10 or newer: make PYTHON=python3.12") if sys.version_info < (3, 10) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(STAMP)

demo: $(STAMP)  ## the main job, against the embedded sandbox
	$(BIN)/python tools/demo.py

test: $(STAMP)  ## the whole suite
	$(BIN)/python -m pytest -n auto

matrix: $(STAMP)  ## the suite once more: with orjson, with each checker
	$(BIN)/python -m pytest -n auto --json orjson
	$(BIN)/python -m pytest -n auto --checker python
	$(BIN)/python -m pytest -n auto --checker python --json orjson

check: $(STAMP)  ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP)  ## bring the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Its own environment: what others bring along is not to be there while the project is worked on.
$(BENCH): pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --editable '.[repl]' \
	  aiopenapi3 httpx jsonschema jsonschema-rs openapi-core requests urllib3
	.venv-bench/bin/python -m pip install --quiet --upgrade --target .venv-bench/fast orjson
	touch $(BENCH)

bench: $(BENCH)  ## what we cost beside others; options: make bench ARGS="--quick --only NAME --sdk FOLDER"
	PYTHONPATH=tools .venv-bench/bin/python -m bench $(ARGS)

sdk: $(BENCH)  ## a generated client, to measure beside: make sdk bench ARGS="--sdk .venv-bench/sdk" (needs Java)
	.venv-bench/bin/python -m pip install --quiet openapi-generator-cli python-dateutil
	.venv-bench/bin/openapi-generator-cli generate --generator-name python --package-name talon_one \
	  --input-spec spec/talon-one-integration/2026-05.yaml --output .venv-bench/sdk > .venv-bench/sdk.log

clean:  ## remove what was built
	rm -rf .venv .venv-bench dist build .mypy_cache .ruff_cache .hypothesis
