# make demo, make test: everything is set up in .venv by itself; needed are Python 3.11+, make and a package registry.
#   PYTHON=python3.12 make test     another Python
#   PG_BIN=/path/to/bin make test   another PostgreSQL

PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: help demo test check bench messages clean server
.DEFAULT_GOAL := help

help:
	@echo "make demo      the campaign of 2011, replayed: the quickest way to see what rectify does"
	@echo "make test      all tests, on SQLite and on PostgreSQL"
	@echo "make check     lint, format, types, import directions, schema = migrations"
	@echo "make bench     speed, side by side with the raw drivers"
	@echo "make messages  collect the sentences to translate, and compile the translations"
	@echo "make clean     remove what the above leave behind, .venv excepted"

demo: $(READY)
	@$(BIN)/rectify demo

test: $(READY) server
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m cases.migrations.check

bench: $(READY) server
	$(BIN)/python -m benchmarks

messages: $(READY)
	@$(BIN)/python -m tests.messages

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# A PostgreSQL for the tests: one that is installed, else the one in the test requirements, else Debian's.
server: $(READY)
	@$(BIN)/python -m tests.postgres >/dev/null 2>&1 || \
	if [ -z "$$PG_BIN" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "No PostgreSQL server found: installing Debian's package postgresql for the tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	else \
		$(BIN)/python -m tests.postgres; \
	fi

$(READY): pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "rectify needs Python 3.11 or newer, and $(PYTHON) is not; name one: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments; install its venv module (Debian: apt-get install python3-venv) or name another: make PYTHON=…" >&2; exit 1; }
	@echo "Setting up .venv (once; about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install -r requirements-dev.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@
