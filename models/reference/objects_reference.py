"""Writes the reference detections of EfficientDet-Lite0: the worker's way of preparing photos and of reading answers,
in Python, on the converted graph.

Usage: python3 objects_reference.py GRAPH.onnx RESULT.json, in a directory with the photos in samples/

Ran with Python 3.11 and

    numpy==2.2.6 onnxruntime==1.32.0 pillow==12.3.0

That the graph says what the published file says is the subject of objects_operators.py.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

PHOTOS = ["coffee.png", "astronaut.png", "solvay_1927.jpg"]
SIZE, GREY, LEAST, OVERLAP, KEPT = 448, 127, 0.25, 0.5, 12
NAMES = (Path(__file__).parents[1] / "coco-classes.txt").read_text(encoding="ascii").splitlines()


def tensor(photo):
    """The network's input, and how much of its width and height the photo fills."""
    scale = SIZE / max(photo.size)
    width, height = (max(1, round(side * scale)) for side in photo.size)
    square = np.full((SIZE, SIZE, 3), GREY, np.uint8)
    square[:height, :width] = np.asarray(photo.resize((width, height), Image.BILINEAR))
    images = np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32)
    return images, np.array([width, height, width, height]) / SIZE


def overlap(box, others):
    """Intersection over union of a box with each of the others."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = sides.clip(0).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    return common / ((box[2:] - box[:2]).prod() + areas - common + 1e-12)


def detections(boxes, scores):
    """Non-maximum suppression, class by class; the surest first."""
    found = []
    for kind in range(scores.shape[1]):
        rows = np.flatnonzero(scores[:, kind] >= LEAST)
        rows = rows[np.argsort(-scores[rows, kind], kind="stable")]
        while len(rows):
            found.append((kind, scores[rows[0], kind], boxes[rows[0]]))
            rows = rows[1:][overlap(boxes[rows[0]], boxes[rows[1:]]) <= OVERLAP]
    return sorted(found, key=lambda detection: -detection[1])


def main():
    _, graph, result = sys.argv
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    photos = []
    for name in PHOTOS:
        path = f"samples/{name}"
        photo = Image.open(path).convert("RGB")
        images, filled = tensor(photo)
        boxes, scores = session.run(["boxes", "scores"], {"images": images})
        found = detections((boxes[0] / filled).clip(0, 1), scores[0])
        photos.append(
            {
                "photo": name,
                "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
                "filled": [round(float(part), 6) for part in filled[:2]],
                "tensor_mean": [round(float(mean), 5) for mean in images[0].mean((1, 2))],
                "found": len(found),
                "top": [
                    {
                        "class": kind,
                        "name": NAMES[kind],
                        "score": round(float(score), 5),
                        "box": [round(float(side), 5) for side in box],
                    }
                    for kind, score, box in found[:KEPT]
                ],
            }
        )
    document = {
        "network": "EfficientDet-Lite0 of MediaPipe, converted by models/convert/efficientdet_lite.py",
        "graph_sha256": hashlib.sha256(open(graph, "rb").read()).hexdigest(),
        "preprocessing": "decode to RGB; scale so that the longer side has 448 pixels, the other rounded, with an "
        "antialiased triangle filter (PIL's BILINEAR), to 8 bits; lay it into the upper left corner of a square of 127; "
        "[1, 3, 448, 448], RGB, 0 to 255",
        "postprocessing": "divide boxes by the part of the square that the photo fills, cut them to 0..1; class by class, "
        "among scores of at least 0.25: the surest box stays, those that overlap it by more than 0.5 (intersection over "
        "union) go, and so on; all classes together, the surest first",
        "classes": NAMES,
        "photos": photos,
    }
    with open(result, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
