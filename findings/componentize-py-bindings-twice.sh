#!/usr/bin/env bash
# componentize-py 0.25.1: `bindings OUTPUT_DIR` writes into a folder that exists, but not a second time into the same one
# when the world exports or imports an interface.
#
# Its help says "This will be created if it does not already exist", so one would expect that a build script may repeat
# the command to bring the stubs up to date. The second run ends with an AssertionError and a Rust backtrace, and exit code
# 1. The build script of the worker's template removes the folder first.
#
# Needs Python 3.10 or newer with venv. Seen on 2026-12-01:
#   into an empty folder: 0
#   once more: 1 AssertionError: File exists (os error 17)
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv python
python/bin/pip install -q --disable-pip-version-check 'componentize-py==0.25.1'
mkdir wit stubs
cat > wit/finding.wit <<'WIT'
package test:finding;
interface answering { answer: func() -> u32; }
world finding { export answering; }
WIT
bindings() { python/bin/componentize-py -q -d wit -w finding bindings stubs; }

first=0
bindings || first=$?
echo "into an empty folder: $first"
second=0
bindings 2> errors.txt || second=$?
reason="$(grep -m 1 '^AssertionError' errors.txt || true)"
echo "once more: $second $reason"

[ "$first" = 0 ]
[ "$second" = 1 ]
[ "$reason" = 'AssertionError: File exists (os error 17)' ]
