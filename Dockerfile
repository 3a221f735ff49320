# The service without the embedded server: in production PostgreSQL is somewhere else, or Assay says that it is missing.
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && python -m venv /opt/assay \
 && /opt/assay/bin/pip install --no-cache-dir --constraint constraints.txt "$(ls /wheels/assay_ops-*.whl)[service]"

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin assay
COPY --from=build /opt/assay /opt/assay
ENV PATH=/opt/assay/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ASSAY_ENV=production \
    ASSAY_HOST=0.0.0.0 \
    ASSAY_LOG_FORMAT=json
USER 10001
WORKDIR /scan
EXPOSE 8000
STOPSIGNAL SIGTERM
# Liveness, not readiness: a container is not restarted because its database is away.
HEALTHCHECK --interval=10s --timeout=2s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=1)"]
ENTRYPOINT ["assay"]
CMD ["serve"]
