"""Turns the published TensorFlow Lite file of EfficientDet-Lite0, trained on COCO, into an ONNX graph.

Usage: python3 efficientdet_lite.py WEIGHTS.tflite RESULT.onnx

Input  `images`: float32 [1, 3, 448, 448], RGB, 0 to 255; the whole photo in the upper left corner, the rest 127.
Output `boxes`:  float32 [1, 37629, 4], left, top, right, bottom, each from 0 to 1 of the input's width or height.
Output `scores`: float32 [1, 37629, 80], probabilities (no softmax) of COCO's 80 classes, by ascending id.
Boxes overlap: non-maximum suppression comes after.

TensorFlow is not needed: the file is a FlatBuffer, of which the few tables that matter are read here. Its weights are
8-bit integers with a scale for each channel; they become the floating-point numbers that they stand for, and what runs
between them is floating-point, too. Batch normalisation is in the weights already. The input's normalisation is taken
into the first convolution; the border that it sees is the grey that is 0 after it. The ten ids that COCO never used are
left out of the classes.
"""

import math
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# The file is made for 320 pixels a side; with more, smaller things are found. Each level has this many cells along a
# side, and each cell nine anchors: three sizes by three shapes.
FILE_SIZE, FILE_LEVELS = 320, [40, 20, 10, 5, 3]
SIZE, LEVELS = 448, [56, 28, 14, 7, 4]
GREY, SPREAD = 127, 128.0
ANCHOR_SCALE, OCTAVES, ASPECTS = 3.0, 3, [1.0, 2.0, 0.5]
ANCHORS = sum(side * side for side in LEVELS) * OCTAVES * len(ASPECTS)
# COCO has 80 classes with ids from 1 to 90; the network starts with 1.
IDS = 90
ABSENT = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
ADD, CONCATENATION, CONVOLUTION, DEPTHWISE, DEQUANTIZE, LOGISTIC = 0, 2, 3, 4, 6, 14
MAX_POOL, RESHAPE, RESIZE_NEAREST, QUANTIZE = 17, 22, 97, 114
DTYPES = {2: np.int32, 9: np.int8}
PADDINGS = ["SAME_UPPER", "VALID"]
NO_ACTIVATION, RELU6 = 0, 3


class Table:
    """A table of a FlatBuffer; fields are numbered as in the schema."""

    def __init__(self, data, position):
        self.data, self.position = data, position
        self.fields = position - struct.unpack_from("<i", data, position)[0]

    def field(self, index):
        if 4 + 2 * index >= struct.unpack_from("<H", self.data, self.fields)[0]:
            return None
        offset = struct.unpack_from("<H", self.data, self.fields + 4 + 2 * index)[0]
        return self.position + offset if offset else None

    def number(self, index, kind, absent=0):
        place = self.field(index)
        return absent if place is None else struct.unpack_from("<" + kind, self.data, place)[0]

    def pointed(self, index):
        place = self.field(index)
        return None if place is None else place + struct.unpack_from("<I", self.data, place)[0]

    def table(self, index):
        return Table(self.data, self.pointed(index))

    def numbers(self, index, dtype):
        place = self.pointed(index)
        if place is None:
            return np.zeros(0, dtype)
        return np.frombuffer(self.data, dtype, struct.unpack_from("<I", self.data, place)[0], place + 4)

    def tables(self, index):
        place = self.pointed(index)
        starts = range(place + 4, place + 4 + 4 * struct.unpack_from("<I", self.data, place)[0], 4)
        return [Table(self.data, start + struct.unpack_from("<I", self.data, start)[0]) for start in starts]


class Tensor:
    """What the file says of a tensor; its values, as real numbers, where it is a constant."""

    def __init__(self, table, buffers):
        self.shape = [int(side) for side in table.numbers(0, np.int32)]
        self.kind = table.number(1, "b")
        self.buffer = buffers[table.number(2, "I")]
        quantisation = table.table(4)
        self.scale = quantisation.numbers(2, np.float32)
        self.zero = quantisation.numbers(3, np.int64)
        self.axis = quantisation.number(6, "i")

    def values(self):
        values = self.buffer.numbers(0, np.uint8).view(DTYPES[self.kind]).reshape(self.shape)
        if not len(self.scale):
            return values
        shape = [1] * len(self.shape)
        shape[self.axis] = -1
        steps = values.astype(np.float64) - self.zero.reshape(shape)
        return steps * self.scale.astype(np.float64).reshape(shape)


