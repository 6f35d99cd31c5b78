# Everything that is done with this project, at one's desk and in CI alike. `make` alone lists it.
#
#   SEED=n        regenerates the demo's data from another seed
#   PYTHON=path   the interpreter for .venv; else python3.13, 3.12 or 3.11, whichever works
#   ARGS=…        goes to pytest: make test ARGS="tests/unit -k phone"
#   QUICK=1       makes the benchmarks small

.DEFAULT_GOAL := help
.PHONY: help demo demo-keep demo-stop demo-change demo-clean test test-all lint bench docs screenshots clean always

python := .venv/bin/python
demo := $(python) -m examples.nordic.demo
seed := $(if $(SEED),--seed $(SEED))
# Two processes: what a test file has made for its tests, it makes once.
pytest := $(python) -m pytest --numprocesses=2 --dist=loadfile --cov --cov-report=term:skip-covered

# Made by tools/venv.py when .venv has what the lock file names; `runs` is for the demo, `tests` for everything.
runs := .venv/.installed-run
tests := .venv/.installed-dev

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(runs) ## A night's sync of the sample hub in .demo/, end to end, and what happened
	@$(demo) run $(seed)

demo-keep: $(runs) ## The same, and leave the CRM sandbox up to be looked at
	@$(demo) keep $(seed)

demo-change: $(runs) ## Change some of the sample sources and sync again: only that flows
	@$(demo) change $(seed)

# These two have nothing to do before the first demo, and must not install anything to find that out.
demo-stop: ## Stop what demo-keep left running
	@if [ -d .demo ] && [ -x $(python) ]; then $(demo) stop; fi

demo-clean: ## Stop it, and remove .demo/
	@if [ -d .demo ] && [ -x $(python) ]; then $(demo) clean; fi
	@rm -rf .demo

# Tests start many interpreters, and those need not compile everything anew, whatever the machine's default is.
test test-all: export PYTHONDONTWRITEBYTECODE :=

test: $(tests) ## The tests, on SQLite and PostgreSQL, with coverage
	@$(python) -m tests.peers
	@$(pytest) -m "not slow" $(ARGS)

test-all: $(tests) ## Those, and the slow ones
	@$(python) -m tests.peers --slow
	@$(pytest) $(ARGS)

lint: $(tests) ## ruff and mypy
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy

# A script that measures has a main part; the modules that they share have none.
bench: $(tests) ## Each script in benchmarks/ beside its named peer
	@for script in $$(grep -l '__main__' benchmarks/*.py 2>/dev/null); do \
	    PYTHONPATH=. $(python) "$$script" $(if $(QUICK),--quick) || exit; \
	done

docs: $(tests) ## Generate the reference pages in docs/
	@$(python) tools/docs.py

screenshots: $(tests) ## Take the pictures in docs/img/ anew, of a copy of the demo's hub, with the Chromium of the machine
	@$(python) tools/screenshots.py

clean: demo-clean ## Remove everything that make has made, .venv included
	@rm -rf .venv .peers .coverage htmlcov dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# An interpreter that was asked for is compared with the one that is there; one that has gone is replaced.
renew := $(if $(PYTHON),always) $(shell test -x $(python) || echo always)

$(runs): requirements.lock pyproject.toml $(renew)
	@python=$$(tools/python.sh "$(PYTHON)") && "$$python" tools/venv.py run

$(tests): requirements-dev.lock requirements.lock pyproject.toml $(renew)
	@python=$$(tools/python.sh "$(PYTHON)") && "$$python" tools/venv.py dev
