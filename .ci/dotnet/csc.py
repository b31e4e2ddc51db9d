#!/usr/bin/env python3
"""Compiles C# with Roslyn, whose command line is not to be had here, but whose library is.

    csc.py ROOT ROSLYN FILE...

ROOT is a .NET runtime, ROSLYN the folder of Microsoft.CodeAnalysis.CSharp.dll. Each FILE has the arguments of one call of csc, one
a line; the calls are made in their order, in one process, so that Roslyn is compiled once. Fails with the first that
has an error, after its messages.
"""
import os
import sys

root, roslyn, *calls = sys.argv[1:]

from pythonnet import load  # noqa: E402

load("coreclr", runtime_config=os.path.join(roslyn, "csc.runtimeconfig.json"), dotnet_root=root)
import clr  # noqa: E402

for assembly in ("Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp"):
    clr.AddReference(os.path.join(roslyn, assembly + ".dll"))
from System import Array, String  # noqa: E402
from System.Collections.Generic import List  # noqa: E402
from System.IO import File  # noqa: E402
from Microsoft.CodeAnalysis import DiagnosticSeverity, MetadataReference, SyntaxTree  # noqa: E402
from Microsoft.CodeAnalysis.CSharp import CSharpCommandLineParser, CSharpCompilation, CSharpSyntaxTree  # noqa: E402
from Microsoft.CodeAnalysis.Text import SourceText  # noqa: E402


def parsed(path, options):
    stream = File.OpenRead(path)
    try:
        return CSharpSyntaxTree.ParseText(SourceText.From(stream, None), options, path)
    finally:
        stream.Dispose()


def emitted(asked):
    """Writes what is asked for; what the compiler says of it."""
    trees, references = List[SyntaxTree](), List[MetadataReference]()
    for source in asked.SourceFiles:
        trees.Add(parsed(source.Path, asked.ParseOptions))
    for reference in asked.MetadataReferences:
        references.Add(MetadataReference.CreateFromFile(reference.Reference))
    name = asked.OutputFileName.rsplit(".", 1)[0]
    compilation = CSharpCompilation.Create(name, trees, references, asked.CompilationOptions)
    assembly = File.Create(os.path.join(asked.OutputDirectory, asked.OutputFileName))
    documentation = File.Create(asked.DocumentationPath) if asked.DocumentationPath else None
    try:
        return compilation.Emit(assembly, None, documentation, None, asked.ManifestResources, asked.EmitOptions).Diagnostics
    finally:
        assembly.Dispose()
        if documentation:
            documentation.Dispose()


def compiled(call):
    asked = CSharpCommandLineParser.Default.Parse(Array[String](["@" + call]), os.getcwd(), None, None)
    messages = list(asked.Errors) or list(emitted(asked))
    shown = [each for each in messages if not each.IsSuppressed and int(each.Severity) >= int(DiagnosticSeverity.Warning)]
    for message in shown:
        print(message.ToString(), flush=True)
    return not shown


for call in calls:
    print("compiling", os.path.basename(call).rsplit(".", 1)[0], flush=True)
    if not compiled(call):
        sys.exit(1)
