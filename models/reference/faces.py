"""Records what the face networks say about the sample photos, with nothing but numpy, Pillow and ONNX Runtime.

Usage: pip install -r requirements.txt; python3 faces.py MODELS_DIR SAMPLES_DIR > faces.json

The worker's Rust code is compared with these numbers by tests/reference. Pre- and postprocessing are written here
anew from the networks' papers and model cards, so that an error would have to be made twice.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

PHOTOS = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "t1.jpg"]
SIZE = 640
ARCFACE = [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
CHIP = [(0.2255, 0.2160), (0.7548, 0.2160), (0.4901, 0.5156), (0.2541, 0.7802), (0.7261, 0.7802)]
CHIP_MEAN = np.array([122.782, 117.001, 104.298], np.float32)


def letterbox(image):
    scale = SIZE / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    canvas = Image.new("RGB", (SIZE, SIZE))
    canvas.paste(image.resize((width, height), Image.BILINEAR), (0, 0))
    return np.asarray(canvas, np.float32), scale


def similarity(source, target):
    """Umeyama 1991: the least-squares similarity transform from source to target, as a 2 x 3 matrix."""
    source, target = np.asarray(source, float), np.asarray(target, float)
    from_mean, to_mean = source.mean(0), target.mean(0)
    from_zero, to_zero = source - from_mean, target - to_mean
    u, singular, vt = np.linalg.svd(to_zero.T @ from_zero / len(source))
    sign = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ sign @ vt
    scale = np.trace(np.diag(singular) @ sign) / from_zero.var(0).sum()
    return np.hstack([scale * rotation, (to_mean - scale * rotation @ from_mean)[:, None]])


def averaged(image, back, size):
    """What a square of the photo shows, averaged by the whole number of pixels between two neighbours of the square.

    The box begins at a whole pixel and is as wide as whole averages need, moved or cut to lie in the photo.
    Returns the pixels, and the way there: `back` leads from the square into the photo.
    """
    factor = min(int(np.hypot(back[0, 0], back[1, 0]) + 1e-6), *image.size)
    if factor < 2:
        return np.asarray(image, float), back
    corners = back @ [[-1, size, -1, size], [-1, -1, size, size], [1, 1, 1, 1]]
    box = []
    for low, high, side in zip(np.floor(corners.min(1)), np.ceil(corners.max(1)), image.size):
        low, high = np.clip([low, high], 0, side).astype(int)
        length = min(-(-max(high - low, 1) // factor) * factor, side // factor * factor)
        box.append((min(low, side - length), length))
    (left, width), (top, height) = box
    pixels = np.asarray(image.reduce(factor, (left, top, left + width, top + height)), float)
    # Coordinates count from centres of pixels.
    shift = np.array([[1 / factor, 0, (0.5 - left) / factor - 0.5], [0, 1 / factor, (0.5 - top) / factor - 0.5]])
    return pixels, np.vstack([shift, [0, 0, 1]]) @ back


def align(image, landmarks, template, size):
    """Bilinear sampling at the places each output pixel comes from, after averaging; black outside of the photo."""
    back = np.linalg.inv(np.vstack([similarity(landmarks, template), [0, 0, 1]]))
    pixels, back = averaged(image, back, size)
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    x, y, _ = back @ np.stack([x.ravel(), y.ravel(), np.ones(size * size)])
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    result = np.zeros((size * size, 3))
    for dx, dy in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        column, row = left + dx, top + dy
        weight = (1 - np.abs(x - column)) * (1 - np.abs(y - row))
        inside = (0 <= column) & (column < pixels.shape[1]) & (0 <= row) & (row < pixels.shape[0])
        result[inside] += weight[inside, None] * pixels[row[inside], column[inside]]
    return np.rint(result).clip(0, 255).reshape(size, size, 3).astype(np.float32)


def tensor(pixels):
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)


def suppress(faces, threshold):
    kept = []
    for face in sorted(faces, key=lambda face: -face["score"]):
        x1, y1, x2, y2 = face["box"]
        for other in kept:
            a1, b1, a2, b2 = other["box"]
            overlap = max(0, min(x2, a2) - max(x1, a1)) * max(0, min(y2, b2) - max(y1, b1))
            if overlap / ((x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - overlap) > threshold:
                break
        else:
            kept.append(face)
    return kept


def detect(session, letterboxed, yunet):
    pixels = letterboxed[..., ::-1] if yunet else (letterboxed - 127.5) / 128
    names = [output.name for output in session.get_outputs()]
    outputs = dict(zip(names, session.run(None, {session.get_inputs()[0].name: tensor(pixels)})))
    faces = []
    for stride in (8, 16, 32):
        cells = SIZE // stride
        boxes, points = outputs[f"bbox_{stride}"][0], outputs[f"kps_{stride}"][0]
        if yunet:
            scores = np.sqrt(outputs[f"cls_{stride}"][0, :, 0] * outputs[f"obj_{stride}"][0, :, 0])
        else:
            scores = outputs[f"score_{stride}"][0, :, 0]
        for row in np.flatnonzero(scores >= (0.7 if yunet else 0.5)):
            cell = row if yunet else row // 2
            corner = np.array([cell % cells, cell // cells])
            if yunet:
                centre, half = (corner + boxes[row, :2]) * stride, np.exp(boxes[row, 2:]) * stride / 2
                low, high = centre - half, centre + half
            else:
                low, high = (corner - boxes[row, :2]) * stride, (corner + boxes[row, 2:]) * stride
            landmarks = (points[row].reshape(5, 2) + corner) * stride
            faces.append({"score": scores[row], "box": [*low, *high], "landmarks": landmarks})
    return suppress(faces, 0.3 if yunet else 0.4)


def rounded(values, digits):
    return np.round(np.asarray(values, float), digits).tolist()


def main():
    models, samples = Path(sys.argv[1]), Path(sys.argv[2])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    load = lambda name: onnxruntime.InferenceSession(str(models / name), options)
    sets = {
        "open": (load("face_detection_yunet_2023mar.onnx"), load("face_recognition_sface_2021dec.onnx")),
        "research": (load("scrfd_2.5g_kps.onnx"), load("faceplugin_fr_feature.onnx")),
    }
    age_network, gender_network = load("age-v1.onnx"), load("gender-v1.onnx")
    first = lambda session, pixels: session.run(None, {session.get_inputs()[0].name: tensor(pixels)})[0][0]
    result = {}
    for photo in PHOTOS:
        image = Image.open(samples / photo).convert("RGB")
        letterboxed, scale = letterbox(image)
        for name, (detector, embedder) in sets.items():
            faces = []
            for face in detect(detector, letterboxed, name == "open"):
                landmarks = face["landmarks"] / scale
                aligned = align(image, landmarks, ARCFACE, 112)
                embedding = first(embedder, aligned if name == "open" else (aligned[..., ::-1] - 127.5) / 128)
                chip = lambda size: (
                    align(image, landmarks, (np.array(CHIP) + 0.2) / 1.4 * size, size) - CHIP_MEAN
                ) / 256
                weights = np.arange(81.0)
                weights[0] = 0.25
                faces.append(
                    {
                        "score": rounded(face["score"], 4),
                        "box": rounded(np.array(face["box"]) / scale, 2),
                        "landmarks": rounded(landmarks, 2),
                        "embedding": rounded(embedding / np.linalg.norm(embedding), 4),
                        "age": rounded(first(age_network, chip(64)) @ weights, 2),
                        "gender": ["female", "male"][int(first(gender_network, chip(32)).argmax())],
                    }
                )
            result.setdefault(name, {})[photo] = faces
    json.dump(result, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
