# make demo · make test · make check · make wheel      with another interpreter: make test PYTHON=python3.13
PYTHON ?= python3
VENV ?= .venv
# "--editable" while developing; empty to test what a user would get.
INSTALL ?= --editable

SOURCES := pyproject.toml setup.py tttui.pth tttui.start $(wildcard tttui/native/*.[ch] tttui/native/decode/*.[ch])
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check wheel clean

demo: $(VENV)/with-tttui
	@rm -f $(VENV)/demo.db
	@# The example ends with 1, by its bug; any other code is a failure of ours.
	$(VENV)/bin/tttui -o $(VENV)/demo.db examples/billing.py || test $$? -eq 1

test: $(VENV)/with-tests
	$(VENV)/bin/pytest -q

check: $(VENV)/with-tests
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

wheel:
	$(PYTHON) -m pip wheel --no-deps --wheel-dir dist .

$(VENV)/bin/python:
	tools/venv.sh $(PYTHON) $(VENV)

$(VENV)/with-tttui: $(VENV)/bin/python $(SOURCES)
	$(PIP) $(INSTALL) .
	@touch $@

$(VENV)/with-tests: $(VENV)/bin/python $(SOURCES)
	$(PIP) $(INSTALL) '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info tttui/native/*.so
