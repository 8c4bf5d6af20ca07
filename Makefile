# What a person or CI does with this project. Needs python3 (3.11 or later) and make; uv is used where present.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/overstory
STAMP := .venv/.installed
PATIENTS := $(wildcard examples/patients/*.yaml) $(wildcard examples/patients/*.json)

.PHONY: setup answers demo test test-rows test-postgresql test-spark check bench claims mutate outside lock clean

setup: $(STAMP)

$(STAMP): requirements/run.txt requirements/test.txt pyproject.toml
	@sh tools/install.sh "$(PYTHON)"
	@touch $(STAMP)

demo: setup
	@sh tools/demo.sh

answers: setup
	@sh tools/demo.sh answers

# What need not be asked of a second database at each change: crowds, every route as every role, commands, pages and packs of questions.
ON_ONE = $(foreach each,matrix queries demo demo_whole accounts_browser conventions reaching doctor worker_killed packs packs_skips intake_words intake_pages intake_pages_kept choice_links warming,--ignore=tests/clinic/test_$(each).py)

# Everything, with the clinic's rows in SQLite.
test: setup
	$(BIN)/python -m pytest -n 2 -q

# What concerns rows again, in PostgreSQL.
test-rows: setup
	@sh tools/on_postgresql.sh $(BIN)/python -m pytest -n 2 -q tests/clinic $(ON_ONE)

# All of the clinic's tests in PostgreSQL.
test-postgresql: setup
	@sh tools/on_postgresql.sh $(BIN)/python -m pytest -n 2 -q tests/clinic

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(RUN) knowledge check

# The tests that need Spark: Java 17 on the machine, and some 400 MB of packages that nothing else needs.
test-spark: setup
	@sh tools/install.sh "$(PYTHON)" requirements/spark.txt
	$(BIN)/python -m pytest -q tests/panel/test_spark*.py

bench: setup
	@$(BIN)/python -m benchmarks

claims: setup
	@$(BIN)/python tests/claims/tally.py

mutate: setup
	$(BIN)/python tests/knowledge/mutate.py

outside: setup
	$(BIN)/python -m pytest -q tests/outside

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --extra clinic --group test -o requirements/test.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --extra clinic --extra spark --group test -o requirements/spark.txt

clean:
	rm -rf .venv build dist *.egg-info
