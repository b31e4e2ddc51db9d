"""Holds the conversion of EfficientDet-Lite0 to the published file, operator by operator.

Usage: python3 objects_operators.py WEIGHTS.tflite PHOTO..., with models/convert in PYTHONPATH

LiteRT runs the published 8-bit network and keeps every tensor. Each operator, converted alone, is given LiteRT's own
inputs as real numbers; its answer is counted in steps of LiteRT's output. Rounding to the next step is a distance of 0.5.
Compared as wholes, the two drift apart by what 8 bits lose on 250 operators. The anchors are compared with the file's.

Ran with Python 3.11 and

    ai-edge-litert==2.3.0 numpy==2.2.6 onnx==1.20.1 onnxruntime==1.32.0 pillow==12.3.0
"""

import struct
import sys

import efficientdet_lite as conversion
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from efficientdet_lite import Graph, Table
from onnx import helper
from PIL import Image

NAMES = {
    conversion.CONVOLUTION: "convolution",
    conversion.DEPTHWISE: "depthwise convolution",
    conversion.ADD: "addition",
    conversion.MAX_POOL: "maximum",
    conversion.RESIZE_NEAREST: "enlargement",
}


def root(data):
    return Table(data, struct.unpack_from("<I", data, 0)[0])


class Alone(Graph):
    """Every input of an operator is an input of the graph."""

    def __init__(self, model, interpreter):
        super().__init__(model)
        self.interpreter, self.feeds = interpreter, {}

    def value(self, index):
        tensor, name = self.tensors[int(index)], f"tensor_{index}"
        steps = self.interpreter.get_tensor(int(index)).astype(np.float64) - tensor.zero[0]
        self.feeds[name] = np.ascontiguousarray((steps * tensor.scale[0]).transpose(0, 3, 1, 2), np.float32)
        return name


def distance(data, operator, interpreter, images):
    graph = Alone(root(data), interpreter)
    for name, value in [("zero", 0.0), ("six", 6.0), ("grey", float(conversion.GREY))]:
        graph.weight(name, np.array(value, np.float32))
    graph.weight("border", np.array([0, 0, 0, 0, 0, 0, 1, 1], np.int64))
    result = graph.make(operator)
    if not graph.feeds:
        graph.feeds["images"] = images
    inputs = [helper.make_tensor_value_info(name, 1, values.shape) for name, values in graph.feeds.items()]
    outputs = [helper.make_tensor_value_info(result, 1, None)]
    parts = helper.make_graph(graph.nodes, "alone", inputs, outputs, list(graph.weights.values()))
    model = helper.make_model(parts, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    found = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, graph.feeds)[0]
    index = int(operator.numbers(2, np.int32)[0])
    tensor = graph.tensors[index]
    steps = found.transpose(0, 2, 3, 1) / tensor.scale[0] + tensor.zero[0]
    return np.abs(steps.clip(-128, 127) - interpreter.get_tensor(index)).max()


def anchors(data):
    """Those that the file's metadata lists for whoever reads its answers."""
    model, buffers = root(data), root(data).tables(4)
    for entry in model.tables(6):
        if entry.numbers(0, np.uint8).tobytes() == b"TFLITE_METADATA":
            metadata = buffers[entry.number(1, "I")].numbers(0, np.uint8).tobytes()
    custom = root(metadata).tables(3)[0].tables(9)[0]
    rows = root(custom.numbers(1, np.uint8).tobytes()).table(1).table(0).tables(0)
    return np.array([[row.number(field, "f") for field in range(4)] for row in rows])


def main():
    _, path, *photos = sys.argv
    data = open(path, "rb").read()
    conversion.SIZE, conversion.LEVELS = conversion.FILE_SIZE, conversion.FILE_LEVELS
    print("anchors differ by at most", np.abs(conversion.anchors()[0] - anchors(data)).max())
    interpreter = Interpreter(
        model_content=data,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    distances = {}
    for photo in photos:
        pixels = np.asarray(Image.open(photo).convert("RGB").resize((conversion.SIZE, conversion.SIZE), Image.BILINEAR))
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
        interpreter.invoke()
        images = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)
        source = Graph(root(data))
        for operator in source.operators:
            code = source.codes[operator.number(0, "I")]
            if code in NAMES:
                distances.setdefault(code, []).append(distance(data, operator, interpreter, images))
    for code, values in distances.items():
        print(f"{len(values)} x {NAMES[code]}: median {np.median(values):.3f}, at most {max(values):.3f} steps")


if __name__ == "__main__":
    main()
