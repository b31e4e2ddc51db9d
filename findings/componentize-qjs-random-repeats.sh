#!/usr/bin/env bash
# componentize-qjs 0.4.5: `Math.random()` gives the same numbers in every instance of a component, and other ones after the
# next build of the same source.
#
# The engine is started once, while the component is built, and its memory becomes part of the component, the state of the
# generator included. The component imports wasi:random/insecure-seed, so one would expect that a new instance draws
# anew; nothing does so. Whoever instantiates a component for each call, as the worker does, gets one "random" number.
#
# Needs Node.js 20 or newer with npm, and Python 3.10 or newer with venv. Runs the component by Wasmtime's Python package.
# Seen on 2026-12-01 (the numbers are others in each build):
#   imports wasi:random/insecure-seed: yes
#   first build: 0.683360549484989 0.683360549484989 0.683360549484989
#   second build: 0.4396295589974646 0.4396295589974646 0.4396295589974646
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --save-exact 'componentize-qjs@0.4.5'
python3 -m venv python
python/bin/pip install -q --disable-pip-version-check 'wasmtime==50.0.1'
cat > finding.wit <<'WIT'
package test:finding;
world finding { export draw: func() -> f64; }
WIT
echo 'export function draw() { return Math.random(); }' > finding.js
cat > draw.py <<'PYTHON'
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
component = Component.from_file(engine, "finding.wasm")
linker = Linker(engine)
linker.add_wasip2()
for _ in range(3):
    store = Store(engine)
    store.set_wasi(WasiConfig())
    instance = linker.instantiate(store, component)
    print(instance.get_func(store, "draw")(store), end=" ")
PYTHON

# Builds it, and draws once from each of three instances.
draws() {
    npx componentize-qjs --wit finding.wit --js finding.js --sync --output finding.wasm > /dev/null
    python/bin/python draw.py
}
first="$(draws)"
second="$(draws)"
seed=no
if grep -aq 'wasi:random/insecure-seed' finding.wasm; then seed=yes; fi
echo "imports wasi:random/insecure-seed: $seed"
echo "first build: $first"
echo "second build: $second"

[ "$seed" = yes ]
for build in "$first" "$second"; do
    read -r one two three <<< "$build"
    [ "$one" = "$two" ]
    [ "$two" = "$three" ]
done
[ "$first" != "$second" ]
