#!/usr/bin/env python3
"""Makes a .NET runtime with ASP.NET Core of a program that was published with its own.

    layout.py PROGRAM.deps.json HOST ROOT

HOST is the `dotnet` that starts programs. ROOT gets what its `dotnet exec` needs; the program's other libraries are left out.
"""
import json
import os
import shutil
import sys

described, host, root = sys.argv[1:]
published = os.path.dirname(described)
with open(described, encoding="utf-8") as file:
    target, libraries = list(json.load(file)["targets"].items())[-1]
version = next(name for name in libraries if name.startswith("runtimepack.Microsoft.NETCore.App")).rsplit("/", 1)[1]

# Libraries of Microsoft.Extensions that the program has in a later version than its runtime are not in the runtime's pack.
kept = [
    parts for name, parts in libraries.items()
    if name.startswith(("runtimepack.", "System.", "Microsoft.Extensions."))
    and not name.startswith(("Microsoft.Extensions.AI", "Microsoft.Extensions.Azure"))
]
files = {kind: sorted({os.path.basename(path) for parts in kept for path in parts.get(kind, {})}) for kind in ("runtime", "native")}

framework = os.path.join(root, "shared", "Microsoft.NETCore.App", version)
fxr = os.path.join(root, "host", "fxr", version)
os.makedirs(framework)
os.makedirs(fxr)
shutil.copy(host, os.path.join(root, "dotnet"))
shutil.copy(os.path.join(published, "libhostfxr.so"), fxr)
for name in files["runtime"] + files["native"]:
    shutil.copy(os.path.join(published, name), framework)
library = {kind: {name: {} for name in names} for kind, names in files.items()}
with open(os.path.join(framework, "Microsoft.NETCore.App.deps.json"), "w", encoding="utf-8") as file:
    json.dump({
        "runtimeTarget": {"name": target},
        "targets": {target: {"runtime/" + version: library}},
        "libraries": {"runtime/" + version: {"type": "package", "serviceable": False, "sha512": ""}},
    }, file)
print(version)
