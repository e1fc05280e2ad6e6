# One image for every service of docker-compose.yml; the command says which.
FROM python:3.13-slim AS build
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.8
COPY requirements.lock ./
RUN uv venv /venv && uv pip install --python /venv/bin/python --require-hashes -r requirements.lock
COPY . .
# Installed editable: a wheel with a top-level alembic/ would overwrite the library of that name.
RUN uv pip install --python /venv/bin/python --no-deps --no-build-isolation -e . \
    && /venv/bin/python -m compileall -q api cli pipelines presstime reports scheduler

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home presstime && install -d -o presstime /data /pipelines
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PRESSTIME_DATA_DIR=/data PRESSTIME_PIPELINES=/pipelines
USER presstime
EXPOSE 8642
CMD ["presstime", "api"]
