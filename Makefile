.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
FIRST ?= 0
UV_VERSION := 0.13.9
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

# node and npm come from a Python package, so they stand beside our Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help install up down status dev reset test prove lint types web docs schema recordings fmt chart-test chart-tools cluster-test images bench lock

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  \033[1m%-10s\033[0m %s\n' "$$name" "$$text"; done

up: install ## Start Inkstream and keep it running until Ctrl-C (PORT=8080)
	@exec $(BIN)/inkctl up --port $(PORT)

down: install ## Stop it; everything is kept
	@exec $(BIN)/inkctl down

status: install ## Show what runs
	@exec $(BIN)/inkctl status

dev: install ## Like up, but changed code takes effect at once
	@exec $(BIN)/inkctl dev --port $(PORT)

reset: install ## Delete all data and secrets, after asking
	@exec $(BIN)/inkctl reset

test: install chart-tools ## Check and test everything; runs all of it, whatever fails first
	@failed=; \
	for part in lint types web; do $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	if [ -n "$$failed" ]; then echo "Failed:$$failed. The tests run all the same."; fi; \
	$(BIN)/pytest && [ -z "$$failed" ]

prove: install ## Run 200,000 schedules of failure through the engine, and 5,000 long ones (FIRST=0, the first seed)
	@$(BIN)/python -m tests.simulation --schedules 200000 --first $(FIRST)
	@$(BIN)/python -m tests.simulation --schedules 5000 --first $(FIRST) --long

lint: install ## Check style and who imports whom
	@ruff format --check --quiet .
	@ruff check --quiet .
	@lint-imports --no-logo

types: install ## Check types
	@mypy .

web: install ## Check, test and build the web app
	@$(BIN)/python -m inkctl.parts.web
	@cd frontend && npm run --silent lint && npm run --silent typecheck && npm run --silent test

docs: install ## Write the documents that are made from the code
	@$(BIN)/python -m dev.documents

schema: install ## Release the schemas of event classes that are new or have grown
	@$(BIN)/python -m dev.schemas

recordings: install ## Record new chapters of the recorded log, and what it comes to in new versions of views
	@$(BIN)/python -m dev.recordings

fmt: install ## Format the code, and mend what can be mended by itself
	@ruff format .
	@ruff check --fix .

chart-test: install chart-tools ## Check and test the chart: lint, schema, every scenario, schemas of Kubernetes and of operators, policies, Dockerfiles
	@$(BIN)/pytest tests/helm

cluster-test: install chart-tools ## Install the chart on the cluster of KUBECONFIG, upgrade it under load, kill (IMAGES, TAG, KAFKA_IMAGE, MONGO_IMAGE)
	@$(BIN)/pytest tests/cluster -v -s --timeout 900

chart-tools: .tools/.installed

.tools/.installed: dev/locks/chart.txt dev/chart/package-lock.json dev/promtool.sh | install
	@echo "Installing what checks the chart into .tools …"
	@rm -rf .tools
	@$(BIN)/uv pip install --quiet --target .tools --python $(BIN)/python --require-hashes -r dev/locks/chart.txt
	@cp dev/chart/.npmrc dev/chart/package.json dev/chart/package-lock.json .tools
	@npm ci --silent --prefix .tools
	@dev/promtool.sh .tools
	@touch $@

images: ## Build the images; prints how large they are and how long they take to start
	@dev/docker/images.sh

bench: install ## Measure; prints each figure beside its bare baseline
	@for part in write hot http replay pages rebuild; do $(BIN)/python -m bench.$$part; done

install: $(VENV)/.installed ## Install the Python packages that everything needs into .venv

$(VENV)/.installed: dev/locks/all.txt dev/python.sh
	@PYTHON=$(PYTHON) dev/python.sh
	@echo "Installing Python packages into $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r dev/locks/all.txt
	@echo "$(CURDIR)" >"$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/inkstream.pth"
	@printf '%s\n' '#!$(CURDIR)/$(BIN)/python' 'import sys' 'from inkctl.__main__ import main' 'sys.exit(main())' >$(BIN)/inkctl
	@chmod +x $(BIN)/inkctl
	@touch $@

lock: install ## Renew the locks: Python packages and Kafka's jars by name, version and hash, without addresses
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) pyproject.toml --group embedded --group mongod --group test --group dev -o dev/locks/all.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) pyproject.toml -o dev/locks/services.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --group web -o dev/locks/web.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --group chart --constraint dev/locks/all.txt -o dev/locks/chart.txt
	$(BIN)/python -m inkctl.parts.jars
