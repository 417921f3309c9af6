# Only git, make and Python 3.11 or newer have to be there; all else is fetched into this folder.
.DEFAULT_GOAL := help
STATE ?= .local
PARAMS ?=
ENV ?= dev
JOBS ?= 300
SEED ?= 1
SECONDS ?= 60
ROWS ?= 1000000
RUNS ?= 2
PEER_ROWS ?= 100000
WRITES ?= 200
SOCKETS ?= 200
LIVE_JOBS ?= 1000
export CHROMIUM ?= chromium
# The layers' Makefiles use it too, from folders of SAM's own.
export UV := $(or $(UV),$(shell command -v uv),$(CURDIR)/.local/uv/bin/uv)
BIN := .venv/bin
export PYTHON := $(CURDIR)/$(BIN)/python
LOCAL := $(PYTHON) -m jobmill_local
SAM := SAM_CLI_TELEMETRY=0 $(BIN)/sam
# With Node's folder of web/node_modules/.ready first, if there is one
NPM := cd web && PATH="$(CURDIR)/.local/node/bin:$$PATH" npm
# Beside the package that is shipped: `sam build` sees nothing outside of a layer's folder.
DASHBOARD := layers/dashboard/jobmill_dashboard/files
# pynamodb asks for botocore, which the Lambda runtime has, in a pair with its boto3.
pins = $(UV) export --quiet --frozen --only-group layer-$(1) --prune botocore --no-hashes --no-annotate --no-header

.PHONY: chromium help run stop logs peer kill-worker pause-workers resume-workers test chaos outage cost bench live-bench check web dashboard openapi fmt pins deploy clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/ready dashboard ## Jobmill on this machine, its main job shown (PARAMS="Key=Value ..." for the template)
	@$(LOCAL) up --state $(STATE) $(PARAMS:%=--param %)
	@$(LOCAL) demo --state $(STATE)

stop: .venv/ready ## End it; all that it holds is gone
	@$(LOCAL) down --state $(STATE)

logs: .venv/ready ## What its functions log, as it comes
	@$(LOCAL) logs --state $(STATE)

peer: .venv/ready ## An OCPI party and devices that change, to collect from; says how to point the stack there
	@$(LOCAL) peer --state $(STATE)

kill-worker: .venv/ready ## Kill the process that holds a job (JOB=id); another one goes on after the lease
	@$(LOCAL) kill-worker --state $(STATE) $(JOB)

pause-workers: .venv/ready ## Let the processors take no more jobs; they wait in their queues
	@$(LOCAL) pause-workers --state $(STATE)

resume-workers: .venv/ready ## Let them take jobs again
	@$(LOCAL) resume-workers --state $(STATE)

ifdef ARGS
test: .venv/ready dashboard
	$(BIN)/pytest $(ARGS)
else
test: .venv/ready dashboard web chromium ## All tests; those of the whole stack start a local AWS of their own (ARGS for pytest alone)
	$(NPM) test --silent
	$(BIN)/pytest --numprocesses 3
endif

chaos: .venv/ready dashboard ## Jobs while everything around them goes wrong, judged (JOBS=300 SEED=1)
	@$(PYTHON) -m tests.chaos run --jobs $(JOBS) --seed $(SEED)

outage: .venv/ready dashboard ## SQS, Step Functions and S3 away for a minute, and what becomes of the jobs (SECONDS=60)
	@$(PYTHON) -m tests.chaos outage --seconds $(SECONDS)

cost: .venv/ready dashboard ## What a job costs: calls, units and dollars, counted on the happy path
	@$(PYTHON) -m tests.chaos cost

check: .venv/ready web/node_modules/.ready ## Format, lint, imports, types, template, the layers' pins
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(NPM) run check --silent
	$(SAM) validate --lint
	@for layer in dependencies tables; do \
		$(call pins,$$layer) | diff - layers/$$layer/requirements.txt || { echo "run: make pins"; exit 1; }; done

