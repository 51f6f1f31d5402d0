# Two commands: `make demo` and `make test`. Both need Python 3.11 or newer and make, nothing else.

MAKEFLAGS += --no-print-directory
VENV := .venv
BIN := $(VENV)/bin
# Made once per lock file; made again when the lock, the project or the Python changed.
READY := $(VENV)/.ready
UV := uv==0.13.9

.PHONY: demo test campaign mutation lint format clean setup promtool sbom vulnerabilities image

demo: $(READY)
	@exec $(BIN)/polycool demo $(ARGS)

# Each worker has a broker and a database of its own; three are what two cores carry, since much of the time is waiting.
WORKERS ?= 3
test: lint promtool
	@exec $(BIN)/pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

# Kills everything under load for some minutes; ARGS such as `--seed 7` (python -m ops.campaign --help).
campaign: $(READY)
	@exec $(BIN)/python -m ops.campaign $(ARGS)

# Changes the cores where money is decided, one line at a time, and counts what the tests notice; long.
mutation: $(READY)
	@POLYCOOL_VECTORS=$${POLYCOOL_VECTORS:-$(abspath ../shared/vectors)} exec $(BIN)/python -m tests.mutation_run $(ARGS)

# What tests the alert rules: the installed one, else from Debian's package; without either those tests are skipped.
promtool:
	@sh ops/alerts/promtool.sh .make/promtool

# What the image is made of, as CycloneDX (needs the network for the tool itself).
sbom: $(READY)
	@mkdir -p dist
	@.make/bin/uv export --frozen --quiet --no-dev --no-emit-project --format requirements-txt > dist/requirements.txt
	@.make/bin/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements dist/requirements.txt --output-file dist/sbom.cdx.json
	@echo "dist/sbom.cdx.json"

# Known vulnerabilities of exactly the locked packages (asks the vulnerability database; not part of the tests).
vulnerabilities: $(READY)
	@mkdir -p dist
	@.make/bin/uv export --frozen --quiet --no-dev --no-emit-project --format requirements-txt > dist/requirements.txt
	@.make/bin/uv tool run pip-audit==2.9.0 --require-hashes --disable-pip --requirement dist/requirements.txt

# The image of every process (needs a container engine).
image:
	@docker build --tag polycool:$$(git rev-parse --short HEAD) .

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
