"""Makes the networks of the set `full` in their full size, with random weights: for measuring time and memory, which do
not depend on what the weights are. The detector and the network for age and gender, which cost little, stay small.

Usage: python3 full_size.py DIRECTORY

DIRECTORY gets the files of the set under their names in the manifest, but for the label classifier and BLIP's
tokenizer. Needs what full.py needs, and 6 GB of memory. To describe photos with them (`cargo bench --bench residency --
--networks DIRECTORY`) copy those two beside them, and scrfd_2.5g_kps.onnx over det_10g.onnx: what a detector with random
weights takes for faces would count.
"""

import shutil
import sys
from pathlib import Path

import open_clip
import torch
from full import Detector, Residual, attribute, export, save_network
from open_clip.tokenizer import default_bpe
from safetensors.torch import save_file
from torch import nn
from transformers import BlipConfig, BlipForConditionalGeneration


class Plain(nn.Module):
    """A block of IResNet that keeps the size."""

    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.PReLU(width),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x):
        return x + self.body(x)


def embedder():
    """IResNet-50."""
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)]
    inputs = 64
    for width, blocks in [(64, 3), (128, 4), (256, 14), (512, 3)]:
        layers += [Residual(inputs, width), *(Plain(width) for _ in range(blocks - 1))]
        inputs = width
    return nn.Sequential(*layers, nn.BatchNorm2d(512), nn.Flatten(), nn.Linear(512 * 49, 512), nn.BatchNorm1d(512))


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(5)
    for file, network, size in [
        ("det_10g.onnx", Detector(), 640),
        ("w600k_r50.onnx", embedder(), 112),
        ("genderage.onnx", attribute(), 96),
    ]:
        save_network(network.eval(), size, directory / file)

    checkpoint = directory / "checkpoint.safetensors"
    tensors = open_clip.create_model("ViT-B-32").state_dict()
    save_file({name: value.contiguous() for name, value in tensors.items()}, checkpoint)
    export("clip-image", checkpoint, directory / "clip-vit-b-32-visual.onnx")
    export("clip-text", checkpoint, directory / "clip-vit-b-32-textual.onnx")
    shutil.copy(default_bpe(), directory / "clip-bpe-16e6.txt.gz")

    # The published network has as many heads in its text decoder as in its vision encoder.
    network = BlipForConditionalGeneration(BlipConfig(text_config={"num_attention_heads": 12}))
    for parameter in network.vision_model.parameters():
        # transformers begins with weights so small that all photos look the same.
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    tensors = network.state_dict()
    save_file({name: value.contiguous().clone() for name, value in tensors.items()}, checkpoint)
    export("blip-vision", checkpoint, directory / "blip-vision.onnx")
    export("blip-text-decoder", checkpoint, directory / "blip-text-decoder.onnx")
    checkpoint.unlink()


if __name__ == "__main__":
    main()
