#!/bin/sh
# Checks the types of plugin.py and makes a component of it: {{name}}.wasm. The tools go into .venv.
set -eu
cd "$(dirname "$0")"
[ -x .venv/bin/pip ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
# What `import wit_world` means, for editors and for mypy; the component gets its own. The tool overwrites nothing.
rm -rf .stubs
.venv/bin/componentize-py --quiet --wit-path wit --world {{slot}}-plugin bindings .stubs
.venv/bin/mypy --no-error-summary
.venv/bin/componentize-py --quiet --wit-path wit --world {{slot}}-plugin componentize plugin --output {{name}}.wasm