bench: .venv/ready ## CPU, time and memory beside the bare engine and other tools (ROWS=1000000 RUNS=2 ONLY=import PEERS=no PEER_ROWS=100000)
	@$(PYTHON) -m bench --rows $(ROWS) --runs $(RUNS) --peer-rows $(PEER_ROWS) $(ONLY:%=--only %) $(if $(filter no,$(PEERS)),--no-peers)

live-bench: .venv/ready ## Live updates: from a write to a browser, and many sockets without a lost end (SOCKETS=200 LIVE_JOBS=1000 WRITES=200)
	@$(PYTHON) -m bench.live --writes $(WRITES) --sockets $(SOCKETS) --jobs $(LIVE_JOBS)

web: web/node_modules/.ready ## The TypeScript client and React hook, as a package to install: out/jobmill-client-0.1.0.tgz
	@mkdir -p out
	@$(NPM) run build --silent
	@$(NPM) pack --silent --pack-destination ../out

dashboard: $(DASHBOARD)/index.html ## The dashboard's files, into the layer that has them

openapi: .venv/ready ## The descriptions of the API and of its events, from its code
	$(BIN)/python -c "from jobs_api.handler import app; from jobs_api.openapi import *; print(openapi_document(app))" > docs/openapi.json
	$(BIN)/python -c "from jobmill.announcements.event import *; print(events_schema())" > docs/events.schema.json

fmt: .venv/ready web/node_modules/.ready ## Format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run fmt --silent

pins: .venv/ready ## The layers' requirements from uv.lock
	@for layer in dependencies tables; do $(call pins,$$layer) > layers/$$layer/requirements.txt; done

deploy: .venv/ready dashboard ## To AWS, with your own credentials (ENV=dev or prod of samconfig.toml; PARAMS instead of its own)
	$(SAM) build --config-env $(ENV)
	$(SAM) deploy --config-env $(ENV) $(if $(PARAMS),--parameter-overrides $(PARAMS))

clean: ## Remove all that was made here
	@if [ -x $(PYTHON) ]; then $(LOCAL) down --state $(STATE); fi
	rm -rf .local .venv out local/aws/.venv .aws-sam .mypy_cache .ruff_cache .import_linter_cache .pytest_cache web/node_modules web/tests/react-18/node_modules web/dist $(DASHBOARD)

.venv/ready: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --locked --quiet
	@touch $@

# The browser of the tests: Debian's, or the one that CHROMIUM names.
chromium:
	@command -v $(CHROMIUM) >/dev/null || test $(CHROMIUM) != chromium || { mkdir -p .local; sudo=$$(test $$(id -u) = 0 || echo sudo); \
		$$sudo apt-get update && $$sudo apt-get install --yes --no-install-recommends chromium; } >.local/chromium.log 2>&1; \
	command -v $(CHROMIUM) >/dev/null || { \
		echo "Install chromium for the tests in a browser, or name one: make test CHROMIUM=/its/path"; exit 1; }

# Removed first, so that a build that failed leaves nothing to ship. Folders are named too: a removed file changes theirs.
$(DASHBOARD)/index.html: $(shell find web/src) web/vite.dashboard.config.ts web/tsconfig.json web/node_modules/.ready
	@rm -rf $(DASHBOARD)
	@$(NPM) exec -- vite build --config vite.dashboard.config.ts --logLevel warn
	@mkdir -p $(DASHBOARD)
	@cp -R web/dist/dashboard/. $(DASHBOARD)/
	@touch $@

# Vite asks for Node 20.19, 22.12 or newer; a machine without it gets one from PyPI.
web/node_modules/.ready: web/package-lock.json web/package.json | $(UV)
	@npm --version >/dev/null 2>&1 && node -e '[a, b] = process.versions.node.split("."); \
		process.exit(a == 20 && b >= 19 || a == 22 && b >= 12 || a >= 24 ? 0 : 1)' 2>/dev/null \
		|| UV_PROJECT_ENVIRONMENT=.local/node $(UV) sync --locked --quiet --only-group node
	@$(NPM) ci --loglevel=error --prefer-offline >/dev/null
	@touch $@

$(CURDIR)/.local/uv/bin/uv:
	@python3 -m venv .local/uv
	@.local/uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
