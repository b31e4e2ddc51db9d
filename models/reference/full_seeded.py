"""Makes networks of the set `full` in their full size from fixed seeds, with nothing but numpy, onnx and safetensors: for measuring a
device on a machine that has the published weights neither on its disk nor within reach.

Usage: python3 full_seeded.py MODELS_DIR DIRECTORY

MODELS_DIR has the set `open`. DIRECTORY gets the networks under their names in the manifest; links to what else the set
`seeded` needs of MODELS_DIR; and `manifest.toml`, a manifest with that set, for MODEL_MANIFEST. In it are the networks that look at
pixels. Those that read text are there when MODELS_DIR has their tokenizers.

Random weights say nothing of photos: how fast the networks run, and whether a device answers as the processor does, is
all that can be seen. IResNet-50, CLIP and BLIP have the layers of the published networks. The detector has the inputs, the outputs
and about as many multiplications as SCRFD-10G (10 thousand million), not its layers; the network for age and gender is one
convolution after another, as small as the published one.
"""

import hashlib
import os
import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "export"))
from export import ARCHITECTURES, FLOAT, Graph  # noqa: E402

TOKENIZERS = {"clip-vit-b-32-text": "clip-bpe-16e6.txt.gz", "blip-base-text-decoder": "minilm-tokenizer.json"}


class Seeded:
    """Random tensors; each is the same on every machine."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def weight(self, name, *shape):
        self.tensors[name] = self.random.standard_normal(shape, dtype=np.float32) * np.float32(0.02)

    def linear(self, name, outputs, inputs, weight=".weight", bias=".bias"):
        self.weight(name + weight, outputs, inputs)
        self.weight(name + bias, outputs)

    def norm(self, name, width):
        self.tensors[f"{name}.weight"] = np.ones(width, np.float32)
        self.weight(f"{name}.bias", width)


def clip_block(made, prefix, width):
    made.norm(f"{prefix}.ln_1", width)
    made.linear(f"{prefix}.attn.in_proj", 3 * width, width, "_weight", "_bias")
    made.linear(f"{prefix}.attn.out_proj", width, width)
    made.norm(f"{prefix}.ln_2", width)
    made.linear(f"{prefix}.mlp.c_fc", 4 * width, width)
    made.linear(f"{prefix}.mlp.c_proj", width, 4 * width)


def clip():
    """The tensors of open_clip's ViT-B-32."""
    made = Seeded(1)
    made.tensors["logit_scale"] = np.array(np.log(100), np.float32)
    made.weight("visual.class_embedding", 768)
    made.weight("visual.positional_embedding", 50, 768)
    made.weight("visual.conv1.weight", 768, 3, 32, 32)
    made.norm("visual.ln_pre", 768)
    made.norm("visual.ln_post", 768)
    made.weight("visual.proj", 768, 512)
    made.weight("positional_embedding", 77, 512)
    made.weight("token_embedding.weight", 49408, 512)
    made.norm("ln_final", 512)
    made.weight("text_projection", 512, 512)
    for layer in range(12):
        clip_block(made, f"visual.transformer.resblocks.{layer}", 768)
        clip_block(made, f"transformer.resblocks.{layer}", 512)
    return made.tensors


def blip():
    """The tensors of transformers' BLIP base captioner."""
    made = Seeded(2)
    embeddings = "vision_model.embeddings"
    made.weight(f"{embeddings}.class_embedding", 1, 1, 768)
    made.weight(f"{embeddings}.position_embedding", 1, 577, 768)
    made.weight(f"{embeddings}.patch_embedding.weight", 768, 3, 16, 16)
    made.weight(f"{embeddings}.patch_embedding.bias", 768)
    made.norm("vision_model.post_layernorm", 768)
    for layer in range(12):
        prefix = f"vision_model.encoder.layers.{layer}"
        made.norm(f"{prefix}.layer_norm1", 768)
        made.norm(f"{prefix}.layer_norm2", 768)
        made.linear(f"{prefix}.self_attn.qkv", 3 * 768, 768)
        made.linear(f"{prefix}.self_attn.projection", 768, 768)
        made.linear(f"{prefix}.mlp.fc1", 3072, 768)
        made.linear(f"{prefix}.mlp.fc2", 768, 3072)
    bert = "text_decoder.bert"
    made.weight(f"{bert}.embeddings.word_embeddings.weight", 30524, 768)
    made.weight(f"{bert}.embeddings.position_embeddings.weight", 512, 768)
    made.norm(f"{bert}.embeddings.LayerNorm", 768)
    for layer in range(12):
        prefix = f"{bert}.encoder.layer.{layer}"
        for part in ("attention", "crossattention"):
            for role in ("query", "key", "value"):
                made.linear(f"{prefix}.{part}.self.{role}", 768, 768)
            made.linear(f"{prefix}.{part}.output.dense", 768, 768)
            made.norm(f"{prefix}.{part}.output.LayerNorm", 768)
        made.linear(f"{prefix}.intermediate.dense", 3072, 768)
        made.linear(f"{prefix}.output.dense", 768, 3072)
        made.norm(f"{prefix}.output.LayerNorm", 768)
    head = "text_decoder.cls.predictions"
    made.linear(f"{head}.transform.dense", 768, 768)
    made.norm(f"{head}.transform.LayerNorm", 768)
    made.weight(f"{head}.bias", 30524)
    return made.tensors


