# `make run` sets everything up and runs it; `make help` says what else there is.

VENV = .venv
NODE = web/verify/node_modules
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install -qq --disable-pip-version-check --root-user-action=ignore
TAMIZDAT_ARGS =
PYTEST_ARGS =
# Two tests more at a time than there are processors, for many wait for a server; who is done takes
# over from the others. Bytecode is kept: tests start hundreds of processes.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $$(($$(nproc) + 2)) --dist worksteal

DEMO_PACKAGES = nginx-light libnginx-mod-http-dav-ext
TEST_PACKAGES = $(DEMO_PACKAGES) minisign signify-openbsd openssl chromium newsboat rss2email \
	firefox-esr golang-go golang-golang-x-mod-dev nodejs libatomic1 faketime git curl fcgiwrap \
	iproute2 nftables openssh-server vsftpd swift-proxy swift-account swift-container swift-object memcached
BENCH_PACKAGES = $(TEST_PACKAGES) hugo rclone rsync

.PHONY: help run test quick check lint bench coverage clean

help:
	@echo 'make run      set everything up and run it: your config.toml, or else the demo'
	@echo 'make quick    format, lint, types and unit tests, in under a minute'
	@echo 'make test     install what the tests need, and run all of them'
	@echo 'make check    what CI runs: quick and test, and nothing may skip'
	@echo 'make bench    run the benchmarks (make bench PART=publish: that one)'
	@echo 'make coverage all tests, and which lines and branches they miss'
	@echo 'make clean    remove what was built; never your data, keys or config.toml'
	@echo 'TAMIZDAT_ARGS="…" goes on to the program, PYTEST_ARGS="…" to pytest.'

# exec: Ctrl-C goes to the program itself, which ends in its own way.
run: $(VENV)/.service
	@if [ -f config.toml ]; then \
		exec $(BIN)/tamizdat run --config config.toml $(TAMIZDAT_ARGS); \
	else \
		sh .ci/debian $(DEMO_PACKAGES); \
		exec $(BIN)/tamizdat demo $(TAMIZDAT_ARGS); \
	fi

test: $(VENV)/.dev $(NODE)/.made
	@sh .ci/debian $(TEST_PACKAGES)
	$(PYTEST) $(PYTEST_ARGS)

quick: lint
	$(PYTEST) -q -m 'not real' --hypothesis-profile=quick $(PYTEST_ARGS)

check: lint $(NODE)/.made
	@sh .ci/debian $(TEST_PACKAGES)
	TAMIZDAT_NO_SKIP=1 $(PYTEST) $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo

# Every part even where one misses a target; they share the archives that they make.
PART = *
BENCH_push = 300 1
BENCH_build = --articles 2000
bench: $(VENV)/.dev
	@sh .ci/debian $(BENCH_PACKAGES)
	@TAMIZDAT_BENCH=$$(mktemp -d); export TAMIZDAT_BENCH; \
	trap 'rm -rf "$$TAMIZDAT_BENCH"' EXIT; missed=; \
	for file in benchmarks/$(PART).py; do \
		part=$$(basename $$file .py); \
		case $$part in _*) continue ;; push) args='$(BENCH_push)' ;; build) args='$(BENCH_build)' ;; *) args= ;; esac; \
		echo "== $$part"; \
		$(BIN)/python -m benchmarks.$$part $$args || missed="$$missed $$part"; \
	done; \
	test -z "$$missed" || { echo "missed a target:$$missed"; exit 1; }

coverage: $(VENV)/.dev $(NODE)/.made
	@sh .ci/debian $(TEST_PACKAGES)
	$(PYTEST) --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

clean:
	rm -rf $(VENV) $(NODE) build dist *.egg-info .coverage .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: a second run finds them newer than what they are made of, and is silent.
$(VENV)/.made:
	@sh .ci/venv $(VENV)
	@touch $@

# What verify.html is made of, for the tests that make it again. npm may come with nodejs itself.
# Where it can't be had, those tests say so.
$(NODE)/.made: web/verify/package-lock.json
	@command -v npm >/dev/null || sh .ci/debian npm
	@echo 'Installing what verify.html is made of into $(NODE)' >&2
	@if npm ci --prefix web/verify --no-audit --no-fund --loglevel=error >&2; then touch $@; \
	else echo 'That did not work; please see to npm' >&2; fi

$(VENV)/.service: pyproject.toml constraints.txt | $(VENV)/.made
	@echo 'Installing the service into $(VENV)' >&2
	@$(PIP) --constraint constraints.txt --editable '.[service]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo 'Installing the service and what its tests need into $(VENV)' >&2
	@$(PIP) --constraint constraints.txt --editable '.[service,test,lint]'
	@touch $(VENV)/.service $@
