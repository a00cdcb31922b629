# The pages and the worker of Pregonero in one image. compose.yaml runs it; docs/docker.md says how.

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/packages \
    && /opt/packages/bin/python -m pip install --no-cache-dir --disable-pip-version-check --requirement /tmp/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONUNBUFFERED=1
RUN groupadd --system --gid 10001 pregonero \
    && useradd --system --uid 10001 --gid pregonero --no-log-init --home-dir /srv/pregonero pregonero
COPY --from=packages /opt/packages /opt/packages
WORKDIR /srv/pregonero
COPY . .
# The key is for this one command. What is written while it runs lies in var/, which is a volume.
RUN python -m compileall -q . \
    && SECRET_KEY=only-for-this-command python manage.py collectstatic --noinput -v 0 \
    && mkdir -p var/media \
    && chown -R pregonero:pregonero var
ENV PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
# Of the pages; compose.yaml has another one for the worker.
HEALTHCHECK --interval=30s --timeout=10s --start-period=40s CMD ["python", "-m", "scripts.health"]
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--threads", "8", "--no-control-socket"]
