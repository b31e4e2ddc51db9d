"""Turns the published PyTorch weights of EfficientNet-Lite2 into an ONNX graph.

Usage: python3 efficientnet_lite.py WEIGHTS.pth RESULT.onnx

Input  `images`: float32 [1, 3, 260, 260], RGB, (pixel - 127) / 128.
Output `logits`: float32 [1, 1000], ImageNet-1k classes, no softmax.

PyTorch is not needed: the file is a restricted pickle of a state dictionary followed by raw storages.
The architecture is that of "EfficientNet-Lite" (Tan and Le 2019, without squeeze-and-excitation, with ReLU6 and
TensorFlow's SAME padding), width 1.1 and depth 1.2.
"""

import collections
import math
import pickle
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BATCH_NORM_EPSILON = 1e-3
DEPTH = 1.2
# (repeats, kernel, stride) of each stage; the first and the last are not scaled by depth.
STAGES = [(1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1)]
DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class Storage:
    """A flat array that is filled after the pickle has been read."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.values = None


class Tensor:
    """A strided view of a storage, as `torch._utils._rebuild_tensor_v2` would make it."""

    def __init__(self, storage, offset, size, stride, *_):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def numpy(self):
        values = self.storage.values[self.offset :]
        strides = [step * values.itemsize for step in self.stride]
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(values, self.size, strides))


class Unpickler(pickle.Unpickler):
    """Knows the few names a state dictionary needs and refuses every other."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return Tensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a state dictionary")

    def persistent_load(self, identifier):
        kind, dtype, key, _location, _count, view = identifier
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"unknown persistent id {kind}")
        return self.storages.setdefault(key, Storage(dtype))


def read_state(path):
    with open(path, "rb") as file:
        for _ in range(3):  # magic number, protocol version, system information
            Unpickler(file).load()
        unpickler = Unpickler(file)
        state = unpickler.load()
        for key in Unpickler(file).load():
            storage = unpickler.storages[key]
            count = int(np.fromfile(file, np.int64, 1)[0])
            storage.values = np.fromfile(file, storage.dtype, count)
    return {name: tensor.numpy() for name, tensor in state.items()}


class Graph:
    def __init__(self, state):
        self.state, self.nodes, self.initialisers = state, [], []

    def weight(self, name):
        self.initialisers.append(numpy_helper.from_array(self.state[name].astype(np.float32), name))
        return name

    def node(self, operator, inputs, **attributes):
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def convolution(self, x, name, normalisation, stride=1, depthwise=False, activation=True):
        shape = self.state[f"{name}.weight"].shape
        x = self.node(
            "Conv",
            [x, self.weight(f"{name}.weight")],
            auto_pad="SAME_UPPER",
            kernel_shape=shape[2:],
            strides=[stride, stride],
            group=shape[0] if depthwise else 1,
        )
        parts = ["weight", "bias", "running_mean", "running_var"]
        inputs = [x] + [self.weight(f"{normalisation}.{part}") for part in parts]
        x = self.node("BatchNormalization", inputs, epsilon=BATCH_NORM_EPSILON)
        return self.node("Clip", [x, "zero", "six"]) if activation else x


def build(state):
    graph = Graph(state)
    for name, value in [("zero", 0.0), ("six", 6.0)]:
        graph.initialisers.append(numpy_helper.from_array(np.float32(value), name))
    x = graph.convolution("images", "_conv_stem", "_bn0", stride=2)
    block = 0
    for stage, (repeats, _kernel, stride) in enumerate(STAGES):
        if 0 < stage < len(STAGES) - 1:
            repeats = math.ceil(repeats * DEPTH)
        for repeat in range(repeats):
            prefix, entry = f"_blocks.{block}", x
            step = stride if repeat == 0 else 1
            if f"{prefix}._expand_conv.weight" in state:
                x = graph.convolution(x, f"{prefix}._expand_conv", f"{prefix}._bn0")
            x = graph.convolution(
                x, f"{prefix}._depthwise_conv", f"{prefix}._bn1", stride=step, depthwise=True
            )
            x = graph.convolution(x, f"{prefix}._project_conv", f"{prefix}._bn2", activation=False)
            if repeat > 0:
                x = graph.node("Add", [x, entry])
            block += 1
    x = graph.convolution(x, "_conv_head", "_bn1")
    x = graph.node("GlobalAveragePool", [x])
    x = graph.node("Flatten", [x])
    weights = [graph.weight("_fc.weight"), graph.weight("_fc.bias")]
    graph.nodes.append(helper.make_node("Gemm", [x] + weights, ["logits"], transB=1))

    used = {tensor.name for tensor in graph.initialisers}
    unused = [name for name in state if name not in used and not name.endswith("num_batches_tracked")]
    if unused:
        raise SystemExit(f"the weights hold more than the architecture: {unused[:5]}")
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite2",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 260, 260])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1000])],
            graph.initialisers,
        ),
        producer_name="ai-worker",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
    )


def main():
    _, weights, result = sys.argv
    model = build(read_state(weights))
    onnx.checker.check_model(model)
    onnx.save(model, result)


if __name__ == "__main__":
    main()
