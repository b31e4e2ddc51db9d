# The usual commands; `just --list` shows them. Each calls what exists: cargo, npm and the scripts in .ci.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Show the recipes.
default:
    @just --list

# Run everything that must hold before a merge; installs what it needs.
ci:
    .ci/run

# Check format, lints, the layout of the code and the links of the pages; seconds to minutes, no models.
check:
    cargo fmt --all --check
    .ci/house --check
    .ci/links
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Run the tests; fetches models and photos once. Arguments go to cargo, such as `just test --lib`.
test *arguments:
    cargo test --locked {{ arguments }}

# Describe the sample photos, and keep serving. `just demo --once` ends there.
demo *arguments:
    cargo run --release --locked -- demo {{ arguments }}

# Serve the REST interface and the console.
serve *arguments:
    cargo run --release --locked -- serve {{ arguments }}

# Write clients/openapi.json anew, from the routes.
openapi:
    UPDATE_OPENAPI=1 cargo test --locked --lib openapi

# Write .env.example anew, from the table of settings.
settings:
    UPDATE_EXAMPLE=1 cargo test --locked --lib example

# Build the default plugins and examples, or the named one.
components *name:
    cargo components build {{ name }}

# Prove that the committed components are what their sources give.
components-check:
    cargo components check

# Check the types of the console and build it; commit console/dist.
console:
    cd console && npm ci && npm run check && npm run build

# Check the console against a built worker: types, committed files, tests in Chromium.
console-test: _worker
    AI_WORKER=target/debug/ai-worker MODELS_DIR=data/models SAMPLES_DIR=data/samples OUT=target/console .ci/console

# Test the C# client and the sample backends on a built worker.
csharp: _worker
    AI_WORKER=target/debug/ai-worker MODELS_DIR=data/models SAMPLES_DIR=data/samples OUT=target/csharp .ci/csharp

# Compare a live worker with its OpenAPI document.
schemathesis: _worker
    AI_WORKER=target/debug/ai-worker MODELS_DIR=data/models SAMPLES_DIR=data/samples OUT=target/schemathesis .ci/schemathesis

# Time a plugin in ten minutes, in the named languages: rust, js, ts, python.
walk *languages:
    cargo build --release --locked
    AI_WORKER=target/release/ai-worker .ci/walk {{ languages }}

# Check the links and anchors of every page.
links:
    .ci/links

# Build the documentation of the code.
doc:
    cargo doc --locked --no-deps

# A built worker. Run `just test` before: it fetches the models and photos that these recipes need.
_worker:
    cargo build --locked
