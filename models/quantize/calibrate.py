"""Records between which values the tensors of a network lie on the sample photos, for quantize.py.

Usage: pip install -r requirements.txt Pillow; python3 calibrate.py ARCHITECTURE MODEL.onnx MODELS_DIR SAMPLES_DIR > RANGES.json

ARCHITECTURE is that of the manifest. Each photo, or each face in it, is seen as it is and mirrored. Preprocessing is that
of ../reference/faces.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "reference"))
sys.path.insert(0, str(Path(__file__).parent))
import faces  # noqa: E402
from quantize import prepare  # noqa: E402

# Share of the photo's shorter side, and side of the crop, that EfficientNet-Lite2 was evaluated on.
LABEL_CROP, LABEL_SIDE = 0.93, 260


def session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # As the graph is written: every tensor must be there to be looked at.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def inputs(architecture, photo, detector):
    image = Image.open(photo).convert("RGB")
    letterboxed, scale = faces.letterbox(image)
    if architecture == "scrfd":
        return [faces.tensor((letterboxed - 127.5) / 128)]
    if architecture == "image-classifier":
        side = min(image.size) * LABEL_CROP
        left, top = (image.width - side) / 2, (image.height - side) / 2
        crop = image.resize((LABEL_SIDE, LABEL_SIDE), Image.BILINEAR, box=(left, top, left + side, top + side))
        return [faces.tensor((np.asarray(crop, np.float32) - 127) / 128)]
    if architecture == "age-distribution":
        pixels, side = np.asarray(image, float), 64
        template = (np.array(faces.CHIP) + 0.2) / 1.4 * side
        landmarks = [face["landmarks"] / scale for face in faces.detect(detector, letterboxed, True)]
        chips = [faces.align(pixels, points, template, side) for points in landmarks]
        return [faces.tensor((chip - faces.CHIP_MEAN) / 256) for chip in chips]
    raise SystemExit(f"nothing is known of the inputs of {architecture}")


def main():
    architecture, source, models, samples = sys.argv[1], *map(Path, sys.argv[2:])
    detector = session(str(models / "face_detection_yunet_2023mar.onnx"))
    model = prepare(source)
    known = {value.name for value in model.graph.output}
    for node in model.graph.node:
        for name in node.output:
            if name not in known:
                model.graph.output.append(helper.make_empty_tensor_value_info(name))
    network = session(model.SerializeToString())
    name = network.get_inputs()[0].name
    outputs = [output.name for output in network.get_outputs() if "float" in output.type]
    ranges = {}
    for photo in sorted(samples.iterdir()):
        for seen in inputs(architecture, photo, detector):
            for tensor in (seen, np.ascontiguousarray(seen[..., ::-1])):
                values = dict(zip(outputs, network.run(outputs, {name: tensor})), **{name: tensor})
                for key, value in values.items():
                    low, high = ranges.get(key, (0.0, 0.0))
                    ranges[key] = (min(low, float(value.min())), max(high, float(value.max())))
    # Six digits are far finer than the 256 steps that they are divided into.
    rounded = {key: [float(f"{low:.6g}"), float(f"{high:.6g}")] for key, (low, high) in ranges.items()}
    print("{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(rounded.items())) + "\n}")


if __name__ == "__main__":
    main()
