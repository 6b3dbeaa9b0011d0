# Two images from one file: `app` runs prepare, web, worker and beat; `proxy` speaks TLS and serves the static files.

FROM python:3.11-slim-bookworm AS app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.lock \
    && uv pip install --system --no-cache --require-hashes -r requirements/main.lock
COPY . .
# The keys below sign and encrypt nothing: collecting files only needs the settings to load.
RUN python -m portal.runtime.assets \
    && rm -rf static/vendor/axe.min.js var/npm \
    && STATIC_ROOT=/app/staticfiles STATIC_MANIFEST=1 STATE_DIR=/tmp/build SECRET_KEY=build FIELD_KEYS=build \
       DIGEST_KEY=build DATABASE_URL=postgres://db/build REDIS_URL=redis://redis/0 \
       python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --system --uid 10001 --no-create-home portal \
    && mkdir -p /state && chown portal /state
USER portal
ENV HOST=0.0.0.0 STATE_DIR=/state STATIC_ROOT=/app/staticfiles STATIC_MANIFEST=1 PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=portal.settings
VOLUME /state
EXPOSE 8000
CMD ["python", "-m", "portal.runtime", "web"]

FROM caddy:2-alpine AS proxy
COPY docker/Caddyfile /etc/caddy/Caddyfile
COPY --from=app /app/staticfiles /srv/static
