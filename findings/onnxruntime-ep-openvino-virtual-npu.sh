#!/usr/bin/env bash
# onnxruntime-ep-openvino 1.8.1 under ONNX Runtime 1.32.0 (PyPI, Linux x86-64): a plug-in that is registered under a name which
# ends in `.virtual` lists four NPUs of Intel on every machine, whatever is in it; only `is_virtual` in the hardware's metadata
# tells them from real ones. They are there for compiling ahead of time, and that fails, too: no session can be made on one,
# because the compiler's loader, which the plug-in opens then, is not in the Linux wheel. Whoever takes a device because it is
# listed, or because it is an NPU, ends here: try it with a network, and leave out what is virtual.
#
# Output seen:
#   4 devices, all of type NPU, all virtual
#   EPFail: cannot load libopenvino_intel_npu_compiler_loader.so
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 onnx==1.20.0 onnxruntime==1.32.0 onnxruntime-ep-openvino==1.8.1
"$work/venv/bin/python" - <<'PYTHON'
import sys

import onnxruntime
import onnxruntime_ep_openvino
from onnx import TensorProto, helper

tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", tensors[:1], tensors[1:])
network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()

onnxruntime.register_execution_provider_library("openvino.virtual", onnxruntime_ep_openvino.get_library_path())
devices = [device for device in onnxruntime.get_ep_devices() if device.ep_name == "OpenVINOExecutionProvider"]
kinds = {device.device.type.name for device in devices}
virtual = [device for device in devices if device.device.metadata.get("is_virtual") == "1"]
print(f"{len(devices)} devices, all of type {' '.join(kinds)}, {'all' if virtual == devices else len(virtual)} virtual")
if len(devices) != 4 or kinds != {"NPU"} or virtual != devices:
    sys.exit("other devices are listed now")

options = onnxruntime.SessionOptions()
options.log_severity_level = 4
options.add_provider_for_devices(devices[:1], {})
loader = "libopenvino_intel_npu_compiler_loader.so"
try:
    onnxruntime.InferenceSession(network, options)
except Exception as error:
    if loader not in str(error):
        raise
    print(f"{type(error).__name__}: cannot load {loader}")
else:
    sys.exit("a session is made on a virtual device now")
PYTHON
