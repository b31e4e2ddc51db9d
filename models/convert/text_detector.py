"""Writes a text detector of PaddleOCR, as ONNX, so that ONNX Runtime runs it faster; it answers the same.

Usage: python3 text_detector.py DETECTOR.onnx RESULT.onnx

- Every convolution is followed by a factor and an offset, which go into its weights.
- `x * clip(x + 3, 0, 6) / 6` (hard swish, Howard et al. 2019), with a factor and an offset behind it, is six operators, of
  which four have no kernel in ONNX Runtime's blocked layout. `x * clip(x / 6 + 1 / 2, 0, 1)` is the same in three: a
  depthwise convolution of 1 x 1, which ONNX Runtime computes together with the clip, and a product. The factor goes into
  that convolution; the offset into the bias of a following convolution of 1 x 1, or into another depthwise one.

Input  float32 [1, 3, height, width], multiples of 32.
Output float32 [1, 1, height, width], the probability of each pixel to belong to a line.
"""

import math
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper


class Graph:
    """The nodes that are no constants, the values of those that are, and who makes and takes each value."""

    def __init__(self, graph):
        self.graph = graph
        self.weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        self.nodes = []
        for node in graph.node:
            if node.op_type == "Constant":
                self.weights[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
            else:
                self.nodes.append(node)
        self.outputs = {output.name for output in graph.output}

    def maker(self, value):
        return next((node for node in self.nodes if value in node.output), None)

    def takers(self, value):
        return [node for node in self.nodes if value in node.input]

    def only_taker(self, value, operator):
        """The one node that takes a value, when it is of this operator."""
        takers = self.takers(value)
        return takers[0] if len(takers) == 1 and value not in self.outputs and takers[0].op_type == operator else None

    def scalar(self, node):
        """The value that is not constant and the number, of a node that takes one of each; else none and none."""
        for value, number in (node.input, reversed(node.input)) if len(node.input) == 2 else ():
            held = self.weights.get(number)
            if held is not None and held.size == 1 and value not in self.weights:
                return value, float(held.reshape(()))
        return None, None

    def weight(self, name, values):
        self.weights[name] = np.ascontiguousarray(values, np.float32)
        return name

    def replace(self, old, node, new, value):
        """Puts nodes in the place of others, the last of which is `node`; `value` becomes the name of what that gave."""
        place = self.nodes.index(node)
        self.nodes[place : place + 1] = new
        for gone in old:
            if gone is not node:
                self.nodes.remove(gone)
        for taker in self.nodes:
            for index, name in enumerate(taker.input):
                if name == node.output[0]:
                    taker.input[index] = value

    def bias(self, convolution):
        """The bias of a convolution, zeros where it has none."""
        weights = self.weights[convolution.input[1]]
        return self.weights[convolution.input[2]] if len(convolution.input) > 2 else np.zeros(len(weights), np.float32)

    def set_weights(self, convolution, weights, bias):
        name = convolution.output[0]
        del convolution.input[1:]
        convolution.input.extend([self.weight(f"{name}.weight", weights), self.weight(f"{name}.bias", bias)])

    def write(self):
        taken = {name for node in self.nodes for name in node.input}
        del self.graph.node[:], self.graph.initializer[:], self.graph.value_info[:]
        self.graph.node.extend(self.nodes)
        self.graph.initializer.extend(numpy_helper.from_array(self.weights[name], name) for name in sorted(taken & set(self.weights)))


def fold_scalars(graph):
    """Takes factors and offsets behind convolutions into their weights; gives how many those were."""
    count = 0
    for node in list(graph.nodes):
        value, number = graph.scalar(node) if node.op_type in ("Mul", "Add") else (None, None)
        maker = graph.maker(value)
        if maker is None or maker.op_type != "Conv" or graph.only_taker(value, node.op_type) is not node:
            continue
        weights, bias, number = graph.weights[maker.input[1]], graph.bias(maker), np.float32(number)
        if node.op_type == "Mul":
            graph.set_weights(maker, weights * number, bias * number)
        else:
            graph.set_weights(maker, weights, bias + number)
        graph.replace([], node, [], value)
        count += 1
    return count


def channels(graph, value):
    """How many channels a value has: as many as the layer before gives."""
    maker = graph.maker(value)
    if maker.op_type in ("Conv", "BatchNormalization"):
        return len(graph.weights[maker.input[1]])
    if maker.op_type == "ConvTranspose":
        return graph.weights[maker.input[1]].shape[1]
    return channels(graph, next(name for name in maker.input if name not in graph.weights))


def hard_swish(graph, shift):
    """The nodes of a hard swish that begins with this addition, with its factor and its offset; none when it is something
    else."""
    value, number = graph.scalar(shift)
    if number != 3 or not (clip := graph.only_taker(shift.output[0], "Clip")):
        return None
    if [float(graph.weights[name]) for name in clip.input[1:]] != [0, 6]:
        return None
    product = graph.only_taker(clip.output[0], "Mul")
    if not product or value not in product.input or not (sixth := graph.only_taker(product.output[0], "Div")):
        return None
    if graph.scalar(sixth) != (product.output[0], 6):
        return None
    nodes, factor, offset = [shift, clip, product, sixth], 1.0, 0.0
    scaled = graph.only_taker(sixth.output[0], "Mul")
    if scaled and graph.scalar(scaled)[1] is not None:
        nodes.append(scaled)
        factor = graph.scalar(scaled)[1]
        moved = graph.only_taker(scaled.output[0], "Add")
        if moved and graph.scalar(moved)[1] is not None:
            nodes.append(moved)
            offset = graph.scalar(moved)[1]
    return value, nodes, factor, offset


def depthwise(graph, value, name, factor, offset, count):
    """A convolution of 1 x 1 that multiplies each of so many channels and adds to it."""
    weights = graph.weight(f"{name}.factor", np.full((count, 1, 1, 1), factor))
    bias = graph.weight(f"{name}.offset", np.full(count, offset))
    return helper.make_node("Conv", [value, weights, bias], [name], group=count, kernel_shape=[1, 1])


def replace_hard_swish(graph):
    """Puts what has kernels in the blocked layout in the place of every hard swish; gives how many those were."""
    count = 0
    for node in list(graph.nodes):
        found = hard_swish(graph, node) if node.op_type == "Add" and node in graph.nodes else None
        if not found:
            continue
        value, old, factor, offset = found
        result = old[-1].output[0]
        width = channels(graph, value)
        least, most = sorted([0.0, factor])
        inputs = [graph.weight(f"{result}.least", np.array(least)), graph.weight(f"{result}.most", np.array(most))]
        new = [
            depthwise(graph, value, f"{result}.slope", factor / 6, factor / 2, width),
            helper.make_node("Clip", [f"{result}.slope", *inputs], [f"{result}.gate"]),
            helper.make_node("Mul", [value, f"{result}.gate"], [f"{result}.swish"]),
        ]
        takers = graph.takers(result)
        if offset and all(taker.op_type == "Conv" and graph.weights[taker.input[1]].shape[2:] == (1, 1) for taker in takers):
            for taker in takers:
                weights = graph.weights[taker.input[1]]
                # Summed exactly, so that the bytes are the same on every machine.
                moved = [math.fsum(row) * offset for row in weights.reshape(len(weights), -1).tolist()]
                graph.set_weights(taker, weights, graph.bias(taker) + np.array(moved, np.float32))
        elif offset:
            new.append(depthwise(graph, f"{result}.swish", f"{result}.moved", 1, offset, width))
        graph.replace(old, old[-1], new, new[-1].output[0])
        count += 1
    return count


def main():
    source, result = sys.argv[1:3]
    model = onnx.load(source)
    graph = Graph(model.graph)
    if fold_scalars(graph) < 2 or replace_hard_swish(graph) < 2:
        raise SystemExit(f"{source} is not a text detector of PaddleOCR")
    graph.write()
    onnx.checker.check_model(model)
    with open(result, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


main()