class Graph:
    def __init__(self, model):
        if len(model.tables(2)) != 1:
            raise SystemExit("more than one graph")
        source, buffers = model.tables(2)[0], model.tables(4)
        codes = model.tables(1)
        self.codes = [max(code.number(0, "b"), code.number(3, "i")) for code in codes]
        self.tensors = [Tensor(table, buffers) for table in source.tables(0)]
        self.inputs, self.outputs = source.numbers(1, np.int32), source.numbers(2, np.int32)
        self.operators = source.tables(3)
        self.makers = {int(operator.numbers(2, np.int32)[0]): operator for operator in self.operators}
        self.nodes, self.weights, self.done = [], {}, {}

    def weight(self, name, values):
        self.weights.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator, inputs, output=None, **attributes):
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def value(self, index):
        """The ONNX tensor that a tensor of the source becomes, made when it is first asked for."""
        index = int(index)
        if index not in self.done:
            self.done[index] = self.make(self.makers[index])
        return self.done[index]

    def make(self, operator):
        code, options = self.codes[operator.number(0, "I")], operator.table(4)
        inputs = [int(index) for index in operator.numbers(1, np.int32)]
        if code in (CONVOLUTION, DEPTHWISE):
            return self.convolution(operator)
        if code == ADD:
            total = self.node("Add", [self.value(index) for index in inputs])
            return self.activated(total, options.number(0, "b"))
        if code == MAX_POOL:
            self.expect(options.number(5, "b"), NO_ACTIVATION)
            return self.node(
                "MaxPool",
                [self.value(inputs[0])],
                auto_pad=PADDINGS[options.number(0, "b")],
                kernel_shape=[options.number(4, "i"), options.number(3, "i")],
                strides=[options.number(2, "i"), options.number(1, "i")],
            )
        if code == RESIZE_NEAREST:
            # Neither corners nor centres aligned: the pixel at the rounded-down position.
            self.expect([options.number(0, "b"), options.number(1, "b")], [0, 0])
            height, width = self.tensors[inputs[1]].values().tolist()
            self.expect(height, width)
            side, channels = LEVELS[FILE_LEVELS.index(height)], self.tensors[inputs[0]].shape[3]
            sizes = self.weight(f"size_{channels}_{side}", np.array([1, channels, side, side], np.int64))
            return self.node(
                "Resize",
                [self.value(inputs[0]), "", "", sizes],
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
        raise SystemExit(f"operator {code} has no place in this network")

    def expect(self, found, expected):
        if found != expected:
            raise SystemExit(f"{found} instead of {expected}")

    def activated(self, x, activation):
        if activation not in (NO_ACTIVATION, RELU6):
            raise SystemExit(f"unknown activation {activation}")
        return self.node("Clip", [x, "zero", "six"]) if activation == RELU6 else x

    def convolution(self, operator, output=None):
        """A convolution; `output` says what becomes of its channels."""
        code, options = self.codes[operator.number(0, "I")], operator.table(4)
        entry, kernel, bias = [int(index) for index in operator.numbers(1, np.int32)]
        depthwise = code == DEPTHWISE
        names = [f"weight_{kernel}", f"bias_{bias}"]
        # TensorFlow Lite: outputs, height, width, inputs; of a depthwise convolution 1, height, width, outputs.
        kernel = self.tensors[kernel].values().transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2))
        bias = self.tensors[bias].values()
        padding = PADDINGS[options.number(0, "b")]
        if self.codes[self.makers[entry].number(0, "I")] == QUANTIZE:  # (pixel - 127) / 128
            kernel = kernel / SPREAD
            bias = bias - [GREY * math.fsum(values.flat) for values in kernel]
            self.expect([padding, list(kernel.shape[2:]), options.number(2, "i")], ["SAME_UPPER", [3, 3], 2])
            padding, x = "VALID", self.node("Pad", ["images", "border", "grey"])
        else:
            x = self.value(entry)
        if output is not None:
            kernel, bias = output(kernel), output(bias)
        x = self.node(
            "Conv",
            [x, self.weight(names[0], kernel.astype(np.float32)), self.weight(names[1], bias.astype(np.float32))],
            auto_pad=padding,
            kernel_shape=kernel.shape[2:],
            strides=[options.number(2, "i"), options.number(1, "i")],
            group=kernel.shape[0] if depthwise else 1,
        )
        return self.activated(x, options.number(4 if depthwise else 3, "b"))

    def maker(self, index, code):
        operator = self.makers[int(index)]
        self.expect(self.codes[operator.number(0, "I")], code)
        return operator

    def rows(self, concatenation, width, output):
        """What the levels say: a row for each anchor."""
        shape = self.weight(f"rows_of_{width}", np.array([1, -1, width], np.int64))
        levels = []
        for index in concatenation.numbers(1, np.int32):
            predictor = self.maker(self.maker(index, RESHAPE).numbers(1, np.int32)[0], CONVOLUTION)
            x = self.node("Transpose", [self.convolution(predictor, output)], perm=[0, 2, 3, 1])
            levels.append(self.node("Reshape", [x, shape]))
        return self.node("Concat", levels, axis=1)


