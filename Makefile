# Everything runs in the project's own environment. Only git, make and Python 3.11 or newer have to be there.
.DEFAULT_GOAL := help
STATE ?= .local
PARAMS ?=
export UV := $(or $(UV),$(shell command -v uv),$(CURDIR)/.local/uv/bin/uv)
BIN := .venv/bin
LOCAL = $(BIN)/python -m jobmill_local

.PHONY: help run stop logs test check fmt pins clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: .venv/ready ## Jobmill on this machine, and its main job shown (PARAMS="Key=Value ..." for the template)
	@$(LOCAL) up --state $(STATE) $(PARAMS:%=--param %)
	@$(LOCAL) demo --state $(STATE)

stop: .venv/ready ## End it; all that it holds is gone
	@$(LOCAL) down --state $(STATE)

logs: .venv/ready ## What its functions log, as it comes
	@$(LOCAL) logs --state $(STATE)

test: .venv/ready ## All tests; those of the whole stack start a local AWS of their own
	$(BIN)/pytest $(ARGS)

check: .venv/ready ## Format, lint, imports, types, template, pins
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(SAM_ENV) $(BIN)/sam validate --lint
	@$(MAKE) --no-print-directory pins
	git diff --exit-code -- $(PINS)

fmt: .venv/ready ## Format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: stop ## Remove all that was made here
	rm -rf .local .venv local/aws/.venv .aws-sam .mypy_cache .ruff_cache .pytest_cache
