#!/usr/bin/env bash
# onnxruntime-ep-openvino 1.8.1 under ONNX Runtime 1.32.0 (PyPI, Linux x86-64, an Intel processor): the provider options that
# OpenVINO's provider has had for years, `cache_dir` and `precision`, are taken without an error when it is a plug-in, and do
# nothing; a warning is all, which the usual log level of a service hides. What they did is asked for by one option,
# `load_config`, with a JSON object for each device. So a service that goes on to pass `cache_dir` compiles every network anew
# at each start, and one that passes `precision` computes in whatever the processor is fastest in (16 bits where it has
# AVX512-BF16). And a graph whose weights are inputs, too, as files of IR version 3 must have them, cannot be loaded, although
# ONNX Runtime's own processor runs it.
#
# Output seen:
#   cache_dir: 0 files
#   load_config: 1 file
#   weights that are inputs: EPFail: Input names mismatch between OpenVINO and ONNX
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 onnx==1.20.0 onnxruntime==1.32.0 onnxruntime-ep-openvino==1.8.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import json
import os
import sys

import numpy
import onnxruntime
import onnxruntime_ep_openvino
from onnx import TensorProto, helper, numpy_helper

shapes = {"x": [1, 3, 32, 32], "y": [1, 8, 30, 30], "w": [8, 3, 3, 3]}
tensor = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
weights = numpy_helper.from_array(numpy.full(shapes["w"], 0.5, numpy.float32), "w")


def network(inputs):
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "conv", [tensor[name] for name in inputs], [tensor["y"]], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


onnxruntime.register_execution_provider_library("openvino", onnxruntime_ep_openvino.get_library_path())
devices = [device for device in onnxruntime.get_ep_devices() if device.ep_name == "OpenVINOExecutionProvider"]
if not devices:
    sys.exit("OpenVINO lists nothing here: it needs a processor of Intel")


def session(model, provider_options):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_provider_for_devices(devices[:1], provider_options)
    return onnxruntime.InferenceSession(model, options)


def cached(name, provider_options):
    os.mkdir(name)
    session(network(["x"]), provider_options)
    count = len(os.listdir(name))
    print(f"{name}: {count} file{'' if count == 1 else 's'}")
    return count


old = cached("cache_dir", {"cache_dir": "cache_dir", "precision": "FP32"})
new = cached("load_config", {"load_config": json.dumps({"CPU": {"CACHE_DIR": "load_config"}})})
if old != 0 or new == 0:
    sys.exit("the options do something else now")

words = "Input names mismatch between OpenVINO and ONNX"
onnxruntime.InferenceSession(network(["x", "w"]), providers=["CPUExecutionProvider"])
try:
    session(network(["x", "w"]), {})
except Exception as error:
    if words not in str(error):
        raise
    print(f"weights that are inputs: {type(error).__name__}: {words}")
else:
    sys.exit("weights that are inputs are taken now")
PYTHON
