# From a bare checkout, without root and without an activated environment. Python 3 and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .tools/uv/bin/uv)
COMPILE = $(UV) pip compile --universal --generate-hashes --no-annotate --no-header --quiet

# Workers must collect the same tests in the same order, also where a set is gone through.
TESTING = PYTHONHASHSEED=0 $(BIN)/python -m pytest -q

.PHONY: setup run test lint bench lock clean environments test-environments

## setup: both environments and the trained model
setup: environments
	@$(BIN)/kasama train

## run: the whole service
run: setup
	@exec $(BIN)/kasama run

## test: everything that must hold
test: test-environments lint
	@$(BIN)/kasama train
	@$(TESTING) -m computes -n auto
	@$(TESTING) -m waits -n 3 --dist loadfile $(addprefix --ignore=tests/,benchmarks conversations dialogue end_to_end knowledge nlu)
	@$(TESTING) -m whole -n 2 --dist loadfile --no-loadscope-reorder --durations=15 $(addprefix tests/,end_to_end conversations desk dialogue benchmarks)
	@$(TESTING) -m timed tests/knowledge tests/nlu

lint: test-environments
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python -m mypy

## bench: stock Rasa, our dialogue server and the whole service side by side, into BENCHMARKS.md; about ten minutes
bench: test-environments
	@$(BIN)/kasama train
	@$(BIN)/python -m benchmarks

## lock: choose the newest versions that pyproject.toml allows (`make lock UPGRADE=1`) or only add what is missing
lock: environments
	@test -x "$(UV)" || { echo "uv is needed to make locks: install it, then run make lock again."; exit 1; }
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 pyproject.toml -o requirements/service.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 pyproject.toml --group test -c requirements/service.txt -o requirements/test.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.10 --group dialogue -o requirements/dialogue.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.10 --group build -o requirements/build.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.9 --group lock -o requirements/uv.txt
	@! grep -n '://' requirements/*.txt || { echo "A lock names an address; locks must name none."; exit 1; }

## clean: removes what setup made, except your data in var/
clean:
	rm -rf .venv .venv-rasa .tools *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis

environments:
	@$(PYTHON) setup/prepare.py

test-environments:
	@$(PYTHON) setup/prepare.py --test
