"""How many faces the worker finds: of every size, in every turn, and where there are none.

    detection.py --worker ai-worker --models DIRECTORY --faces FOLDER --without FOLDER [--count 200] [NAME=VALUE...]

FACES has photos of one person each, WITHOUT photos that show nobody. Settings of the worker may follow, such as
FACE_SEARCH=0. A face counts as found when the middle of a box lies in it and the box is .5 to 2 times as wide. Where it
is, the detector of the set `open` says, which looks at the photo at four sizes."""

import argparse
import contextlib
import io
import random
import statistics
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

from worker import Worker, photo_server

SIZES = [224, 320, 448, 640]
CERTAIN = 0.8
STRIDES = [8, 16, 32]
LARGE = (4032, 3024)
TURNS = ["upright", "mirrored", "180", "180 mirrored", "90 mirrored", "90", "270 mirrored", "270"]


def detector(models):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    file = Path(models) / "face_detection_yunet_2023mar.rewritten.onnx"
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def best(photo, longest):
        """Score and box of the best face, in pixels of the photo."""
        scale = longest / max(photo.size)
        small = photo.resize([max(1, round(side * scale)) for side in photo.size], Image.Resampling.BILINEAR)
        width, height = (-(-side // 32) * 32 for side in small.size)
        canvas = np.zeros((height, width, 3), np.float32)
        canvas[: small.height, : small.width] = np.asarray(small)[:, :, ::-1]
        outputs = dict(zip(names, session.run(None, {session.get_inputs()[0].name: canvas.transpose(2, 0, 1)[None]})))
        found = (0.0, None)
        for stride in STRIDES:
            scores = np.sqrt(outputs[f"cls_{stride}"].clip(0, 1) * outputs[f"obj_{stride}"].clip(0, 1)).ravel()
            index = int(scores.argmax())
            if scores[index] > found[0]:
                x, y, w, h = outputs[f"bbox_{stride}"].reshape(-1, 4)[index]
                middle = (index % (width // stride) + x) * stride, (index // (width // stride) + y) * stride
                half = np.exp(w) * stride / 2, np.exp(h) * stride / 2
                box = middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]
                found = float(scores[index]), np.array(box) / scale
        return found

    return best


def photos_in(folder):
    return sorted(file for file in Path(folder).rglob("*") if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})


def opened(file):
    with contextlib.suppress(OSError), Image.open(file) as photo:
        return ImageOps.exif_transpose(photo).convert("RGB")
    return None


def encoded(photo):
    buffer = io.BytesIO()
    photo.save(buffer, "jpeg", quality=92)
    return buffer.getvalue()


def filling(photo, box, share):
    """The part of a photo whose sides are the face's longer side divided by `share`, as far as there is one."""
    side = max(box[2] - box[0], box[3] - box[1]) / share
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top = max(0, round(x - side / 2)), max(0, round(y - side / 2))
    part = photo.crop((left, top, min(photo.width, round(x + side / 2)), min(photo.height, round(y + side / 2))))
    return encoded(part), box - [left, top, left, top]


def small(photo, box, width, background, random):
    """The face, `width` pixels wide, with half of its width around it, somewhere in a photo of 12 megapixels."""
    scale = width / (box[2] - box[0])
    margin = (box[2] - box[0]) / 2
    part = [max(0, box[0] - margin), max(0, box[1] - margin), min(photo.width, box[2] + margin), min(photo.height, box[3] + margin)]
    part = [round(edge) for edge in part]
    cut = photo.crop(part)
    cut = cut.resize([max(1, round(side * scale)) for side in cut.size], Image.Resampling.LANCZOS)
    canvas = background.resize(LARGE, Image.Resampling.BICUBIC)
    left, top = random.randrange(LARGE[0] - cut.width), random.randrange(LARGE[1] - cut.height)
    canvas.paste(cut, (left, top))
    return encoded(canvas), (box - [part[0], part[1], part[0], part[1]]) * scale + [left, top, left, top]


def turned(photo, box, turn):
    x1, y1, x2, y2 = box
    width, height = photo.size
    if turn & 1:
        photo, x1, x2 = ImageOps.mirror(photo), width - x2, width - x1
    method = [None, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_90][turn // 2]
    box = [
        (x1, y1, x2, y2),
        (width - x2, height - y2, width - x1, height - y1),
        (height - y2, x1, height - y1, x2),
        (y1, width - x2, y2, width - x1),
    ][turn // 2]
    return encoded(photo if method is None else photo.transpose(method)), np.array(box)


def is_found(box, faces):
    for face in faces:
        x1, y1, x2, y2 = face["bounding_box"]
        inside = box[0] <= (x1 + x2) / 2 <= box[2] and box[1] <= (y1 + y2) / 2 <= box[3]
        if inside and 0.5 <= (x2 - x1) / (box[2] - box[0]) <= 2:
            return face
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["worker", "models", "faces", "without"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("settings", nargs="*")
    options = parser.parse_args()
    best = detector(options.models)
    photos = []
    for file in photos_in(options.faces):
        photo = opened(file)
        if photo is None:
            continue
        score, box = max((best(photo, size) for size in SIZES), key=lambda found: found[0])
        # A face that is enlarged is no test of a large one, and one beyond the edge none of its place.
        if score >= CERTAIN and box[2] - box[0] >= 40:
            photos.append((photo, box))
        if len(photos) == options.count:
            break
    backgrounds = [photo for file in photos_in(options.without) if (photo := opened(file)) and min(photo.size) >= 200]
    print(f"{len(photos)} faces, {len(backgrounds)} photos without people; {' '.join(options.settings)}")
    chance = random.Random(1)
    rows = [(f"fills {share:.0%}", lambda p, b, s=share: filling(p, b, s)) for share in [0.5, 0.7, 0.9, 1.0, 1.1, 1.2]]
    rows += [
        (f"{width} px of 4032", lambda p, b, w=width: small(p, b, w, chance.choice(backgrounds), chance))
        for width in [20, 30, 40, 60, 80]
    ]
    rows += [(name, lambda p, b, t=turn: turned(p, b, t)) for turn, name in enumerate(TURNS)]
    settings = dict(pair.split("=", 1) for pair in options.settings)
    with Worker(options.worker, options.models, settings) as worker:
        for name, make in rows:
            found, confidence, looks = 0, [], []
            for photo, box in photos:
                body, box = make(photo, box)
                with photo_server([body]) as address:
                    answer = worker.call("POST", "/api/process?details=true", {"file_id": "x", "image_url": address + "0"})
                looks.append(answer["details"].get("detector_looks", 1))
                if face := is_found(box, answer["faces"]):
                    found += 1
                    confidence.append(face["confidence"])
            print(
                f"{name:>14}: {found / len(photos):6.1%} of {len(photos)}, confidence {statistics.mean(confidence or [0]):.2f}, "
                f"looks {statistics.mean(looks):.1f}",
                flush=True,
            )
        faces, with_faces, looks = 0, 0, []
        for photo in backgrounds:
            with photo_server([encoded(photo)]) as address:
                answer = worker.call("POST", "/api/process?details=true", {"file_id": "x", "image_url": address + "0"})
            faces += len(answer["faces"])
            with_faces += bool(answer["faces"])
            looks.append(answer["details"].get("detector_looks", 1))
        print(f"without people: {faces} faces in {with_faces} of {len(backgrounds)}, looks {statistics.mean(looks):.1f}")


if __name__ == "__main__":
    main()