class Faces(Graph):
    """A network of convolutions in the making, whose weights are made with it."""

    def __init__(self, seed, size, batch=1):
        super().__init__({})
        self.random = np.random.default_rng(seed)
        self.input("input", FLOAT, [batch, 3, size, size])

    def constant(self, values):
        return super().constant(values, f"constant_{len(self.initialisers)}")

    def conv(self, x, inputs, outputs, kernel=3, stride=1, groups=1):
        shape = (outputs, inputs // groups, kernel, kernel)
        # Keeps the size of values from layer to layer.
        scale = np.float32(np.sqrt(2 / np.prod(shape[1:])))
        weight = self.constant(self.random.standard_normal(shape, dtype=np.float32) * scale)
        bias = self.constant(self.random.standard_normal(outputs, dtype=np.float32) * np.float32(0.01))
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [kernel // 2] * 4, "group": groups}
        return self.node("Conv", x, weight, bias, **attributes)

    def prelu(self, x, width):
        return self.node("PRelu", x, self.constant(np.full((width, 1, 1), 0.25, np.float32)))

    def scale(self, x, width):
        """A normalisation over the batch, as it is when it is no longer trained."""
        ones, zeros = np.ones(width, np.float32), np.zeros(width, np.float32)
        return self.node("BatchNormalization", x, *map(self.constant, (ones, zeros, zeros, ones)))

    def save(self, path):
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, self.outputs, list(self.initialisers.values()))
        model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
        onnx.checker.check_model(model)
        onnx.save(model, path)


def embedder(path):
    """IResNet-50 (`insightface/recognition/arcface_torch/backbones/iresnet.py`), for any number of faces."""
    made = Faces(3, 112, "N")
    x = made.prelu(made.conv("input", 3, 64), 64)
    inputs = 64
    for width, blocks in [(64, 3), (128, 4), (256, 14), (512, 3)]:
        for block in range(blocks):
            stride = 2 if block == 0 else 1
            entry = made.conv(x, inputs, width, 1, 2) if stride == 2 else x
            y = made.scale(x, inputs)
            y = made.prelu(made.conv(y, inputs, width), width)
            # A residual adds little, so that values stay as large as they are.
            y = made.node("Mul", made.conv(y, width, width, 3, stride), made.constant(np.array(0.2, np.float32)))
            x = made.node("Add", y, entry)
            inputs = width
    x = made.node("Flatten", made.scale(x, 512), axis=1)
    weight = made.random.standard_normal((512 * 49, 512), dtype=np.float32) * np.float32((512 * 49) ** -0.5)
    x = made.node("Add", made.node("MatMul", x, made.constant(weight)), made.constant(np.zeros(512, np.float32)))
    made.output(x, "embedding", ["N", 512])
    made.save(path)


def detector(path):
    """Scores, distances and points of two anchors in each cell of three grids."""
    made = Faces(4, 640)
    x, grids, inputs = "input", [], 3
    # Widths and numbers of layers are chosen for 10 thousand million multiplications of 640 x 640 pixels.
    for width, layers, keep in [(28, 1, False), (56, 3, False), (88, 8, True), (88, 8, True), (224, 6, True)]:
        for layer in range(layers):
            x = made.node("Relu", made.conv(x, inputs, width, 3, 2 if layer == 0 else 1))
            inputs = width
        if keep:
            grids.append((x, width))
    kinds = {"score": 1, "box": 4, "point": 10}
    outputs = {kind: [] for kind in kinds}
    for (grid, width), stride in zip(grids, (8, 16, 32)):
        head = made.node("Relu", made.conv(grid, width, 80))
        head = made.node("Relu", made.conv(head, 80, 80))
        for kind, values in kinds.items():
            y = made.node("Transpose", made.conv(head, 80, 2 * values), perm=[0, 2, 3, 1])
            y = made.node("Reshape", y, made.constant(np.array([-1, values], np.int64)))
            y = made.node("Sigmoid" if kind == "score" else "Abs" if kind == "box" else "Identity", y)
            shape = [2 * (640 // stride) ** 2, values]
            outputs[kind].append(helper.make_tensor_value_info(y, FLOAT, shape))
    made.outputs = [output for kind in kinds for output in outputs[kind]]
    made.save(path)


def attribute(path):
    made = Faces(5, 96, "N")
    x, inputs = "input", 3
    for width in (8, 16, 32, 64):
        x = made.prelu(made.conv(made.conv(x, inputs, inputs, 3, 2, inputs), inputs, width, 1), width)
        inputs = width
    x = made.node("Flatten", made.node("GlobalAveragePool", x), axis=1)
    weight = made.constant(made.random.standard_normal((64, 3), dtype=np.float32) * np.float32(0.01))
    x = made.node("MatMul", x, weight)
    made.output(x, "attributes", ["N", 3])
    made.save(path)


def write_manifest(directory, made, models):
    """The worker's manifest, with the hashes of what was made here, and a set of these networks."""
    text = (ROOT / "manifest.toml").read_text()
    for name in made:
        content = (directory / name).read_bytes()
        entry = re.compile(r'\[\[file\]\]\nname = "' + re.escape(name) + r'"\n(?:.+\n)*(?:\n\[file\.convert\]\n(?:.+\n)*)?')
        (old,) = entry.findall(text)
        new = re.sub(r"\n\[file\.convert\]\n(?:.+\n)*", "", old)
        new = re.sub(r'sha256 = ".*"', f'sha256 = "{hashlib.sha256(content).hexdigest()}"', new)
        text = text.replace(old, re.sub(r"bytes = \d+", f"bytes = {len(content)}", new))
    names = ", ".join(f'"{name}"' for name in models)
    one = f'[[set]]\nname = "seeded"\ndescription = "Networks with random weights."\nmodels = [{names}]\n\n'
    (directory / "manifest.toml").write_text(text.replace("[[set]]", one + "[[set]]", 1))


def main():
    models, directory = (Path(argument) for argument in sys.argv[1:3])
    directory.mkdir(parents=True, exist_ok=True)
    detector(directory / "det_10g.onnx")
    embedder(directory / "w600k_r50.onnx")
    attribute(directory / "genderage.onnx")
    networks = {"scrfd-10g": "det_10g.onnx", "w600k-r50": "w600k_r50.onnx", "genderage": "genderage.onnx"}
    clip_parts = [
        ("clip-vit-b-32-image", "clip-image", "clip-vit-b-32-visual.onnx"),
        ("clip-vit-b-32-text", "clip-text", "clip-vit-b-32-textual.onnx"),
    ]
    blip_parts = [
        ("blip-base-vision", "blip-vision", "blip-vision.onnx"),
        ("blip-base-text-decoder", "blip-text-decoder", "blip-text-decoder.onnx"),
    ]
    for tensors, parts in [(clip(), clip_parts), (blip(), blip_parts)]:
        for model, architecture, name in parts:
            if model in TOKENIZERS and not (models / TOKENIZERS[model]).exists():
                print(f"{model} is left out: {models} has no {TOKENIZERS[model]}")
                continue
            onnx.save(ARCHITECTURES[architecture](tensors), directory / name)
            networks[model] = name
    for file in models.iterdir():
        if file.is_file() and not (directory / file.name).exists() and not file.name.startswith("."):
            os.symlink(file.resolve(), directory / file.name)
    write_manifest(directory, networks.values(), [*networks, "efficientnet-lite2"])
    print(f"set seeded: {', '.join(networks)}, efficientnet-lite2")


if __name__ == "__main__":
    main()
