"""Compares a network's graph in 8-bit integers with its own: time, size, and how far its answers move.

Usage: pip install -r requirements.txt Pillow; python3 measure.py MODEL.onnx MODEL.int8.onnx DIRECTORY...

For the networks of CLIP and BLIP that ../export makes. The photos below DIRECTORY are what image networks look at, with
the preprocessing of the manifest; those that read texts get random tokens, and the decoder random keys and values. Time is
that of the processor, on one thread: runs of the two graphs alternate, and the median counts.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

RUNS = 15
# Photos, texts or steps whose answers are compared.
COMPARED = 40
TOKENS = 12
# In front of the decoder's token, and patches of a photo that it looks at: (384 / 16)^2 and one for the whole.
PAST, PATCHES = 8, 577
MEAN, DEVIATION = (122.7709383, 116.7460125, 104.09373615), (68.5005327, 66.6321579, 70.32316305)


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def photos(directories, side):
    """The middle of every photo, as CLIP sees it."""
    paths = sorted(path for directory in directories for path in Path(directory).rglob("[!.]*.*"))
    for path in paths[:: max(1, len(paths) // COMPARED)][:COMPARED]:
        image = Image.open(path).convert("RGB")
        edge = min(image.size)
        left, top = (image.width - edge) / 2, (image.height - edge) / 2
        crop = image.resize((side, side), Image.BICUBIC, box=(left, top, left + edge, top + edge))
        yield ((np.asarray(crop, np.float32) - MEAN) / DEVIATION).transpose(2, 0, 1)[None].astype(np.float32)


def made_up(network):
    """Inputs of a network that sees no photo."""
    random = np.random.default_rng(5)
    inputs = network.get_inputs()
    one = any(value.name == "sequences" for value in inputs)
    for _ in range(COMPARED):
        feed = {}
        for value in inputs:
            if value.name == "token_ids":
                # 49407 ends a text in CLIP.
                tokens = random.integers(1000, 30000, (1, 1 if one else TOKENS))
                feed[value.name] = tokens if one else np.append(tokens, [[49407]], axis=1)
            elif value.name == "sequences":
                feed[value.name] = np.zeros(1, np.int64)
            else:
                length = PATCHES if value.name.startswith("cross") else PAST
                shape = (1, value.shape[1], length, 64)
                if value.name.startswith("cross_key"):
                    shape = (1, value.shape[1], 64, length)
                feed[value.name] = random.standard_normal(shape, np.float32)
        yield feed


def main():
    original, quantised = (session(path) for path in sys.argv[1:3])
    first = original.get_inputs()[0]
    if first.name == "images":
        feeds = [{first.name: photo} for photo in photos(sys.argv[3:], first.shape[2])]
    else:
        feeds = list(made_up(original))
    alike, same = [], 0
    for feed in feeds:
        before, after = (network.run(None, feed)[0].ravel() for network in (original, quantised))
        alike.append(float(before @ after / np.linalg.norm(before) / np.linalg.norm(after)))
        same += int(before.argmax() == after.argmax())
    times = {original: [], quantised: []}
    for run in range(RUNS):
        for network, taken in times.items():
            started = time.process_time()
            network.run(None, feeds[run % len(feeds)])
            taken.append(time.process_time() - started)
    before, after = (statistics.median(taken) * 1e3 for taken in times.values())
    ratios = sorted(a / b for a, b in zip(*times.values(), strict=True))
    sizes = [Path(path).stat().st_size / 1e6 for path in sys.argv[1:3]]
    print(f"{sys.argv[1]}: {before:.1f} ms, in 8 bits {after:.1f} ms, {before / after:.2f} times as fast", end=" ")
    print(f"(middle half of the pairs {ratios[RUNS // 4]:.2f} to {ratios[-1 - RUNS // 4]:.2f})")
    print(f"  {sizes[0]:.0f} MB, in 8 bits {sizes[1]:.0f} MB")
    print(f"  first output of {len(feeds)}: cosine {statistics.mean(alike):.4f}, least {min(alike):.4f}", end="; ")
    print(f"largest value in the same place for {same}")


if __name__ == "__main__":
    main()
