#!/usr/bin/env python3
"""Looks over what the compiler does not see, with MSBuild's own readers: the solution and the projects, and what is packed.

    projects.py ROOT MSBUILD FOLDER

ROOT is a .NET runtime, MSBUILD the folder of Microsoft.Build.dll, FOLDER that of the solution. Nothing is built: there is no .NET SDK.
"""
import glob
import os
import re
import sys

root, msbuild, folder = sys.argv[1:]

from pythonnet import load  # noqa: E402

load("coreclr", runtime_config=os.path.join(msbuild, "csc.runtimeconfig.json"), dotnet_root=root)
import clr  # noqa: E402

clr.AddReference(os.path.join(msbuild, "Microsoft.Build.dll"))
from Microsoft.Build.Construction import ProjectRootElement, SolutionFile  # noqa: E402

# What a package needs for a page that says what it is.
METADATA = {"PackageId", "Description", "PackageTags"}
# A readme is shown far from its folder, and without HTML.
NOT_SHOWN = {
    "a link to a file": re.compile(r"\]\((?!https?://|#)"),
    "an image": re.compile(r"!\["),
    "HTML": re.compile(r"<(?!https?://)/?[a-z][^>]*>"),
}

faults = []
solution = SolutionFile.Parse(os.path.abspath(os.path.join(folder, "AiWorker.sln")))
listed = sorted(os.path.relpath(project.AbsolutePath, folder) for project in solution.ProjectsInOrder)
found = sorted(os.path.relpath(path, folder) for path in glob.glob(os.path.join(folder, "*", "*.csproj")))
if listed != found:
    faults.append(f"the solution lists {listed}, and there are {found}")
for path in found:
    project = ProjectRootElement.Open(os.path.abspath(os.path.join(folder, path)))
    at = os.path.dirname(os.path.join(folder, path))
    properties = {each.Name: each.Value for each in project.Properties}
    for item in project.Items:
        named = item.Include or item.Remove
        if item.ItemType not in ("PackageReference", "FrameworkReference") and not glob.glob(os.path.join(at, named)):
            faults.append(f"{path}: there is no {named}")
    if properties.get("IsPackable") != "true":
        continue
    faults += [f"{path}: {name} is missing" for name in sorted(METADATA - properties.keys())]
    if not any(item.Include == "README.md" for item in project.Items):
        faults.append(f"{path}: the readme is not packed")
for readme in glob.glob(os.path.join(folder, "README.md")) + glob.glob(os.path.join(folder, "*", "README.md")):
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    prose = re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    faults += [f"{readme}: {what} is not shown in a package" for what, pattern in NOT_SHOWN.items() if pattern.search(prose)]
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
