"""Cuts a text recogniser of PaddleOCR, as ONNX, down to the printable characters of ASCII: the last layer is nine tenths of
what it computes, and no other character is wanted of banners in Indonesian.

Usage: python3 latin_text.py RECOGNISER.onnx RESULT.onnx

Input  float32 [1, 3, 48, width], one level line.
Output float32 [1, steps, classes], probabilities for CTC: the blank, the characters of the metadata entry `character`, one
a line, and the space. The probabilities are those of the whole network among these classes alone.
"""

import sys

import numpy as np
import onnx
from onnx import numpy_helper


def kept(characters):
    """The classes that stay, from the list of all: the blank first, ASCII without control characters, the space last."""
    return np.array([0] + [place for place, text in enumerate(characters) if place and len(text) == 1 and 32 <= ord(text) < 127])


def cut(graph, count, classes):
    """Takes the other classes out of every constant that has one value a class; gives how many those were."""
    changed = 0

    def replaced(tensor):
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim and values.shape[-1] == count:
            return np.ascontiguousarray(values[..., classes])
        if values.dtype == np.int64 and values.ndim == 1 and count in values:
            return np.where(values == count, len(classes), values)
        return None

    tensors = list(graph.initializer)
    tensors += [node.attribute[0].t for node in graph.node if node.op_type == "Constant" and node.attribute[0].HasField("t")]
    for tensor in tensors:
        values = replaced(tensor)
        if values is not None:
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            changed += 1
    return changed


def main():
    source, result = sys.argv[1:3]
    model = onnx.load(source)
    entry = next(entry for entry in model.metadata_props if entry.key == "character")
    characters = [""] + entry.value.split("\n") + [" "]
    classes = kept(characters)
    if characters[classes[-1]] != " " or cut(model.graph, len(characters), classes) < 2:
        raise SystemExit(f"{source} is not a text recogniser with its characters in the metadata")
    for output in model.graph.output:
        last = output.type.tensor_type.shape.dim[-1]
        if last.dim_value == len(characters):
            last.dim_value = len(classes)
    del model.graph.value_info[:]
    entry.value = "\n".join(characters[place] for place in classes[1:-1])
    onnx.checker.check_model(model)
    with open(result, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


main()
