#!/bin/sh
# Pins and hashes every dependency anew, for all supported Pythons and platforms: names, versions and hashes only,
# whatever index they came from. `runtime.txt` is the part of `dev.txt` that running needs, at the same versions.
set -eu
bin=$1

compile() {
    "$bin/uv" pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --group build "$@" pyproject.toml
}

compile --group dev --all-extras --output-file deploy/constraints/dev.txt
compile --constraint deploy/constraints/dev.txt --output-file deploy/constraints/runtime.txt
