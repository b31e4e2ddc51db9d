#!/bin/sh
# Compiles the crate and makes a component of it: {{name}}.wasm.
set -eu
cd "$(dirname "$0")"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
cargo build --release --target wasm32-unknown-unknown
"${AI_WORKER:-ai-worker}" plugin componentize \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/{{module}}.wasm" -o {{name}}.wasm
