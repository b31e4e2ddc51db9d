#!/bin/sh
# Makes a component of plugin.py: {{name}}.wasm. The tools go into .venv.
set -eu
cd "$(dirname "$0")"
[ -x .venv/bin/pip ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
.venv/bin/componentize-py --quiet --wit-path wit --world {{slot}}-plugin componentize plugin --output {{name}}.wasm
