#!/bin/sh
# Renews requirements.lock (what Solmu runs on) and requirements-dev.lock (that, and what its tests need).
# Needs uv. Arguments go to uv: `tools/lock.sh --upgrade` for the newest of everything, `--upgrade-package NAME` for one;
# without any, only what pyproject.toml no longer allows is changed.
set -eu
cd "$(dirname "$0")/.."

# Universal, so that one file serves every platform and Python 3.11 to 3.13; wheels only, so that no machine needs a
# compiler; without the address of an index, so that it installs from a mirror as well.
compile() {
    uv pip compile pyproject.toml --quiet --extra demo --extra web --universal --python-version 3.11 --only-binary :all: \
        --generate-hashes --no-emit-index-url --no-annotate --no-header "$@"
}

compile --group build --output-file requirements.lock "$@"
compile --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock "$@"
grep -c '==' requirements.lock requirements-dev.lock
