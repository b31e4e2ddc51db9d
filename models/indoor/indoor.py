"""Trains the head that says from a photo's 1,000 class logits whether it was taken indoors.

Usage:
    pip install -r requirements.txt
    indoor.py GIT_DIRECTORIES CLASSIFIER.onnx [--write indoor.json] [--features CACHE.npz]

GIT_DIRECTORIES is a folder with a git directory of every repository of indoor.tsv in it, in folders called OWNER+NAME.
CLASSIFIER.onnx is the converted EfficientNet-Lite2. Prints how well the head does on repositories that it was not
trained on, and writes the head that all photos gave. The same photos and packages give the same file.
"""

import argparse
import csv
import io
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from PIL import Image, ImageOps
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

sys.path.append(str(Path(__file__).parents[1] / "evaluation"))
import collection  # noqa: E402

MANIFEST = Path(__file__).with_name("indoor.tsv")
CLASSIFIER = "efficientnet-lite2"
# The classifier's input, as models/manifest.toml and the worker's LABEL_CROP have it.
SIZE, CROP, MEAN, DEVIATION = 260, 0.93, 127.0, 128.0
# Inverse strengths of the regularisation that are tried.
STRENGTHS = [10.0**exponent for exponent in np.arange(-6, 0.01, 0.5)]
FOLDS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
DIGITS = 4


class Photo(NamedTuple):
    repository: str
    commit: str
    object_id: str
    indoor: int
    licence: str
    half: str  # tune or test


def read(manifest=MANIFEST):
    with open(manifest, encoding="ascii", newline="") as file:
        photos = [Photo(a, b, c, int(d), e, f) for a, b, c, d, e, f in csv.reader(file, delimiter="\t")]
    if any(photo.indoor not in (0, 1) or photo.half not in ("tune", "test") for photo in photos):
        raise ValueError(f"{manifest}: a line of another form")
    return photos


def upright(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode in ("RGBA", "LA", "P", "PA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def centre(image):
    """The middle that the worker shows the classifier; Pillow's BILINEAR is a triangle filter as wide as it needs."""
    side = min(image.size) * CROP
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def logits_of(photos, root, classifier):
    """The logits of each photo [photos, 1000], and of its mirror image."""
    session, found = session_of(classifier), []
    for data in collection.contents(photos, root):
        pixels = np.asarray(centre(upright(data)), np.float32)
        views = [((view - MEAN) / DEVIATION).transpose(2, 0, 1)[None] for view in (pixels, pixels[:, ::-1])]
        found.append([session.run(["logits"], {"images": np.ascontiguousarray(view)})[0][0] for view in views])
    return np.array(found, np.float64).transpose(1, 0, 2)


def train(views, labels, strength):
    """Weights and bias from all views of the photos; either kind counts the same, however many photos it has.

    Trained on logits less their mean, so that the weights add up to nothing: log-probabilities then give what logits give.
    """
    views = views - views.mean(-1, keepdims=True)
    model = LogisticRegression(C=strength, class_weight="balanced", solver="lbfgs", tol=1e-8, max_iter=20_000)
    model.fit(np.concatenate(views), np.tile(labels, len(views)))
    return model.coef_[0], model.intercept_[0]


def probabilities(logits, head):
    return 1 / (1 + np.exp(-(logits @ head[0] + head[1])))


def cross_validated(views, labels, groups, strength, folds=FOLDS):
    """The probability of each photo by a head that saw no photo of its repository."""
    found = np.zeros(len(labels))
    for others, held in GroupKFold(folds).split(labels, groups=groups):
        found[held] = probabilities(views[0][held], train(views[:, others], labels[others], strength))
    return found


def loss(probability, labels):
    right = np.where(labels == 1, probability, 1 - probability)
    return -np.log(np.clip(right, 1e-9, 1)).mean()


def best_strength(views, labels, groups):
    return min(STRENGTHS, key=lambda strength: loss(cross_validated(views, labels, groups, strength), labels))


def table(probability, labels):
    print("from    right   wrong   silent  right of what is said   indoors right/wrong   outdoors right/wrong")
    for threshold in THRESHOLDS:
        says = np.where(probability >= threshold, 1, np.where(probability <= 1 - threshold, 0, -1))
        right, wrong = says == labels, (says >= 0) & (says != labels)
        sides = [f"{right[labels == side].mean():9.1%} {wrong[labels == side].mean():.1%}" for side in (1, 0)]
        said = right.sum() / max(1, (says >= 0).sum())
        shares = f"{right.mean():6.1%}  {wrong.mean():6.1%}  {(says < 0).mean():6.1%}"
        print(f"{threshold:.2f}  {shares}  {said:18.1%}  {sides[0]:>22}  {sides[1]:>20}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories")
    parser.add_argument("classifier")
    parser.add_argument("--write", default="indoor.json")
    parser.add_argument("--features", help="a file that keeps the logits between runs")
    options = parser.parse_args()

    photos = read()
    names = [photo.object_id for photo in photos]
    cache = Path(options.features) if options.features else None
    kept = np.load(cache) if cache and cache.is_file() else {}
    if list(kept.get("names", [])) == names:
        views = kept["logits"]
    else:
        views = logits_of(photos, options.directories, options.classifier)
        if cache:
            np.savez(cache, names=names, logits=views)
    labels = np.array([photo.indoor for photo in photos])
    groups = np.array([photo.repository for photo in photos])
    tune = np.array([photo.half == "tune" for photo in photos])
    print(f"{len(photos)} photos, {labels.sum()} indoors, of {len(set(groups))} repositories")

    strength = best_strength(views[:, tune], labels[tune], groups[tune])
    head = train(views[:, tune], labels[tune], strength)
    print(f"\ntrained on the half tune (strength {strength:.1e} chosen there), tested on the half test:")
    table(probabilities(views[0][~tune], head), labels[~tune])

    strength = best_strength(views, labels, groups)
    print(f"\n{FOLDS} folds by repository, all photos, strength {strength:.1e}:")
    table(cross_validated(views, labels, groups, strength), labels)

    weights, bias = train(views, labels, strength)
    head = {
        "classifier": CLASSIFIER,
        "bias": round(float(bias), DIGITS),
        "weights": [round(float(weight), DIGITS) for weight in weights],
        "licences": sorted({photo.licence for photo in photos}),
        "photos": len(photos),
    }
    Path(options.write).write_text(json.dumps(head, separators=(",", ":")) + "\n", encoding="ascii")


if __name__ == "__main__":
    with threadpool_limits(1):  # the sums' order, and with it the file, does not depend on the machine's cores
        main()
