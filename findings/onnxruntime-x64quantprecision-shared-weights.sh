#!/usr/bin/env bash
# ONNX Runtime 1.32.0 (PyPI, CPU, Linux x86-64): `session.x64quantprecision` = 1 is the setting for int8 networks on processors
# whose instructions for unsigned by signed bytes saturate (AVX2 and AVX-512 without VNNI): it turns the signed weights into
# unsigned ones while the network is loaded. A network in which two convolutions share one quantised weight, as the heads of
# EfficientDet and of other detectors do for each level of their pyramids, cannot be loaded with it: the weight is turned for the
# first convolution, and the second finds a weight of the new name that is there already. The same network with a copy of the
# weight for each convolution loads, as does the shared one without the setting.
#
# Output seen:
#   a weight each, 0: loads
#   a weight each, 1: loads
#   one weight for both, 0: loads
#   one weight for both, 1: Attempt to replace the existing tensor
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 onnx==1.19.1 onnxruntime==1.32.0
cat >"$work/run.py" <<'PYTHON'
import re
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

def network(weights):
    """Two convolutions of 8-bit weights between quantised tensors, with one weight or two."""
    random = numpy.random.default_rng(1)
    values = {"scale": numpy.float32(0.02), "zero": numpy.uint8(128)}
    for weight in range(weights):
        values[f"w{weight}"] = random.integers(-127, 128, (8, 4, 1, 1)).astype(numpy.int8)
        values[f"w{weight}_scale"], values[f"w{weight}_zero"] = numpy.float32(0.01), numpy.int8(0)
    nodes = []
    for number in range(2):
        weight = f"w{min(number, weights - 1)}"
        for operator, inputs, output in [
            ("QuantizeLinear", [f"x{number}", "scale", "zero"], f"xq{number}"),
            ("DequantizeLinear", [f"xq{number}", "scale", "zero"], f"xd{number}"),
            ("DequantizeLinear", [weight, f"{weight}_scale", f"{weight}_zero"], f"wd{number}"),
            ("Conv", [f"xd{number}", f"wd{number}"], f"c{number}"),
            ("QuantizeLinear", [f"c{number}", "scale", "zero"], f"cq{number}"),
            ("DequantizeLinear", [f"cq{number}", "scale", "zero"], f"y{number}"),
        ]:
            nodes.append(helper.make_node(operator, inputs, [output]))
    tensor = lambda name, channels: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 3, 3])
    graph = helper.make_graph(
        nodes, "two", [tensor("x0", 4), tensor("x1", 4)], [tensor("y0", 8), tensor("y1", 8)],
        [numpy_helper.from_array(numpy.array(value), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()

for name, weights in [("a weight each", 2), ("one weight for both", 1)]:
    for precision in "01":
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.add_session_config_entry("session.x64quantprecision", precision)
        try:
            onnxruntime.InferenceSession(network(weights), options, providers=["CPUExecutionProvider"])
            outcome = "loads"
        except Exception as error:
            known = re.search("Attempt to replace the existing tensor", str(error))
            outcome = known[0] if known else str(error)
        print(f"{name}, {precision}: {outcome}")
PYTHON
"$work/venv/bin/python" "$work/run.py" | tee "$work/seen"
sed -n 's/^#   //p' "$0" | diff - "$work/seen" || { echo 'this has changed' >&2; exit 1; }
