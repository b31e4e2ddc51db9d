"""Turns a network's 32-bit graph into one that computes in 8-bit integers.

Usage: python3 quantize.py RANGES.json|dynamic MODEL.onnx RESULT.onnx

RANGES.json, beside this script, holds the lowest and the highest value of every tensor between the layers, as calibrate.py saw them: with
them the result needs no photos, and is the same on every machine. Weights are signed, with a scale for each channel and
7 bits: with 8, processors without VNNI instructions add up products beyond 16 bits and cut them off (ONNX Runtime,
"Quantize ONNX Models", on AVX2), which was measured to ruin these networks. Values between layers are unsigned, 8 bits.

With `dynamic` only the products with weights are computed in integers, by the range of the values of each run: ONNX
Runtime's way for transformers, which needs no ranges.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import CalibrationMethod, QuantType, quantize_dynamic
from onnxruntime.quantization.calibrate import TensorData, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.registry import QDQRegistry

# The first operator set in which a tensor can have a scale for each channel.
OPERATORS = 13


def prepare(source):
    """The graph with its batch normalisations in the weights of the layer before, as the quantiser wants it."""
    model = onnx.load(source)
    # Old exporters list weights as inputs, too, which keeps them from being folded.
    weights = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    if model.opset_import[0].version < OPERATORS:
        model = version_converter.convert_version(model, OPERATORS)
    with tempfile.TemporaryDirectory() as directory:
        folded = str(Path(directory) / "folded.onnx")
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = folded
        # Basic: nothing that depends on the machine.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.shape_inference.infer_shapes(onnx.load(folded))


def quantize(model, ranges):
    """The graph with every layer between a quantising and a dequantising node, which ONNX Runtime then fuses."""
    bounds = {
        name: TensorData(lowest=np.float32(low), highest=np.float32(high)) for name, (low, high) in ranges.items()
    }
    quantizer = QDQQuantizer(
        model,
        per_channel=True,
        reduce_range=True,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, bounds),
        nodes_to_quantize=[],
        nodes_to_exclude=[],
        op_types_to_quantize=list(QDQRegistry),
        extra_options={},
    )
    quantizer.quantize_model()
    return quantizer.model.model


def main():
    ranges, source, result = sys.argv[1:]
    if ranges == "dynamic":
        settings = {"per_channel": True, "reduce_range": True, "weight_type": QuantType.QInt8}
        quantize_dynamic(source, result, op_types_to_quantize=["MatMul"], **settings)
        return
    onnx.save(quantize(prepare(source), json.loads((Path(__file__).parent / ranges).read_text())), result)


if __name__ == "__main__":
    main()