def of_boxes(values):
    """From y, x, height, width to x, y, width, height."""
    values = values.reshape(-1, 4, *values.shape[1:])[:, [1, 0, 3, 2]]
    return values.reshape(-1, *values.shape[2:])


def of_classes(values):
    values = values.reshape(-1, IDS, *values.shape[1:])
    values = values[:, [id - 1 for id in range(1, IDS + 1) if id not in ABSENT]]
    return values.reshape(-1, *values.shape[2:])


def anchors():
    """Centre x and y, width, height of each anchor, in parts of the input."""
    rows = []
    for side in LEVELS:
        shapes = []
        for octave in range(OCTAVES):
            for aspect in ASPECTS:
                edge = ANCHOR_SCALE / side * 2.0 ** (octave / OCTAVES)
                shapes.append((edge * math.sqrt(aspect), edge / math.sqrt(aspect)))
        for y in range(side):
            for x in range(side):
                rows += [((x + 0.5) / side, (y + 0.5) / side, width, height) for width, height in shapes]
    return np.array(rows)[None]


def build(data):
    if data[4:8] != b"TFL3":
        raise SystemExit("not a TensorFlow Lite file")
    graph = Graph(Table(data, struct.unpack_from("<I", data, 0)[0]))
    images = graph.tensors[int(graph.inputs[0])]
    graph.expect(images.shape, [1, FILE_SIZE, FILE_SIZE, 3])
    graph.expect([float(images.scale[0]), int(images.zero[0])], [1 / SPREAD, GREY])
    for name, value in [("zero", 0.0), ("one", 1.0), ("six", 6.0), ("grey", float(GREY))]:
        graph.weight(name, np.array(value, np.float32))
    graph.weight("border", np.array([0, 0, 0, 0, 0, 0, 1, 1], np.int64))  # one row below, one column to the right

    by_width = {graph.tensors[int(index)].shape[2]: index for index in graph.outputs}
    scores = graph.maker(graph.maker(by_width[IDS], DEQUANTIZE).numbers(1, np.int32)[0], LOGISTIC)
    scores = graph.maker(scores.numbers(1, np.int32)[0], CONCATENATION)
    boxes = graph.maker(graph.maker(by_width[4], DEQUANTIZE).numbers(1, np.int32)[0], CONCATENATION)
    graph.node("Sigmoid", [graph.rows(scores, IDS - len(ABSENT), of_classes)], "scores")
    code = graph.rows(boxes, 4, of_boxes)
    graph.nodes.append(helper.make_node("Split", [code], ["shift", "growth"], axis=2))
    table = anchors()
    graph.weight("anchor_middles", table[..., :2].astype(np.float32))
    graph.weight("anchor_sides", table[..., 2:].astype(np.float32))
    graph.weight("anchor_half_sides", (table[..., 2:] / 2).astype(np.float32))
    middle = graph.node("Add", [graph.node("Mul", ["shift", "anchor_sides"]), "anchor_middles"])
    half = graph.node("Mul", [graph.node("Exp", ["growth"]), "anchor_half_sides"])
    corners = [graph.node("Sub", [middle, half]), graph.node("Add", [middle, half])]
    graph.node("Clip", [graph.node("Concat", corners, axis=2), "zero", "one"], "boxes")

    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientdet-lite0",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
            [
                helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, ANCHORS, 4]),
                helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, ANCHORS, IDS - len(ABSENT)]),
            ],
            list(graph.weights.values()),
        ),
        producer_name="ai-worker",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
    )


def main():
    _, weights, result = sys.argv
    with open(weights, "rb") as file:
        model = build(file.read())
    onnx.checker.check_model(model)
    onnx.save(model, result)


if __name__ == "__main__":
    main()
