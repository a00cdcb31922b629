# `make` alone lists what there is. Variables for the demo: README.md.
.DEFAULT_GOAL := help
.PHONY: help demo run setup test lint types messages bench torture pictures packages dev-packages bench-packages

# With PREGONERO_PYTHON that interpreter is used as it is, and nothing is installed.
ifdef PREGONERO_PYTHON
PY := $(PREGONERO_PYTHON)
packages dev-packages bench-packages: ;
else
PY := .venv/bin/python
packages:
	@scripts/install requirements.txt
dev-packages:
	@scripts/install requirements-dev.txt
bench-packages:
	@scripts/install requirements-bench.txt
endif

demo: setup ## Show everything with people and a WhatsApp that do not exist (Ctrl-C ends it)
	@$(PY) -m demo.run

test: dev-packages ## Check everything and run all tests
	@PY=$(PY) scripts/gate

setup: packages ## Make .env with a random key, when there is none
	@$(PY) -m scripts.setup

run: setup ## Run the pages and the worker on this computer (Ctrl-C ends it)
	@$(PY) -m scripts.run

lint: dev-packages ## Format, style and the order of imports
	@PY=$(PY) scripts/gate format lint imports

types: dev-packages ## Types
	@PY=$(PY) scripts/gate types

messages: dev-packages ## Collect sentences for translators and compile what they wrote
	@$(PY) -m scripts.messages update

bench: bench-packages ## Measure speed and pace (ONLY=pace,email for parts; TEST_POSTGRES_URL for PostgreSQL too)
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY))

torture: dev-packages ## Knock everything over, 50 times on each database (ROUNDS=5, SEED=7; docs/torture.md)
	@failed=0; for set_up in "sqlite --broker orm" "postgresql --broker orm" "postgresql --broker redis"; do \
		$(PY) -m tests.processes.torture --database $$set_up --rounds $(or $(ROUNDS),50) $(if $(SEED),--seed $(SEED)) || failed=1; \
	done; exit $$failed

pictures: dev-packages ## Take the pictures of README and guide anew, from a demo (needs Chromium)
	@$(PY) -m scripts.pictures

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 16
