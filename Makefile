# The two commands that matter: make demo, make test. Windows users: see README, "Without make".
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed

.PHONY: demo demo-llm test fuzz lint check lock clean

demo: $(STAMP)
	@$(BIN)/qualcode demo demo

# The same with a language model's replies, which were written for the corpus: no key, no network.
demo-llm: $(STAMP)
	@$(BIN)/qualcode demo demo-llm --with-model

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not alone"
	$(BIN)/python -m pytest -m alone

# Ten thousand files that hypothesis makes up, for the night; make test tries 500, the same each time.
fuzz: $(STAMP)
	FUZZ_FILES=10000 $(BIN)/python -m pytest tests/property/test_readers.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

$(STAMP): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# Needs uv; run after changing the dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-header --upgrade -o requirements.txt
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-header --upgrade -o requirements-dev.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
