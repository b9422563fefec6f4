# Every command. Bare `make` lists them.
#
# PYTHON=python3.12 takes another Python; CUDA=yes accepts a build of PyTorch with CUDA;
# COVERAGE=yes (also from the environment) lets `make test` see which lines the tests reach.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check format bench simulate clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

demo: $(INSTALLED) ## set up everything, and watch the bot at work
	@$(BIN)/supportbot demo

test: $(INSTALLED) ## set up everything, and run the tests
	@$(BIN)/pytest --numprocesses auto $(if $(COVERAGE),--cov)

test-slow: $(INSTALLED) ## run the tests that take long
	@$(BIN)/pytest -m slow --numprocesses auto --dist worksteal

check: $(INSTALLED) ## lint, types, layers, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/supportbot knowledge check knowledge

format: $(INSTALLED) ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(INSTALLED) ## measure speed beside other libraries (PACK=FOLDER: search, too; docs/benchmarks.md)
	$(BIN)/python tests/benchmarks/embedding.py knowledge
	$(if $(PACK),$(BIN)/python -m tests.benchmarks.peers $(PACK))

simulate: $(INSTALLED) ## play the simulated world for half an hour
	$(BIN)/python tests/benchmarks/simulating.py

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage* .hypothesis

# Installed again only when what is to be installed has changed.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "supportbot needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@grep -v $(if $(CUDA),'^cuda-toolkit','^$$') constraints.txt > $(VENV)/constraints.txt
	@echo "Installing into $(VENV); the first time this fetches about 600 MB …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint $(VENV)/constraints.txt --editable '.[dev]' \
	  || { echo; cat docs/howto/install-torch.txt; exit 1; }
	@touch $@
