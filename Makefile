# Two commands: `make demo` and `make test`. Both need Python 3.11 or newer and make, nothing else.

MAKEFLAGS += --no-print-directory
VENV := .venv
BIN := $(VENV)/bin
# Made once per lock file; made again when the lock, the project or the Python changed.
READY := $(VENV)/.ready
UV := uv==0.13.9

.PHONY: demo test campaign mutation lint format clean setup

demo: $(READY)
	@exec $(BIN)/polycool demo $(ARGS)

# Each worker has a broker and a database of its own; two are what two cores carry, and half of the time is waiting.
WORKERS ?= 2
test: lint
	@exec $(BIN)/pytest --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

# Kills everything under load for some minutes; ARGS such as `--seed 7` (python -m ops.campaign --help).
campaign: $(READY)
	@exec $(BIN)/python -m ops.campaign $(ARGS)

# Changes the cores where money is decided, one line at a time, and counts what the tests notice; long.
mutation: $(READY)
	@POLYCOOL_VECTORS=$${POLYCOOL_VECTORS:-$(abspath ../shared/vectors)} exec $(BIN)/mutmut run $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff format .

setup: $(READY)

$(READY): pyproject.toml uv.lock ops/setup.sh
	@sh ops/setup.sh $(VENV) $(UV)
	@touch $@

clean:
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@if [ -d .polycool ]; then echo "data of local runs stay in .polycool (polycool up --fresh empties it)"; fi
