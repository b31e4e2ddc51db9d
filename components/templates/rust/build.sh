#!/bin/sh
# Compiles the crate and makes a component of it: {{name}}.wasm.
set -eu
cd "$(dirname "$0")"
ai_worker="${AI_WORKER:-ai-worker}"
command -v "$ai_worker" >/dev/null || { echo 'Put ai-worker into PATH, or its path into AI_WORKER.' >&2; exit 1; }
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
cargo build --release --target wasm32-unknown-unknown
"$ai_worker" plugin componentize \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/{{module}}.wasm" -o {{name}}.wasm
