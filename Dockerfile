# One image for every role: `serve --role web`, `serve --role worker`, `migrate`; without a role, both processes.

FROM node:24-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY scripts/assets scripts/assets
RUN scripts/assets

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pharos
WORKDIR /src
COPY requirements.lock ./
RUN /opt/pharos/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY collectors collectors
COPY alerts alerts
COPY migrations migrations
COPY --from=assets /src/app/static/vendor app/static/vendor
# What builds the package is of no use to the one who runs it.
RUN /opt/pharos/bin/pip install --no-deps --no-build-isolation . \
    && /opt/pharos/bin/pip uninstall --yes setuptools pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/pharos --create-home pharos
COPY --from=build /opt/pharos /opt/pharos
ENV PATH=/opt/pharos/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PHAROS_HOST=0.0.0.0 \
    PHAROS_PORT=8000 \
    PHAROS_DATA_DIR=/var/lib/pharos
USER pharos
WORKDIR /var/lib/pharos
VOLUME /var/lib/pharos
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PHAROS_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["pharos"]
CMD ["serve"]
