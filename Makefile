.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

.PHONY: help install lock

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | while IFS=$$'\t' read -r name text; do printf '  \033[1m%-14s\033[0m %s\n' "$$name" "$$text"; done

install: $(VENV)/.installed ## Install the Python packages that everything needs into .venv

$(VENV)/.installed: dev/locks/all.txt
	@echo "Installing Python packages into $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r dev/locks/all.txt
	@touch $@

lock: install ## Renew the lock files (names, versions and hashes; no addresses)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) pyproject.toml --group embedded --group mongod --group test --group dev -o dev/locks/all.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) pyproject.toml -o dev/locks/services.txt
