# The image that `kingtide install` runs: docker build --tag REGISTRY/kingtide:VERSION .
# Its versions and their hashes are those of requirements/, which the tests run with, on the same Python.
ARG PYTHON=3.11.13-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/build && python -m venv /opt/kingtide
# First what changes seldom. node.txt brings npm, which fetches the script that reports inline (hatch_build.py).
COPY requirements/build.txt requirements/node.txt requirements/runtime.txt requirements/
RUN /opt/build/bin/pip install --require-hashes --requirement requirements/build.txt --requirement requirements/node.txt
RUN /opt/kingtide/bin/pip install --require-hashes --requirement requirements/runtime.txt
COPY pyproject.toml hatch_build.py package.json package-lock.json README.md LICENSE ./
COPY src src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels .
RUN /opt/kingtide/bin/pip install --no-deps --no-index wheels/*.whl
# Nobody installs anything in a container that runs.
RUN /opt/kingtide/bin/pip uninstall --yes pip setuptools

FROM python:${PYTHON}
# Of the distribution, whose security team mends it: `kingtide run ingress` keeps it, and the tests run this version.
RUN apt-get update && apt-get install --yes --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/kingtide /opt/kingtide
# Modules were compiled when they were installed; where a container runs nothing can be written.
ENV PATH=/opt/kingtide/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["kingtide"]
CMD ["--help"]
