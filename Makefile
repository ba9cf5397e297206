# Every command a person or CI runs. Bare `make` prints them.
PYTHON := .tongban/venv/bin/python
T ?=
S ?=
M ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up down status logs reset seed rotate-keys demo onboard format lint types imports check test test-fast \
        test-component test-integration test-system test-resilience conformance conformance-target authzen authzen-target rules schemas schemas-check \
        revision bench-catalogue bench-clock bench-events bench-gateway bench-idle bench-identity bench-intake bench-ledger bench-policies bench-surge intake-under-fire ledger-verify data-report packages-report

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Start
setup: ## install what running the mesh needs
	@python3 deploy/local/install.py run

setup-dev: ## install what developing and testing it needs
	@python3 deploy/local/install.py dev

demo: setup ## the whole mesh, one citizen's journey, nothing left behind
	@$(PYTHON) -m deploy.local demo

onboard: setup ## a new district from nothing to its first production call, with one approver
	@$(PYTHON) -m deploy.local onboard

up: setup ## bring the mesh up and leave it running; keeps data
	@$(PYTHON) -m deploy.local up

down: ## stop it
	@$(PYTHON) -m deploy.local down

status: ## what runs, with memory and CPU
	@$(PYTHON) -m deploy.local status

logs: ## follow the logs, of one process with S=rating
	@$(PYTHON) -m deploy.local logs $(S)

reset: ## stop it and forget its data
	@$(PYTHON) -m deploy.local reset

seed: ## import the seed once more
	@$(PYTHON) -m deploy.local seed

rotate-keys: ## new keys for what is sealed at rest, while the mesh runs
	@$(PYTHON) -m deploy.local rotate-keys

##@ Check
format: setup-dev ## write the code as the formatter would
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix-only -q .

lint: setup-dev ## ruff
	@$(PYTHON) -m ruff check .

types: setup-dev ## mypy, strict
	@$(PYTHON) -m mypy

imports: setup-dev ## the import rules of .importlinter
	@.tongban/venv/bin/lint-imports

check: lint types imports ## all three

##@ Test
test: setup-dev ## every floor (T=path for some of it)
	@$(PYTHON) -m deploy.tests $(T)

test-fast: setup-dev ## architecture, unit, contract
	@$(PYTHON) -m pytest -q -n 2 tests/architecture tests/unit tests/contract

test-component: setup-dev ## one service at a time on real PostgreSQL
	@$(PYTHON) -m pytest -q -n 2 tests/component

test-integration: setup-dev ## the chassis and the gateway on real PostgreSQL, Kafka and sockets
	@$(PYTHON) -m pytest -q -n 2 tests/integration

test-system: setup-dev ## the whole mesh over real sockets
	@$(PYTHON) -m pytest -q tests/system

test-resilience: setup-dev ## the same mesh, kicked
	@$(PYTHON) -m pytest -q tests/resilience

conformance: setup-dev ## every module of the OpenID plans by its public name, against the whole mesh
	@$(PYTHON) -m pytest -q tests/conformance

conformance-target: setup ## make the mesh of `make up` ready for the foundation's own suite, with its configuration files
	@$(PYTHON) -m deploy.conformance target

authzen: setup-dev ## every module of the AuthZEN plans by its public name, against the gateway
	@$(PYTHON) -m pytest -q -n 0 tests/authzen

authzen-target: setup ## make the mesh of `make up` ready for the AuthZEN plans of the foundation's suite
	@$(PYTHON) -m deploy.conformance authzen-target

rules: setup-dev ## 24,000 generated requests, judged by the gateway and by an independent oracle
	@$(PYTHON) -m tests.rules

ledger-verify: setup-dev ## a ledger by several processes, then 10,000 tamperings: all must be found
	@$(PYTHON) -m tests.bench.tampering

intake-under-fire: setup-dev ## 10,000 submissions while processes are killed: SEED=7 chooses the moments
	@SEED=$(or $(SEED),2026) $(PYTHON) -m tests.bench.intake_under_fire

##@ Contracts
schemas: setup-dev ## generate OpenAPI, AsyncAPI and JSON Schemas into contracts/schemas
	@$(PYTHON) -m deploy.schemas write

schemas-check: setup-dev ## fail when they are stale
	@$(PYTHON) -m deploy.schemas check

##@ Database
revision: setup-dev ## next revision of a service: make revision S=rating M="why"
	@$(PYTHON) -m deploy.local.revision $(S) "$(M)"

##@ Measure
bench-catalogue: setup-dev ## search, guide and list at 2,500 matters x 17 divisions, and how well the test set of search is served
	@$(PYTHON) -m tests.bench.catalogue

bench-clock: setup-dev ## the legal clock against a model that goes through every minute: 100,000 histories
	@$(PYTHON) -m tests.bench.clock

bench-events: setup-dev ## commit at the producer to commit of the effect, beside a bare produce to consume
	@$(PYTHON) -m tests.bench.events

bench-identity: setup-dev ## CPU of a token, an introspection and a code at the identity process
	@$(PYTHON) -m tests.bench.identity

bench-intake: setup-dev ## CPU and time of a submission and of reading a case, through the gateway
	@$(PYTHON) -m tests.bench.intake

bench-policies: setup-dev ## CPU of an authorisation, remembered and decided anew
	@$(PYTHON) -m tests.bench.policies

bench-ledger: setup-dev ## CPU of a decision record at the gateway process: encoded, hashed, written
	@$(PYTHON) -m tests.bench.ledger

bench-gateway: setup-dev ## CPU of the gateway for one authorised request, beside Envoy's
	@$(PYTHON) -m tests.bench.gateway

bench-idle: setup-dev ## memory and CPU of a mesh that nobody uses
	@$(PYTHON) -m tests.bench.idle

bench-surge: setup-dev ## what each class of priority gets while ten times too much comes
	@$(PYTHON) -m tests.bench.surge

data-report: setup ## where the seed's facts come from
	@$(PYTHON) -m deploy.data_report

packages-report: setup ## every package in every situation: inputs before and after, days against the promise
	@$(PYTHON) -m deploy.packages

