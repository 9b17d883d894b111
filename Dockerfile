# Two stages: the first builds a virtual environment, the second holds it and nothing that built it.
FROM python:3.12-slim AS build

WORKDIR /src
RUN python -m venv /opt/smsgate
COPY pyproject.toml README.md ./
COPY gateway gateway
COPY policies policies
COPY config config
RUN /opt/smsgate/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.12-slim

# A fixed id, so that volumes keep their owner from one image to the next.
RUN groupadd --gid 10001 smsgate \
 && useradd --uid 10001 --gid smsgate --no-create-home --home-dir /var/lib/smsgate --shell /usr/sbin/nologin smsgate \
 && install --directory --owner=smsgate --group=smsgate --mode=0700 /etc/smsgate /var/lib/smsgate

COPY --from=build /opt/smsgate /opt/smsgate
ENV PATH=/opt/smsgate/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER 10001:10001
WORKDIR /var/lib/smsgate
VOLUME /var/lib/smsgate

# Your software; carriers' webhooks, through your ingress; health, readiness and metrics.
EXPOSE 8080 8081 8082

# Lives, not ready: a restart would not bring a store back. Readiness is /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8082/healthz', timeout=2)"]

ENTRYPOINT ["smsgate"]
CMD ["serve", "-c", "/etc/smsgate/gateway.yaml"]
