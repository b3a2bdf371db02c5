# Everything a newcomer needs: `make demo`, `make test`. The first run makes .venv from requirements.lock.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
PYRIGHT := $(VENV)/bin/pyright

.PHONY: setup demo test test-slow bench-quick lint format clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Gossamer needs Python 3.11 to 3.13 and {sys.executable} is {v.major}.{v.minor}; say which to use: make PYTHON=python3.12 setup")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(PYRIGHT): | $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'pyright[nodejs]==1.1.414'

demo: setup
	$(VENV)/bin/gossamer demo

test: setup
	$(VENV)/bin/python -m pytest -m "not slow" $(ARGS)

test-slow: setup
	$(VENV)/bin/python -m pytest $(ARGS)

bench-quick: setup
	@mkdir -p build
	$(VENV)/bin/gossamer bench switch checkpoint commit --quick --no-peers --json --store build/quick.json > /dev/null
	$(VENV)/bin/gossamer bench compare bench/BASELINE.json build/quick.json

lint: setup $(PYRIGHT)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(PYRIGHT)

format: setup
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
