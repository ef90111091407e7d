# Everything a person does with this tree. `make help` lists it.
#
# A machine needs Python 3.10 or newer and make; Node and Chromium are used if there and fetched if not.
# Every target can be run again at once: what is already done is not done twice.

PYTHON ?= python3
PORT   ?=
DATA   ?=
ONCE   ?=
ARGS   ?=

# `.venv` holds Marigram as a user installs it; `.venv-dev` the tree itself, editable, and all that the checks need.
USER_VENV := .venv
DEV_VENV  := .venv-dev
DEV       := $(DEV_VENV)/bin/python
PIP       := -m pip --disable-pip-version-check

FOREIGN := tests/conformance/mlflow

# What a user's installation is made of: when one of these changes, `make demo` installs again.
SOURCES := pyproject.toml hatch_build.py $(shell find src web -type f \
	-not -path '*/node_modules/*' -not -path '*/__pycache__/*' -not -path '*/server/static/*' -not -name '.*')

.DEFAULT_GOAL := help
.PHONY: help demo test setup lint types imports size plant web web-check web-test tests seen foreign soak unit browser slow fix bench lock clean

help:  ## list the targets
	@echo "usage: make TARGET [PYTHON=python3.12] [ARGS=...]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do \
		printf '  %-10s %s\n' "$$name" "$$text"; done

# ----------------------------------------------------------------------------------------------------- for users

demo: $(USER_VENV)/.installed  ## install as a user would, train something and watch it (ONCE=1 ends by itself; PORT=, DATA=)
	$(USER_VENV)/bin/marigram demo $(if $(PORT),--port $(PORT)) $(if $(DATA),--data "$(DATA)") $(if $(ONCE),--once)

$(USER_VENV)/.installed: $(SOURCES)
	$(PYTHON) tools/new_venv.py $(USER_VENV)
	$(USER_VENV)/bin/python $(PIP) install --upgrade --quiet ".[demo]"
	@touch $@

# -------------------------------------------------------------------------------------------------- for developers

test: setup  ## everything that must hold before a change is taken; ends with a table of what took how long
	@$(DEV) tools/foreign_clients.py --behind
	@$(DEV) tools/timed_steps.py lint imports size web-check web-test plant web types+soak+foreign tests+seen

setup: $(DEV_VENV)/.installed  ## make .venv-dev: the tree, editable, with exactly the versions in requirements-dev.lock

# The lock names versions and hashes but no registry, so pip's own settings for this machine decide where from.
$(DEV_VENV)/.installed: pyproject.toml requirements-dev.lock
	$(PYTHON) tools/new_venv.py $(DEV_VENV)
	$(DEV) $(PIP) install --quiet --require-hashes -r requirements-dev.lock
	MARIGRAM_SKIP_WEB=1 $(DEV) $(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

lint: setup  ## formatting and ruff's rules
	$(DEV) -m ruff format --check .
	$(DEV) -m ruff check .

types: setup  ## pyright, strict over src and tools; src once more as macOS and as Windows see it
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(DEV_VENV)/bin/pyright --pythonpath $(DEV)
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(DEV_VENV)/bin/pyright --pythonpath $(DEV) --pythonplatform Darwin src
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(DEV_VENV)/bin/pyright --pythonpath $(DEV) --pythonplatform Windows src

imports: setup  ## who may import whom (the contracts stand in pyproject.toml)
	@$(DEV_VENV)/bin/lint-imports

size: setup  ## no file over 500 lines; those over 300 are named
	$(DEV) tools/size_check.py

plant: setup  ## prove the checks: plant one violation for each and see it caught
	$(DEV) tools/planted_violations.py

web: setup  ## build the web app into the package
	$(DEV) hatch_build.py

web-check: setup  ## Biome and tsc over web/
	$(DEV) hatch_build.py npm run check

web-test: setup  ## the web app's own tests
	$(DEV) hatch_build.py npm test

tests: setup  ## the Python tests but those that have a target of their own, with a report in build/junit.xml
	@mkdir -p build
	$(DEV) -m pytest tests --ignore=tests/browser --ignore=$(FOREIGN) -m "not soak" \
		--junitxml=build/junit.xml --durations=10 $(ARGS)

seen: setup  ## what a person sees: the web app that `make web` has built, in a real browser
	@$(DEV) tools/chromium.py
	@mkdir -p build
	$(DEV) -m pytest tests/browser --junitxml=build/junit-seen.xml --durations=10 $(ARGS)

foreign: setup  ## the unmodified clients of other trackers, in environments of their own, against a real server
	@$(DEV) tools/java.py
	$(DEV) -m pytest $(FOREIGN) $(ARGS)

soak: setup  ## two minutes of steady logging, in which no process may grow
	$(DEV) -m pytest tests -m soak $(ARGS)

unit: setup  ## the quick tests: no browser, no foreign clients, no killing (ARGS="-k name")
	$(DEV) -m pytest $(wildcard tests/unit tests/contract tests/protocols tests/properties tests/docs) $(ARGS)

browser: setup web seen  ## build the web app and try it in a real browser

slow: setup  ## unmodified foreign clients, and processes killed at bad moments
	@$(DEV) tools/java.py
	$(DEV) -m pytest $(wildcard tests/conformance tests/crash) $(ARGS)

fix: setup  ## let ruff and Biome repair what they can
	$(DEV) -m ruff check --fix-only .
	$(DEV) -m ruff format .
	$(DEV) hatch_build.py npm run fix

bench: setup  ## measure; each script prints a table (ARGS=--json for programs)
	@set -e; for file in $(filter-out benchmarks/seeding.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(DEV) $$file $(ARGS); done

# uv resolves for all Python versions and systems at once, which pip cannot; nothing else here needs it.
lock: setup  ## renew requirements-dev.lock and those of the foreign clients (ARGS=--upgrade for the newest versions)
	$(DEV) $(PIP) install --quiet uv
	MARIGRAM_SKIP_WEB=1 $(DEV_VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
		--group dev --all-extras --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
		--output-file requirements-dev.lock $(ARGS) pyproject.toml
	set -e; for file in tests/conformance/clients/*.in; do \
		$(DEV_VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --no-emit-index-url --no-annotate \
			--custom-compile-command "make lock" --output-file "$${file%.in}.txt" $(ARGS) "$$file"; done

clean:  ## remove what builds and checks made; the two .venv folders stay
	rm -rf build dist src/marigram/server/static web/dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
