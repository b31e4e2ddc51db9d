#!/usr/bin/env bash
# @bytecodealliance/jco-transpile 0.15.0 (with preview2-shim 0.26.1): `generateGuestTypes(path)` says "No such file or
# directory" of a WIT file that exists.
#
# The function is exported for programs to call, and reads the file within WebAssembly. Nothing opens the file system to
# that, unless the caller does so by `_addPreopen` of preview2-shim, which no documentation names. One would expect either
# the types, or an error that names what to call first.
#
# Needs Node.js 20 or newer with npm. Seen on 2026-12-01:
#   as it is: failed to read path for WIT; No such file or directory (os error 44)
#   after _addPreopen("/", "/"): finding.d.ts test-finding-answering.d.ts
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --save-exact '@bytecodealliance/jco-transpile@0.15.0' '@bytecodealliance/preview2-shim@0.26.1'
mkdir wit
cat > wit/finding.wit <<'WIT'
package test:finding;
interface answering { answer: func() -> u32; }
world finding { export answering; }
WIT
cat > finding.js <<'JS'
import { basename } from "node:path";
import { generateGuestTypes } from "@bytecodealliance/jco-transpile";
import { _addPreopen } from "@bytecodealliance/preview2-shim/filesystem";

if (process.argv[2] === "open") _addPreopen("/", "/");
try {
  const files = await generateGuestTypes("wit", { worldName: "finding" });
  console.log(Object.keys(files).map((name) => basename(name)).join(" "));
} catch (error) {
  const causes = String(error.message).match(/failed to read path for WIT|No such file.*/g) ?? [error.message];
  console.log(causes.join("; "));
}
JS
closed="$(node finding.js)"
echo "as it is: $closed"
open="$(node finding.js open)"
echo "after _addPreopen(\"/\", \"/\"): $open"

[ "$closed" = 'failed to read path for WIT; No such file or directory (os error 44)' ]
[ "$open" = 'finding.d.ts test-finding-answering.d.ts' ]
